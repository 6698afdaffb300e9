"""`--json`: a program follows a run on stdout, a document on each line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ..conftest import MakeWorkspace

TWO = "provider: kobo-plm\nsuppliers: {A: {name: a}, B: {name: b}}\n"
REFUSED = {"status": 422, "body": {"message": "no more suppliers"}}


def lines(text: str) -> list[dict[str, Any]]:
    """The documents on the lines of the output, without their times."""
    return [without_time(json.loads(line)) for line in text.splitlines()]


def without_time(document: dict[str, Any]) -> dict[str, Any]:
    """A document without the time, where it has one."""
    return {name: value for name, value in document.items() if name != "@timestamp"}


def times(text: str) -> list[datetime]:
    """The times of the lines of the output."""
    return [datetime.fromisoformat(json.loads(line)["@timestamp"]) for line in text.splitlines()]


def test_an_apply_is_followed(workspace: MakeWorkspace, sandbox: Any) -> None:
    """The plan, each outcome, and the numbers; the exit code is that of text."""
    here = workspace(TWO)
    sandbox.faults([{"path": "*/suppliers", "method": "POST", "nth": [1], "fault": REFUSED}])
    shown = here.run("apply", "--auto-approve", "--json", "--report", "json-lines=a.jsonl")
    assert shown.code == 4
    told = lines(shown.out)
    assert [one["type"] for one in told] == [
        *("planned_change", "planned_change", "summary"),
        *("outcome", "outcome", "summary"),
    ]
    assert {one["status"] for one in told[3:5]} == {"applied", "failed"}
    (failed,) = (one for one in told[3:5] if one["status"] == "failed")
    assert "no more suppliers" in failed["diagnostic"]["summary"]
    assert (told[-1]["applied"], told[-1]["failed"], told[-1]["complete"]) == (1, 1, False)
    assert lines((here.root / "a.jsonl").read_text("utf-8")) == told[3:]


def test_every_line_says_when_it_was_made(workspace: MakeWorkspace) -> None:
    """In UTC, in the order of the lines, and within the run: a program sees how long each change
    took, and joins the lines with other logs."""
    here = workspace(TWO)
    began = datetime.now(UTC)
    shown = here.run("apply", "--auto-approve", "--json")
    made = times(shown.out)
    assert made == sorted(made)
    assert began <= made[0] < made[-1] <= datetime.now(UTC)
    assert all(
        line.endswith("Z") for line in (json.loads(a)["@timestamp"] for a in shown.out.splitlines())
    )


def test_a_vendor_that_is_gone_is_told_of_every_change(workspace: Any, sandbox: Any) -> None:
    """What was not attempted has an outcome too, which text only counts."""
    here = workspace(TWO)
    fault = {"status": 401, "body": {"message": "no"}}
    sandbox.faults([{"path": "*/suppliers", "method": "POST", "fault": fault}])
    shown = here.run("apply", "--auto-approve", "--json", "--parallelism", "1")
    outcomes = [one for one in lines(shown.out) if one["type"] == "outcome"]
    assert sorted(one["status"] for one in outcomes) == ["failed", "not attempted"]


@pytest.mark.parametrize("command", ["plan", "drift", "validate"])
def test_it_is_a_format_like_others(workspace: MakeWorkspace, command: str) -> None:
    """`--json` is `--format json-lines`, and Terraform's -json stays one document."""
    here = workspace(TWO)
    shown = here.run(command, "--json")
    assert lines(shown.out) == lines(here.run(command, "--format", "json-lines").out)
    assert lines(shown.out)[-1]["type"] == "summary"
    assert len(lines(here.run(command, "-json").out)) == 1


def test_what_ends_a_command_is_a_line(workspace: MakeWorkspace) -> None:
    """A finding, as in the other formats for programs."""
    here = workspace("provider: kobo-plm\nsuppliers: {A: {nmae: a}}\n")
    shown = here.run("plan", "--json")
    assert shown.code == 1
    (finding,) = lines(shown.out)
    assert "nmae" in finding["diagnostic"]["summary"]


def test_no_value_is_in_a_line(workspace: MakeWorkspace) -> None:
    """Names of fields only: whoever wants values reads the plan."""
    here = workspace("provider: kobo-plm\nsuppliers: {A: {name: quite-a-value}}\n")
    assert "quite-a-value" not in here.run("plan", "--json").out
    assert "quite-a-value" in here.run("plan", "--format", "json").out
