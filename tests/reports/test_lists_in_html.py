"""What a list gains or loses, in the report in HTML."""

from __future__ import annotations

import pytest

from reconciler.model import Action, Address, Cause, Change, FieldChange, Plan
from reconciler.report.formats import FORMATS
from tools.report_examples import ORIGIN


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (["a"], ["a", "b"], "<td><td>+ [&#34;b&#34;]</td>"),
        (["a", "b"], ["a"], "<td>- [&#34;b&#34;]<td></td>"),
    ],
)
def test_it_is_not_taken_for_the_whole_list(
    before: list[str], after: list[str], shown: str
) -> None:
    """A sign says that the items come to the others, or leave them; so does the text."""
    field = FieldChange(("events",), before, after)
    other = FieldChange(("name",), "x", "y")
    change = Change(
        Address("kobo", "webhooks", "h"), Action.UPDATE, {}, fields=(other, field), cause=Cause.EDIT
    )
    plan = Plan((change,), origin=ORIGIN)
    assert shown in "\n".join(FORMATS["html"].plan(plan, lambda text, _: text))
