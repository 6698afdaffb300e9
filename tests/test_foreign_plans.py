"""Plan files that are none, that were edited, or that were made for somewhere else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from reconciler.planfile.document import digest

MANIFEST = "provider: kobo-plm\nsuppliers:\n  S-1: {name: Anadolu}\n"


@pytest.fixture
def here(workspace: Callable[..., Any]) -> Any:
    """A workspace that owns a supplier and is to change it."""
    made = workspace(MANIFEST)
    made.apply()
    made.write(MANIFEST.replace("Anadolu", "Yeni"))
    made.sandbox.clear_journal()
    return made


def _recomputed(body: dict[str, Any]) -> str:
    """A plan that says of itself that nobody changed it."""
    del body["x_reconciler"]["fingerprint"]
    body["x_reconciler"]["fingerprint"] = digest(body)
    return json.dumps(body)


def _without_options(body: dict[str, Any]) -> str:
    del body["resource_changes"][0]["x_options"]
    return _recomputed(body)


def _other_action(body: dict[str, Any]) -> str:
    body["resource_changes"][0]["x_action"] = "explode"
    return _recomputed(body)


def _other_name(body: dict[str, Any]) -> str:
    body["resource_changes"][0]["change"]["after"]["name"] = "Evil"
    return _recomputed(body)


@pytest.mark.parametrize(
    ("edit", "code", "words"),
    [
        (lambda body: "[1, 2]", 1, "not a saved plan"),
        (lambda body: "[" * 100_000, 1, "not a saved plan"),
        (lambda body: json.dumps(body)[:-40], 1, "not a saved plan"),
        (lambda body: "", 1, "not a saved plan"),
        (lambda body: json.dumps(body).replace("Yeni", "Evil"), 3, "was changed"),
        (_without_options, 1, "not a saved plan"),
        (_other_action, 1, "not a saved plan"),
        (_other_name, 3, "the plan is stale"),
    ],
    ids=["list", "brackets", "cut", "empty", "edited", "no options", "no action", "forged"],
)
def test_a_plan_file_that_is_not_ours_is_refused(
    here: Any, edit: Callable[[dict[str, Any]], str], code: int, words: str
) -> None:
    """No plan, a cut one, an edited one, one that was forged with care: nothing is written."""
    path = here.root / "saved.plan"
    assert here.run("plan", "--out", str(path)).code == 0
    path.write_text(edit(json.loads(path.read_text("utf-8"))), "utf-8")
    result = here.run("apply", str(path))
    assert (result.code, result.out) == (code, ""), result
    assert result.err.count("Error: ") == 1, result.err
    assert words in result.err
    assert here.writes() == []


@pytest.mark.parametrize("settings", [{"name": "other"}, {"ledger": "b.jsonl"}])
def test_a_plan_of_another_workspace_is_refused(here: Any, settings: dict[str, Any]) -> None:
    """What was planned against another workspace or ledger is not carried out here."""
    path = here.root / "saved.plan"
    assert here.run("plan", "--out", str(path)).code == 0
    here.configure(**{"ledger": "a.jsonl", **settings})
    result = here.run("apply", str(path))
    assert (result.code, result.out) == (3, ""), result
    assert "the plan is stale" in result.err
    assert here.writes() == []


def test_a_plan_of_another_environment_is_refused(here: Any) -> None:
    """A plan for staging is not carried out in production."""
    here.configure(environments={"staging": {"variables": {"x": 1}}})
    path = str(here.root / "saved.plan")
    assert here.run("--env", "staging", "plan", "--out", path).code == 0
    result = here.run("apply", path)
    assert (result.code, result.out) == (3, ""), result
    assert here.writes() == []
