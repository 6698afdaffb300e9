"""Of the entries of a list only what is declared is ours, and everything else survives."""

from __future__ import annotations

from typing import Any

import pytest

SUPPLIER = """provider: kobo-plm
suppliers:
  S1: {name: S, contacts: [{name: Elif, email: elif@x.example}, {name: Ali}]}
"""
WORKFLOW = """provider: kobo-plm
workflows:
  W:
    trigger_type: style.created
    actions:
      - {type: create_task, title: T, to: {team: sales}}
      - {type: notify, users: [{name: A}]}
"""


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace, and nothing at the vendor."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "workflows": []})
    made = workspace(SUPPLIER)
    made.write(WORKFLOW, "workflows")
    made.apply()
    return made


def meddle(sandbox: Any, kind: str, **fields: Any) -> None:
    """Change the object of this kind at the vendor."""
    (found,) = sandbox.state("kobo-plm")[kind]
    sandbox.put_state("kobo-plm", {kind: [{**found, **fields}]})


def live(sandbox: Any, kind: str, field: str) -> Any:
    """A field of the object of this kind, as the vendor has it."""
    (found,) = sandbox.state("kobo-plm")[kind]
    return found[field]


THEIRS = [
    {"role": "Buyer", "name": "Elif", "email": "elif@x.example"},
    {"phone": "+90", "name": "Ali"},
]
ACTIONS = [
    {"delay": 0, "type": "create_task", "title": "T", "to": {"team": "sales", "copy": True}},
    {"type": "notify", "users": [{"id": 7, "name": "A"}], "retries": [1, 2]},
]


def test_members_that_are_not_declared_are_not_ours(here: Any, sandbox: Any) -> None:
    """What the vendor or a person adds to an entry is no change, in a plan and in drift."""
    contacts = [{"id": 7, "is_primary": True, **entry} for entry in THEIRS]
    meddle(sandbox, "suppliers", contacts=contacts)
    meddle(sandbox, "workflows", actions=ACTIONS)
    assert here.settled()
    drift = here.run("drift", "--detailed-exitcode")
    assert (drift.code, drift.last) == (0, "No drift. Your vendors are as they were last applied.")


def test_they_are_sent_back_with_an_update(here: Any, sandbox: Any) -> None:
    """An update of a list sends the other members of its entries as they are, and shows only what
    it changes."""
    meddle(sandbox, "suppliers", contacts=THEIRS)
    meddle(sandbox, "workflows", actions=ACTIONS)
    here.write(SUPPLIER.replace("elif@x.example", "e@x.example"))
    here.write(WORKFLOW.replace("team: sales", "team: buying"), "workflows")
    plan = here.run("plan")
    assert '~ contacts[0].email: "elif@x.example" -> "e@x.example"' in plan.out
    assert '~ actions[0].to.team: "sales" -> "buying"' in plan.out
    assert plan.last == "Plan: 0 to add, 2 to change, 0 to destroy."
    here.apply()
    assert live(sandbox, "suppliers", "contacts") == [
        {**THEIRS[0], "email": "e@x.example"},
        THEIRS[1],
    ]
    assert live(sandbox, "workflows", "actions") == [
        {**ACTIONS[0], "to": {"team": "buying", "copy": True}},
        ACTIONS[1],
    ]
    assert here.settled()


def test_an_entry_keeps_its_members_where_another_is_put_before_it(here: Any, sandbox: Any) -> None:
    """Entries are told apart by what they contain: nobody gets the telephone of somebody else."""
    meddle(sandbox, "suppliers", contacts=THEIRS)
    here.write(SUPPLIER.replace("[{name: Elif", "[{name: Zoe}, {name: Elif"))
    here.apply()
    assert live(sandbox, "suppliers", "contacts") == [{"name": "Zoe"}, *THEIRS]
    here.write(SUPPLIER.replace("{name: Elif, email: elif@x.example}, ", ""))
    assert '- contacts[0]: {"name": "Zoe"}' in here.run("plan").out
    here.apply()
    assert live(sandbox, "suppliers", "contacts") == [THEIRS[1]]
    assert here.settled()


def test_another_order_is_a_change(here: Any, sandbox: Any) -> None:
    """Where the order counts, entries in another order differ, and move with all they have."""
    meddle(sandbox, "suppliers", contacts=THEIRS[::-1])
    assert [entry["x_action"] for entry in here.plan()] == ["update"]
    here.apply()
    assert live(sandbox, "suppliers", "contacts") == THEIRS
    assert here.settled()


def test_what_is_declared_of_an_entry_is_ours(here: Any, sandbox: Any) -> None:
    """A declared member that changed, and an entry that nobody declared, are drift."""
    meddle(sandbox, "suppliers", contacts=[{**THEIRS[0], "email": "x@x.example"}, *THEIRS[1:]])
    meddle(sandbox, "workflows", actions=[*ACTIONS, {"type": "mail"}])
    drift = here.run("drift", "--detailed-exitcode")
    assert drift.code == 2
    assert "contacts[0].email" in drift.out
    assert "actions[2]" in drift.out
