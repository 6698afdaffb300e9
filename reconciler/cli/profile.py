"""`--profile`: say on stderr, when a command has ended, where its time went."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from reconciler.cli.terminal import note
from reconciler.timing import Profile, Stage, measure
from reconciler.values.text import counted

THINGS: Mapping[Stage, tuple[str, ...]] = {
    Stage.PARSE: ("file", "declared object"),
    Stage.WAIT: ("request",),
    Stage.DECODE: ("listed object",),
    Stage.COMPARE: ("compared object",),
    Stage.WRITE: ("ledger record", "written file"),
    Stage.REST: (),
}
"""The stages in the order of the table, and what is counted in each."""


def profiled(command: Callable[[], int]) -> int:
    """Run a command, and say where its time went, however it ends."""
    try:
        with measure() as profile:
            return command()
    finally:
        for line in profile_lines(profile):
            note(line)


def profile_lines(profile: Profile) -> Iterator[str]:
    """The stages with their milliseconds by the clock and of processors, and the sum of each."""
    yield ""
    yield f"{'where the time went':20}{'clock':>11}{'processor':>13}"
    for stage in THINGS:
        yield _row(stage, profile.wall[stage], profile.cpu[stage], _about(profile, stage))
    yield _row("all", sum(profile.wall.values()), sum(profile.cpu.values()))


def _row(name: str, wall: float, cpu: float, about: str = "") -> str:
    return f"{name:20}{wall * 1000:8.0f} ms{cpu * 1000:10.0f} ms  {about}".rstrip()


def _about(profile: Profile, stage: Stage) -> str:
    if stage is Stage.REST:
        return "starting, importing, showing the result"
    things = ", ".join(counted(profile.counts[thing], thing) for thing in THINGS[stage])
    if stage is Stage.WAIT:
        return f"{things}, {profile.summed[stage] * 1000:.0f} ms added up"
    return things
