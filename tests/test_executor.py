"""Apply against vendors that lose answers, refuse, and stop: the ledger stays true throughout."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from reconciler.errors import Source
from reconciler.executor import ExecuteOptions, Settle, execute
from reconciler.kinds import Verb
from reconciler.kinds.resource_types import ResourceType, ResourceTypes
from reconciler.ledger import open_ledger
from reconciler.model import (
    Action,
    Address,
    Change,
    Guard,
    Live,
    Options,
    Outcome,
    Owned,
    Resource,
    Scope,
    Snapshot,
    Status,
)
from reconciler.planner import Rules, plan
from reconciler.providers import PROVIDERS
from reconciler.values.fields import facts_from

SUPPLIERS = Scope("kobo-plm", "suppliers")
ONE = "provider: kobo-plm\nsuppliers: {S-9: {name: Yeni İplik}}\n"
OTHER = "provider: kobo-plm\nsuppliers: {S-9: {name: Başka İplik}}\n"
NONE = "provider: kobo-plm\nsuppliers: {}\n"


def codes(sandbox: Any) -> list[str]:
    """The suppliers that there really are."""
    return [one["code"] for one in sandbox.state("kobo-plm")["suppliers"]]


def owned(here: Any) -> Mapping[Address, Owned]:
    """What the ledger says is ours."""
    return open_ledger(".reconciler/ledger.jsonl", here.root, "acme").read().owned


def on(method: str, path: str = "*/suppliers*", **fault: Any) -> dict[str, Any]:
    """A fault at requests of this method; `nth` says which."""
    nth = {"nth": fault.pop("nth")} if "nth" in fault else {}
    return {"method": method, "path": path, "fault": fault, **nth}


LOST = [
    {"reset": "before"},
    {"reset": "after"},
    {"truncate": True},
    {"html": True},
    {"status": 500},
    {"status": 503},
    {"status": 429, "retry_after": 0},
]
EACH_LOST = pytest.mark.parametrize("fault", LOST, ids=lambda f: "-".join(map(str, f.values())))


@EACH_LOST
def test_a_lost_answer_makes_no_second_object(
    workspace: Any, sandbox: Any, fault: dict[str, Any]
) -> None:
    """Whatever becomes of the answer to a create, there is one object afterwards, and it is
    ours."""
    here = workspace(ONE)
    sandbox.faults([on("POST", **fault, nth=1)])
    here.apply()
    assert codes(sandbox).count("S-9") == 1
    (row,) = owned(here).values()
    assert (row.origin, row.id) == (
        "created",
        str(sandbox.state("kobo-plm")["suppliers"][-1]["id"]),
    )
    assert here.settled()


def test_a_secret_in_a_lost_answer_is_said_to_be_lost(workspace: Any, sandbox: Any) -> None:
    """The webhook is there and ours; that its signing secret was never seen is told."""
    hook = "{url: 'https://erp.example.com/yeni', events: [style.created]}"
    here = workspace(f"provider: kobo-plm\nwebhooks: {{Yeni: {hook}}}\n")
    sandbox.faults([on("POST", "*/webhooks", reset="after", nth=1)])
    result = here.apply("--secrets-out", str(here.root / "secrets.jsonl"))
    assert "Warning: it was created, but the answer with its secret was lost" in result.err
    assert (here.root / "secrets.jsonl").read_text() == ""
    assert here.settled()


@EACH_LOST
def test_a_lost_answer_of_an_update_is_asked_for_again(
    workspace: Any, sandbox: Any, fault: dict[str, Any]
) -> None:
    """An update says what should be, so it may be sent again until an answer comes."""
    here = workspace(ONE)
    here.apply()
    here.write(OTHER)
    sandbox.faults([on("PUT", **fault, nth=1)])
    shown = here.run("apply", "--auto-approve")
    assert shown.code in (0, 4)
    assert here.run("apply", "--auto-approve").code == 0
    assert sandbox.state("kobo-plm")["suppliers"][-1]["name"] == "Başka İplik"
    assert here.settled()


@EACH_LOST
def test_a_lost_answer_of_a_delete_is_looked_into(
    workspace: Any, sandbox: Any, fault: dict[str, Any]
) -> None:
    """A delete whose answer was lost is settled by looking whether the object is there."""
    here = workspace(ONE)
    here.apply()
    here.write(NONE)
    sandbox.faults([on("DELETE", **fault, nth=1)])
    shown = here.run("apply", "--auto-approve")
    assert shown.code in (0, 4)
    assert here.run("apply", "--auto-approve").code == 0
    assert "S-9" not in codes(sandbox)
    assert owned(here) == {}
    assert here.settled()


def test_an_unknown_outcome_is_said_and_settled_by_the_next_run(
    workspace: Any, sandbox: Any
) -> None:
    """Where nobody can tell whether a create took effect, the run says so with exit code 4, and
    the next one finds the object and takes it as ours."""
    here = workspace("provider: kobo-plm\nwebhooks:\n  h: " + json.dumps(HOOK) + "\n")
    sandbox.faults(
        [on("POST", "*", reset="after"), on("GET", "*/webhooks", status=400, nth=[2, 3, 4])]
    )
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4
    assert "1 unknown" in shown.out
    assert owned(here) == {}
    sandbox.faults()
    assert "1 object recorded in the ledger." in here.apply().out
    (row,) = owned(here).values()
    assert row.origin == "created"
    assert [h["name"] for h in sandbox.state("kobo-plm")["webhooks"]].count("Çağrı") == 1
    assert here.settled()


HOOK = {"name": "Çağrı", "url": "https://x.example/h", "events": ["style.created"]}


def test_a_failure_skips_only_what_needs_it(workspace: Any, sandbox: Any) -> None:
    """What depends on a failed change is skipped and says why; all else is done, and the summary
    counts each sort."""
    here = workspace(
        "provider: kobo-plm\n"
        "suppliers: {S-8: {name: Kötü}, S-9: {name: İyi}}\n"
        "components:\n"
        "  C-8: {name: Bez, supplier: S-8}\n"
        "  C-9: {name: İplik, supplier: S-9}\n"
    )
    sandbox.faults([on("POST", "*/suppliers", status=422, body={"message": "no"}, nth=1)])
    shown = here.run("apply", "--auto-approve", "--parallelism", "1")
    assert shown.code == 4
    assert "Outcomes: 2 applied, 1 failed, 0 unknown, 1 skipped, 0 not attempted." in shown.out
    assert shown.last == "Apply incomplete. Resources: 2 added, 0 changed, 0 destroyed."
    assert "skipped: it needs kobo-plm/suppliers/S-8, which failed" in shown.err
    assert {str(address) for address in owned(here)} == {
        "kobo-plm/suppliers/S-9",
        "kobo-plm/components/C-9",
    }
    sandbox.faults()
    assert here.apply().last == "Apply complete! Resources: 2 added, 0 changed, 0 destroyed."
    assert here.settled()


def test_on_error_fail_begins_nothing_more(workspace: Any, sandbox: Any) -> None:
    """With `--on-error fail` the first failure is the last request, and nothing is half done."""
    names = ", ".join(f"S-{n}: {{name: x}}" for n in range(1, 6))
    here = workspace(f"provider: kobo-plm\nsuppliers: {{{names}}}\n")
    sandbox.faults([on("POST", status=422, nth=2)])
    shown = here.run("apply", "--auto-approve", "--parallelism", "1", "--on-error", "fail")
    assert shown.code == 4
    assert "Outcomes: 1 applied, 1 failed, 0 unknown, 0 skipped, 3 not attempted." in shown.out
    assert len(here.writes()) == 2


def test_nothing_applied_is_an_error_and_not_a_part(workspace: Any, sandbox: Any) -> None:
    """Where every change failed, nothing is partly done: the exit code is 1."""
    here = workspace(ONE)
    sandbox.faults([on("POST", status=422, body={"message": "closed"})])
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 1
    assert "closed" in shown.err
    assert owned(here) == {}


def test_what_did_not_stick_is_named(workspace: Any, sandbox: Any) -> None:
    """After apply everything touched is read back: a field with another value is an exit 4."""
    here = workspace(ONE)
    here.apply()
    here.write(OTHER)
    sandbox.faults([on("GET", "*/suppliers/*", stale=True)])
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4
    assert "the vendor kept other values: name" in shown.err


def test_a_reference_is_made_before_what_needs_it(workspace: Any, sandbox: Any) -> None:
    """What is referred to is created first and let go of last, whatever the order of names."""
    both = (
        "provider: kobo-plm\n"
        "components: {A-1: {name: Kumaş, supplier: Z-1}}\n"
        "suppliers: {Z-1: {name: Tedarikçi}}\n"
    )
    here = workspace(both)
    here.apply()
    assert [w.split()[1].rpartition("/")[2] for w in here.writes()] == ["suppliers", "components"]
    assert here.settled()
    here.write(NONE)
    sandbox.clear_journal()
    here.apply()
    assert ["suppliers" in w for w in here.writes()] == [False, True]
    assert here.settled()


class Fixed(ResourceTypes):
    """A catalogue in which a supplier's currency cannot be changed."""

    def of(self, scope: Scope) -> ResourceType:
        """The shape, from a schema that says so."""
        resource_type = ResourceTypes.of(self, scope)
        schema = json.loads(json.dumps(resource_type.facts.schema))
        schema["properties"]["currency"]["x-immutable"] = True
        return replace(resource_type, facts=facts_from(schema))


def declared(**fields: Any) -> Resource:
    """A declared supplier."""
    place = Source("main.yaml", 1, 1)
    return Resource(SUPPLIERS.address("S-9"), {"code": "S-9", **fields}, (), Options(), place)


def executed(driver: Any, changes: tuple[Change, ...], session: Any, **terms: Any) -> list[Outcome]:
    """These changes, carried out with the driver."""

    def journal(change: Change, verb: Verb, key: str | None) -> Settle:
        op = session.intend(change.address, change.action, verb, None, key)

        def ended(status: Status, id: str | None, message: str) -> None:
            row = Owned(
                change.address,
                id or "",
                dict(change.after or {}),
                "created",
                "2026-01-01T00:00:00Z",
            )
            session.settle(op, status, id, message, row if status is Status.APPLIED else None)

        return ended

    said: dict[str, Any] = {"seen": lambda change: None, **terms}
    return list(execute(changes, {SUPPLIERS: driver}, journal, ExecuteOptions(**said)))


@pytest.fixture
def session(tmp_path: Any) -> Any:
    """A run that holds a ledger of its own."""
    with open_ledger("ledger.jsonl", tmp_path, "acme").lock("apply") as held:
        held.begin("plan")
        yield held


def test_a_field_that_cannot_be_changed_replaces_the_object(
    driver: Callable[..., Any], session: Any, sandbox: Any, tmp_path: Any
) -> None:
    """The old object is deleted and a new one made, with its own id, and the ledger knows it."""
    one = driver("kobo-plm/suppliers", writable=True)
    one.resource_type = Fixed(PROVIDERS).of(SUPPLIERS)
    id, _ = one.create({"code": "S-9", "name": "Eski", "currency": "USD"}, "key")
    address = declared().address
    (change,) = plan(
        [declared(name="Eski", currency="EUR")],
        Snapshot({SUPPLIERS: one.list()}),
        {address: Owned(address, id or "", {"currency": "USD"}, "created", "")},
        Fixed(PROVIDERS),
        Rules(Guard(100, 100, 100)),
    ).changes
    assert (change.action, change.reason) == (Action.REPLACE, "currency cannot be changed")
    assert [field.forces_replace for field in change.fields] == [True]
    (outcome,) = executed(one, (change,), session)
    assert (outcome.status, outcome.requests) == (Status.APPLIED, 4)
    (made,) = [s for s in sandbox.state("kobo-plm")["suppliers"] if s["code"] == "S-9"]
    assert (str(made["id"]), made["currency"]) == (outcome.id, "EUR")
    assert made["id"] != int(id)
    state = open_ledger("ledger.jsonl", tmp_path, "acme").read()
    assert state.owned[change.address].id == outcome.id
    assert state.open_intents == ()


@pytest.mark.parametrize("moved", ["changed", "deleted", "elsewhere"])
def test_an_old_look_is_looked_at_again(
    driver: Callable[..., Any], session: Any, sandbox: Any, moved: str
) -> None:
    """An update whose object was read a while ago looks first: where a field of ours moved or
    the object is gone, nothing is written; a field of somebody else does not matter."""
    one = driver("kobo-plm/suppliers", writable=True)
    one.create({"code": "S-9", "name": "Eski"}, "key")
    listing = one.list()
    live = next(live for live in listing.objects if live.fields["code"] == "S-9")
    changes = plan(
        [declared(name="Yeni")],
        Snapshot({SUPPLIERS: listing}),
        {},
        ResourceTypes(PROVIDERS),
        Rules(Guard(100, 100, 100)),
    ).changes
    objects = sandbox.state("kobo-plm")["suppliers"]
    if moved == "deleted":
        one.delete(live.id)
    else:
        field = "name" if moved == "changed" else "phone"
        objects[-1] = {**objects[-1], field: "başkası"}
        sandbox.put_state("kobo-plm", {"suppliers": objects})

    def seen(change: Change) -> tuple[Live, float]:
        return live, listing.at

    (outcome,) = executed(one, changes, session, seen=seen, clock=lambda: listing.at + 31)
    if moved == "elsewhere":
        assert outcome.status is Status.APPLIED
        written = sandbox.state("kobo-plm")["suppliers"][-1]
        assert (written["name"], written["phone"]) == ("Yeni", "başkası")
    else:
        assert outcome.status is Status.FAILED
        assert outcome.diagnostic is not None
        assert outcome.diagnostic.summary.startswith("stale: ")
        assert [e["method"] for e in sandbox.journal("kobo-plm")].count("PUT") == 0


def test_undeclared_fields_keep_their_values(workspace: Any, sandbox: Any) -> None:
    """An update leaves alone what the manifest does not say, in nested objects too."""
    here = workspace(
        "provider: kobo-plm\nsuppliers: {SUP-001: {name: Yeni, address: {city: İzmir}}}\n"
    )
    (before,) = sandbox.state("kobo-plm")["suppliers"]
    here.apply()
    (after,) = sandbox.state("kobo-plm")["suppliers"]
    changed = {"name": "Yeni", "address": {**before["address"], "city": "İzmir"}}
    assert after == {**before, **changed, "updated_at": after["updated_at"]}
    assert here.settled()


def test_a_secret_shown_once_is_kept_where_the_user_said(workspace: Any, sandbox: Any) -> None:
    """A webhook's signing secret goes to the file that was named, readable by its owner alone,
    and nowhere else."""
    here = workspace("provider: kobo-plm\nwebhooks:\n  h: " + json.dumps(HOOK) + "\n")
    shown = here.apply("--secrets-out", str(here.root / "secrets.jsonl"))
    secret = sandbox.state("kobo-plm")["webhooks"][-1]["secret"]
    kept = here.root / "secrets.jsonl"
    assert json.loads(kept.read_text("utf-8")) == {
        "address": "kobo-plm/webhooks/h",
        "field": "secret",
        "value": secret,
    }
    assert kept.stat().st_mode & 0o777 == 0o600
    ledger = (here.root / ".reconciler/ledger.jsonl").read_text("utf-8")
    assert secret not in shown.out + shown.err + ledger


@EACH_LOST
@pytest.mark.parametrize("sandbox", ["3"], indirect=True)
def test_a_lost_answer_of_a_revocation_is_looked_into(
    workspace: Any, sandbox: Any, fault: dict[str, Any]
) -> None:
    """A key is revoked by a POST, which is not sent blindly twice: it is looked whether it is
    there."""
    names = [one["name"] for one in sandbox.state("kobo-plm")["api_keys"]]
    here = workspace()
    here.declare({"kobo-plm/api_keys": {name: {} for name in names}})
    here.apply()
    here.declare({"kobo-plm/api_keys": {name: {} for name in names[1:]}})
    sandbox.faults([on("POST", "*/revoke", **fault, nth=1)])
    assert here.run("apply", "--auto-approve").code in (0, 4)
    sandbox.faults()
    here.apply()
    assert [one["name"] for one in sandbox.state("kobo-plm")["api_keys"]] == names[1:]
    assert len(owned(here)) == len(names) - 1
    assert here.settled()
