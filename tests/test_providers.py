"""What the declarations of the vendors promise, tried on the documentation's own examples."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from reconciler import sandbox
from reconciler.kinds import ApiKey, Basic, Kind, Login, Mode, Provider, Verb
from reconciler.model import Pointer
from reconciler.providers import PROVIDERS
from reconciler.values.compare import canonical
from reconciler.values.fields import facts_of
from reconciler.values.validate import gate

from .naming import known as known_value
from .naming import naming

KOBO = PROVIDERS["kobo-plm"]
KOBIKS = PROVIDERS["kobiks"]
KIBO_OMS = PROVIDERS["kibo-oms"]
INVENTORA = PROVIDERS["inventora"]
KINDS = [(provider, kind) for provider in PROVIDERS.values() for kind in provider.kinds.values()]
EACH_KIND = pytest.mark.parametrize(
    ("provider", "kind"), KINDS, ids=[f"{p.type}/{k.name}" for p, k in KINDS]
)

# What vendors are sent or answer, where it is no example that the sandbox begins with: a reading of
# the documentation that is independent of the sandbox's. So is documented/kibo.json: Kibo's pages
# in the shape in which they are answered.
DOCUMENTED: dict[str, list[dict[str, Any]]] = {
    "kobo-plm/webhooks": [
        {
            "name": "ERP Sync",
            "url": "https://your-system.com/webhooks/kobo",
            "events": ["style.created", "style.updated", "inventory.updated"],
            "is_active": True,
        }
    ],
    "kobo-plm/workflows": [{"id": 1, "name": "Notify", "trigger_type": "x", "is_active": True}],
    "kobo-plm/api_keys": [{"id": 1, "name": "ERP"}],
    "kobo-plm/size_ranges": [{"id": 2, "name": "XS-XL"}],
    "kobo-plm/component_categories": [{"id": 1, "name": "Fabrics"}],
    "kobo-plm/units": [{"code": "m", "name": "meter"}],
    "kobo-plm/components": [
        {
            "id": 1,
            "code": "FAB-001",
            "name": "Organic Cotton Jersey",
            "type": "fabric",
            "description": "180gsm organic cotton jersey",
            "supplier": {"id": 1, "name": "Premium Textiles Ltd"},
            "unit": "meter",
            "unit_price": "8.50",
            "currency": "USD",
            "minimum_order_quantity": 100,
            "lead_time_days": 14,
            "specifications": {
                "weight": "180gsm",
                "width": "150cm",
                "composition": "100% Organic Cotton",
            },
            "created_at": "2024-01-10T09:00:00Z",
            "updated_at": "2024-01-12T11:30:00Z",
        }
    ],
    "kobo-plm/customers": [{"id": 1, "name": "Harbor & Pine", "code": "CUS-001", "type": "retail"}],
    "kobo-plm/styles": [
        {
            "id": 1,
            "style_code": "SS24-001",
            "name": "Classic Cotton Tee",
            "description": "Premium cotton t-shirt",
            "status": "active",
            "category": {"id": 1, "name": "Tops"},
            "season": {"id": 1, "name": "Spring/Summer 2024"},
            "brand": {"id": 1, "name": "Main Brand"},
            "wholesale_price": "45.00",
            "retail_price": "89.00",
            "cost_price": "22.50",
            "currency": "USD",
            "sizes": ["XS", "S", "M", "L", "XL"],
            "colors": [
                {"id": 1, "name": "White", "hex": "#FFFFFF"},
                {"id": 2, "name": "Black", "hex": "#000000"},
            ],
            "images": [
                {"id": 1, "url": "https://storage.koboplm.com/styles/1/main.jpg", "type": "main"}
            ],
            "skus": [
                {
                    "id": 1,
                    "sku": "SS24-001-WHT-S",
                    "size": "S",
                    "color": "White",
                    "barcode": "1234567890123",
                }
            ],
            "created_at": "2024-01-15T10:30:00Z",
            "updated_at": "2024-01-15T14:45:00Z",
        }
    ],
    "kobo-plm/bom_items": [
        {
            "id": 1,
            "style_id": 1,
            "component_id": 123,
            "quantity": 1.5,
            "unit": "meter",
            "placement": "Body",
            "notes": "Main fabric",
        }
    ],
    "kobo-plm/pom_items": [
        {
            "id": 1,
            "style_id": 1,
            "name": "Chest Width",
            "code": "A",
            "tolerance_plus": 0.5,
            "tolerance_minus": 0.5,
            "measurements": {"S": 48, "M": 51, "L": 54, "XL": 57},
        }
    ],
    "kobo-plm/variants": [
        {"id": 1, "style_id": 1, "color_id": 5, "size_range_id": 2, "is_active": True}
    ],
    "kobo-plm/skus": [
        {
            "id": 1,
            "style_id": 1,
            "sku": "SS24-001-WHT-S",
            "size": "S",
            "color": "White",
            "barcode": "1234567890123",
        }
    ],
    "kobo-plm/projects": [
        {
            "name": "Fall 2024 Collection",
            "description": "Main fall collection development",
            "start_date": "2024-03-01",
            "end_date": "2024-06-30",
            "status": "active",
        }
    ],
    "kobo-plm/range_plans": [
        {
            "name": "SS25 Core Range",
            "season_id": 5,
            "category_id": 1,
            "target_price": 45.00,
            "target_margin": 60,
            "notes": "Core basics collection for Spring/Summer 2025",
        }
    ],
    "kobo-plm/linesheets": [{"id": 1, "name": "Showroom", "season_id": 5}],
    "kobo-plm/tasks": [
        {
            "title": "Review fabric samples",
            "description": "Check quality of cotton jersey samples from new supplier",
            "priority": "high",
            "due_date": "2024-01-20",
            "assignee_id": 5,
            "related_type": "style",
            "related_id": 123,
        }
    ],
    "kobiks/products": [
        {
            "alert_at": 5,
            "barcode": "1111",
            "brand": "Demo Marka",
            "categories": [
                {"id": 2541, "name": "Aksesuar", "parent_id": None},
                {"id": 2542, "name": "Yüzül", "parent_id": 2541},
            ],
            # The page has the amounts without quotes, which is no JSON.
            "commodities": [
                {"name": "Pırlanta", "value": "1,020"},
                {"name": "Altın 8K", "value": "5,920"},
            ],
            "consign": False,
            "desc": "açıklama",
            "exp_date": "22-06-2020",
            "images": [
                {"uri": "http://img.kobiks.com/testurun.png"},
                {"uri": "http://img.kobiks.com/testurun_2.jpg"},
            ],
            "is_active": True,
            "name": "Demo Yüzük",
            "oversell": True,
            "prices": [
                {"price_category_name": "Toptan Alış Fiyatı (USD)", "value": "1068"},
                {"price_category_name": "Perakende Satış Fiyatı (USD)", "value": "13090"},
            ],
            "priority": 1,
            "product_features": [
                {"name": "KISA KOD", "value": "000194"},
                {"name": "MODEL KODU", "value": "ALY00421"},
            ],
            "quantities": [
                {"id": 32711, "store_name": "Merkez Mağaza", "value": 1.0},
                {"id": 39622, "store_name": "İstanbul Depo", "value": 5.0},
                {"id": 39634, "store_name": "İnternet Satış", "value": 1.0},
            ],
            "sellable": True,
            "shelf": "3",
            "short_desc": "kısa açıklama",
            "sku": "00000001",
            "stock_enabled": True,
            "supplier": {"name": "Demo Tedarikçi", "code": "724.T.01"},
            "tax_rate": 18.0,
        }
    ],
    "inventora/products": [
        {
            "id": "asdf123",
            "name": "Handmade Candle",
            "sku": "CANDLE-001",
            "stockLevel": 45,
            "unitType": "pieces",
            "unitPrice": 5.50,
            "minLevel": 10,
            "notes": "Vanilla scented",
            "retailPrice": 15.00,
            "wholesalePrice": 10.00,
            "ean": "1234567890123",
            "minimumQuantity": 1,
            "reorderURLs": ["https://example.com/reorder"],
            "locationStockLevels": {"Main Warehouse": 30, "Retail Store": 15},
            "productionType": "produced",
            "materials": [{"id": "asdf456", "sku": "WAX-SOY", "quantityUsed": 0.5}],
        }
    ],
    "inventora/stock_levels": [
        {
            "of": "products",
            "id": "asdf123",
            "locationName": "Main Warehouse",
            "sku": "CANDLE-001",
            "quantity": 30,
        }
    ],
    "inventora/tasks": [
        {
            "id": "task_123",
            "name": "Produce 50 Candles",
            "status": "pending",
            "order": 1,
            "LocationId": "loc_789",
            "UserId": "user_456",
            "due": "2024-03-15T10:00:00Z",
            "completedAt": None,
            "notes": "Rush order for weekend market",
            "createdAt": "2024-03-01T09:00:00Z",
            "updatedAt": "2024-03-01T09:00:00Z",
            "Items": [
                {
                    "id": 1,
                    "ResourceId": "asdf123",
                    "quantity": 50,
                    "unitType": "pieces",
                    "completed": False,
                    "Product": {"id": "asdf123", "sku": "CANDLE-001", "type": "product"},
                    "Batches": [],
                }
            ],
        }
    ],
}
DOCUMENTED |= json.loads((Path(__file__).parent / "documented" / "kibo.json").read_text("utf-8"))


def documented(provider: Provider, kind: Kind) -> list[dict[str, Any]]:
    """The documentation's examples of a kind; those that the sandbox begins with, where the vendor
    keeps objects as it answers them."""
    name = f"{provider.type}/{kind.name}"
    if name in DOCUMENTED:
        return DOCUMENTED[name]
    package = files(sandbox) / "vendors" / provider.type.replace("-", "_")
    examples: list[dict[str, Any]] = json.loads((package / "data.json").read_text("utf-8"))[
        kind.name
    ]
    return examples


def read(provider: Provider, kind: Kind, raws: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a driver makes of a list: collected, decoded, and only the fields the schema names."""
    known = facts_of(provider.type, kind.name).fields
    decode = naming(provider.type, kind.name).decode
    decoded = (decode(dict(raw)) for raw in (kind.collect(raws) if kind.collect else raws))
    return [
        {name: known_value(known[name], value) for name, value in raw.items() if name in known}
        for raw in decoded
    ]


def begun_with(name: str) -> list[dict[str, Any]]:
    """What a driver makes of the list of a kind of Kobiks that the sandbox begins with."""
    kind = KOBIKS.kinds[name]
    return read(KOBIKS, kind, documented(KOBIKS, kind))


def comparable(provider: Provider, kind: Kind, fields: dict[str, Any]) -> Any:
    """The fields in the form in which the tool compares them."""
    known = facts_of(provider.type, kind.name).fields
    return {name: canonical(known[name], value) for name, value in fields.items()}


def said_by_the_path(kind: Kind, fields: dict[str, Any]) -> dict[str, Any]:
    """What requests say of the parent, and bodies need not."""
    if kind.parent is None:
        return {}
    id = fields[kind.parent.field].id
    return {kind.parent.member: int(id) if id.isdecimal() else id}


@EACH_KIND
def test_decoding_then_encoding_changes_nothing(provider: Provider, kind: Kind) -> None:
    """What was read, written back as it is and read again, is what was read; but for the fields
    that no request sets, which no body has."""
    names, observed = naming(provider.type, kind.name), facts_of(provider.type, kind.name).observed
    for fields in read(provider, kind, documented(provider, kind)):
        again = names.decode({**names.encode(deepcopy(fields)), **said_by_the_path(kind, fields)})
        written = {name: value for name, value in fields.items() if name not in observed}
        assert comparable(provider, kind, again) == comparable(provider, kind, written)


@EACH_KIND
def test_every_documented_object_has_its_natural_key(provider: Provider, kind: Kind) -> None:
    """Each example is found by what stands under each field of its natural key, which may be
    missing only where it may be null."""
    known = facts_of(provider.type, kind.name).fields
    for fields in read(provider, kind, documented(provider, kind)):
        for name in kind.natural_key:
            if name not in fields and "null" in known[name].types:
                continue
            assert isinstance(fields[name], str | int | Pointer)
            assert fields[name]


@EACH_KIND
def test_a_hook_leaves_its_argument_alone(provider: Provider, kind: Kind) -> None:
    """Hooks make new values: an answer can be decoded twice and a resource encoded twice."""
    raws = deepcopy(documented(provider, kind))
    fields = read(provider, kind, raws)
    for one in fields:
        before = deepcopy(one)
        naming(provider.type, kind.name).encode(one)
        assert one == before
    assert raws == documented(provider, kind)


@EACH_KIND
def test_what_is_missing_stays_missing(provider: Provider, kind: Kind) -> None:
    """Decoding invents no field that the vendor did not send, and encoding none undeclared."""
    key = {name: facts_of(provider.type, kind.name).fields[name] for name in kind.natural_key}
    plain = {name: "x" for name, field in key.items() if not field.ref}
    pointed = {
        name: Pointer(key="1") if field.by_key else Pointer("1")
        for name, field in key.items()
        if field.ref
    }
    names = naming(provider.type, kind.name)
    body = names.encode({**plain, **pointed})
    assert list(body.values()).count("x") == len(plain)
    assert len(body) <= len(kind.natural_key)
    raw = {**body, **said_by_the_path(kind, pointed)}
    assert names.decode(raw) == {**plain, **pointed}


@EACH_KIND
def test_requests_fit_the_kind(provider: Provider, kind: Kind) -> None:
    """Every kind can be listed, or its objects asked for one by one; requests for one object name
    it where their body does not, others name its parent at most; a kind without ids needs none."""
    assert kind.can(Verb.LIST) or kind.can(Verb.GET)
    above = {kind.parent.member} if kind.parent else set()
    for verb, call in kind.calls.items():
        named = set(re.findall(r"\{(\w+)\}", f"{call.path} {' '.join(call.query.values())}"))
        one = verb in (Verb.GET, Verb.UPDATE, Verb.DELETE) and bool(kind.natural_key)
        assert named <= ({"id", *kind.identifier, *above} if one else above)
        assert named or not one or verb is Verb.UPDATE
        reads = call.method == "GET" or call.path in provider.queries
        assert reads == (verb in (Verb.LIST, Verb.GET))
    assert kind.identifier or not kind.natural_key or kind.mode is Mode.OBSERVED
    assert kind.screen.startswith(provider.title)


def test_providers_are_known_by_their_type() -> None:
    """A provider and a kind stand under the names that manifests use."""
    for name, provider in PROVIDERS.items():
        assert provider.type == name
        assert all(kind.name == key for key, kind in provider.kinds.items())
        assert provider.rate[""] > 0


def test_kobo_is_reached_as_documented() -> None:
    """Base URL, key header, limits by tier and pages are those of the documentation."""
    assert KOBO.base_url == "https://api.kobolabs.io/api/v1"
    assert KOBO.auth == ApiKey("X-API-Key")
    assert KOBO.rate == {"basic": 100, "professional": 500, "enterprise": 2000, "": 500}
    paging = KOBO.kinds["suppliers"].paging
    assert paging is not None
    assert (paging.page, paging.size, paging.per_page) == ("page", "per_page", 100)
    assert paging.total == ("meta", "total")
    assert KOBO.kinds["currencies"].paging is None
    assert KOBO.kinds["component_categories"].calls[Verb.LIST].path == (
        "/lookups/component-categories"
    )
    assert KOBO.kinds["range_plans"].calls[Verb.UPDATE].path == "/range-plans/{id}"


def test_kobo_creates_are_idempotent_and_name_their_right() -> None:
    """Whatever can be created carries an idempotency key and says which scope it needs."""
    creatable = {name for name, kind in KOBO.kinds.items() if kind.can(Verb.CREATE)}
    assert {"webhooks", "suppliers", "range_plans"} <= creatable
    assert not {"api_keys", "currencies"} & creatable
    for name in creatable:
        assert KOBO.kinds[name].idempotent
        right = {"bom_items": "bom", "pom_items": "pom", "variants": "styles", "skus": "styles"}
        assert KOBO.kinds[name].right == right.get(name, name)


def test_an_api_key_is_revoked_and_never_made() -> None:
    """API keys are an allow-list whose delete is a revocation."""
    keys = KOBO.kinds["api_keys"]
    assert keys.allow_list
    assert keys.calls[Verb.DELETE].method == "POST"
    assert keys.calls[Verb.DELETE].path == "/api-keys/{id}/revoke"


def test_kobiks_is_reached_as_documented() -> None:
    """Login, media type and the caution that replaces a documented limit."""
    assert KOBIKS.base_url == "https://kobiks.com/api/v1"
    assert KOBIKS.auth == Login("/login", "user", ("email", "password"), "token", 7200)
    assert KOBIKS.headers["Accept"] == "application/vnd.kobiks-api.v1+json"
    assert (KOBIKS.rate, KOBIKS.parallelism) == ({"": 60}, 4)
    paged = {name for name, kind in KOBIKS.kinds.items() if kind.paging}
    assert paged == {"brands", "categories", "products"}
    written = {name for name, kind in KOBIKS.kinds.items() if kind.mode is not Mode.OBSERVED}
    assert written == {"products"}


def test_a_supplier_is_read_nested_and_written_by_id() -> None:
    """A component's supplier becomes a pointer however it is answered, and `supplier_id` back."""
    kind = KOBO.kinds["components"]
    names = naming("kobo-plm", "components")
    (fields,) = read(KOBO, kind, DOCUMENTED["kobo-plm/components"])
    assert fields["supplier"] == Pointer(id="1")
    assert names.decode({"supplier_id": 7}) == {"supplier": Pointer(id="7")}
    assert names.decode({"supplier": None}) == {"supplier": None}
    assert names.encode({"supplier": Pointer("7", "SUP-007")}) == {"supplier_id": 7}
    assert names.encode({"supplier": Pointer("b-7", "SUP-007")}) == {"supplier_id": "b-7"}
    assert names.encode({"supplier": None}) == {"supplier_id": None}
    with pytest.raises(ValueError, match="SUP-007"):
        names.encode({"supplier": Pointer(key="SUP-007")})


def test_a_style_is_read_nested_and_written_by_number() -> None:
    """As in the documentation's examples of a list and of a create."""
    kind = KOBO.kinds["styles"]
    names = naming("kobo-plm", "styles")
    (fields,) = read(KOBO, kind, DOCUMENTED["kobo-plm/styles"])
    assert [fields[f"{name}_id"] for name in ("category", "season", "brand")] == [1, 1, 1]
    assert [color["name"] for color in fields["colors"]] == ["White", "Black"]
    assert "skus" not in fields
    assert names.decode({"category": None}) == {"category_id": None}
    body = {
        "style_code": "SS24-002",
        "name": "Slim Fit Chinos",
        "description": "Modern slim fit chinos",
        "category_id": 2,
        "season_id": 1,
        "status": "development",
        "wholesale_price": 65.00,
        "retail_price": 129.00,
        "cost_price": 32.50,
        "currency": "USD",
        "sizes": ["28", "30", "32", "34", "36"],
    }
    assert gate(facts_of("kobo-plm", "styles").schema)(body)
    assert names.encode({**body, "cost_price": "32.50"}) == body


def test_what_belongs_to_a_style_is_sent_as_documented() -> None:
    """References by number, and the style in the path only (the examples of adding one)."""
    for name in ("bom_items", "pom_items", "variants"):
        kind = KOBO.kinds[name]
        (raw,) = DOCUMENTED[f"kobo-plm/{name}"]
        (fields,) = read(KOBO, kind, [raw])
        assert fields["style"] == Pointer("1")
        sent = {key: value for key, value in raw.items() if key not in ("id", "style_id")}
        assert naming("kobo-plm", name).encode(fields) == sent
        create, update = kind.calls[Verb.CREATE], kind.calls[Verb.UPDATE]
        assert create.path == f"/styles/{{style_id}}/{name.removesuffix('_items')}"
        assert update.path.endswith(f"/{name.removesuffix('_items')}/{{id}}")


def test_what_belongs_to_a_style_says_to_which_and_to_what() -> None:
    """By number or nested; an answer that says neither is of no use and is not read."""
    names = naming("kobo-plm", "bom_items")
    nested = {"style": {"id": 7, "style_code": "X"}, "component": {"id": 8}, "notes": None}
    found = {"style": Pointer("7"), "component": Pointer("8"), "notes": None}
    assert names.decode(nested) == found
    assert names.decode({"style_id": 7, "component_id": 8, "notes": None}) == found
    for missing in ({"style_id": 7}, {"component_id": 8}, {"style": None, "component_id": 8}):
        with pytest.raises(KeyError):
            names.decode(missing)
    with pytest.raises(ValueError, match="FAB-001"):
        names.encode({"component": Pointer(key="FAB-001")})


PRICES = pytest.mark.parametrize(
    ("kind", "name"),
    [("components", "unit_price"), ("range_plans", "target_price"), ("styles", "cost_price")],
)


@PRICES
@pytest.mark.parametrize(
    ("price", "number"),
    [("8.50", 8.5), ("45.00", 45), (8, 8), (0.1, 0.1), ("-3", -3), (None, None)],
)
def test_a_price_is_written_as_a_number(kind: str, name: str, price: Any, number: Any) -> None:
    """Decimal text becomes a JSON number of the same value; unset stays unset."""
    body = naming("kobo-plm", kind).encode({name: price})
    assert body == {name: number}
    assert not isinstance(body[name], str)


@PRICES
@pytest.mark.parametrize("price", ["", "on request", "NaN", "1e999"])
def test_a_price_that_is_no_number_is_left_to_the_vendor(kind: str, name: str, price: str) -> None:
    """What JSON cannot say as a number goes out as the text it is."""
    assert naming("kobo-plm", kind).encode({name: price}) == {name: price}


@pytest.mark.parametrize("name", ["webhooks", "projects", "range_plans", "tasks"])
def test_a_documented_body_is_what_would_be_sent(name: str) -> None:
    """Where the documentation shows what to write, a manifest that says it sends just that."""
    (body,) = DOCUMENTED[f"kobo-plm/{name}"]
    assert gate(facts_of("kobo-plm", name).schema)(body)
    sent = naming("kobo-plm", name).encode(dict(body))
    assert (sent, {n: type(v) for n, v in sent.items()}) == (
        body,
        {n: type(v) for n, v in body.items()},
    )


def test_a_unit_without_a_code_is_known_by_its_name() -> None:
    """A unit always has a natural key, and so an id."""
    collect = KOBO.kinds["units"].collect
    assert collect
    units: list[dict[str, Any]] = [
        {"name": "meter"},
        {"code": None, "name": "piece"},
        {"code": "kg", "name": "kilo"},
    ]
    assert [unit["code"] for unit in collect(units)] == ["meter", "piece", "kg"]


def test_a_currency_is_its_iso_code() -> None:
    """Kobiks' `{iso, name}` becomes the code that manifests write."""
    prices = begun_with("price_categories")
    metals = begun_with("commodities")
    assert [each["currency"] for each in (*prices, *metals)] == ["TRY", "TRY", "TRY", "USD", "TRY"]
    assert naming("kobiks", "commodities").decode({"currency": None}) == {"currency": None}


def test_a_category_is_its_path() -> None:
    """Categories carry the names from their root, and point to their parent by its path."""
    placed = begun_with("categories")
    assert {each["path"]: each["parent"] for each in placed} == {
        "Aksesuar": None,
        "Ayakkabı": None,
        "Aksesuar/aksesuar 2": Pointer(key="Aksesuar"),
        "Aksesuar/aksesuar 2/aksesuar 3": Pointer(key="Aksesuar/aksesuar 2"),
        "Aksesuar/aksesuar 2/aksesuar 4": Pointer(key="Aksesuar/aksesuar 2"),
        "Ayakkabı/ayakkabı 2": Pointer(key="Ayakkabı"),
        "Ayakkabı/ayakkabı 2/ayakkabı 3": Pointer(key="Ayakkabı/ayakkabı 2"),
    }


def test_one_name_in_two_branches_is_two_categories() -> None:
    """Where names repeat, paths do not."""
    collect = KOBIKS.kinds["categories"].collect
    assert collect
    rings = [
        {"id": 1, "name": "Altın", "parent_id": None},
        {"id": 2, "name": "Gümüş", "parent_id": None},
        {"id": 3, "name": "Yüzük", "parent_id": 1},
        {"id": 4, "name": "Yüzük", "parent_id": 2},
    ]
    assert [each["path"] for each in collect(rings)][2:] == ["Altın/Yüzük", "Gümüş/Yüzük"]


def test_an_odd_tree_of_categories_is_still_read() -> None:
    """A parent outside the list leaves just the name, and a ring of parents has an end."""
    collect = KOBIKS.kinds["categories"].collect
    assert collect
    (orphan,) = collect([{"id": 5, "name": "Kolye", "parent_id": 99}])
    assert (orphan["path"], orphan["parent"]) == ("Kolye", None)
    ring = [{"id": 1, "name": "a", "parent_id": 2}, {"id": 2, "name": "b", "parent_id": 1}]
    assert [each["path"] for each in collect(ring)] == ["b/a", "a/b"]


def test_inventora_is_reached_as_documented() -> None:
    """The key in a header and never in an address, pages by offset, the largest there is."""
    assert INVENTORA.base_url == "https://api.inventora.com/api"
    assert INVENTORA.auth == ApiKey("X-Inventora-API-Key")
    assert (INVENTORA.rate, INVENTORA.parallelism) == ({"": 60}, 4)
    for kind in INVENTORA.kinds.values():
        assert kind.paging is not None
        assert (kind.paging.page, kind.paging.size, kind.paging.per_page) == (
            "offset",
            "limit",
            1000,
        )
        assert (kind.paging.total, kind.paging.by_offset) == (("pagination", "totalCount"), True)


def test_inventora_makes_no_batch() -> None:
    """Of the requests that write, only those for items, their levels and tasks are known."""
    writes = {
        f"{call.method} {call.path}"
        for kind in INVENTORA.kinds.values()
        for call in kind.calls.values()
        if call.method != "GET"
    }
    assert writes == {
        "PATCH /products/{id}",
        "PATCH /materials/{id}",
        "POST /{of}/{id}/stock-level-updates",
        "POST /tasks",
        "PATCH /tasks/{id}",
        "DELETE /tasks/{id}",
    }


def test_a_task_is_sent_as_documented() -> None:
    """The body of section Create Task, with the user's id in place of an e-mail address."""
    tasks = INVENTORA.kinds["tasks"]
    (fields,) = read(INVENTORA, tasks, DOCUMENTED["inventora/tasks"])
    assert fields["items"] == [
        {"product": Pointer("asdf123"), "quantity": 50, "unitType": "pieces"}
    ]
    assert naming("inventora", "tasks").encode(fields) == {
        "name": "Produce 50 Candles",
        "Assignee": "user_456",
        "Items": [{"ProductId": "asdf123", "quantity": 50, "unitType": "pieces"}],
        "LocationId": "loc_789",
        "due": "2024-03-15T10:00:00Z",
        "notes": "Rush order for weekend market",
        "status": "pending",
    }
    unset = {"assignee": None, "location": None}
    assert naming("inventora", "tasks").encode(unset) == {"Assignee": None, "LocationId": None}
    with pytest.raises(ValueError, match="Depo"):
        naming("inventora", "tasks").encode({"location": Pointer(key="Depo")})


def test_prices_of_items_are_written_as_numbers() -> None:
    """As in section Update Product, also where a manifest has them as text."""
    for name in ("products", "materials"):
        body = naming("inventora", name).encode(
            {"unitPrice": "6.00", "retailPrice": None, "ean": "12"}
        )
        assert body == {"unitPrice": 6.0, "retailPrice": None, "ean": "12"}
        assert isinstance(body["unitPrice"], float)


def test_kibo_oms_is_reached_as_documented() -> None:
    """Basic, an address of the retailer's own, and the four headers on every call."""
    assert (KIBO_OMS.base_url, KIBO_OMS.auth) == ("", Basic("username", "password"))
    assert KIBO_OMS.setting_headers == {
        "Kibo-Manufacturer-Id": "manufacturer_id",
        "Kibo-Catalog-Id": "catalog_id",
        "Kibo-Currency-Code": "currency",
        "Kibo-Locale": "locale",
    }
    assert set(KIBO_OMS.setting_headers.values()) < set(KIBO_OMS.settings)
    (call,) = KIBO_OMS.kinds["products"].calls.values()
    assert (call.method, call.path) == ("GET", "/api/snap/v1/product/{id}")
