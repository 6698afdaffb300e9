"""Kobiks in the sandbox answers as its documentation says."""

from typing import Any

import httpx
import pytest

from reconciler.sandbox import credentials
from reconciler.sandbox.server import Running

LISTS = [
    "price_categories",
    "stores",
    "brands",
    "categories",
    "product_feature_types",
    "commodities",
    "transaction_types",
    "variants",
]


def names(answer: httpx.Response) -> list[Any]:
    """The names in a bare array."""
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()]


def test_a_login_gives_two_tokens(kobiks: httpx.Client) -> None:
    """The accepted credentials, and no others, get a token and one to renew it."""
    known = credentials()
    user = {"email": known["KOBIKS_EMAIL"], "password": known["KOBIKS_PASSWORD"]}
    assert set(kobiks.post("/login", json={"user": user}).json()) == {"token", "refreshToken"}
    for wrong in ({"user": user | {"password": "x"}}, {"user": None}, {}):
        assert kobiks.post("/login", json=wrong).status_code == 401


def test_a_token_lives_two_hours_on_the_sandboxs_clock(
    sandbox: Running, kobiks: httpx.Client
) -> None:
    """Just before two hours the token is good, after them it is not."""
    sandbox.clock(advance=2 * 3600 - 60)
    assert kobiks.get("/stores").status_code == 200
    sandbox.clock(advance=61)
    assert kobiks.get("/stores").status_code == 401


def test_requests_need_the_media_type_and_a_token(kobiks: httpx.Client) -> None:
    """Another Accept header is 406, a missing or wrong token 401."""
    assert kobiks.get("/stores", headers={"Accept": "*/*"}).status_code == 406
    assert kobiks.post("/login", headers={"Accept": "application/json"}).status_code == 406
    assert kobiks.get("/stores", headers={"Authorization": "Bearer x"}).status_code == 401
    del kobiks.headers["Authorization"]
    answer = kobiks.get("/stores")
    assert answer.status_code == 401
    assert answer.json()["error"]


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_bare_arrays_and_read_only(kobiks: httpx.Client, name: str) -> None:
    """Every list answers an array of objects; nothing can be written."""
    answer = kobiks.get(f"/{name}")
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert isinstance(answer.json(), list)
    assert answer.json()
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert kobiks.request(method, f"/{name}", json={"name": "x"}).status_code in (404, 405)
        assert kobiks.request(method, f"/{name}/1", json={}).status_code in (404, 405)


def test_lists_are_the_documentations_examples(kobiks: httpx.Client) -> None:
    """The docs data set holds the documented objects, Turkish letters and all."""
    assert names(kobiks.get("/stores")) == ["Merkez Mağaza", "Merkez Depo", "İnternet Satış"]
    assert kobiks.get("/transaction_types").json() == [
        {"module": "repair", "name": "test", "state_code": "on_sale"}
    ]
    features = kobiks.get("/product_feature_types").json()
    assert features[0] == {"name": "Color", "required": False, "value_type": "text"}
    first = kobiks.get("/price_categories").json()[0]
    assert (first["id"], first["currency"]["iso"]) == (19990, "TRY")


def test_categories_come_as_a_list_or_a_tree(kobiks: httpx.Client) -> None:
    """`sort_structure` chooses; a list is the default."""
    flat = kobiks.get("/categories").json()
    assert flat == kobiks.get("/categories?sort_structure=list").json()
    assert len(flat) == 7
    tree = kobiks.get("/categories?sort_structure=tree").json()
    assert [root["name"] for root in tree] == ["Aksesuar", "Ayakkabı"]
    leaves = [each["name"] for each in tree[0]["children"][0]["children"]]
    assert leaves == ["aksesuar 3", "aksesuar 4"]
    assert tree[0]["children"][0]["children"][0]["children"] == []


def test_paging_and_sorting(kobiks: httpx.Client) -> None:
    """Pages are cut from the sorted list; past the end they are empty."""
    page = "/stores?sort=-name&page[size]=2&page[number]="
    assert names(kobiks.get(f"{page}1")) == ["İnternet Satış", "Merkez Mağaza"]
    assert names(kobiks.get(f"{page}2")) == ["Merkez Depo"]
    assert names(kobiks.get(f"{page}3")) == []
    assert names(kobiks.get("/price_categories?sort=price_type,-id"))[0].startswith("Perakende")
    assert kobiks.get("/stores?page[size]=0").status_code == 400
    assert kobiks.get("/stores?sort=nonsense").status_code == 400
    assert names(kobiks.get("/product_feature_types?sort=id"))[0] == "Color"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("[id][eq]=13962", ["Merkez Depo"]),
        ("[id][not_eq]=13962", ["Merkez Mağaza", "İnternet Satış"]),
        ("[id][lt]=13962", ["Merkez Mağaza"]),
        ("[id][gt]=13962", ["İnternet Satış"]),
        ("[id][lteq]=13962", ["Merkez Mağaza", "Merkez Depo"]),
        ("[id][gteq]='13962'", ["Merkez Depo", "İnternet Satış"]),
        ("[name][matches]=%merkez%", ["Merkez Mağaza", "Merkez Depo"]),
        ("[id][eq]=abc", []),
    ],
)
def test_filters(kobiks: httpx.Client, query: str, found: list[str]) -> None:
    """Every documented operator filters."""
    assert names(kobiks.get(f"/stores?filters{query}")) == found


def test_filters_by_module_truth_and_nothing(kobiks: httpx.Client) -> None:
    """Booleans, nulls and unknown columns behave."""
    assert names(kobiks.get("/transaction_types?filters[module][eq]=repair")) == ["test"]
    assert names(kobiks.get("/transaction_types?filters[module][eq]=return")) == []
    assert len(names(kobiks.get("/price_categories?filters[tax_included][eq]=true"))) == 1
    assert len(names(kobiks.get("/categories?filters[parent_id][eq]=13827"))) == 2
    assert kobiks.get("/stores?filters[nonsense][eq]=1").status_code == 400
    assert kobiks.get("/stores?filters[name][like]=1").status_code == 400
