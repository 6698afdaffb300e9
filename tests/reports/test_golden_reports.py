"""Every format of every example is as it was looked at.

`tests/reports/golden/EXAMPLE/FORMAT` is what a format makes of an example of
`tools/report_examples.py`. `REWRITE_GOLDEN=1 pytest tests/reports/test_golden_reports.py` writes
them anew: read the difference before it is committed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from reconciler.report.formats import FORMATS, formats_of
from tools.report_examples import RESULTS, lines_of
from tools.reports_page import SHOWN_ELSEWHERE, kind_of

GOLDEN = Path(__file__).parent / "golden"
# How a page in HTML looks and works is no matter of its contents.
STYLE = re.compile(r"(<(?:style|script)>).*?(?=</)|(sha256-)[\w+/=]+", re.DOTALL)


# tests/golden pins text, and tests/test_planfile.py the plan in JSON.
CASES = [
    (name, form)
    for name in RESULTS
    for form in formats_of(kind_of(RESULTS[name]))
    if form not in SHOWN_ELSEWHERE
]


@pytest.mark.parametrize(("name", "form"), CASES)
def test_the_report_is_as_expected(name: str, form: str) -> None:
    """Word by word; and no secret is in it."""
    text = "".join(f"{line}\n" for line in lines_of(form, RESULTS[name]))
    text = STYLE.sub(r"\1\2…", text)
    path = GOLDEN / name / form
    if os.environ.get("REWRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")
    assert "never shown" not in text


def test_no_golden_file_is_left_over() -> None:
    """Each belongs to a format and an example that there are."""
    assert {(p.parent.name, p.name) for p in GOLDEN.glob("*/*")} == set(CASES)
    assert set(FORMATS) >= {form for _, form in CASES}


@pytest.mark.parametrize("form", SHOWN_ELSEWHERE)
def test_no_secret_is_in_the_others_either(form: str) -> None:
    """Text and JSON."""
    for result in RESULTS.values():
        assert "never shown" not in "\n".join(lines_of(form, result))
