"""What others have written reads our reports: plans in Terraform's JSON, JUnit, metrics, SARIF.

Each test needs a tool that nothing else needs, and is skipped where it is missing. Most are Python
packages: `pip install '.[thirdparty]'`. checkov and terraform-compliance want old versions of what
we use, so that each needs an environment of its own; RECONCILER_TOOLS names their `bin` folders,
with the system's path separator between them. The validator of SARIF is
`npm install @microsoft/sarif-multitool`, whose node_modules RECONCILER_NODE_MODULES names.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.report_examples import RESULTS, lines_of

HERE = Path(__file__).parent
MODULES = Path(os.environ.get("RECONCILER_NODE_MODULES") or HERE / "node_modules")
MULTITOOL = MODULES / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"
FOLDERS = (
    *os.environ.get("RECONCILER_TOOLS", "").split(os.pathsep),
    str(Path(sys.executable).parent),
    os.environ.get("PATH", ""),
)
CHECK = """
metadata: {id: CKV2_X_1, name: A supplier has terms, category: GENERAL_SECURITY}
definition:
  cond_type: attribute
  resource_types: [TYPE]
  attribute: payment_terms
  operator: equals
  value: NET45
"""
FEATURE = """
Feature: suppliers
  Scenario: terms
    Given I have TYPE defined
    Then it must have payment_terms
"""
POLICY = """
package main
import rego.v1
deny contains r.address if {
    some r in input.resource_changes
    "delete" in r.change.actions
}
"""


def tool(name: str) -> str:
    """The path of a program; the test is skipped where it is missing."""
    path = shutil.which(name, path=os.pathsep.join(folder for folder in FOLDERS if folder))
    if path is None:
        pytest.skip(f"{name} is not installed: see the top of {Path(__file__).name}")
    return path


def call(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder."""
    return subprocess.run(
        words,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan in Terraform's JSON."""
    path = tmp_path / "plan.json"
    path.write_text("\n".join(lines_of("json", RESULTS["small-plan"])) + "\n", "utf-8")
    return path


def type_of(plan: Path, address: str) -> str:
    """The resource type that the plan has for an address."""
    changes = json.loads(plan.read_text("utf-8"))["resource_changes"]
    return next(str(change["type"]) for change in changes if change["address"] == address)


def test_rego_sees_what_is_destroyed(plan: Path) -> None:
    """Open Policy Agent's language, as regopy runs it."""
    regopy = pytest.importorskip("regopy")
    interpreter = regopy.Interpreter()
    interpreter.add_module("main", POLICY)
    interpreter.set_input(json.loads(plan.read_text("utf-8")))
    assert "kobo/webhooks/old-erp" in str(interpreter.query("data.main.deny"))


def test_tfsumpy_counts_the_changes(plan: Path) -> None:
    """A summary for people, and no secret in it."""
    shown = call(tool("tfsumpy"), str(plan), "--output", "markdown", folder=plan.parent)
    assert shown.returncode == 0, shown
    assert "erp-styles" in shown.stdout
    assert "old-erp" in shown.stdout
    assert "never shown" not in shown.stdout


def test_checkov_judges_a_planned_value(plan: Path) -> None:
    """A policy about a field passes, and one that wants another value fails."""
    program, folder = tool("checkov"), plan.parent / "policies"
    folder.mkdir()
    text = CHECK.replace("TYPE", type_of(plan, "kobo/suppliers/SUP-1"))
    words = (
        *("-f", str(plan), "--framework", "terraform_plan", "--external-checks-dir", str(folder)),
        *("-c", "CKV2_X_1", "--compact", "--quiet", "--skip-download", "-o", "json"),
    )
    codes = []
    for value in ("NET45", "NET60"):
        (folder / "terms.yaml").write_text(text.replace("NET45", value), "utf-8")
        shown = call(program, *words, folder=plan.parent)
        codes.append(shown.returncode)
        summary = json.loads(shown.stdout)["summary"]
        assert summary["passed"] + summary["failed"] == 1, shown
        assert "never shown" not in shown.stdout
    assert codes == [0, 1]


def test_terraform_compliance_reads_it(plan: Path) -> None:
    """A scenario about a field passes."""
    program, folder = tool("terraform-compliance"), plan.parent / "features"
    folder.mkdir()
    text = FEATURE.replace("TYPE", type_of(plan, "kobo/suppliers/SUP-1"))
    for field, code in (("payment_terms", 0), ("no_such_field", 1)):
        (folder / "a.feature").write_text(text.replace("payment_terms", field), "utf-8")
        words = ("-f", str(folder), "-p", str(plan), "--no-ansi")
        shown = call(program, *words, folder=plan.parent)
        assert shown.returncode == code, shown
        assert "1 scenarios" in shown.stdout or "1 scenario" in shown.stdout


@pytest.mark.parametrize("name", ["small-plan", "drift", "partial-apply", "invalid", "empty-plan"])
def test_junitparser_reads_junit(name: str) -> None:
    """The numbers that it counts are those that the file says."""
    junitparser = pytest.importorskip("junitparser")
    text = "\n".join(lines_of("junit", RESULTS[name]))
    suites = junitparser.JUnitXml.fromstring(text.encode())
    said = (suites.tests, suites.failures, suites.errors, suites.skipped)
    for suite in suites:
        suite.update_statistics()
    suites.update_statistics()
    assert (suites.tests, suites.failures, suites.errors, suites.skipped) == said
    if name == "drift":
        assert said == (7, 4, 0, 1)


def test_prometheus_reads_the_metrics() -> None:
    """With its own parser."""
    parser = pytest.importorskip("prometheus_client.parser")
    text = "\n".join(lines_of("prometheus", RESULTS["drift"])) + "\n"
    samples = [s for family in parser.text_string_to_metric_families(text) for s in family.samples]
    assert ("reconciler_drift_changed", 1.0) in {(s.name, s.value) for s in samples}
    assert {s.labels["workspace"] for s in samples} == {"acme"}


def test_the_validator_of_sarif_finds_no_error(tmp_path: Path) -> None:
    """Microsoft's, which exits with 0 whatever it finds: its words say it."""
    if not MULTITOOL.exists():
        pytest.skip(f"no {MULTITOOL}: see the top of {Path(__file__).name}")
    for name in ("invalid", "valid"):
        path = tmp_path / f"{name}.sarif"
        path.write_text("\n".join(lines_of("sarif", RESULTS[name])), "utf-8")
        environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
        shown = subprocess.run(
            [str(MULTITOOL), "validate", str(path)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env=environment,
        )
        assert "Analysis completed" in shown.stdout or "One file" in shown.stdout, shown
        assert ": error " not in shown.stdout, shown.stdout
