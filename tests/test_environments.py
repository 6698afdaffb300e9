"""Environments that do not have every provider of the workspace."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def here(workspace: Any) -> Any:
    """A workspace of two providers, and a staging environment with one of them."""
    made = workspace("provider: kobo-plm\nsuppliers: {S-1: {name: Firma}}\n")
    made.write("provider: inventora\nproducts: {CANDLE-001: {}, P-2: {}}\n", "inventora")
    declare(made, {"inventora": None}, exclusive=["inventora/products", "kobo-plm/webhooks"])
    return made


def declare(made: Any, providers: Any, **settings: Any) -> None:
    """Declare staging with these providers, beside these settings of the workspace."""
    path = made.root / "reconciler.yaml"
    document = {**json.loads(path.read_text("utf-8")), **settings}
    document["environments"] = {"staging": {"providers": providers}}
    path.write_text(json.dumps(document), "utf-8")


def test_an_environment_may_be_without_a_provider(
    here: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is declared for it is skipped with a note, its credentials are not needed, and neither
    it nor its exclusive kinds are read; the other environments have it."""
    assert here.run("validate").out == "Success! 3 resources are valid.\n"
    monkeypatch.delenv("INVENTORA_API_KEY")
    shown = here.run("--env", "staging", "validate")
    assert shown.out == "Success! 1 resource is valid.\n"
    assert "Warning: this environment has no provider inventora: 2 objects are skipped" in shown.err
    sandbox.put_state("kobo-plm", {"suppliers": [], "webhooks": []})
    sandbox.clear_journal()
    shown = here.run("--env", "staging", "apply", "--auto-approve")
    assert shown.code == 0
    assert shown.last == "Apply complete! Resources: 1 added, 0 changed, 0 destroyed."
    assert sandbox.journal("inventora") == []


@pytest.mark.parametrize(
    ("providers", "words"),
    [
        ({"inventoraa": None}, 'there is no provider "inventoraa"'),
        ({"inventora": 3}, "must be a mapping or null"),
    ],
)
def test_only_a_declared_provider_can_be_left_out(here: Any, providers: Any, words: str) -> None:
    """A misspelt name is no provider that is left out, and only null leaves one out."""
    declare(here, providers)
    shown = here.run("--env", "staging", "validate")
    assert shown.code == 1
    assert words in shown.err


def test_the_ledger_may_not_own_what_an_environment_has_no_provider_for(here: Any) -> None:
    """What was owned before the provider was dropped is not silently left behind."""
    declare(here, {}, exclusive=[])
    shown = here.run("--env", "staging", "apply", "--auto-approve")
    assert shown.code == 0, shown
    declare(here, {"inventora": None})
    shown = here.run("--env", "staging", "plan")
    assert shown.code == 1
    assert "the ledger has 1 of inventora/products" in shown.err


def test_how_to_apply_a_saved_plan_names_its_environment(here: Any) -> None:
    """The hint can be typed as it stands: without --env the plan would be refused."""
    saved = str(here.root / "a.plan")
    shown = here.run("--env", "staging", "plan", "--out", saved)
    assert f"To apply exactly this plan: reconciler --env staging apply {saved}" in shown.err


def test_a_plan_for_another_environment_says_which(here: Any) -> None:
    """And how to apply it there; nothing is said to have changed."""
    saved = str(here.root / "x.plan")
    assert here.run("--env", "staging", "plan", "--out", saved).code == 0
    shown = here.run("apply", saved)
    assert (shown.code, shown.out, here.writes()) == (3, "", [])
    why = 'the plan was made for environment "staging", and this run is for no environment'
    assert f"Error: {why}\n" in shown.err
    assert "reconciler --env staging apply FILE" in shown.err
    assert here.run("plan", "--out", saved).code == 0
    shown = here.run("--env", "staging", "apply", saved)
    assert shown.code == 3
    assert 'for no environment, and this run is for environment "staging"' in shown.err
    assert "where it was made for: reconciler apply FILE" in shown.err
