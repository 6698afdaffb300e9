"""Several processes with one key: each takes its share of the limit, and few are refused.

The processes and the vendor are simulated on a clock of their own: each process has ten requests
under way at most, and the vendor counts a hundred in each minute.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import formatdate

import pytest

from reconciler.http.limiter import Limiter

LIMIT = 100
MINUTE = 60
LATENCY = 0.2
STEP = 0.05
START = 1_800_000_010.0


class Busy(Exception):
    """A request may not be sent now."""


def busy() -> None:
    """End the wait at once."""
    raise Busy


@dataclass
class Vendor:
    """Counts the requests of each minute of the clock."""

    minute: float = 0.0
    used: int = 0

    def answer(self, now: float) -> tuple[int, dict[str, str]]:
        """The status of a request at this moment, and the headers."""
        minute = now // MINUTE
        if minute != self.minute:
            self.minute, self.used = minute, 0
        self.used += 1
        reset = int((minute + 1) * MINUTE)
        headers = {
            "x-ratelimit-limit": str(LIMIT),
            "x-ratelimit-remaining": str(max(0, LIMIT - self.used)),
            "x-ratelimit-reset": str(reset),
            "date": formatdate(now, usegmt=True),
        }
        return (429 if self.used > LIMIT else 200), headers


@dataclass
class Process:
    """A process that has so many requests to send, and what is under way of them."""

    limiter: Limiter
    left: int
    under_way: list[tuple[float, int, dict[str, str]]] = field(default_factory=list)
    refused: int = 0

    def turn(self, now: float, vendor: Vendor) -> None:
        """Take the answers that have arrived, and send what may be sent."""
        arrived = [one for one in self.under_way if one[0] <= now]
        self.under_way = [one for one in self.under_way if one[0] > now]
        for _, status, headers in arrived:
            self.limiter.release(headers)
            if status == 429:
                self.refused, self.left = self.refused + 1, self.left + 1
                self.limiter.pause(int(headers["x-ratelimit-reset"]) - now)
        while self.left:
            try:
                self.limiter.acquire(busy)
            except Busy:
                return
            self.left -= 1
            self.under_way.append((now + LATENCY, *vendor.answer(now)))


def run(processes: int, each: int, before: int = 0) -> tuple[int, int, float]:
    """All requests of all processes: how many were sent, how many were refused, and how many
    minutes it took. `before` is how many the vendor has counted in this minute already."""
    now, vendor = [START], Vendor(START // MINUTE, before)
    all_of_them = [
        Process(Limiter(LIMIT, lambda: now[0], at_once=10), each) for _ in range(processes)
    ]
    while any(one.left or one.under_way for one in all_of_them):
        for one in all_of_them:
            one.turn(now[0], vendor)
        now[0] += STEP
    refused = sum(one.refused for one in all_of_them)
    return processes * each + refused, refused, (now[0] - START) / MINUTE


@pytest.mark.parametrize("processes", [2, 6])
def test_several_processes_share_the_limit(processes: int) -> None:
    """Everything is sent in little more than the minutes that the limit needs, and hardly anything
    is refused."""
    sent, refused, minutes = run(processes, 600 // processes)
    assert sent == 600 + refused
    assert refused / sent < 0.02
    assert minutes < 600 / LIMIT + 2


def test_a_process_alone_has_the_whole_limit() -> None:
    """Nothing is refused, and no minute is lost."""
    _, refused, minutes = run(1, 300)
    assert refused == 0
    assert minutes < 300 / LIMIT


def test_what_was_used_before_is_no_reason_to_wait() -> None:
    """A plan just before the apply has used a part of the minute: the rest is ours to the last."""
    _, refused, minutes = run(1, 40, before=60)
    assert refused == 0
    assert minutes < 0.5
