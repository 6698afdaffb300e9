"""The text of very many changes stays readable, and --full shows them all."""

from __future__ import annotations

from typing import Any

from reconciler.report.entries import MOST_ENTRIES

MANY = MOST_ENTRIES + 50


def manifest(count: int, name: str = "N") -> str:
    """That many suppliers, and a webhook."""
    suppliers = "".join(f"  S{number:04}: {{name: {name}{number}}}\n" for number in range(count))
    hook = "webhooks: {W: {url: 'https://x.example/1', events: [style.created]}}\n"
    return f"provider: kobo-plm\n{hook}suppliers:\n{suppliers}"


def test_many_changes_are_summarized_by_kind(workspace: Any, sandbox: Any) -> None:
    """Beyond the limit the first of each kind and action is shown in full, and the others are
    counted; the last line is the same, and so are the formats that machines read."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "webhooks": []})
    here = workspace(manifest(MANY))
    plan = here.run("plan")
    assert len(plan.out.splitlines()) < 30
    assert "  + kobo-plm/suppliers/S0000" in plan.out
    assert '      + name: "N0"' in plan.out
    rest = f"  + … {MANY - 1} more in kobo-plm/suppliers: S0001, S0002, S0003, S0004, S0005 and "
    assert rest in plan.out
    assert "  + kobo-plm/webhooks/W" in plan.out
    assert f"the first of each sort of {MANY + 1} changes; --full shows all of them." in plan.out
    assert plan.last == f"Plan: {MANY + 1} to add, 0 to change, 0 to destroy."
    full = here.run("plan", "--full")
    assert all(f"  + kobo-plm/suppliers/S{number:04}" in full.out for number in range(MANY))
    assert "more in" not in full.out
    assert full.last == plan.last
    assert len(here.run("plan", "--format", "json").json["resource_changes"]) == MANY + 1


def test_a_saved_plan_and_drift_are_summarized_too(workspace: Any, sandbox: Any) -> None:
    """`show` and `drift` take --full like `plan`."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "webhooks": []})
    here = workspace(manifest(MANY))
    saved = str(here.root / "saved.plan")
    assert here.run("plan", "--out", saved).code == 0
    assert "more in kobo-plm/suppliers" in here.run("show", saved).out
    assert "more in" not in here.run("show", saved, "--full").out
    here.apply(saved)
    suppliers = [{**each, "name": "X"} for each in sandbox.state("kobo-plm")["suppliers"]]
    sandbox.put_state("kobo-plm", {"suppliers": suppliers})
    drift = here.run("drift")
    assert f"~ … {MANY - 1} more in kobo-plm/suppliers" in drift.out
    assert "more in" not in here.run("drift", "--full").out


def test_as_many_as_the_limit_are_shown(workspace: Any, sandbox: Any) -> None:
    """Up to the limit every change is shown, with no option."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "webhooks": []})
    here = workspace(manifest(MOST_ENTRIES - 1))
    plan = here.run("plan")
    assert f"  + kobo-plm/suppliers/S{MOST_ENTRIES - 2:04}" in plan.out
    assert "--full" not in plan.out
