"""What is not promised yet: the machine leaves it out until its line is removed from ASSUMED."""

from __future__ import annotations

FORMS = "an edit of a field that the vendor keeps in its own form may be called a change there too"
SPELLED = "the vendor keeps natural keys as they were written"
HALVES = "what a run that was killed had deleted may be called deleted at the vendor"
BEGUN = "what a run was creating when it ended without a record stays declared until the next one"

ASSUMED = frozenset({FORMS, SPELLED, HALVES, BEGUN})


def promised(assumption: str) -> bool:
    """Whether it need not be assumed any more."""
    return assumption not in ASSUMED
