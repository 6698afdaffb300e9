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


def _other_actions(body: dict[str, Any]) -> str:
    """What policies look at says that nothing is done."""
    body["resource_changes"][0]["change"]["actions"] = ["no-op"]
    return _recomputed(body)


def _other_values(body: dict[str, Any]) -> str:
    body["planned_values"]["root_module"]["resources"][0]["values"]["name"] = "Harmless"
    return _recomputed(body)


def _other_plan(body: dict[str, Any]) -> str:
    """Everything says the same, and it is not what the manifests say."""
    return _recomputed(json.loads(json.dumps(body).replace("Yeni", "Evil")))


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
        (_other_name, 3, "it shows another plan than it would apply"),
        (_other_actions, 3, "it shows another plan than it would apply"),
        (_other_values, 3, "it shows another plan than it would apply"),
        (_other_plan, 3, "the plan is stale"),
    ],
    ids=[
        "list",
        "brackets",
        "cut",
        "empty",
        "edited",
        "no options",
        "no action",
        "other name",
        "other actions",
        "other values",
        "forged",
    ],
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


KEY = "a key that nobody can guess"


def test_a_sealed_plan_is_applied_with_its_key_only(
    here: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where RECONCILER_PLAN_KEY is set, a plan without a seal, with the seal of another key or of
    another plan is refused, however carefully it was forged."""
    path = here.root / "saved.plan"
    assert here.run("plan", "--out", str(path)).code == 0
    unsealed = path.read_text("utf-8")
    monkeypatch.setenv("RECONCILER_PLAN_KEY", "another key, just as long")
    assert here.run("plan", "--out", str(path)).code == 0
    other = path.read_text("utf-8")
    monkeypatch.setenv("RECONCILER_PLAN_KEY", KEY)
    assert here.run("plan", "--out", str(path)).code == 0
    sealed = path.read_text("utf-8")
    seal = json.loads(sealed)["x_reconciler"]["seal"]
    forged = json.loads(_other_plan(json.loads(unsealed)))
    forged["x_reconciler"]["seal"] = seal
    for text in (unsealed, other, json.dumps(forged)):
        path.write_text(text, "utf-8")
        for command in ("apply", "show"):
            result = here.run(command, str(path))
            assert (result.code, result.out) == (3, ""), result
            assert "has no seal of this RECONCILER_PLAN_KEY" in result.err
    assert KEY not in sealed
    assert here.writes() == []
    path.write_text(sealed, "utf-8")
    assert here.run("apply", str(path)).code == 0


def test_a_short_key_is_refused(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that can be guessed seals nothing."""
    monkeypatch.setenv("RECONCILER_PLAN_KEY", "short")
    result = here.run("plan", "--out", str(here.root / "saved.plan"))
    assert result.code == 1
    assert "RECONCILER_PLAN_KEY is too short" in result.err
    assert "short\n" not in result.err


def test_a_plan_for_another_account_is_refused(workspace: Callable[..., Any]) -> None:
    """The host in reconciler.yaml changed since the plan was made: both accounts are named. That
    nothing is owned yet makes no difference."""
    here = workspace(MANIFEST)
    path = str(here.root / "saved.plan")
    assert here.run("plan", "--out", path).code == 0
    document = json.loads(path_text := (here.root / "reconciler.yaml").read_text("utf-8"))
    settings = document["providers"]["kobo-plm"]
    settings["base_url"] = settings["base_url"].replace("127.0.0.1", "127.0.0.2")
    (here.root / "reconciler.yaml").write_text(json.dumps(document), "utf-8")
    here.sandbox.clear_journal()
    result = here.run("apply", path)
    assert (result.code, result.out) == (3, ""), result
    assert "the plan was made for kobo-plm at 127.0.0.1" in result.err
    assert "kobo-plm is kobo-plm at 127.0.0.2" in result.err
    assert here.writes() == []
    (here.root / "reconciler.yaml").write_text(path_text, "utf-8")
    assert here.run("apply", path).code == 0


def _other_credential(body: dict[str, Any]) -> str:
    """A plan that was made with another key of the same vendor."""
    account = body["x_reconciler"]["origin"]["accounts"]["kobo-plm"]
    account["credential"] = account["credential"][:-4] + "0000"
    return _recomputed(body)


def test_a_plan_with_another_credential_needs_a_proof_of_the_account(
    workspace: Callable[..., Any],
) -> None:
    """The first plan of a workspace is applied to the account that it was made for; later, owned
    objects show that it is the same account, whatever its key."""
    here = workspace(MANIFEST)
    path = here.root / "saved.plan"
    assert here.run("plan", "--out", str(path)).code == 0
    text = path.read_text("utf-8")
    path.write_text(_other_credential(json.loads(text)), "utf-8")
    result = here.run("apply", str(path))
    assert (result.code, result.out) == (3, ""), result
    assert "kobo-plm has another credential than when the plan was made" in result.err
    assert here.writes() == []
    here.apply()
    here.write(MANIFEST.replace("Anadolu", "Yeni"))
    assert here.run("plan", "--out", str(path)).code == 0
    path.write_text(_other_credential(json.loads(path.read_text("utf-8"))), "utf-8")
    assert here.run("apply", str(path)).code == 0


def test_values_of_what_stays_are_those_that_are_declared(workspace: Callable[..., Any]) -> None:
    """A plan that shows policy tools another value of an object that it does not change is refused,
    also where everything else of it is right."""
    here = workspace(MANIFEST + "  S-2: {name: Ege}\n")
    here.apply()
    here.write(MANIFEST.replace("Anadolu", "Yeni") + "  S-2: {name: Ege}\n")
    here.sandbox.clear_journal()
    path = here.root / "saved.plan"
    assert here.run("plan", "--out", str(path)).code == 0
    text = path.read_text("utf-8")
    path.write_text(_recomputed(json.loads(text.replace('"Ege"', '"Harmless"'))), "utf-8")
    result = here.run("apply", str(path))
    assert (result.code, result.out) == (3, ""), result
    assert "the saved plan shows other values than are declared" in result.err
    assert here.writes() == []
    path.write_text(text, "utf-8")
    assert here.run("apply", str(path)).code == 0
