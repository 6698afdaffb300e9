"""How many requests a minute a vendor takes."""

from __future__ import annotations

import math
from dataclasses import dataclass

WINDOW = 60


@dataclass(frozen=True, slots=True)
class Grant:
    """What the limit says to one request."""

    allowed: bool
    limit: int
    remaining: int
    reset: int
    """Unix seconds at which the next window opens."""
    retry_after: int

    def headers(self) -> dict[str, str]:
        """The three headers that tell a client where it stands."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }


class Limiter:
    """Counts requests in fixed one-minute windows of the sandbox's clock."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._window = -1
        self._used = 0

    def take(self, now: float) -> Grant:
        """Count one request at this moment (Unix seconds) and say whether it may pass."""
        window = math.floor(now / WINDOW)
        if window != self._window:
            self._window, self._used = window, 0
        self._used += 1
        reset = (window + 1) * WINDOW
        return Grant(
            allowed=self._used <= self.rate,
            limit=self.rate,
            remaining=max(0, self.rate - self._used),
            reset=reset,
            retry_after=max(1, math.ceil(reset - now)),
        )
