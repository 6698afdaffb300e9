"""Define which requests are tried again, how often, and after which wait."""

from __future__ import annotations

import random

ATTEMPTS = 4
CONNECTS = 3
MOST_LIMITED = 20
"""How often a request is sent again that the vendor did not process, such as after a 429."""
BACKOFF = (0.25, 1.0, 4.0)
PATIENCE = 300.0
RETRIED = frozenset({429, 500, 502, 503, 504})


def jittered(attempt: int) -> float:
    """Seconds to wait after an attempt (counted from 0) before the next one, with random jitter."""
    base = BACKOFF[min(attempt, len(BACKOFF) - 1)]
    return base * random.uniform(0.5, 1.0)


def spread(seconds: float) -> float:
    """The seconds of a Retry-After and up to a tenth more, so that several processes with one key
    do not all begin again at the same moment."""
    return seconds + random.uniform(0.0, min(1.0, seconds / 10))
