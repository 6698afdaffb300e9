"""What commands write as JSON is read back as the same result, and anything else is refused."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import planfile
from reconciler.errors import Diagnostic, Invalid, Refused
from reconciler.model import Drift, Plan
from reconciler.report.documents import read
from reconciler.report.formats import FORMATS
from tools.report_examples import RESULTS, lines_of

SORTS = {"Plan": "plan", "Drift": "drift", "Applied": "apply", "Validation": "validate"}


def document(result: Any) -> str:
    """A result as JSON."""
    (line,) = lines_of("json", result)
    return line


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_reads_the_same_afterwards(name: str) -> None:
    """A comment shows what the command would have shown."""
    result = RESULTS[name]
    back = read(document(result))
    assert back.sort == SORTS[type(result).__name__]
    expected = list(FORMATS["markdown"].lines_of(result))
    # Findings about a plan are not in the JSON of its apply's outcomes apart from the problems.
    assert list(back.lines(FORMATS["markdown"]))[:3] == expected[:3]
    if back.sort != "apply":
        assert list(back.lines(FORMATS["markdown"])) == expected


def test_findings_that_ended_a_command() -> None:
    """There is no result, and it has not succeeded."""
    (line,) = FORMATS["json"].errors([Diagnostic("reconciler.yaml is missing")])
    back = read(line)
    assert (back.sort, back.succeeded, back.environment) == ("error", False, None)


def test_what_could_not_be_looked_at_is_no_success() -> None:
    """Neither in an incomplete report, nor where one says that it is complete and is not."""
    assert read(document(RESULTS["no-drift"])).succeeded
    assert not read(document(RESULTS["drift"])).succeeded
    body = json.loads(document(RESULTS["no-drift"]))
    assert not read(json.dumps({**body, "complete": False})).succeeded
    back = read(json.dumps({**body, "deferred": ["kobo/webhooks/a"]})).result
    assert isinstance(back, Drift)
    assert not back.complete


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_anything_else_is_refused(data: st.DataObject) -> None:
    """A member that is missing or of another type is no crash."""
    name = data.draw(st.sampled_from(list(RESULTS)))
    body = json.loads(document(RESULTS[name]))
    member = data.draw(st.sampled_from(list(body)))
    body[member] = data.draw(
        st.none() | st.integers() | st.text() | st.lists(st.integers() | st.none(), max_size=2)
    )
    with suppress(Invalid, Refused):
        list(read(json.dumps(body)).lines(FORMATS["markdown"]))


def test_a_saved_plan_that_was_changed_is_refused() -> None:
    """As by `apply`."""
    body = json.loads(planfile.write(Plan(())))
    body["applyable"] = True
    with pytest.raises(Refused, match="was changed after it was saved"):
        read(json.dumps(body))
