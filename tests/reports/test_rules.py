"""In SARIF each kind of finding has a rule of its own, so that a reader can choose one kind."""

from __future__ import annotations

import json

import pytest

from reconciler.report.rules import RULES, rule_of

from ..conftest import MakeWorkspace

HEAD = "provider: kobo-plm\n"
EXAMPLES = {
    "yaml": "suppliers: {a: [\n",
    "duplicate-key": "suppliers: {a: {name: x}, a: {name: y}}\n",
    "unknown-kind": "nokind: {a: {}}\n",
    "unknown-field": "suppliers: {a: {nmae: x}}\n",
    "variable": 'suppliers: {a: {name: "${var.nope}"}}\n',
    "value": "suppliers: {a: {name: 5}}\n",
    "value-not-documented": 'webhooks: {h: {url: "https://x.example", events: ["nope.x"]}}\n',
    "declared-twice": f"suppliers: {{b: {{name: y}}}}\n---\n{HEAD}suppliers: {{b: {{name: z}}}}\n",
}


@pytest.mark.parametrize("rule", EXAMPLES)
def test_a_finding_has_its_rule(workspace: MakeWorkspace, rule: str) -> None:
    """Found by the command, and described in the report."""
    here = workspace(HEAD + EXAMPLES[rule])
    (run,) = here.run("validate", "--format", "sarif").json["runs"]
    assert {result["ruleId"] for result in run["results"]} == {f"reconciler/{rule}"}, run
    assert f"reconciler/{rule}" in {one["id"] for one in run["tool"]["driver"]["rules"]}


def test_a_provider_that_is_not_there_has_its_rule(workspace: MakeWorkspace) -> None:
    """Where a manifest names one."""
    here = workspace("provider: nobody\nsuppliers: {a: {name: x}}\n")
    document = json.loads(here.run("validate", "--format", "sarif").out)
    (result,) = document["runs"][0]["results"]
    assert result["ruleId"] == "reconciler/unknown-provider"


@pytest.mark.parametrize(
    ("summary", "rule"),
    [
        ("contacts[0].name is missing", "missing-field"),
        ("id is set by the vendor and cannot be declared", "not-settable"),
        ("season must be one of 1, 2", "value-not-listed"),
        ("something else is wrong", "error"),
    ],
)
def test_other_words_have_their_rules(summary: str, rule: str) -> None:
    """As findings have them that need more than a manifest."""
    assert rule_of(summary, error=True).name == rule


def test_every_finding_has_a_rule() -> None:
    """The last one of each severity takes what no other does; names are unique."""
    assert len({rule.name for rule in RULES}) == len(RULES)
    for error in (True, False):
        last = [rule for rule in RULES if rule.error == error][-1]
        assert last.words == ""
