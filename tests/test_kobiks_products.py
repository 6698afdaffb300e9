"""Kobiks products: two shapes for one thing, and an update that forgets nothing by itself."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from reconciler.kinds import Verb
from reconciler.model import Live, Pointer, Scope
from reconciler.providers import PROVIDERS
from reconciler.sandbox.server import Running
from reconciler.values.fields import facts_of
from reconciler.values.validate import gate

from .naming import naming

PRODUCTS = PROVIDERS["kobiks"].kinds["products"]
SCOPE = "kobiks/products"
RING: dict[str, Any] = {
    "name": "Gümüş Yüzük",
    "short_desc": "kısa",
    "desc": "açıklama",
    "barcode": "8690000000017",
    "shelf": "12",
    "brand": "Kısmet",
    "supplier": {"name": "Demo Tedarikçi", "code": "724.T.01"},
    "categories": ["Aksesuar", "Aksesuar/aksesuar 2"],
    "prices": [
        {"price_category": "Toptan Alış Fiyatı (TL)", "value": "1068.50"},
        {"price_category": "Perakende Satış Fiyatı (Dolar)", "value": 13090},
    ],
    "tax_rate": 18,
    "commodities": [{"name": "altın", "value": "1.02"}],
    "product_features": [
        {"name": "Color", "value": "kırmızı"},
        {"name": "Uretici kodu", "value": "ALY00421"},
    ],
    "quantities": [
        {"location": "Merkez Mağaza", "value": 3},
        {"location": "İnternet Satış", "value": "1.5"},
    ],
    "images": ["http://img.kobiks.com/1.png", "http://img.kobiks.com/2.png"],
    "exp_date": "2027-06-22",
    "is_active": True,
    "sellable": False,
    "stock_enabled": True,
    "oversell": False,
    "consign": False,
    "priority": 2,
    "alert_at": 4,
}


@pytest.fixture
def ring(workspace: Callable[..., Any]) -> Callable[..., Any]:
    """A workspace with the ring made; called with fields, declares the ring with these over it."""
    here = workspace()

    def declare(**changes: Any) -> Any:
        here.declare({SCOPE: {"YZK-1": {**RING, **changes}}})
        return here

    declare().apply()
    assert here.settled()
    return declare


def product(sandbox: Running, sku: str = "YZK-1") -> dict[str, Any]:
    """What the vendor has."""
    (found,) = [one for one in sandbox.state("kobiks")["products"] if one["sku"] == sku]
    return dict(found)


def test_a_product_is_made_as_declared(ring: Callable[..., Any], sandbox: Running) -> None:
    """By one request that never asks to update what it finds by name."""
    assert ring().writes() == ["POST /api/v1/unit_products 200"]
    made = product(sandbox)
    assert made["exp_date"] == "22-06-2027"
    assert [one["value"] for one in made["prices"]] == ["1068.5", "13090"]
    assert [one["value"] for one in made["commodities"]] == ["1,020"]
    assert [one["store_name"] for one in made["quantities"]] == ["Merkez Mağaza", "İnternet Satış"]
    assert [one["id"] for one in made["categories"]] == [13814, 13827]
    assert made["supplier"] == RING["supplier"]
    assert made["sellable"] is False


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prices", RING["prices"][:1]),
        ("prices", []),
        ("prices", [{"price_category": "Toptan Alış Fiyatı (TL)", "value": 1}]),
        ("commodities", []),
        ("product_features", RING["product_features"][1:]),
        ("product_features", []),
        ("quantities", RING["quantities"][:1]),
        ("quantities", []),
        ("categories", ["Ayakkabı"]),
        ("images", ["http://img.kobiks.com/2.png"]),
        ("images", RING["images"][::-1]),
        ("desc", ""),
        ("tax_rate", "8.5"),
        ("exp_date", "23-06-2027"),
        ("is_active", False),
        ("supplier", {"name": "Demo Ted", "code": "724.T.02"}),
    ],
)
def test_a_field_changes_alone(
    field: str, value: Any, ring: Callable[..., Any], sandbox: Running
) -> None:
    """What leaves a list is gone at the vendor too, and all else is as it was."""
    before = product(sandbox)
    here = ring(**{field: value})
    (entry,) = here.plan()
    assert entry["x_action"] == "update"
    assert {change["path"][0] for change in entry["x_fields"]} == {field}
    sandbox.clear_journal()
    here.apply()
    assert here.writes() == ["POST /api/v1/unit_products/YZK-1 200"]
    assert here.settled()
    after = product(sandbox)
    assert {name for name, told in after.items() if told != before[name]} == {field}
    if isinstance(value, list):  # stock that is gone is stock of 0
        assert len([one for one in after[field] if one.get("value") != 0]) == len(value)


@pytest.mark.parametrize("field", ["categories", "images"])
def test_a_list_that_cannot_be_emptied_is_for_a_person(
    field: str, ring: Callable[..., Any], sandbox: Running
) -> None:
    """The plan says why, and nothing of the product is written, other changes included."""
    here = ring(**{field: [], "desc": "yeni"})
    (entry,) = here.plan()
    assert entry["x_action"] == "by-hand"
    assert {change["path"][0] for change in entry["x_fields"]} == {field, "desc"}
    assert entry["x_reason"].startswith(f"the API cannot empty {field}; change it in Kobiks → ")
    sandbox.clear_journal()
    here.apply()
    assert here.writes() == []


def test_a_product_that_leaves_is_for_a_person(ring: Callable[..., Any]) -> None:
    """There is no request to remove it; the plan says what takes it off sale."""
    here = ring()
    here.declare({})
    (entry,) = here.plan()
    assert entry["x_action"] == "by-hand"
    assert "`is_active: false`" in entry["x_reason"]


def test_another_sku_is_for_a_person(ring: Callable[..., Any]) -> None:
    """It is what the product is addressed by."""
    (entry,) = ring(sku="YZK-2").plan()
    assert (entry["x_action"], entry["x_fields"][0]["path"]) == ("by-hand", ["sku"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prices", [{"price_category": "Bayi", "value": 1}]),
        ("commodities", [{"name": "Platin", "value": 1}]),
        ("product_features", [{"name": "Renk", "value": "mavi"}]),
        ("quantities", [{"location": "Ay", "value": 1}]),
        ("categories", ["Aksesuar/yok"]),
    ],
)
def test_a_name_that_does_not_exist_is_found_when_planning(
    field: str, value: Any, ring: Callable[..., Any]
) -> None:
    """Not when the vendor refuses it."""
    result = ring(**{field: value}).run("plan")
    assert result.code == 1
    assert "has no such object, neither declared nor live" in result.out + result.err


def test_a_reference_that_is_ignored_stays(ring: Callable[..., Any], sandbox: Running) -> None:
    """Whatever the manifest says of it, and whatever else changes."""
    here = ring(categories=["Ayakkabı"], desc="yeni", **{"$ignore": ["categories", "prices"]})
    here.apply()
    assert here.settled()
    assert [one["id"] for one in product(sandbox)["categories"]] == [13814, 13827]
    assert product(sandbox)["desc"] == "yeni"


def test_a_taken_sku_is_not_written_over(ring: Callable[..., Any], sandbox: Running) -> None:
    """A product of the same name is another product."""
    here = ring()
    here.declare({SCOPE: {"YZK-1": RING, "YZK-2": {"name": RING["name"]}}})
    assert {entry["address"]: entry["x_action"] for entry in here.plan()} == {
        f"{SCOPE}/YZK-2": "create"
    }
    here.apply()
    assert here.settled()
    assert product(sandbox)["desc"] == RING["desc"]
    assert product(sandbox, "YZK-2")["desc"] is None


def test_what_is_documented_can_be_declared() -> None:
    """An answer has commas, words for booleans and names where bodies have other names."""
    raw: dict[str, Any] = {
        "sku": "1",
        "consign": "false",
        "is_active": "true",
        "desc": None,
        "shelf": 3,
        "images": None,
        "tax_rate": "18,5",
        "commodities": [{"name": "Pırlanta", "value": "1,020"}, {"name": "Altın", "value": "0,00"}],
        "prices": [{"price_category_name": "Toptan", "value": "0"}],
        "quantities": [{"id": 1, "store_name": "Depo", "value": 0.0}],
        "product_features": [{"name": "Kod", "value": "0"}],
    }
    before = deepcopy(raw)
    assert naming("kobiks", "products").decode(raw) == {
        "sku": "1",
        "consign": False,
        "is_active": True,
        "shelf": "3",
        "images": [],
        "tax_rate": "18.5",
        "commodities": [{"name": Pointer(key="Pırlanta"), "value": "1.020"}],
        "prices": [],
        "quantities": [],
        "product_features": [{"name": Pointer(key="Kod"), "value": "0"}],
    }
    assert raw == before


def test_a_body_is_as_documented() -> None:
    """Section Ürün Oluşturma: ids for categories, names for all else that is referred to."""
    fields = {
        "tax_rate": "18",
        "exp_date": "2020-06-22",
        "categories": [Pointer("1600", "Aksesuar"), Pointer("1605", "Aksesuar/Yüzük")],
        "commodities": [{"name": Pointer("Pırlanta", "Pırlanta"), "value": "1.020"}],
        "product_features": [{"name": Pointer("KISA KOD", "KISA KOD"), "value": "000194"}],
        "prices": [{"price_category": Pointer("7", "Toptan Alış Fiyatı (USD)"), "value": 1068}],
        "images": ["http://img.kobiks.com/testurun.png"],
        "quantities": [{"location": Pointer("1", "Merkez Depo"), "value": "1"}],
    }
    assert naming("kobiks", "products").encode(fields) == {
        "tax_rate": 18,
        "exp_date": "22-06-2020",
        "categories": ["1600", "1605"],
        "commodities": [{"name": "Pırlanta", "value": 1.02}],
        "product_features": [{"name": "KISA KOD", "value": "000194"}],
        "prices": [{"price_category_name": "Toptan Alış Fiyatı (USD)", "value": "1068"}],
        "images": [{"uri": "http://img.kobiks.com/testurun.png"}],
        "quantities": [{"location_name": "Merkez Depo", "value": 1}],
    }
    with pytest.raises(ValueError, match="Aksesuar"):
        naming("kobiks", "products").encode({"categories": [Pointer(key="Aksesuar")]})


def test_what_goes_is_named_as_documented() -> None:
    """Section Ürün Güncelleme: features with `_destroy`, amounts with 0; names in either form of
    Unicode are one name."""
    sent: dict[str, Any] = {}

    class Vendor:
        def write(self, method: str, path: str, body: Any = None, silent: bool = False) -> None:
            sent.update(method=method, path=path, body=body, silent=silent)

    live = Live(
        Scope("kobiks", "products"),
        "09/1",
        {
            "prices": [{"price_category": Pointer(key="Toptan"), "value": "7"}],
            "commodities": [{"name": Pointer(key="Alti\u0307n"), "value": "7"}],
            "product_features": [{"name": Pointer(key="Kod"), "value": "7"}],
            "quantities": [{"location": Pointer(key="Depo"), "value": 7}],
        },
    )
    body = {"prices": [], "commodities": [{"name": "Alti̇n", "value": 2}], "product_features": []}
    PRODUCTS.writers[Verb.UPDATE](Vendor(), live, {**body, "desc": "x"})  # type: ignore[arg-type]
    assert sent == {
        "method": "POST",
        "path": "/unit_products/09%2F1",
        "silent": True,
        "body": {
            "prices": [{"price_category_name": "Toptan", "value": "0"}],
            "commodities": [{"name": "Alti̇n", "value": 2}],
            "product_features": [{"name": "Kod", "value": "7", "_destroy": True}],
            "desc": "x",
        },
    }


@pytest.mark.parametrize("value", [0, "0", "0.00", -1, "1,5", ""])
def test_an_amount_is_more_than_nothing(value: Any) -> None:
    """An entry with 0 would be one that the vendor does not keep."""
    fits = gate(facts_of("kobiks", "products").schema)
    assert not fits({"sku": "1", "prices": [{"price_category": "Toptan", "value": value}]})
    assert not fits({"sku": "1", "quantities": [{"location": "Depo", "value": value}]})


def test_a_silent_answer_is_not_read(client: Callable[..., Any], sandbox: Running) -> None:
    """`{ "ok" }` is no JSON: done is done where a call says so, and not known anywhere else."""
    body = {"name": "Kolye", "sku": "KLY-1"}
    kobiks = client("kobiks", writable=True)
    assert kobiks.write("POST", "/unit_products", body, silent=True).data is None
    assert product(sandbox, "KLY-1")["name"] == "Kolye"
    with pytest.raises(Exception, match="JSON"):
        kobiks.write("POST", "/unit_products/KLY-1", body)


def test_a_live_product_is_imported_as_it_is(
    workspace: Callable[..., Any], sandbox: Running
) -> None:
    """Without its stock, which moves; a plan from the manifest finds nothing to do."""
    before = sandbox.state("kobiks")
    here = workspace()
    (here.root / "manifests" / "main.yaml").unlink()
    assert here.run("import", "--kind", SCOPE).code == 0
    text = (here.root / "manifests" / "kobiks" / "products.yaml").read_text("utf-8")
    assert "Aksesuar/aksesuar 2" in text
    assert "quantities" not in text
    assert here.settled()
    here.apply()
    assert here.writes() == []
    assert sandbox.state("kobiks") == before


def test_a_saved_plan_makes_the_same_product(
    workspace: Callable[..., Any], sandbox: Running
) -> None:
    """References in lists survive the file."""
    here = workspace()
    here.declare({SCOPE: {"YZK-1": RING}})
    assert here.run("plan", "--out", str(here.root / "plan.json")).code == 0
    assert here.run("apply", str(here.root / "plan.json")).code == 0
    assert here.settled()
    assert [one["price_category_name"] for one in product(sandbox)["prices"]] == [
        "Toptan Alış Fiyatı (TL)",
        "Perakende Satış Fiyatı (Dolar)",
    ]
