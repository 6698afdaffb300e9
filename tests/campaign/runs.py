"""One apply, with whatever goes wrong in it."""

from __future__ import annotations

from hypothesis import note

from reconciler import ApplyOptions, PlanOptions
from reconciler.errors import LockHeld, ReconcilerError, Refused
from reconciler.model import Applied, Plan

from . import promises
from .sorts import SORTS
from .watcher import Killed
from .world import World

EVERYTHING = PlanOptions()


def run(world: World, choice: PlanOptions = EVERYTHING) -> Applied | BaseException:
    """Apply once; whatever happens, nobody else's object is changed."""
    world.write()
    before, ledger = world.live(), world.ledger()
    owned = ledger.owned
    lagging = world.lagging
    bends = [
        {"method": method, "path": f"*{SORTS[scope].path}*", "fault": {"bend": how}}
        for scope, how in world.bends.items()
        if how
        for method in ("POST", "PUT", "PATCH")
    ]
    world.sandbox.faults([*bends, *world.rules])
    result: Applied | BaseException
    try:
        world.watcher.left = world.kill
        result = world.open().apply(choice=choice, options=ApplyOptions(parallelism=1))
    except Killed as killed:
        result = killed
    except LockHeld:
        raise
    except ReconcilerError as error:
        note(f"{type(error).__name__}: {error}")
        result = error
    finally:
        world.rules, world.kill, world.lagging = [], 0, False
        world.watcher.left, world.bereft = 0, False
        world.sandbox.faults()
    if isinstance(result, Applied):
        promises.explain(world, result)
        promises.judge(world, result.plan, ledger, lagging)
    promises.untouched(world, before, {(str(row.address.scope), row.id) for row in owned.values()})
    world.look()
    return result


def choice(world: World, applied: Applied | BaseException) -> PlanOptions:
    """What a person would choose after this apply: leave one change out where several depend on
    each other, as is advised, or where what it replaces is used until something else is gone;
    accept what was changed at the vendor where a delete waits for that; and send again what nobody
    knows about."""
    if isinstance(applied, Refused):
        for finding in applied.diagnostics:
            waits = "--exclude" in finding.detail or "also when it is archived" in finding.summary
            if finding.address and waits:
                return PlanOptions(excludes=(finding.address,))
    try:
        plan = world.open().plan()
    except ReconcilerError:
        return PlanOptions()
    findings = [f for f in plan.diagnostics if f.address]
    if any("not deleted:" in f.summary and "changed at the vendor" in f.summary for f in findings):
        return PlanOptions(refresh_only=True)
    return PlanOptions(retry_unknown=held_back(plan))


def held_back(plan: Plan) -> tuple[str, ...]:
    """The addresses whose creation may have happened, and is not sent again unasked."""
    return tuple(
        address
        for finding in plan.diagnostics
        if "--retry-unknown" in finding.detail
        for address in (finding.address, *(other.address for other in finding.others))
        if address
    )
