"""What must hold whatever happened, and once everything has settled."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import note

from reconciler.errors import Severity
from reconciler.ledger import State
from reconciler.model import Action, Applied, Cause, Plan, Status

from .sorts import SORTS, Raw, at_rest
from .world import Ident, World


def explain(world: World, applied: Applied) -> None:
    """Note what an apply said, and what it let go of with a reason."""
    for change in applied.plan.changes:
        if change.action is not Action.NO_OP:
            note(f"{change.action} {change.address} {change.id} {change.cause} {change.reason}")
        if change.action is Action.FORGET and change.id is not None:
            ident = (str(change.address.scope), change.id)
            if "imported" in change.reason and ident in world.imported:
                world.released.add(ident)
    for outcome in applied.outcomes:
        if outcome.status is not Status.APPLIED:
            note(f"{outcome.status} {outcome.change.address}: {outcome.diagnostic}")
    for finding in (*applied.problems, *applied.plan.diagnostics):
        note(f"{finding.severity} {finding.address} {finding.summary}")


def judge(world: World, plan: Plan, before: State, lagging: bool) -> None:
    """Whatever is said to have changed at the vendor was changed there by somebody; where lists are
    `lagging`, that is asked of the kinds that have a request for one object."""
    owned = before.owned
    for change in plan.changes:
        if lagging and change.address.provider == "kobiks":
            continue
        if change.cause not in (Cause.DRIFT, Cause.BOTH):
            continue
        row = owned.get(change.address) or owned.get(
            change.address.scope.address(change.options.was or "")
        )
        idents = {(str(change.address.scope), id) for id in (change.id, row and row.id) if id}
        fields = set().union(*(world.meddled.get(ident, set()) for ident in idents))
        said = {str(field.path[0]) for field in change.fields}
        if "" in fields:
            continue
        assert fields, f"nobody changed {change.address}: {change.fields} {change.reason}"
        if change.cause is Cause.DRIFT:
            assert said <= fields, f"{change.address}: {said}, but changed were {fields}"


def untouched(world: World, before: Mapping[Ident, Raw], owned: set[Ident]) -> None:
    """What was nobody's, and is not ours now, is as it was."""
    after, now = world.live(), world.idents()
    for ident, raw in before.items():
        if ident in owned or ident in now:
            continue
        ours = ident not in world.known | world.released  # made by a run that was killed
        if ours or begun(world, ident, raw):
            continue
        assert ident in after, f"a stranger's object is gone: {ident}"
        changed = f"a stranger's object changed: {raw} {after[ident]}"
        assert at_rest(raw) == at_rest(after[ident]), changed


def begun(world: World, ident: Ident, raw: Raw) -> bool:
    """Whether it is an object that a run may have begun to adopt: it has a declared name."""
    sort = SORTS[ident[0]]
    return raw[sort.key] in world.names(sort)


def check(world: World) -> None:
    """Live equals declared, all that is ours is accounted for, and nothing is there twice."""
    live, owned = world.live(), world.owned()
    for sort in world.sorts:
        rows = {a.key: row for a, row in owned.items() if str(a.scope) == sort.scope}
        objects = world.declared[sort.scope]
        assert set(rows) == set(objects), f"{sort.scope}: {sorted(rows)} {sorted(objects)}"
        for key, fields in objects.items():
            raw = live.get((sort.scope, rows[key].id))
            assert raw is not None, f"{sort.scope}/{key} does not exist"
            assert not sort.gone(raw), f"{sort.scope}/{key} is deleted"
            for name, value in fields.items():
                if name not in (sort.key, *sort.fields, *sort.refs):
                    continue  # written by an import, and never changed here
                found = sort.value(raw, name)
                assert found in world.expected(sort, name, value), (sort.scope, key, name, raw)
    for address, row in world.ours.items():
        ident = (str(address.scope), row.id)
        lost = ident not in world.idents() and ident in live
        if lost and not SORTS[ident[0]].gone(live[ident]):
            assert ident in world.released, f"left behind, and nobody owns it: {ident}"
    for address, id in world.stays.items():
        ident = (str(address.scope), id)
        if address in owned and ident in live and "" not in world.meddled.get(ident, ()):
            assert owned[address].id == id, f"{address} was {id}, and is {owned[address].id}"
    new = set(live) - world.known - world.released - world.idents()
    ghosts = {ident for ident in new if not SORTS[ident[0]].gone(live[ident])}
    assert not ghosts, f"made, and nobody owns it: {ghosts}"
    assert not world.ledger().open_intents
    world.known |= set(live)


def rest(world: World) -> None:
    """A plan has nothing to do, and a second apply writes nothing to anybody."""
    world.ours = dict(world.owned())
    workspace = world.open()
    plan = workspace.plan()
    left = [change for change in plan.changes if change.action is not Action.NO_OP]
    assert not left, left
    ledger = world.here.root / ".reconciler" / "ledger.jsonl"
    content = ledger.read_bytes() if ledger.exists() else b""
    world.sandbox.clear_journal()
    again = workspace.apply()
    assert again.outcomes == ()
    assert world.here.writes() == []
    assert (ledger.read_bytes() if ledger.exists() else b"") == content or not world.ours
    if world.ours:
        drift = workspace.drift()
        assert not drift.found, drift.plan.changes


def clean(world: World, applied: Applied) -> bool:
    """Whether an apply did all there was to do."""
    errors = [f for f in applied.plan.diagnostics if f.severity is Severity.ERROR]
    waits = [f for f in applied.plan.diagnostics if "not deleted:" in f.summary]
    # A vendor lets go of it once a disabled object does not refer to it any more.
    waits += [c for c in applied.plan.changes if "then it can be deleted" in c.reason]
    done = all(outcome.status is Status.APPLIED for outcome in applied.outcomes)
    choice = applied.plan.origin["choice"]
    partly = choice["refresh_only"] or choice["excludes"]
    problems = applied.problems and not world.bends
    return done and not errors and not waits and not partly and not problems
