"""The rules in examples/policies judge plans of ours, run by the tools that they are written for.

Each is skipped where its tool is missing: see the top of `test_report_readers.py`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .test_report_readers import call, tool

RULES = Path(__file__).parents[2] / "examples" / "policies"
OURS, THEIRS = "https://hooks.acme.example/kobo", "https://evil.example/kobo"


@pytest.fixture
def plans(workspace: Any, sandbox: Any) -> dict[str, Path]:
    """Saved plans: webhooks of our hosts and of another, a deletion, and very many new objects."""
    sandbox.put_state("kobo-plm", {"webhooks": [], "suppliers": []})
    made = workspace()
    saved = {}

    def save(name: str, manifest: str) -> None:
        saved[name] = made.root / f"{name}.json"
        made.write(manifest)
        assert made.run("plan", "--out", str(saved[name])).code == 0

    hook = "provider: kobo-plm\nwebhooks: {{a: {{name: A, url: '{}', events: [style.created]}}}}\n"
    save("theirs", hook.format(THEIRS))
    many = "".join(f"  S-{n}: {{name: S {n}}}\n" for n in range(21))
    save("many", f"provider: kobo-plm\nsuppliers:\n{many}")
    save("ours", hook.format(OURS))
    made.apply()
    save("changed", hook.format(THEIRS))
    save("gone", "provider: kobo-plm\n")
    return saved


def test_rego(plans: dict[str, Path]) -> None:
    """Deletions, hosts and how many are created, as regopy runs the rules."""
    regopy = pytest.importorskip("regopy")
    found = {}
    for name, plan in plans.items():
        interpreter = regopy.Interpreter()
        interpreter.add_module("main", (RULES / "rego" / "plan.rego").read_text("utf-8"))
        interpreter.set_input(json.loads(plan.read_text("utf-8")))
        found[name] = str(interpreter.query("data.main.deny"))
    assert "kobo-plm/webhooks/a: webhooks are not deleted" in found["gone"]
    assert "kobo-plm/webhooks/a: a webhook posts to our own hosts" in found["theirs"]
    assert "kobo-plm/webhooks/a: a webhook posts to our own hosts" in found["changed"]
    assert "21 objects would be created" in found["many"]
    assert "webhook" not in found["ours"]
    assert "objects" not in found["ours"]


def test_checkov(plans: dict[str, Path]) -> None:
    """It judges planned values, and so hosts; of a deletion it sees nothing."""
    program = tool("checkov")
    results = {}
    for name in ("ours", "theirs", "changed"):
        shown = call(
            *(program, "-f", str(plans[name]), "--framework", "terraform_plan"),
            *("--external-checks-dir", str(RULES / "checkov"), "-c", "CKV2_ACME_1"),
            *("--compact", "--quiet", "--skip-download", "-o", "json"),
            folder=plans[name].parent,
        )
        summary = json.loads(shown.stdout)["summary"]
        results[name] = (shown.returncode, summary["passed"], summary["failed"])
    assert results == {"ours": (0, 1, 0), "theirs": (1, 0, 1), "changed": (1, 0, 1)}


def test_terraform_compliance(plans: dict[str, Path]) -> None:
    """Likewise."""
    program = tool("terraform-compliance")
    codes = {}
    for name in ("ours", "theirs", "changed"):
        rules = str(RULES / "terraform-compliance")
        shown = call(
            *(program, "-f", rules, "-p", str(plans[name]), "--no-ansi"),
            folder=plans[name].parent,
        )
        assert "1 scenario" in shown.stdout, shown
        codes[name] = shown.returncode
    assert codes == {"ours": 0, "theirs": 1, "changed": 1}
