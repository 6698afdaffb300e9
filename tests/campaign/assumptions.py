"""What is not promised yet: the machine leaves it out until its line is removed from ASSUMED."""

from __future__ import annotations

BENT = "the vendor keeps texts as they were written"
BENT_NAMES = "the vendor keeps names as they were written"

ASSUMED = frozenset({BENT, BENT_NAMES})


def promised(assumption: str) -> bool:
    """Whether it need not be assumed any more."""
    return assumption not in ASSUMED
