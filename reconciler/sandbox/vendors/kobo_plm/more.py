"""What Kobo PLM offers beside the usual operations: duplicates, exports, bulk tasks, scores.

Assumed, because the documentation does not say:
- A duplicate has `-COPY` behind its code and ` (Copy)` behind its name, and answers 201; a style's
  duplicate has no children. An export has the fields of a list as columns, nested ones as JSON.
- Bulk requests for tasks (PUT, DELETE) name them in `ids`, with the fields in `data`.
- Scores, metrics and rankings are those of the documentation's example for every supplier.
- A summary of the inventory has the totals of the quantities by SKU.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

from reconciler.sandbox import crud
from reconciler.sandbox.describe import Answer, Call, Kind, Route, encode, of
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.kobo_plm import laravel
from reconciler.sandbox.vendors.kobo_plm.inventory import LEVELS
from reconciler.sandbox.vendors.kobo_plm.kinds import COMPONENTS, SUPPLIERS
from reconciler.sandbox.vendors.kobo_plm.planning import CUSTOMERS, LINESHEETS, RANGE_PLANS, TASKS
from reconciler.sandbox.vendors.kobo_plm.styles import STYLES
from reconciler.sandbox.vendors.kobo_plm.validation import SELECTED, check, invalid, must_be

SERVER_SET = ("id", "created_at", "updated_at", "archived_at")
THRESHOLD = 10
PERIODS = ("30d", "90d", "1y", "all")
SCORES = {
    "overall_score": 4.2,
    "quality_score": 4.5,
    "delivery_score": 3.8,
    "communication_score": 4.3,
}
METRICS = {
    "total_orders": 45,
    "on_time_delivery_rate": 0.85,
    "defect_rate": 0.02,
    "average_lead_time_days": 21,
}


def duplicate(call: Call, kind: Kind) -> Answer:
    """A new object like another one, with a code and a name of its own."""
    before = call.collection(kind)[crud.id_in_path(call, kind)]
    fields: Object = {name: value for name, value in before.items() if name not in SERVER_SET}
    for field in kind.fields:
        if field.unique:
            fields[field.name] = _free(call, kind, field.name, before[field.name])
        elif field.name == "name":
            fields["name"] = f"{before['name']} (Copy)"
    made = crud.insert(call, kind, fields)
    return laravel.data(crud.item(call, kind, made), 201)


def _free(call: Call, kind: Kind, name: str, value: object) -> str:
    """A value of a unique field that no object has yet."""
    text = f"{value}-COPY"
    while call.collection(kind).find(name, text):
        text += "-COPY"
    return text


def export(call: Call, kind: Kind) -> Answer:
    """Every object of a kind as CSV."""
    shown = [crud.as_read(call.account, kind, thing) for thing in call.collection(kind)]
    columns = list(dict.fromkeys(name for thing in shown for name in thing))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for thing in shown:
        writer.writerow(_cell(thing.get(name)) for name in columns)
    return Answer(200, text.getvalue().encode(), {"Content-Type": "text/csv; charset=UTF-8"})


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _named(call: Call) -> list[int]:
    """The tasks that a bulk request names; 422 where one of them does not exist."""
    ids = call.json().get("ids")
    if not isinstance(ids, list) or not ids:
        raise invalid({"ids": [must_be("ids", "array")]})
    tasks = call.collection(TASKS)
    wrong = [place for place, id in enumerate(ids) if not isinstance(id, int) or id not in tasks]
    if wrong:
        raise invalid({f"ids.{place}": [SELECTED.format(label=f"ids.{place}")] for place in wrong})
    return list(dict.fromkeys(ids))


def update_tasks(call: Call) -> Answer:
    """Gives many tasks the same fields."""
    numbers, fields = _named(call), call.json().get("data")
    if not isinstance(fields, dict):
        raise invalid({"data": [must_be("data", "object")]})
    checked = check(replace(call, body=encode(fields)), TASKS, numbers[0])
    for number in numbers:
        crud.change(call, TASKS, number, checked)
    return laravel.data([crud.item(call, TASKS, number) for number in numbers])


def delete_tasks(call: Call) -> Answer:
    """Takes many tasks away."""
    for number in _named(call):
        call.write(TASKS, number, None)
    return Answer(204)


def score(call: Call) -> Answer:
    """What Kobo PLM thinks of a supplier, in short."""
    number = crud.id_in_path(call, SUPPLIERS)
    return laravel.data({"supplier_id": number} | SCORES | METRICS)


def metrics(call: Call) -> Answer:
    """The same for a period."""
    number, period = crud.id_in_path(call, SUPPLIERS), call.query.get("period", "90d")
    if period not in PERIODS:
        raise invalid({"period": [SELECTED.format(label="period")]})
    return laravel.data({"supplier_id": number, "period": period} | SCORES | METRICS)


def rankings(call: Call) -> Answer:
    """A page of the suppliers by a score, which all of them share."""
    if call.query.get("sort_by", "overall_score") not in SCORES:
        raise invalid({"sort_by": [SELECTED.format(label="sort by")]})
    suppliers = list(call.collection(SUPPLIERS))
    if call.query.get("sort_dir") == "desc":
        suppliers.reverse()
    rows = [{"supplier_id": s["id"], "name": s["name"]} | SCORES for s in suppliers]
    return laravel.entries(call, rows)


def summary(call: Call) -> Answer:
    """How much there is of each SKU, over all locations."""
    totals: dict[str, Object] = {}
    for level in call.collection(LEVELS):
        total = totals.setdefault(
            level["sku"], {"sku": level["sku"], "qty_on_hand": 0, "qty_reserved": 0}
        )
        for name in ("qty_on_hand", "qty_reserved"):
            total[name] += level[name]
    return laravel.data(list(totals.values()))


def low_stock(call: Call) -> Answer:
    """A page of the levels below a threshold."""
    threshold = call.count("threshold", THRESHOLD, least=0)
    low = (level for level in call.collection(LEVELS) if level["qty_on_hand"] < threshold)
    return laravel.page_of(call, LEVELS, [level["id"] for level in low])


def routes() -> list[Route]:
    """Every method and path of these, which must be tried before those of an object."""
    result = [
        Route("PUT", "/tasks/bulk", update_tasks, "tasks:write"),
        Route("DELETE", "/tasks/bulk", delete_tasks, "tasks:write"),
        Route("GET", "/suppliers/rankings", rankings, "suppliers:read"),
        Route("GET", "/suppliers/{id}/score", score, "suppliers:read"),
        Route("GET", "/suppliers/{id}/metrics", metrics, "suppliers:read"),
        Route("GET", "/inventory/summary", summary, "inventory:read"),
        Route("GET", "/inventory/low-stock", low_stock, "inventory:read"),
    ]
    for kind in (STYLES, COMPONENTS, RANGE_PLANS, LINESHEETS):
        path, right = f"{kind.path}/{{id}}/duplicate", f"{kind.scope}:write"
        result.append(Route("POST", path, of(kind, duplicate), right, creates=True))
    for kind in (STYLES, COMPONENTS, SUPPLIERS, CUSTOMERS):
        right = f"{kind.scope}:read"
        result.append(Route("GET", f"{kind.path}/export", of(kind, export), right))
    return result
