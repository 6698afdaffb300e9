"""Counts the requests a minute that a vendor takes."""

from __future__ import annotations

import math

WINDOW = 60


class Limiter:
    """Counts requests in fixed one-minute windows of the sandbox's clock."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._window = -1
        self._used = 0

    def take(self, now: float) -> tuple[int, dict[str, str]]:
        """Count one request at this moment (Unix seconds).

        Returns the seconds to wait, 0 where the request may pass, and the three headers that show
        a client where the limit stands; the reset is the Unix second of the next window.
        """
        window = math.floor(now / WINDOW)
        if window != self._window:
            self._window, self._used = window, 0
        self._used += 1
        reset = (window + 1) * WINDOW
        wait = max(1, math.ceil(reset - now)) if self._used > self.rate else 0
        return wait, {
            "X-RateLimit-Limit": str(self.rate),
            "X-RateLimit-Remaining": str(max(0, self.rate - self._used)),
            "X-RateLimit-Reset": str(reset),
        }
