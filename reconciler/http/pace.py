"""Spread requests evenly over the minute."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.model.plan import sent_at_once

MINUTE = 60.0


class Pace:
    """When the next request may be sent, if a few are sent at once and then `per_minute` in each
    minute at even distances. `sent` are the times of the requests of the last minute."""

    def __init__(self, per_minute: int, sent: Iterable[float], now: float) -> None:
        self._each = MINUTE / per_minute
        self._most = sent_at_once(per_minute)
        self._left, self._at = self._most, now - MINUTE
        for time in sent:
            self.count(time)

    def wait(self, now: float) -> float:
        """Seconds until the next request may be sent; 0 or less when it may be sent now."""
        missing = 1.0 - self._left_at(now)
        # less than that is the inexactness of sums, and too short to wait for
        return missing * self._each if missing > 1e-6 else 0.0

    def count(self, now: float) -> None:
        """Count a request that is sent now."""
        self._left, self._at = max(0.0, self._left_at(now) - 1.0), max(now, self._at)

    def _left_at(self, now: float) -> float:
        return min(self._most, self._left + max(0.0, now - self._at) / self._each)
