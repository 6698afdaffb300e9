"""Text of thousands of changes is a few screens long, whatever they are."""

from __future__ import annotations

import pytest

from reconciler.model import Plan
from reconciler.report.formats import FORMATS

from .results import many


@pytest.mark.parametrize("kind", ["plan", "drift"])
def test_thousands_of_changes_in_a_hundred_sorts_are_a_few_screens(kind: str) -> None:
    """Every kind and action is named with its number; the first ones with an example; --full has
    every change, and --concise no field."""
    result = many(2000)[kind]
    changes = result.changes if isinstance(result, Plan) else result.plan.changes  # type: ignore[union-attr]
    sorts = {(change.action, change.address.scope) for change in changes}
    form = FORMATS["text"]
    text = [line for line in form.lines_of(result) if "Error" not in line]
    body = text[next(at for at, line in enumerate(text) if "kind_" in line) :]
    assert len(body) < 400
    assert all(any(f"{scope}" in line for line in body) for _, scope in sorts)
    assert body[-1].startswith(("Plan: ", "Drift: "))
    full = "\n".join(form.in_full.lines_of(result))
    assert all(str(change.address) in full for change in changes)
    concise = [line for line in form.concise.lines_of(result) if " in vendor" in line]
    assert len(concise) == len(sorts)
    assert sum(int(line.split()[1]) for line in concise) == len(changes)
