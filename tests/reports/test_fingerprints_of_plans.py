"""The fingerprint of a plan: made entry by entry, it is that of the whole head of its document."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from reconciler import planfile
from reconciler.model import Plan
from reconciler.planfile.document import digest

from .results import HOSTILE_LISTS, results


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(HOSTILE_LISTS)
def test_a_fingerprint_is_the_digest_of_the_head(texts: list[str]) -> None:
    """Whatever texts a plan has, also those of which a document is made."""
    plan = results(texts)["plan"]
    assert isinstance(plan, Plan)
    assert planfile.fingerprint(plan) == digest(planfile.head(plan))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_any_number_of_entries_is_in_the_fingerprint(count: int) -> None:
    """None, one, and several; also where texts look like the list of entries."""
    plan = results(['"resource_changes":[', "]", *"abcdef"])["plan"]
    assert isinstance(plan, Plan)
    some = replace(plan, changes=plan.changes[:count])
    assert planfile.fingerprint(some) == digest(planfile.head(some))
    assert planfile.fingerprint(some) != planfile.fingerprint(replace(some, deferred=()))
