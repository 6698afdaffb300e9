"""Kobo PLM's styles, their children and its plans in the sandbox answer as documented."""

from typing import Any

import httpx
import pytest

from reconciler.sandbox.server import Running

from .conftest import Connect, Start

CHINOS = {
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
PLAN = {"name": "SS25 Core", "season_id": 5, "category_id": 1, "target_price": 45.0}
SIMPLE: dict[str, dict[str, Any]] = {
    "customers": {"name": "Shop", "code": "SHOP", "type": "retail", "address": {"city": "Oslo"}},
    "projects": {"name": "Fall", "start_date": "2024-03-01", "end_date": "2024-06-30"},
    "range-plans": PLAN | {"target_margin": 60, "notes": "Core"},
    "linesheets": {"name": "Autumn", "season_id": 1, "notes": "x"},
    "tasks": {"title": "Review", "priority": "high", "due_date": "2024-01-20", "assignee_id": 5},
}
CHILDREN: dict[str, dict[str, Any]] = {
    "bom": {"component_id": 1, "quantity": 2, "unit": "meter", "placement": "Sleeve"},
    "pom": {"name": "Waist", "code": "B", "tolerance_plus": 0.5, "measurements": {"28": 70.5}},
    "variants": {"color_id": 1, "size_range_id": 1, "is_active": False},
    "skus": {"sku": "SS24-001-BLK-M", "size": "M", "color": "Black", "barcode": "2"},
}
ITEM = {"bom": "/bom/2", "pom": "/pom/2"}


def data(answer: httpx.Response, status: int = 200) -> Any:
    """What an answer carries."""
    assert answer.status_code == status, answer.text
    return answer.json()["data"]


def errors(answer: httpx.Response) -> Any:
    """The fields a validation complains about."""
    assert answer.status_code == 422
    return answer.json()["errors"]


def test_styles_are_the_documentations_example(kobo: httpx.Client) -> None:
    """The docs data set holds exactly the documented style, nested and in its order."""
    style = data(kobo.get("/styles"))[0]
    assert style == {
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
    assert data(kobo.get("/styles/1")) == style
    assert data(kobo.get("/styles/1/colorways")) == style["colors"]


def test_a_style_is_created_and_updated(kobo: httpx.Client) -> None:
    """Ids are written and nested pairs read; prices read back as decimal strings."""
    style = data(kobo.post("/styles", json=CHINOS), 201)
    assert style["category"] == {"id": 2, "name": "Bottoms"}
    assert style["brand"] is None
    assert (style["wholesale_price"], style["cost_price"]) == ("65.00", "32.50")
    assert style["sizes"] == CHINOS["sizes"]
    assert "archived_at" not in style
    change = {"retail_price": "99.9", "brand_id": 1, "sizes": ["36", "28"], "category_id": None}
    style = data(kobo.put("/styles/2", json=change))
    assert (style["retail_price"], style["brand"]["name"]) == ("99.90", "Main Brand")
    assert (style["sizes"], style["category"]) == (["36", "28"], None)
    assert errors(kobo.put("/styles/2", json={"category_id": 99, "season_id": "x"})) == {
        "category_id": ["The selected category id is invalid."],
        "season_id": ["The season id field must be an integer."],
    }
    assert set(errors(kobo.post("/styles", json={}))) == {"style_code", "name"}


def test_deleting_a_style_archives_it(kobo: httpx.Client) -> None:
    """An archived style is out of sight with its children, keeps its code, and comes back."""
    assert kobo.delete("/styles/1").status_code == 204
    assert kobo.get("/styles").json()["meta"]["total"] == 0
    for path in ("/styles/1", "/styles/1/bom", "/styles/1/variants", "/styles/1/skus"):
        assert kobo.get(path).status_code == 404
    assert kobo.put("/styles/1", json={"name": "x"}).status_code == 404
    assert kobo.delete("/styles/1").status_code == 404
    archived = data(kobo.get("/styles?archived=true"))
    assert [each["style_code"] for each in archived] == ["SS24-001"]
    assert archived[0]["archived_at"]
    taken = errors(kobo.post("/styles", json=CHINOS | {"style_code": "SS24-001"}))
    assert taken == {"style_code": ["The style code has already been taken."]}
    assert "archived_at" not in data(kobo.post("/styles/1/restore"))
    assert kobo.get("/styles/1").status_code == 200
    assert len(data(kobo.get("/styles/1/bom"))) == 1


def test_style_filters(kobo: httpx.Client) -> None:
    """By status and season, as documented."""
    kobo.post("/styles", json=CHINOS | {"season_id": 5})
    for query, codes in (
        ("status=active", ["SS24-001"]),
        ("season_id=5", ["SS24-002"]),
        ("season_id=5&status=active", []),
        ("season_id=x", []),
    ):
        assert [each["style_code"] for each in data(kobo.get(f"/styles?{query}"))] == codes


@pytest.mark.parametrize("tail", CHILDREN)
def test_children_of_a_style(kobo: httpx.Client, tail: str) -> None:
    """A child is created under its style and read, updated and deleted where documented."""
    path = f"/styles/1/{tail}"
    child = data(kobo.post(path, json=CHILDREN[tail]), 201)
    sent = {name: child.get(name) for name in CHILDREN[tail] if name != "component_id"}
    assert sent == {name: value for name, value in CHILDREN[tail].items() if name in sent}
    assert child["style_id"] == 1
    listed = kobo.get(path).json()
    assert (listed["meta"]["total"], listed["data"][1]) == (2, child)
    item = ITEM.get(tail, f"{path}/2")
    last = list(CHILDREN[tail])[-1]
    for method in ("PUT", "PATCH"):
        same = data(kobo.request(method, item, json={last: child[last], "style_id": 7}))
        assert same == child
    assert kobo.delete(item).status_code == 204
    assert data(kobo.get(path)) == listed["data"][:1]
    assert kobo.delete(item).status_code == 404
    assert kobo.post(path.replace("1", "9"), json=CHILDREN[tail]).status_code == 404


@pytest.mark.parametrize("tail", ["variants", "skus"])
def test_a_child_is_found_under_its_own_style_only(kobo: httpx.Client, tail: str) -> None:
    """A variant or SKU of another style is a 404; one alone cannot be read."""
    kobo.post("/styles", json=CHINOS).raise_for_status()
    assert kobo.put(f"/styles/2/{tail}/1", json={}).status_code == 404
    assert kobo.delete(f"/styles/2/{tail}/1").status_code == 404
    assert kobo.get(f"/styles/1/{tail}/1").status_code == 405
    assert kobo.get(f"/{tail}").status_code == 404


def test_bom_and_pom_lists(kobo: httpx.Client) -> None:
    """All items are listed, filtered by style and component; components nest."""
    item = data(kobo.get("/bom"))[0]
    assert item["component"] == {"id": 1, "name": "Organic Cotton Jersey"}
    assert "component_id" not in item
    assert (item["quantity"], item["placement"]) == (1.5, "Body")
    assert data(kobo.get("/bom?style_id=1")) == [item] == data(kobo.get("/bom?component_id=1"))
    assert data(kobo.get("/bom?style_id=2")) == []
    assert data(kobo.get("/bom/1")) == item
    assert data(kobo.get("/pom?style_id=1"))[0]["measurements"]["XL"] == 57
    assert kobo.post("/bom", json=CHILDREN["bom"]).status_code == 405


def test_children_are_checked(kobo: httpx.Client) -> None:
    """What a child refers to must exist, and an SKU be the only one of its kind."""
    assert set(errors(kobo.post("/styles/1/bom", json={"quantity": "much"}))) == {
        "component_id",
        "quantity",
    }
    wrong = errors(kobo.post("/styles/1/variants", json={"color_id": 77, "size_range_id": 77}))
    assert set(wrong) == {"color_id", "size_range_id"}
    taken = {"sku": "SS24-001-WHT-S"}
    assert errors(kobo.post("/styles/1/skus", json=taken)) == {
        "sku": ["The sku has already been taken."]
    }


def test_a_style_shows_its_skus_as_they_are(kobo: httpx.Client) -> None:
    """A new, changed or deleted SKU shows in the style at once."""
    kobo.get("/styles")
    kobo.post("/styles/1/skus", json=CHILDREN["skus"]).raise_for_status()
    kobo.put("/styles/1/skus/2", json={"barcode": "3"}).raise_for_status()
    told = {"id": 2, **CHILDREN["skus"], "barcode": "3"}
    assert data(kobo.get("/styles"))[0]["skus"][1] == told
    kobo.delete("/styles/1/skus/1").raise_for_status()
    assert data(kobo.get("/styles"))[0]["skus"] == [told]


@pytest.mark.parametrize("path", SIMPLE)
def test_the_other_kinds(kobo: httpx.Client, path: str) -> None:
    """Customers, projects, plans, linesheets and tasks have every verb."""
    made = data(kobo.post(f"/{path}", json=SIMPLE[path]), 201)
    read = {"target_price": "45.00"} if path == "range-plans" else {}
    assert {name: made[name] for name in SIMPLE[path]} == SIMPLE[path] | read
    assert data(kobo.get(f"/{path}"))[1] == made
    first = next(iter(SIMPLE[path]))
    changed = data(kobo.put(f"/{path}/2", json={first: "Other"}))
    assert changed[first] == "Other"
    assert kobo.delete(f"/{path}/2").status_code == 204
    assert kobo.get(f"/{path}/2").status_code == 404
    assert first in errors(kobo.post(f"/{path}", json={}))


def test_the_other_kinds_are_checked(kobo: httpx.Client) -> None:
    """Choices, dates, codes and references are validated."""
    assert "type" in errors(kobo.put("/customers/1", json={"type": "vip"}))
    assert "code" in errors(kobo.post("/customers", json={"name": "x", "code": "CUS-001"}))
    assert "start_date" in errors(kobo.put("/projects/1", json={"start_date": "soon"}))
    assert "season_id" in errors(kobo.put("/range-plans/1", json={"season_id": 3}))
    assert set(errors(kobo.put("/tasks/1", json={"priority": "x", "status": "x"}))) == {
        "priority",
        "status",
    }
    assert len(data(kobo.get("/customers?type=wholesale"))) == 1
    assert len(data(kobo.get("/tasks?priority=low&assignee_id=5"))) == 0
    assert len(data(kobo.get("/projects?status=active"))) == 1


def test_linesheets_are_archived_and_restored(kobo: httpx.Client) -> None:
    """Archiving hides a linesheet from the list, not from its address; DELETE ends it."""
    assert data(kobo.post("/linesheets/1/archive"))["archived_at"]
    assert data(kobo.get("/linesheets")) == []
    assert len(data(kobo.get("/linesheets?archived=1"))) == 1
    assert data(kobo.get("/linesheets/1"))["archived_at"]
    assert "archived_at" not in data(kobo.post("/linesheets/1/restore"))
    assert len(data(kobo.get("/linesheets?season_id=5"))) == 1
    assert kobo.delete("/linesheets/1").status_code == 204
    assert data(kobo.get("/linesheets?archived=1")) == []


def test_tasks_are_completed(kobo: httpx.Client) -> None:
    """The documented shortcut sets the status."""
    assert data(kobo.post("/tasks/1/complete"))["status"] == "completed"
    assert len(data(kobo.get("/tasks?status=completed"))) == 1


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/styles", "styles"),
        ("/styles/1/variants", "styles"),
        ("/styles/1/skus", "styles"),
        ("/styles/1/bom", "bom"),
        ("/bom", "bom"),
        ("/pom", "pom"),
        ("/customers", "customers"),
        ("/projects", "projects"),
        ("/range-plans", "range_plans"),
        ("/linesheets", "linesheets"),
        ("/tasks", "tasks"),
    ],
)
def test_scopes(sandbox: Running, kobo: httpx.Client, path: str, scope: str) -> None:
    """Reading takes the documented scope, writing the other."""
    sandbox.scopes("sandbox-kobo-key", [f"{scope}:read"])
    assert kobo.get(path).status_code == 200
    if path not in ("/bom", "/pom"):
        assert kobo.post(path, json={}).status_code == 403
    sandbox.scopes("sandbox-kobo-key", ["webhooks:read"])
    assert kobo.get(path).status_code == 403


def test_creating_a_child_is_idempotent(kobo: httpx.Client) -> None:
    """Idempotency keys hold for children as for all creates."""
    headers = {"Idempotency-Key": "k"}
    for _ in range(2):
        kobo.post("/styles/1/bom", json=CHILDREN["bom"], headers=headers).raise_for_status()
    assert kobo.get("/bom").json()["meta"]["total"] == 2


def test_state_can_be_put_back(sandbox: Running, kobo: httpx.Client) -> None:
    """What the state shows of styles and children puts the same in place again."""
    kobo.delete("/styles/1")
    before = sandbox.state("kobo-plm")
    sandbox.put_state("kobo-plm", before)
    assert sandbox.state("kobo-plm") == before
    assert kobo.get("/styles").json()["meta"]["total"] == 0


def test_two_thousand_styles_with_their_children(start: Start, connect: Connect) -> None:
    """Big data sets are listed, asked for by style, and pass the vendor's own validation."""
    client = connect(start(data="2000", rate=0))
    for kind in ("styles", "bom", "pom", "tasks"):
        page = client.get(f"/{kind}?per_page=100&page=20").json()
        assert page["data"][-1]["id"] == page["meta"]["total"] == 2000
    for number in range(1, 2000, 20):
        assert data(client.get(f"/bom?style_id={number}"))[0]["style_id"] == number
        assert data(client.get(f"/styles/{number}/variants"))[0]["color_id"] == number
    for path in ("styles/7", "bom/7", "pom/7", "customers/7", "projects/7", "range-plans/7"):
        thing = data(client.get(f"/{path}"))
        assert data(client.put(f"/{path}", json=thing)) == thing


def test_tasks_are_filtered_by_their_day(kobo: httpx.Client) -> None:
    """`due_before` and `due_after` leave out that very day and tasks without one; together they
    are a span, and what is no day is refused."""
    for title, day in (("a", "2024-01-19"), ("b", "2024-01-21"), ("c", None)):
        kobo.post("/tasks", json={"title": title, "due_date": day}).raise_for_status()

    def titles(query: str) -> list[str]:
        return [task["title"] for task in kobo.get(f"/tasks?{query}").json()["data"]]

    assert titles("due_before=2024-01-20") == ["a"]
    assert titles("due_before=2024-01-21") == ["Review fabric samples", "a"]
    assert titles("due_after=2024-01-20") == ["b"]
    assert titles("due_after=2024-01-19&due_before=2024-01-21") == ["Review fabric samples"]
    assert titles("due_after=2024-01-19&priority=high") == ["Review fabric samples"]
    assert "due_before" in errors(kobo.get("/tasks?due_before=soon"))


@pytest.mark.parametrize(
    ("path", "name"),
    [("styles", "style_code"), ("components", "code"), ("range-plans", ""), ("linesheets", "")],
)
def test_a_duplicate_is_a_new_object(kobo: httpx.Client, path: str, name: str) -> None:
    """With a code and a name of its own, and all the rest alike."""
    before = data(kobo.get(f"/{path}/1"))
    made = [data(kobo.post(f"/{path}/1/duplicate"), 201) for _ in range(2)]
    assert [each["id"] for each in made] == [2, 3]
    assert made[0]["name"] == f"{before['name']} (Copy)"
    own = {"id", "name", "created_at", "updated_at", "skus", name}
    for each in made:
        assert {n: v for n, v in each.items() if n not in own} == {
            n: v for n, v in before.items() if n not in own
        }
    if name:
        assert [each[name] for each in made] == [
            f"{before[name]}-COPY",
            f"{before[name]}-COPY-COPY",
        ]


@pytest.mark.parametrize("path", ["styles", "components", "suppliers", "customers"])
def test_an_export_is_a_table(kobo: httpx.Client, path: str) -> None:
    """One line for each object, below their names."""
    answer = kobo.get(f"/{path}/export")
    assert answer.headers["Content-Type"].startswith("text/csv")
    lines = answer.text.splitlines()
    assert lines[0].startswith("id,")
    assert len(lines) == 2


def test_many_tasks_are_changed_at_once(kobo: httpx.Client) -> None:
    """All that are named, or none where one of them does not exist or a value is wrong."""
    kobo.post("/tasks", json={"title": "b"}).raise_for_status()
    body = {"ids": [1, 2], "data": {"status": "completed"}}
    assert [task["status"] for task in data(kobo.put("/tasks/bulk", json=body))] == [
        "completed",
        "completed",
    ]
    assert "ids.1" in errors(kobo.put("/tasks/bulk", json={**body, "ids": [1, 9]}))
    assert "status" in errors(kobo.put("/tasks/bulk", json={**body, "data": {"status": "?"}}))
    assert kobo.request("DELETE", "/tasks/bulk", json={"ids": [1, 2]}).status_code == 204
    assert data(kobo.get("/tasks")) == []


def test_suppliers_are_scored(kobo: httpx.Client) -> None:
    """As in the documentation's example, for a period and in an order that it names."""
    score = data(kobo.get("/suppliers/1/score"))
    assert (score["supplier_id"], score["overall_score"]) == (1, 4.2)
    assert data(kobo.get("/suppliers/1/metrics"))["period"] == "90d"
    assert "period" in errors(kobo.get("/suppliers/1/metrics?period=2d"))
    assert len(data(kobo.get("/suppliers/rankings?sort_by=quality_score"))) == 1
    assert "sort_by" in errors(kobo.get("/suppliers/rankings?sort_by=name"))
    assert kobo.get("/suppliers/9/score").status_code == 404


def test_inventory_is_summed_up(kobo: httpx.Client) -> None:
    """By SKU; low is what is below the threshold, 10 unless another one is given."""
    assert [each["qty_on_hand"] for each in data(kobo.get("/inventory/summary"))] == [150, 180]
    assert data(kobo.get("/inventory/low-stock")) == []
    assert len(data(kobo.get("/inventory/low-stock?threshold=151"))) == 1
