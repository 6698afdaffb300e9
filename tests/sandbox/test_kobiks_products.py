"""Kobiks products in the sandbox read as variants and write as unit products, as documented."""

from typing import Any

import httpx
import pytest

from reconciler.sandbox import credentials
from reconciler.sandbox.server import Running

from .conftest import Connect, Start

RING: dict[str, Any] = {
    "name": "Test|001",
    "supplier": {"name": "Demo Ted", "code": "724.T.02"},
    "short_desc": "kısa açıklama",
    "desc": "açıklama",
    "brand": "TIFFANY G",
    "tax_rate": 18,
    "is_active": True,
    "sku": "00000002",
    "barcode": "11111111",
    "sellable": "true",
    "stock_enabled": True,
    "oversell": "false",
    "alert_at": 10,
    "consign": False,
    "exp_date": "22-06-2020",
    "priority": 1,
    "shelf": 1,
    "categories": ["13829", "aksesuar 3"],
    "commodities": [{"name": "altın", "value": "5,92"}],
    "product_features": [{"name": "SIZE", "value": "16"}],
    "prices": [
        {"price_category_name": "Toptan Alış Fiyatı (TL)", "value": "1068.50"},
        {"price_category_name": "Toptan Satış Fiyatı (TL)", "value": 0},
    ],
    "images": [{"uri": "http://img.kobiks.com/testurun.png"}],
    "quantities": [{"location_name": "Merkez Depo", "value": 1}],
}


def product(client: httpx.Client, sku: str = "00000001") -> Any:
    """The one variant of a sku."""
    found = client.get("/variants", params={"filters[sku][eq]": sku})
    assert found.status_code == 200, found.text
    assert len(found.json()) == 1
    return found.json()[0]


def write(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    """A write that must succeed, with the answer that is no JSON."""
    answer = client.post(path, json=body)
    assert (answer.status_code, answer.text) == (200, '{\n  "ok"\n}')
    assert answer.headers["Content-Type"].startswith("application/json")
    with pytest.raises(ValueError, match="delimiter"):
        answer.json()


def refused(answer: httpx.Response, status: int = 422) -> Any:
    """The sentence of an error answer."""
    assert answer.status_code == status, answer.text
    return answer.json()["error"]


def test_a_variant_is_the_documentations_example(kobiks: httpx.Client) -> None:
    """The documented product reads in its documented shape."""
    found = product(kobiks)
    assert list(found) == sorted(found)
    assert found["categories"] == [
        {"id": 13814, "name": "Aksesuar", "parent_id": None},
        {"id": 13827, "name": "aksesuar 2", "parent_id": 13814},
    ]
    assert found["commodities"] == [{"name": "altın", "value": "1,020"}]
    assert found["prices"][0] == {"price_category_name": "Toptan Alış Fiyatı (TL)", "value": "1068"}
    depot = {"id": 13962, "store_name": "Merkez Depo", "value": 5.0}
    assert found["quantities"][1] == depot
    assert found["supplier"] == {"name": "Demo Tedarikçi", "code": "724.T.01"}
    assert (found["exp_date"], found["shelf"], found["tax_rate"]) == ("22-06-2020", "3", 18.0)
    assert "id" not in found


def test_a_product_is_created(kobiks: httpx.Client) -> None:
    """The documented body is taken, booleans as words too, and reads back in the other shape."""
    write(kobiks, "/unit_products", RING)
    made = product(kobiks, "00000002")
    assert [each["name"] for each in made["categories"]] == ["ayakkabı 2", "aksesuar 3"]
    assert made["commodities"] == [{"name": "altın", "value": "5,920"}]
    assert made["prices"] == [{"price_category_name": "Toptan Alış Fiyatı (TL)", "value": "1068.5"}]
    assert made["quantities"] == [{"id": 13962, "store_name": "Merkez Depo", "value": 1.0}]
    assert (made["sellable"], made["oversell"], made["shelf"]) == (True, False, "1")
    same = ("name", "sku", "supplier", "product_features", "images", "exp_date", "alert_at")
    assert {name: made[name] for name in same} == {name: RING[name] for name in same}
    write(kobiks, "/unit_products", {"name": "Yalın", "taxRate": "2,5"})
    plain = product(kobiks, "00000003")
    assert (plain["tax_rate"], plain["is_active"], plain["prices"]) == (2.5, True, [])


def test_a_create_needs_a_name_and_a_free_sku(kobiks: httpx.Client) -> None:
    """Without a name, or with a sku there is, nothing is created."""
    assert "name" in refused(kobiks.post("/unit_products", json={"sku": "1"}))
    taken = kobiks.post("/unit_products", json={"name": "x", "sku": "00000001"})
    assert "00000001" in refused(taken)
    assert len(kobiks.get("/variants").json()) == 1


def test_create_or_update_matches_by_name_before_sku(kobiks: httpx.Client) -> None:
    """A name there is wins over the sku, and its product gets the sku that was sent."""
    write(kobiks, "/unit_products", RING)
    path = "/unit_products?create_or_update=true"
    write(kobiks, path, {"name": "Demo Yüzük", "sku": "00000009", "brand": "A"})
    assert product(kobiks, "00000009")["name"] == "Demo Yüzük"
    write(kobiks, path, {"name": "Yeni", "sku": "00000002", "brand": "B"})
    assert (product(kobiks, "00000002")["name"], product(kobiks, "00000002")["brand"]) == (
        "Yeni",
        "B",
    )
    write(kobiks, path, {"name": "Başka", "sku": "00000005"})
    assert len(kobiks.get("/variants").json()) == 3
    clash = kobiks.post(path, json={"name": "Başka", "sku": "00000002"})
    assert "00000002" in refused(clash)


def test_what_is_left_out_or_empty_is_left_alone(kobiks: httpx.Client) -> None:
    """Neither missing fields nor nulls nor empty arrays change anything."""
    before = product(kobiks)
    arrays = ("categories", "commodities", "images", "prices", "product_features", "quantities")
    write(kobiks, "/unit_products/00000001", {name: [] for name in arrays} | {"desc": None})
    assert product(kobiks) == before
    write(kobiks, "/unit_products/00000001", {"is_active": "false"})
    assert product(kobiks) == before | {"is_active": False}


def test_entries_are_changed_one_by_one(kobiks: httpx.Client) -> None:
    """Prices, commodities, features and quantities not mentioned stay."""
    body = {
        "prices": [{"price_category_name": "Toptan Alış Fiyatı (TL)", "value": "1100,50"}],
        "commodities": [{"name": "altın", "value": 2}],
        "product_features": [{"name": "SIZE", "value": "17"}],
        "quantities": [{"location_name": "Merkez Depo", "value": 0}],
    }
    write(kobiks, "/unit_products/00000001", body)
    now = product(kobiks)
    assert [each["value"] for each in now["prices"]] == ["1100.5", "13090"]
    assert now["commodities"] == [{"name": "altın", "value": "2,000"}]
    assert [each["name"] for each in now["product_features"]] == ["Color", "Uretici kodu", "SIZE"]
    assert [each["value"] for each in now["quantities"]] == [1.0, 0.0, 1.0]


def test_removing_entries(kobiks: httpx.Client) -> None:
    """Zero ends a price or a commodity; a feature needs `_destroy`."""
    body = {
        "prices": [{"price_category_name": "Toptan Alış Fiyatı (TL)", "value": "0"}],
        "commodities": [{"name": "altın", "value": "0,000"}],
        "product_features": [{"name": "Color", "value": "000194", "_destroy": True}],
    }
    write(kobiks, "/unit_products/00000001", body)
    now = product(kobiks)
    assert [each["value"] for each in now["prices"]] == ["13090"]
    assert now["commodities"] == []
    assert [each["name"] for each in now["product_features"]] == ["Uretici kodu"]


def test_categories_and_images_are_replaced(kobiks: httpx.Client) -> None:
    """What is given of them is all there is afterwards."""
    images = [{"uri": "http://img.kobiks.com/yeni.png"}]
    write(kobiks, "/unit_products/00000001", {"categories": ["Ayakkabı"], "images": images})
    now = product(kobiks)
    assert [each["id"] for each in now["categories"]] == [13815]
    assert now["images"] == images


def test_a_sku_can_be_changed(kobiks: httpx.Client) -> None:
    """The path has the old one, the body the new one; an unknown one is a 404."""
    write(kobiks, "/unit_products/00000001", {"sku": "A/B 1"})
    assert product(kobiks, "A/B 1")["name"] == "Demo Yüzük"
    assert refused(kobiks.post("/unit_products/00000001", json={}), 404)
    write(kobiks, "/unit_products/A%2FB%201", {"sku": "00000001"})
    assert product(kobiks)["name"] == "Demo Yüzük"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"prices": [{"price_category_name": "Yok", "value": "1"}]}, "Yok was not found"),
        ({"quantities": [{"location_name": "Yok", "value": 1}]}, "Yok was not found"),
        ({"product_features": [{"name": "Yok", "value": "1"}]}, "Yok was not found"),
        ({"commodities": [{"name": "Yok", "value": "1"}]}, "Yok was not found"),
        ({"categories": ["Yok"]}, "Yok was not found"),
        ({"supplier": {"code": "724.T.02"}}, "supplier was not found"),
        ({"supplier": {"name": "Yok", "code": "724.T.01"}}, "supplier was not found"),
        ({"prices": [{"price_category_name": "Toptan Alış Fiyatı (TL)"}]}, "prices: value"),
        ({"exp_date": "2020-06-22"}, "exp_date must be a date"),
        ({"exp_date": "31-02-2020"}, "exp_date must be a date"),
        ({"is_active": "evet"}, "is_active must be true or false"),
        ({"tax_rate": "çok"}, "tax_rate must be a number"),
        ({"images": ["http://x"]}, "images: uri"),
        ({"categories": "Aksesuar"}, "categories must be an array"),
        ({"name": ""}, "name is required"),
    ],
)
def test_a_refused_write_changes_nothing(
    kobiks: httpx.Client, change: dict[str, Any], text: str
) -> None:
    """What does not exist or makes no sense is an error, for creates and updates alike."""
    before = kobiks.get("/variants").json()
    answer = kobiks.post("/unit_products/00000001", json={"brand": "x"} | change)
    assert text in refused(answer)
    assert text in refused(kobiks.post("/unit_products", json={"name": "x", "sku": "x"} | change))
    assert kobiks.get("/variants").json() == before


def test_a_required_feature_must_be_there(sandbox: Running, kobiks: httpx.Client) -> None:
    """A feature the account requires is asked for on create and cannot be destroyed."""
    needed = {"name": "SIZE", "required": True, "value_type": "text"}
    sandbox.put_state("kobiks", {"product_feature_types": [needed]})
    assert "SIZE" in refused(kobiks.post("/unit_products", json={"name": "x"}))
    size = {"name": "SIZE", "value": "16"}
    write(kobiks, "/unit_products", {"name": "x", "sku": "x", "product_features": [size]})
    gone = {"product_features": [size | {"_destroy": True}]}
    assert "SIZE" in refused(kobiks.post("/unit_products/x", json=gone))


def test_variants_are_filtered_and_sorted(kobiks: httpx.Client) -> None:
    """By the documented columns and relations, in the order asked for."""
    write(kobiks, "/unit_products", RING)

    def found(query: str) -> list[str]:
        answer = kobiks.get(f"/variants?{query}")
        assert answer.status_code == 200, answer.text
        return [each["sku"] for each in answer.json()]

    assert found("filters[cached_name][matches]=%test%") == ["00000002"]
    assert found("filters[barcode][eq]=1111") == ["00000001"]
    assert found("filters[price_category_id][eq]=19990") == ["00000001", "00000002"]
    assert found("filters[price_category_id][eq]=19993&sort=sku") == ["00000001"]
    assert found("filters[store_id][eq]=13271") == ["00000001"]
    assert found("filters[store_id][eq]=1") == []
    assert found("include=supplier&sort=-sku&page[size]=1&page[number]=2") == ["00000001"]
    assert found("sort='-variant.cachedName'") == ["00000002", "00000001"]
    for wrong in ("filters[prices][eq]=1", "sort=prices", "filters[store_id][gt]=1"):
        assert refused(kobiks.get(f"/variants?{wrong}"), 400)


def test_products_can_be_read_and_written_only_as_documented(kobiks: httpx.Client) -> None:
    """There is no list of unit products, no delete, and no other method."""
    assert kobiks.get("/unit_products").status_code == 405
    assert kobiks.delete("/unit_products/00000001").status_code == 405
    assert kobiks.put("/unit_products/00000001", json={}).status_code == 405
    assert kobiks.get("/suppliers").status_code == 404


def test_state_can_be_put_back(sandbox: Running, kobiks: httpx.Client) -> None:
    """The state takes its own output, and a renamed category shows in products."""
    before = sandbox.state("kobiks")
    sandbox.put_state("kobiks", before)
    assert sandbox.state("kobiks") == before
    renamed = [each | {"name": each["name"].upper()} for each in before["categories"]]
    sandbox.put_state("kobiks", {"categories": renamed})
    assert product(kobiks)["categories"][0]["name"] == "AKSESUAR"


def test_two_thousand_products(start: Start, connect: Connect) -> None:
    """A big data set pages to its end, and each product passes its own checks."""
    client = connect(start(data="2000", rate=0), "kobiks")
    known = credentials()
    user = {"email": known["KOBIKS_EMAIL"], "password": known["KOBIKS_PASSWORD"]}
    token = client.post("/login", json={"user": user}).json()["token"]
    client.headers["Authorization"] = f"Bearer {token}"
    pages = [
        client.get(f"/variants?sort=sku&page[size]=500&page[number]={n}").json()
        for n in range(1, 6)
    ]
    assert [len(page) for page in pages] == [500, 500, 500, 500, 0]
    last = pages[3][-1]
    assert (last["sku"], last["categories"][0]["id"]) == ("00002000", 2000)
    again = last | {
        "categories": [str(each["id"]) for each in last["categories"]],
        "quantities": [
            {"location_name": each["store_name"], "value": each["value"]}
            for each in last["quantities"]
        ],
    }
    write(client, f"/unit_products/{last['sku']}", again)
    assert product(client, last["sku"]) == last
