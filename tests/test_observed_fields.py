"""Fields that answers show and no request sets: declared, compared, and left to a person."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.providers import PROVIDERS
from reconciler.values.fields import Facts, facts_from, facts_of, fields_below
from reconciler.values.naming import object_writer

CANDLE = "provider: inventora\nproducts: {{CANDLE-001: {{{}}}}}\n"


def candle(sandbox: Any) -> Any:
    """The candle as the vendor has it."""
    return next(p for p in sandbox.state("inventora")["products"] if p["sku"] == "CANDLE-001")


def test_what_the_vendor_shows_may_be_declared(workspace: Any) -> None:
    """The documented product equals a manifest that says what it is made of, and how."""
    here = workspace(
        CANDLE.format("productionType: produced, materials: [{sku: WAX-SOY, quantityUsed: 0.5}]")
    )
    assert here.run("plan").last == "No changes. Your vendors match the manifests."
    here.apply()
    assert here.settled()


def test_a_difference_names_the_screen_and_sends_nothing(workspace: Any, sandbox: Any) -> None:
    """Another production type is work by hand; apply sends nothing for it."""
    here = workspace(CANDLE.format("productionType: single"))
    shown = here.run("plan")
    assert shown.last == "Plan: 0 to add, 0 to change, 0 to destroy, 1 by hand."
    assert "the API cannot set productionType; set it in Inventora → Products" in shown.out
    sandbox.clear_journal()
    here.apply()
    assert here.writes() == []


def test_the_rest_of_the_entry_is_written(workspace: Any, sandbox: Any) -> None:
    """Beside a difference for a person, what can be written is; the plan names both."""
    here = workspace(CANDLE.format("productionType: single, notes: Rose"))
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 0
    assert "the API cannot set productionType, which differs: apply leaves that alone" in shown.err
    assert (candle(sandbox)["notes"], candle(sandbox)["productionType"]) == ("Rose", "produced")
    # What was not written is not recorded: the vendor did not change it.
    assert "changed at the vendor" not in here.run("plan").out
    row = here.run("state", "show", "inventora/products/CANDLE-001", "--format", "json")
    assert "productionType" not in json.dumps(row.json)


def test_a_change_at_the_vendor_is_drift(workspace: Any, sandbox: Any) -> None:
    """What was recorded as equal and is no longer so was changed at the vendor."""
    here = workspace(CANDLE.format("productionType: produced"))
    here.apply()
    products = [{**candle(sandbox), "productionType": "supplied"}]
    sandbox.put_state("inventora", {"products": products})
    drift = here.run("drift", "--detailed-exitcode")
    assert drift.code == 2
    assert "productionType" in drift.out


def test_import_leaves_it_out(workspace: Any) -> None:
    """An import writes what can be managed: a field that only a person can change is added by who
    wants it compared."""
    here = workspace()
    assert here.run("import", "--kind", "products").code == 0
    text = "".join(path.read_text("utf-8") for path in (here.root / "manifests").rglob("*.yaml"))
    assert "CANDLE-001" in text
    assert "productionType" not in text


def test_no_body_has_it() -> None:
    """Whatever is to be written, a field that no request sets is not in the body."""
    facts = facts_from({"properties": {"a": {"type": "string"}, "b": {"x-observed": True}}})
    write = object_writer(facts.fields)
    assert write is not None
    assert write({"a": "1", "b": 2}) == {"a": "1"}


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(facts_of(provider.type, name), id=f"{provider.type}/{name}")
        for provider in PROVIDERS.values()
        for name in provider.kinds
    ],
)
def test_only_fields_of_the_object_itself_are_observed(kind: Facts) -> None:
    """The word stands at no field inside another one, where nothing would read it, and at none
    that a request needs."""
    for path, field in fields_below(kind.fields):
        if field.observed:
            assert len(path) == 1, path
            facts = (field.required, field.read_only, field.immutable, field.sensitive)
            assert facts == (False, False, False, False), path
