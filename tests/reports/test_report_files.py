"""`--report FORMAT=FILE`: the results of one run in more formats, as files beside what is shown."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from reconciler.report.formats import formats_of

from ..conftest import MakeWorkspace

SUPPLIER = "provider: kobo-plm\nsuppliers: {SUP-900: {name: Yeni}}\n"
WRONG = "provider: kobo-plm\nsuppliers: {SUP-900: {nmae: Yeni}}\n"
COMMANDS = {
    "plan": ("plan",),
    "drift": ("drift",),
    "validation": ("validate",),
    "applied": ("apply", "--auto-approve"),
}
REFUSED = {"status": 422, "body": {"message": "no more suppliers"}}


@pytest.mark.parametrize("result", COMMANDS)
def test_one_run_writes_every_format(workspace: MakeWorkspace, result: str) -> None:
    """A file for each format of the command; what is shown stays the same."""
    here = workspace(SUPPLIER)
    words = [f"--report={name}=report.{name}" for name in formats_of(result)]
    shown = here.run(*COMMANDS[result], *words)
    assert shown.code == 0, shown
    for name in formats_of(result):
        text = (here.root / f"report.{name}").read_text("utf-8")
        assert text == "" or text.endswith("\n"), name
    assert (here.root / "report.text").read_text("utf-8").splitlines()[-1] == shown.last
    assert json.loads((here.root / "report.json").read_text("utf-8"))["format_version"]


def test_a_saved_plan_is_shown_in_more_formats(workspace: MakeWorkspace) -> None:
    """`show` writes what `plan` would have written."""
    here = workspace(SUPPLIER)
    here.run("plan", "--out", "saved.plan", "--report", "text=a.txt", "--report", "json=a.json")
    shown = here.run("show", str(here.root / "saved.plan"), "--report", f"text={here.root}/b.txt")
    assert shown.code == 0, shown
    assert (here.root / "a.txt").read_bytes() == (here.root / "b.txt").read_bytes()


@pytest.mark.parametrize("command", ["plan", "drift", "apply"])
def test_an_error_is_a_report_too(workspace: MakeWorkspace, command: str) -> None:
    """Where there is no result, the findings replace the report of an earlier run."""
    here = workspace(WRONG)
    (here.root / "a.json").write_text("old", "utf-8")
    shown = here.run(command, "--report", "json=a.json", "--report", "text=a.txt")
    assert shown.code == 1, shown
    (finding,) = json.loads((here.root / "a.json").read_text("utf-8"))["diagnostics"]
    assert "nmae" in finding["summary"]
    assert "nmae" in (here.root / "a.txt").read_text("utf-8")


def test_a_partial_apply_is_reported_and_stays_4(workspace: Any, sandbox: Any) -> None:
    """Also where the report itself cannot be written, the exit code says what happened."""
    here = workspace("provider: kobo-plm\nsuppliers: {A: {name: a}, B: {name: b}}\n")
    sandbox.faults([{"path": "*/suppliers", "method": "POST", "nth": [1], "fault": REFUSED}])
    shown = here.run(
        "apply", "--auto-approve", "--report=text=a.txt", "--report=json=none/of/these/a.json"
    )
    assert shown.code == 4, shown
    assert "cannot write none/of/these/a.json" in shown.err
    text = (here.root / "a.txt").read_text("utf-8")
    assert "no more suppliers" in text
    assert ": failed" in text
    assert text.splitlines()[-1] == shown.last


def test_a_report_that_cannot_be_written_is_an_error(workspace: MakeWorkspace) -> None:
    """Exit 1, with the result shown and the other reports written."""
    here = workspace(SUPPLIER)
    (here.root / "folder").mkdir()
    shown = here.run("plan", "--report", "json=folder", "--report", "text=a.txt")
    assert shown.code == 1
    assert "cannot write folder" in shown.err
    assert shown.last.startswith("Plan: 1 to add")
    assert (here.root / "a.txt").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--report", "jsno=a"], 'Did you mean "json"?'),
        (["--report", "json"], "is no FORMAT=FILE"),
        (["--report", "json="], "is no FORMAT=FILE"),
        (["--report", "json=-"], "use --format json"),
        (["--report", "json=a", "--report", "text=a"], "a is named twice"),
        (["--report", "json=a", "--out", "a"], "a is named twice"),
        (["--full", "--concise"], "cannot be combined"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    workspace: MakeWorkspace, words: list[str], told: str
) -> None:
    """Exit 1, before anything is read or written."""
    here = workspace(SUPPLIER)
    shown = here.run("plan", *words)
    assert (shown.code, shown.out) == (1, "")
    assert told in shown.err
    assert here.sandbox.journal("kobo-plm") == []
    assert not (here.root / "a").exists()


@pytest.mark.parametrize("words", [["--report", "html=a.html"], ["--format", "html"]])
def test_what_is_not_installed_is_said_before_anything_is_done(
    workspace: MakeWorkspace, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """Exit 1 with the command that installs it, and no request to a vendor: an apply must not end
    without the report that was asked for."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    here = workspace(SUPPLIER)
    shown = here.run("apply", "--auto-approve", *words)
    assert shown.code == 1
    assert "the format html needs jinja2, which is not installed" in shown.err
    assert "pip install 'reconciler-retail[html]'" in shown.err
    assert here.sandbox.journal("kobo-plm") == []


def test_a_file_of_somebody_else_is_not_followed(workspace: MakeWorkspace, tmp_path: Path) -> None:
    """A link where the report is to be is replaced, and what it leads to stays."""
    here = workspace(SUPPLIER)
    other = tmp_path / "other.txt"
    other.write_text("mine", "utf-8")
    (here.root / "a.txt").symlink_to(other)
    assert here.run("plan", "--report", "text=a.txt").code == 0
    assert other.read_text("utf-8") == "mine"
    assert not (here.root / "a.txt").is_symlink()


def test_concise_text_has_a_line_for_each_kind(workspace: MakeWorkspace, sandbox: Any) -> None:
    """`--concise` shows how many of which kind and the first names; the last line stays."""
    sandbox.put_state("kobo-plm", {"suppliers": []})
    many = "".join(f"  S{number}: {{name: N}}\n" for number in range(8))
    here = workspace(f"provider: kobo-plm\nsuppliers:\n{many}")
    for command in ("plan", "drift"):
        concise, whole = here.run(command, "--concise"), here.run(command)
        assert concise.last == whole.last
    concise = here.run("plan", "--concise")
    expected = "  + 8 in kobo-plm/suppliers: S0, S1, S2, S3, S4 and 3 more"
    assert expected in concise.out.splitlines()
    assert "name" not in concise.out


def test_files_of_the_platform_are_added_to(workspace: MakeWorkspace) -> None:
    """What earlier commands of the step wrote stays; the other formats replace their file."""
    here = workspace(SUPPLIER)
    for name in ("outputs", "summary", "plan.md"):
        (here.root / name).write_text("before=1\n", "utf-8")
    words = ("github-outputs=outputs", "github-summary=summary", "markdown=plan.md")
    shown = here.run("plan", *(f"--report={word}" for word in words))
    assert shown.code == 0, shown
    outputs = (here.root / "outputs").read_text("utf-8").splitlines()
    assert outputs[0] == "before=1"
    assert {"changes=true", "add=1", "destroy=0"} <= set(outputs)
    assert (here.root / "summary").read_text("utf-8").startswith("before=1\n### Plan for `acme`")
    assert (here.root / "plan.md").read_text("utf-8").startswith("### Plan for `acme`")


def test_commands_go_to_stdout_before_the_result(workspace: MakeWorkspace) -> None:
    """A runner reads them there, with paths from the folder of the repository; the last line is
    that of the command, and `--format` shows the same alone."""
    here = workspace(WRONG)
    (here.root.parent / ".git").mkdir()
    shown = here.run("validate", "--report", "github-annotations=-")
    assert shown.code == 1
    error, summary = shown.out.splitlines()
    assert error.startswith(f"::error file={here.root.name}/manifests/main.yaml,line=2,col=")
    assert summary == "::notice title=reconciler::1 error found."
    assert here.run("validate", "--format", "github-annotations").out == shown.out
    here.write(SUPPLIER)
    shown = here.run("plan", "--report", "github-annotations=-")
    assert shown.last.startswith("Plan: 1 to add")
    assert shown.out.startswith("::notice title=reconciler::Plan: 1 to add")


def test_a_link_to_the_job_is_added(
    workspace: MakeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the platform's variables make a URL, and nothing that ends a link."""
    here = workspace(SUPPLIER)
    for name in ("CI_JOB_URL", "BUILD_BUILDID", "BITBUCKET_BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/shop")
    for run, shown in (("42", True), ("4)[x](https://evil.example", False), ("", False)):
        monkeypatch.setenv("GITHUB_RUN_ID", run)
        assert here.run("plan", "--report", "markdown=a.md").code == 0
        text = (here.root / "a.md").read_text("utf-8")
        link = "[The job](https://github.example.com/acme/shop/actions/runs/42)\n"
        assert text.endswith(link) == shown
        assert ("The job" in text) == shown


@pytest.mark.parametrize(
    "words", [("--report", "markdown={file}"), ("--out", "{file}"), ("--report", "json={file}")]
)
def test_no_manifest_is_replaced(workspace: MakeWorkspace, words: tuple[str, ...]) -> None:
    """A report or a plan that is to be written over a YAML file is refused, and the file stays."""
    here = workspace("provider: kobo-plm\nsuppliers: {S-1: {name: Anadolu}}\n")
    file = here.root / "manifests" / "main.yaml"
    before = file.read_bytes()
    result = here.run("plan", *(word.format(file=file) for word in words))
    assert result.code == 1
    assert "YAML file" in result.err
    assert file.read_bytes() == before
