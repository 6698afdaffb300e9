"""A team's month with one shared ledger: merges, applies, drift, and what goes wrong in between."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from .gate import LONGEST
from .team import VENDOR, Team
from .world import plain


def reviewed(team: Team, one: Any, two: Any) -> None:
    """A plan is saved, reviewed and applied as it is."""
    team.merge(add=2, change=1, destroy=1)
    team.plan(two)
    team.plan(one, "--out", "reviewed.plan")
    team.apply(one, "reviewed.plan")


def stale(team: Team, one: Any, two: Any) -> None:
    """A saved plan is refused once somebody else has applied, and nothing is done twice."""
    team.merge(add=1, change=2)
    team.plan(one, "--out", "old.plan")
    team.apply(two)
    refused = one.run("apply", "old.plan")
    assert (refused.code, refused.out.strip()) == (3, "")
    assert refused.err.startswith("Error: the plan is stale: ")
    team.apply(one)


def by_hand(team: Team, one: Any, two: Any) -> None:
    """Somebody changes one webhook and deletes another in the vendor's pages: the job says so, and
    the next merge, which changes the first one too, puts both back."""
    world, rows = team.world, team.night.sandbox.state(VENDOR)["webhooks"]
    changed, deleted = team.dice.sample(sorted(world.live), 2)
    world.live[changed] = "https://elsewhere.example/"
    del world.live[deleted]
    left = [row for row in rows if row["name"].lower() != deleted]
    for row in left:
        row["url"] = world.live[row["name"].lower()]
    team.night.sandbox.put_state(VENDOR, {"webhooks": left})
    team.report()
    team.merge(add=1)
    if team.dice.random() < 0.5:
        world.merged[changed] += 1
        for clone in (one, two, team.night):
            clone.write(world.manifest())
    team.report()
    team.apply(two)


def at_once(team: Team, one: Any, two: Any) -> None:
    """While one applies, another is refused, and the job reports as ever. A run that may wait gets
    its turn, finds what was merged meanwhile, and does nothing again."""
    team.merge(add=2)
    first = deepcopy(team.world)
    child = team.start(one)
    team.refused(two, child)
    team.report()
    team.merge(add=1)
    team.gate.open()
    result = two.run("apply", "--auto-approve", "--lock-timeout", "60")
    team.ended(child, first)
    second, ids = team.world, team.ids()
    assert (result.code, plain(result.out)) == (0, sorted(second.plan() + second.outcome(ids, {})))
    second.apply(ids, {})


def killed(team: Team, one: Any, two: Any, reaches_vendor: bool = True) -> None:
    """A runner is killed while it creates an object: the next one finds it, and makes it only
    where the vendor has not."""
    first, _ = team.merge(add=2)
    child = team.start(one, reaches_vendor)
    lock = team.refused(two, child)
    child.kill()
    child.communicate()
    team.gate.open()
    team.world.cut_off(first, reaches_vendor)
    team.report()
    if team.ends_with_process:
        team.apply(two, "--lock-timeout", "60", crashed=True)
    else:
        team.unlock(two, child, lock)
        team.apply(two)


def killed_before(team: Team, one: Any, two: Any) -> None:
    """The same before the vendor has seen the request."""
    killed(team, one, two, reaches_vendor=False)


def broken(team: Team, one: Any, two: Any) -> None:
    """The lock of a run that lives is broken, and another applies at the same time: the first one
    stops when it notices. The lock of a file cannot be broken, and the first one ends as ever."""
    first, _ = team.merge(add=2)
    before, shown = deepcopy(team.world), team.world.plan()
    child = team.start(one)
    lock = team.refused(two, child)
    if not team.can_be_broken:
        assert two.run("state", "unlock").code == 3
        team.gate.open()
        team.ended(child, before)
        return
    team.unlock(two, child, lock)
    team.world.cut_off(first, made=True)
    team.apply(two)
    team.gate.open()
    out, err = child.communicate(timeout=LONGEST)
    assert (child.returncode, plain(out)) == (4, shown), err
    assert err.startswith("Error: 1 change was made at the vendors, and then"), err
    assert f'"address":"kobo-plm/webhooks/{first}"' in err


def nothing_new(team: Team, one: Any, two: Any) -> None:
    """A merge that changes no vendor: apply says so."""
    team.merge(add=0)
    team.apply(one)


Event = Callable[[Team, Any, Any], None]
EVENTS: tuple[Event, ...] = (
    reviewed,
    by_hand,
    at_once,
    killed,
    stale,
    killed_before,
    broken,
    nothing_new,
)


def tell(team: Team, merges: int) -> None:
    """So many merges: each event once, and then any of them, from one clone or the other."""
    team.merge(add=3)
    team.apply(team.clones[0])
    everybody = (*team.clones, team.night)
    for number in range(merges):
        event = EVENTS[number] if number < len(EVENTS) else team.dice.choice(EVENTS)
        event(team, *(team.clones if number % 2 else reversed(team.clones)))
        team.agree(everybody[number % 3])
    team.agree(*everybody)
