"""Guards and protections: what one run may destroy or change, and how that is allowed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

HOOK = "url: 'https://x.example/1', events: [style.created]"


def suppliers(names: Iterable[int], word: str = "Supplier", also: str = "") -> str:
    """A manifest that declares these suppliers."""
    lines = "".join(f"  S-{n}: {{name: {word} {n}{also}}}\n" for n in names)
    return f"provider: kobo-plm\nsuppliers:\n{lines}"


def live_codes(sandbox: Any) -> list[str]:
    """The codes of the suppliers at the vendor."""
    return sorted(row["code"] for row in sandbox.state("kobo-plm")["suppliers"])


def strangers(sandbox: Any, count: int) -> None:
    """Add suppliers that nobody here declared."""
    rows = sandbox.state("kobo-plm")["suppliers"]
    made = [{"id": 500 + n, "code": f"X-{n}", "name": f"Stranger {n}"} for n in range(count)]
    sandbox.put_state("kobo-plm", {"suppliers": [*rows, *made]})


@pytest.fixture
def empty(sandbox: Any) -> Any:
    """A vendor without suppliers and webhooks."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "webhooks": [], "components": []})
    return sandbox


def webhook(options: str = "") -> str:
    """A manifest with one webhook that has these options."""
    return f"provider: kobo-plm\nwebhooks: {{a: {{name: A, {HOOK}{options}}}}}\n"


@pytest.mark.parametrize(
    ("applied", "edit"),
    [
        (", $protect: true", ", $absent: true"),
        (", $protect: true", ", $absent: true, $protect: false"),
        (", $on_remove: keep", ", $absent: true"),
        (", $protect: true", None),
        ("", ", $absent: true, $protect: true"),
    ],
)
def test_a_protection_is_lifted_by_an_apply_of_its_own(
    workspace: Any, empty: Any, applied: str, edit: str | None
) -> None:
    """The edit that lifts the protection cannot also destroy the object: that is refused, nothing
    is written, and the message says what to apply first."""
    here = workspace(webhook(applied))
    here.apply()
    empty.clear_journal()
    here.write("provider: kobo-plm\n" if edit is None else webhook(edit))
    for command in ("plan", "apply --auto-approve"):
        shown = here.run(*command.split())
        assert shown.code == 3
        assert "kobo-plm/webhooks/a" in shown.err
        assert "first" in shown.err or "alone" in shown.err
    assert here.writes() == []


def test_an_unprotected_object_can_be_destroyed_after_its_apply(workspace: Any, empty: Any) -> None:
    """Two applies do it: the first records that the protection is gone, the second destroys."""
    here = workspace(webhook(", $protect: true"))
    here.apply()
    here.write(webhook())
    assert here.run("plan", "--detailed-exitcode").code == 2
    here.apply()
    here.write(webhook(", $absent: true"))
    here.apply()
    assert empty.state("kobo-plm")["webhooks"] == []


LOCATION_TYPES = "provider: kibo\nlocation_types: {WH: {%sname: Warehouse%s}}\n"


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_a_replacement_does_not_lift_a_protection(workspace: Any, sandbox: Any) -> None:
    """`$protect` dropped in the edit that replaces the object does not let it be destroyed."""
    here = workspace(LOCATION_TYPES % ("", ", $protect: true"))
    here.apply()
    here.write(LOCATION_TYPES % ("code: WHS, ", ""))
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 3
    assert "protected" in shown.err
    assert [row["code"] for row in sandbox.state("kibo")["location_types"]] == ["WH"]


def test_a_protection_that_is_only_declared_is_in_force(workspace: Any, empty: Any) -> None:
    """`--destroy` refuses what the manifest protects, though no apply has recorded that yet."""
    here = workspace(webhook())
    here.apply()
    here.write(webhook(", $protect: true"))
    shown = here.run("apply", "--destroy", "--auto-approve")
    assert shown.code == 3
    assert "protected" in shown.err
    assert len(empty.state("kobo-plm")["webhooks"]) == 1


def test_a_share_is_one_of_what_is_owned(workspace: Any, empty: Any) -> None:
    """Ten of ten owned objects are all of them, however many others are live beside them."""
    here = workspace(suppliers(range(11)), guard={"max_deletes": 50})
    here.apply()
    strangers(empty, 100)
    here.write(suppliers([10]))
    shown = here.run("plan")
    assert shown.code == 3
    assert "10 of 11 would be destroyed, and max_delete_percent is 30" in shown.err
    here.write(suppliers(range(11), "Firma"))
    shown = here.run("plan")
    assert shown.code == 3
    assert "11 of 11 would be updated, and max_update_percent is 50" in shown.err


@pytest.mark.parametrize("options", [{}, {"percent_from": 3}])
def test_percentages_count_from_a_number_of_owned_objects(
    workspace: Any, empty: Any, options: dict[str, int]
) -> None:
    """Two of three owned objects are too few for a share, unless the workspace says otherwise;
    how many strangers are live does not matter."""
    here = workspace(suppliers(range(3)), guard=options)
    here.apply()
    strangers(empty, 40)
    here.write(suppliers([0]))
    assert here.run("plan").code == (3 if options else 0)


@pytest.mark.parametrize(("rogue", "code"), [(4, 0), (5, 3)])
def test_undeclared_objects_are_a_share_of_the_live_ones(
    workspace: Any, empty: Any, rogue: int, code: int
) -> None:
    """In an exclusive kind what nobody owns is counted against all that is live."""
    here = workspace(
        suppliers(range(10)), guard={"max_deletes": 50}, exclusive=["kobo-plm/suppliers"]
    )
    here.apply()
    strangers(empty, rogue)
    assert here.run("plan").code == code


def test_a_number_on_the_command_line_passes_one_run(workspace: Any, empty: Any) -> None:
    """Exactly so many deletes pass the guards; one more does not; the next run is guarded again."""
    here = workspace(suppliers(range(14)), guard={"max_deletes": 3})
    here.apply()
    here.write(suppliers(range(4)))
    shown = here.run("plan")
    assert shown.code == 3
    assert "--allow-deletes 10" in shown.err
    assert here.run("plan", "--allow-deletes", "9").code == 3
    assert here.run("apply", "--auto-approve", "--allow-deletes", "10").code == 0
    assert live_codes(empty) == [f"S-{n}" for n in range(4)]


def test_a_saved_plan_keeps_what_it_was_allowed(workspace: Any, empty: Any) -> None:
    """The number is part of the plan, so that what was approved is what is applied."""
    here = workspace(suppliers(range(12)))
    here.configure(guard={})
    here.apply()
    here.write(suppliers(range(12), "Firma"))
    saved = str(here.root / "saved.plan")
    assert here.run("plan", "--out", saved).code == 3
    assert here.run("apply", saved, "--allow-updates", "12").code == 1
    assert here.run("plan", "--out", saved, "--allow-updates", "12").code == 0
    origin = json.loads((here.root / "saved.plan").read_text("utf-8"))["x_reconciler"]["origin"]
    assert origin["choice"]["allow_updates"] == 12
    assert here.run("apply", saved).code == 0
    assert {row["name"] for row in empty.state("kobo-plm")["suppliers"]} == {
        f"Firma {n}" for n in range(12)
    }
