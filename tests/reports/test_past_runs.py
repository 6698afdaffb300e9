"""The report in HTML shows past runs, and how much had drifted at each."""

from __future__ import annotations

from typing import Any

from reconciler.ledger import Run
from reconciler.report.html.past import MOST, past_of

from ..conftest import MakeWorkspace
from .html_reader import read_html

TWO = "provider: kobo-plm\nsuppliers: {A: {name: a}, B: {name: b}}\n"


def test_drift_over_time_comes_from_the_ledger(workspace: MakeWorkspace, sandbox: Any) -> None:
    """Each apply records how many objects had changed at the vendor, and the report shows them
    beside what has drifted now; the last apply is in its own report."""
    sandbox.put_state("kobo-plm", {"suppliers": []})
    here = workspace(TWO)
    assert here.run("apply", "--auto-approve", "--report", "html=first.html").code == 0
    for names in (("x", "y"), ("z", "b")):
        change(sandbox, *names)
        assert here.run("apply", "--auto-approve").code == 0
    change(sandbox, "a", "w")
    for command in ("plan", "drift"):
        assert here.run(command, "--report", f"html={command}.html").code == 0
        titles = bars(here, command)
        assert [title.split(": ")[1] for title in titles] == [
            "0 changed at the vendor", "2 changed at the vendor", "1 changed at the vendor",
            "1 changed at the vendor", "2 applied, 0 not", "2 applied, 0 not", "1 applied, 0 not",
        ]  # fmt: skip
        assert titles[3].startswith("Now: ")
    assert [title.split(": ")[1] for title in bars(here, "first")] == [
        "0 changed at the vendor", "2 applied, 0 not",
    ]  # fmt: skip
    runs = here.run("history", "--format", "json").json["runs"]
    assert len(runs) == 3


def change(sandbox: Any, *names: str) -> None:
    """Give the suppliers other names at the vendor, in the order of their codes: they were made at
    the same time."""
    rows = sorted(sandbox.state("kobo-plm")["suppliers"], key=lambda row: row["code"])
    changed = [{**row, "name": name} for row, name in zip(rows, names, strict=True)]
    sandbox.put_state("kobo-plm", {"suppliers": changed})


def bars(here: Any, name: str) -> list[str]:
    """What the bars of the charts say."""
    document = read_html((here.root / f"{name}.html").read_text("utf-8"), "")
    rects = (e for e in document.iter() if str(e.tag).endswith("rect"))
    return [title.text or "" for e in rects for title in e if str(title.tag).endswith("title")]


def test_a_run_of_an_older_version_has_no_drift() -> None:
    """It is not known, which is not none; runs that only recorded something are left out, and of
    very many the newest are shown."""
    runs = [
        Run(f"{at}", "apply", f"2026-03-01T00:00:{at:02}Z", "u", "h", "", (), {"applied": 1})
        for at in range(60)
    ]
    past = past_of([*runs, Run("x", "adopt", "2026-03-02T00:00:00Z", "u", "h", "", (), {})], 4)
    assert past is not None
    assert [run.at for run in past.runs] == [run.at[:19].replace("T", " ") for run in runs[-MOST:]]
    assert {run.drift for run in past.runs} == {None}
    assert [bar.title for bar in past.drift] == ["Now: 4 changed at the vendor"]
    assert len(past.writes) == MOST
    assert past_of([]) is None
