"""What is not promised yet: the machine leaves it out until its line is removed from ASSUMED."""

from __future__ import annotations

FORMS = "an edit of a field that the vendor keeps in its own form may be called a change there too"
SPELLED = "the vendor keeps natural keys as they were written"

ASSUMED = frozenset({FORMS, SPELLED})


def promised(assumption: str) -> bool:
    """Whether it need not be assumed any more."""
    return assumption not in ASSUMED
