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
    }


def doubled(sandbox: Any) -> list[str]:
    """The names that more than one object has."""
    state = sandbox.state("kobo-plm")
    names = Counter(
        one.get("code") or one["name"]
        for kind in ("suppliers", "components", "webhooks")
        for one in state[kind]
    )
    return [name for name, count in names.items() if count > 1]


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
        for kind in ("suppliers", "components", "webhooks")
        for one in sandbox.state("kobo-plm")[kind]
    }
    assert ours == there, json.dumps(sandbox.state("kobo-plm"), ensure_ascii=False)
