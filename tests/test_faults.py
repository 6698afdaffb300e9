"""Vendors that fail at random while a shop is built, changed and torn down: it always ends well."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest

from reconciler.ledger import open_ledger

WHAT: list[dict[str, Any]] = [
    {"reset": "before"},
    {"reset": "after"},
    {"truncate": True},
    {"html": True},
    {"status": 422},
    {"status": 500},
    {"status": 503},
    {"redirect": "http://elsewhere.example"},
]
RUNS = [*range(6), *(pytest.param(seed, marks=pytest.mark.campaign) for seed in range(6, 200))]
ENTRIES = "price_list_entries"
FEWER = [*range(3), *(pytest.param(seed, marks=pytest.mark.campaign) for seed in range(3, 100))]


def shop(version: int) -> dict[str, dict[str, Any]]:
    """What is declared: some of it comes, changes and goes with the version."""
    numbers = range(version, version + 4)
    return {
        "kobo-plm/suppliers": {
            f"s{n}": {"code": f"S-{n}", "name": f"Şirket {n}/{version}"} for n in numbers
        },
        "kobo-plm/components": {
            f"c{n}": {"code": f"C-{n}", "name": "Bez", "supplier": f"s{n}", "unit_price": version}
            for n in numbers
        },
        "kobo-plm/webhooks": {
            f"h{n}": {
                "name": f"Çağrı {n}",
                "url": f"https://x.example/{version}",
                "events": ["style.created"],
            }
            for n in numbers
        },
        "kobo-plm/styles": {f"K{n}": {"name": f"Model {version}"} for n in numbers[:2]},
        "kobo-plm/pom_items": {
            f"K{n}": {"style": f"K{n}", "code": "A", "name": f"Göğüs {version}"}
            for n in numbers[:2]
        },
    }


def more(version: int) -> dict[str, dict[str, Any]]:
    """The same of what is written together, by jobs, below parents, and put away."""
    numbers = range(version, version + 3)
    lists = {f"l{n}": {"priceListCode": f"L{n}", "name": f"Liste {n}"} for n in numbers}
    price = [{"minQty": 1, "listPriceMode": "Overridden", "listPrice": version}]
    key = {"currencyCode": "TRY", "priceEntries": price}
    return {
        "kibo/price_lists": lists,
        "kibo/price_list_entries": {
            f"{one}-{n}": {"priceListCode": one, "productCode": f"P{n}", **key}
            for one in lists
            for n in numbers
        },
        "kibo/locations": {f"D{n}": {"name": f"Depo {n}/{version}"} for n in numbers},
        "kibo/location_groups": {"G": {"name": "G", "locationCodes": [f"D{n}" for n in numbers]}},
        "kibo/location_group_configurations": {
            "G": {"locationGroupCode": "G", "maximumNumberOfOrdersInPickWave": version}
        },
        "kibo/stock_levels": {
            f"D{version}-{n}": {"locationCode": f"D{version}", "upc": f"U{n}", "quantity": n}
            for n in numbers
        },
        "kibo/inventory_tag_categories": {f"T{n}": {} for n in numbers},
        "kibo/inventory_tags": {
            f"T{n}": {"category": f"T{n}", "tagValue": f"x{version}"} for n in numbers
        },
        "kibo/currencies": {"EUR": {"decimalPlaces": version}},
        "kibo/exchange_rates": {
            "TRY": {"fromCurrencyCode": "EUR", "toCurrencyCode": "TRY", "rate": version}
        },
    }


KEYS = {
    "suppliers": ("code",),
    "components": ("code",),
    "webhooks": ("name",),
    "styles": ("style_code",),
    "pom_items": ("style_id", "code"),
    "price_lists": ("priceListCode",),
    "price_list_entries": ("priceListCode", "productCode"),
    "locations": ("code",),
    "stock_levels": ("locationCode", "upc"),
    "inventory_tags": ("category", "tagValue"),
}


def doubled(sandbox: Any) -> list[Any]:
    """The names that more than one object of a kind has."""
    return [
        (kind, name)
        for kind, key in KEYS.items()
        for name, count in Counter(
            tuple(str(one.get(part)) for part in key)
            for vendor in ("kobo-plm", "kibo")
            for one in sandbox.state(vendor).get(kind, ())
        ).items()
        if count > 1
    ]


@pytest.mark.parametrize("seed", RUNS)
@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_any_faults_end_well(workspace: Any, sandbox: Any, seed: int) -> None:
    """With writes failing at random, every run leaves a true ledger and no object twice; once the
    vendor is well again, one more run brings about what is declared, and nothing is left over."""
    dice = random.Random(seed)
    here = workspace()
    for version in (1, 3, 4):
        here.declare(shop(version))
        for _ in range(2):
            rules = [
                {
                    "method": method,
                    "path": "*",
                    "probability": 0.3,
                    "seed": dice.randrange(10**6),
                    "fault": dice.choice(WHAT),
                }
                for method in ("POST", dice.choice(["PUT", "DELETE"]))
            ]
            sandbox.faults(rules)
            shown = here.run("apply", "--auto-approve")
            assert shown.code in (0, 1, 4), shown
            assert doubled(sandbox) == []
    sandbox.faults()
    here.run("apply", "--auto-approve")
    assert here.settled()
    state = open_ledger(".reconciler/ledger.jsonl", here.root, "acme").read()
    assert state.open_intents == ()
    ours = {(row.address.kind, row.id) for row in state.owned.values()}
    there = {
        (kind, str(one["id"]))
        for kind in ("suppliers", "components", "webhooks", "styles", "pom_items")
        for one in sandbox.state("kobo-plm")[kind]
        if one.get("archived_at") is None
    }
    assert ours == there, json.dumps(sandbox.state("kobo-plm"), ensure_ascii=False)


@pytest.mark.parametrize("seed", FEWER)
@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_any_faults_of_batches_and_jobs_end_well(workspace: Any, sandbox: Any, seed: int) -> None:
    """The same where many changes are one request, a job does the work later, objects lie below
    others and some are put away or let go instead of deleted."""
    dice = random.Random(seed)
    here = workspace()
    for version in (1, 3):
        here.declare(more(version))
        rules = [
            {
                "method": method,
                "path": "*/commerce/*",
                "probability": 0.3,
                "seed": dice.randrange(10**6),
                "fault": dice.choice(WHAT),
            }
            for method in ("POST", dice.choice(["PUT", "DELETE"]))
        ]
        sandbox.faults(rules)
        shown = here.run("apply", "--auto-approve")
        assert shown.code in (0, 1, 4), shown
        assert doubled(sandbox) == []
        sandbox.clock(advance=2)  # whatever job was begun has ended
    sandbox.faults()
    here.apply()
    assert here.settled()
    state = open_ledger(".reconciler/ledger.jsonl", here.root, "acme").read()
    assert state.open_intents == ()
    live = sandbox.state("kibo")
    assert {one["code"] for one in live["locations"] if not one["isDisabled"]} == {"D3", "D4", "D5"}
    for kind, objects in more(3).items():
        assert len(objects) == sum(f"{a.provider}/{a.kind}" == kind for a in state.owned), kind
    entries = {(e["priceListCode"], e["priceEntries"][0]["listPrice"]) for e in live[ENTRIES]}
    assert entries == {("L3", 3), ("L4", 3), ("L5", 3)}
