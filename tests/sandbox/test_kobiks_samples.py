"""The bodies that Kobiks' documentation shows are taken as they stand there."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from reconciler.sandbox.server import Running

BODY = """{
    "name": "Test|001",
    "supplier": {
        "name": "Demo Ted",
        "code": "724.T.01"
    },
    "short_desc": "kısa açıklama",
    "tax_rate": 18,
    "is_active": true,
    "sku":"%s",
    "alert_at":10,
    "exp_date":"22-06-2020",
    "shelf":1,
    "categories": ["1600", "1605"],
    "commodities": [
      {"name": "Pırlanta",  "value": 1,020},
      {"name": "Altın 8K",  "value": 5,920},
    ],
    "product_features": [
      {"name": "KISA KOD",      "value": "000194"%s},
      {"name": "MODEL KODU",    "value": "ALY, 00421"},
    ],
    "prices": [
      {"price_category_name": "Toptan Alış Fiyatı (USD)",     "value": "1068"}
    ],
    "quantities": [
      {
        "location_name": "Merkez Depo",
        "value":  1
      }
    ]
}
"""


def named(*names: str) -> list[dict[str, Any]]:
    """Objects of these names."""
    return [{"id": number, "name": name} for number, name in enumerate(names, 1)]


@pytest.fixture
def shop(sandbox: Running, kobiks: httpx.Client) -> httpx.Client:
    """A vendor that has what the samples name."""
    features = [
        {"name": name, "required": False, "value_type": "text"}
        for name in ("KISA KOD", "MODEL KODU")
    ]
    sandbox.put_state(
        "kobiks",
        {
            "categories": [
                {"id": 1600, "name": "Kolye", "parent_id": None},
                {"id": 1605, "name": "Bilezik", "parent_id": None},
            ],
            "commodities": [{"name": name} for name in ("Pırlanta", "Altın 8K")],
            "product_feature_types": features,
            "price_categories": named("Toptan Alış Fiyatı (USD)"),
            "locations": named("Merkez Depo"),
            "suppliers": [{"id": 1, "name": "Demo Ted", "code": "724.T.02"}],
            "products": [],
        },
    )
    return kobiks


def test_the_samples_are_taken(shop: httpx.Client) -> None:
    """Decimal commas, commas after the last entry, a name in single quotes, ids of categories as
    text, and a supplier by its name."""
    for path, sku, more in (
        ("/unit_products", "00000009", ""),
        ("/unit_products/00000009", "00000009", ", '_destroy': true"),
    ):
        answer = shop.post(path, content=(BODY % (sku, more)).encode())
        assert (answer.status_code, answer.text) == (200, '{\n  "ok"\n}')
    (made,) = shop.get("/variants").json()
    assert made["commodities"] == [
        {"name": "Pırlanta", "value": "1,020"},
        {"name": "Altın 8K", "value": "5,920"},
    ]
    assert made["product_features"] == [{"name": "MODEL KODU", "value": "ALY, 00421"}]
    assert [category["id"] for category in made["categories"]] == [1600, 1605]
    assert made["supplier"] == {"name": "Demo Ted", "code": "724.T.02"}


@pytest.mark.parametrize("body", ["{", '{"a": 1,, }', "[]", "{'a': 'b'}", ""])
def test_what_no_sample_does_is_refused(shop: httpx.Client, body: str) -> None:
    """Only what the documentation itself writes is allowed beside JSON."""
    answer = shop.post("/unit_products", content=body.encode())
    assert answer.status_code in (400, 422)
    assert shop.get("/variants").json() == []
