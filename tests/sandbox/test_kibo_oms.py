"""The retailer's PerfectSync endpoint in the sandbox answers as Kibo's documentation says."""

import httpx
import pytest

from reconciler.sandbox.server import Running

from .conftest import Connect, Start

PATH = "/api/snap/v1/product"


@pytest.fixture
def oms(sandbox: Running, connect: Connect) -> httpx.Client:
    """A client of the endpoint with credentials and headers."""
    return connect(sandbox, "kibo-oms")


def test_a_product_is_the_documentations_example(oms: httpx.Client) -> None:
    """The documented product is found by its id, and no other."""
    product = oms.get(f"{PATH}/VRX33151").json()
    assert product["price"] == 3650.0
    assert product["currency"] == "USD"
    assert product["availability"] == "yes"
    plan = {"additionID": "WPP34015", "name": "Timepiece Protection Plan", "price": 425.0}
    assert product["additionGroups"][0]["additions"][1] == plan
    assert oms.get(f"{PATH}/nope").status_code == 404
    assert "id" not in product


def test_nothing_can_be_written(oms: httpx.Client) -> None:
    """The endpoint is there to be read."""
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert oms.request(method, f"{PATH}/VRX33151", json={}).status_code == 405


@pytest.mark.parametrize("given", [None, "Bearer x", "Basic x", "Basic c2FuZGJveDp4"])
def test_credentials_are_required(oms: httpx.Client, given: str | None) -> None:
    """Without the user and password there is, the answer is a 401 that asks for them."""
    del oms.headers["Authorization"]
    headers = {} if given is None else {"Authorization": given}
    answer = oms.get(f"{PATH}/VRX33151", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("Kibo-Manufacturer-Id", "acme"),
        ("Kibo-Catalog-Id", "1.5"),
        ("Kibo-Currency-Code", "dollars"),
        ("Kibo-Locale", "English"),
    ],
)
def test_the_four_headers_are_required(oms: httpx.Client, name: str, wrong: str) -> None:
    """A header that is missing or makes no sense is a 400 that names it."""
    assert name in oms.get(f"{PATH}/VRX33151", headers={name: wrong}).json()["message"]
    del oms.headers[name]
    answer = oms.get(f"{PATH}/VRX33151")
    assert answer.status_code == 400
    assert name in answer.json()["message"]


def test_search(start: Start, connect: Connect) -> None:
    """A term is looked for, ten products a page, a hundred at most."""
    client = connect(start(data="2000", rate=0), "kibo-oms")
    found = client.get(f"{PATH}/?term=watch").json()
    assert (found["page"], found["perPage"], found["total"]) == (1, 10, 2000)
    assert len(found["products"]) == 10
    many = client.get(f"{PATH}/?term=VRX&perPage=500&page=20").json()
    assert (many["perPage"], len(many["products"])) == (100, 100)
    assert client.get(f"{PATH}?term=VRX000007").json()["products"] == [
        client.get(f"{PATH}/VRX000007").json()
    ]
    assert client.get(f"{PATH}/").status_code == 400
    assert client.get(f"{PATH}/?term=x&page=0").status_code == 400


def test_an_id_with_a_slash_is_one_segment(sandbox: Running, oms: httpx.Client) -> None:
    """An encoded slash belongs to the id, as do a question mark and a hash."""
    for name in ("A/B", "C?D#E", "50% off"):
        sandbox.put_state("kibo-oms", {"products": [{"productID": name}]})
        path = f"{PATH}/{httpx.QueryParams({'x': name})}".replace("x=", "").replace("+", "%20")
        assert oms.get(path).json()["productID"] == name
