"""How long each stage of a run takes: functions marked with `timed` belong to one.

Nothing is measured but inside `measure`; outside of it a marked function costs one look more.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])


class Stage(StrEnum):
    """What a run does. Where its threads are at several stages, the first of them has the moment:
    what this process works at comes before what it waits for."""

    PARSE = "parse"
    COMPARE = "compare"
    DECODE = "decode"
    WRITE = "write"
    WAIT = "wait"
    REST = "rest"


class Profile:
    """The seconds of each stage: by the clock (`wall`), of which each moment belongs to one stage;
    of processors (`cpu`); and by the clocks of all threads together (`summed`). `counts` says of
    how many things, such as files. Threads share it."""

    def __init__(self) -> None:
        # Until now Python has started, and was hardly ever waiting.
        self._since = time.perf_counter() - time.process_time()
        self._lock = threading.Lock()
        self._thread = threading.local()
        self._active: Counter[Stage] = Counter()
        self.wall, self.cpu, self.summed = (dict.fromkeys(Stage, 0.0) for _ in range(3))
        self.counts: Counter[str] = Counter()

    @contextmanager
    def at(self, stage: Stage) -> Iterator[None]:
        """Count the block as this stage; what it does of another stage is counted as that."""
        outer = getattr(self._thread, "stage", Stage.REST)
        self._change(outer, stage)
        try:
            yield
        finally:
            self._change(stage, outer)

    def count(self, things: Mapping[str, int]) -> None:
        """Add to `counts`."""
        with self._lock:
            self.counts.update(things)

    def end(self) -> None:
        """Count all that is left as the rest."""
        with self._lock:
            self._advance(time.perf_counter())
        self.cpu[Stage.REST] = 0.0
        self.cpu[Stage.REST] = max(0.0, time.process_time() - sum(self.cpu.values()))

    def _change(self, before: Stage, after: Stage) -> None:
        wall, cpu, own = time.perf_counter(), time.thread_time(), self._thread
        with self._lock:
            self._advance(wall)
            self.summed[before] += wall - getattr(own, "wall", wall)
            self.cpu[before] += cpu - getattr(own, "cpu", cpu)
            self._active[before] -= 1
            self._active[after] += 1
        own.stage, own.wall, own.cpu = after, wall, cpu

    def _advance(self, now: float) -> None:
        stage = next((each for each in Stage if self._active[each] > 0), Stage.REST)
        self.wall[stage] += max(0.0, now - self._since)
        self._since = max(now, self._since)


_profiles: list[Profile] = []
"""The one of this process, as its clocks are, while something is measured."""


@contextmanager
def measure() -> Iterator[Profile]:
    """Measure the block, of all threads."""
    profile = Profile()
    _profiles.append(profile)
    try:
        yield profile
    finally:
        _profiles.remove(profile)
        profile.end()


def timed(
    stage: Stage, counts: Callable[[Any], Mapping[str, int]] = lambda _result: {}
) -> Callable[[Function], Function]:
    """Mark a function as belonging to a stage; `counts` says of how many things, by its result."""

    def mark(function: Function) -> Function:
        @wraps(function)
        def run(*values: Any, **named: Any) -> Any:
            if not _profiles:
                return function(*values, **named)
            profile = _profiles[-1]
            with profile.at(stage):
                result = function(*values, **named)
            profile.count(counts(result))
            return result

        return cast(Function, run)

    return mark
