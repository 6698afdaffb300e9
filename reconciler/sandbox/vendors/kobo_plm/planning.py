"""Kobo PLM's customers, projects, range plans, linesheets, tasks and quotations.

Assumed, because the documentation does not say:
- Required are a task's title and everybody else's name; a customer's code is unique.
- A customer has the fields of a supplier that make sense for one; a linesheet has a name, a
  season and notes.
- Range plans and linesheets read back `season_id` and `category_id` as they were sent.
- An archived linesheet is left out of the list, and the only ones in it with `?archived=true`,
  but answers under its id as before; DELETE takes a linesheet away.
- A quotation needs a supplier and a style, which it nests, and does not keep either from being
  deleted; a revision is a new quotation.
- A task that is due on the day of `due_before` or `due_after`, or on no day, is not listed.
- A new task is pending and of medium priority; assignees and related things are not checked.
"""

from __future__ import annotations

from reconciler.sandbox import crud
from reconciler.sandbox.describe import Answer, Call, Field, Route, of
from reconciler.sandbox.samples import in_turn
from reconciler.sandbox.vendors.kobo_plm.kinds import (
    CURRENCY,
    PAYMENT_TERMS,
    PHONE,
    address,
    kobo_kind,
    price,
)
from reconciler.sandbox.vendors.kobo_plm.laravel import CRUD, data
from reconciler.sandbox.vendors.kobo_plm.styles import archive, restore, unarchived

SEASON = Field("season_id", "integer", refers="seasons", nested=False)
CUSTOMER_TYPES = ("wholesale", "retail")
STATUSES = ("pending", "in_progress", "completed", "cancelled")
PRIORITIES = ("low", "medium", "high", "urgent")

CUSTOMERS = kobo_kind(
    "customers",
    Field("name", required=True, make="Customer {n:06}"),
    Field("code", unique=True, make="CUS-{n:06}"),
    Field("type", "choice", one_of=CUSTOMER_TYPES, make=in_turn(*CUSTOMER_TYPES)),
    Field("email", "email", make="customer-{n}@example.com"),
    PHONE,
    address("Market St"),
    CURRENCY,
    PAYMENT_TERMS,
    filters={"type": "type"},
)
PROJECTS = kobo_kind(
    "projects",
    Field("name", required=True, make="Collection {n:06}"),
    Field("description", make="Generated project {n}"),
    Field("start_date", "date", make="2024-03-01"),
    Field("end_date", "date", make="2024-06-30"),
    Field("status", default="active"),
    filters={"status": "status"},
)
RANGE_PLANS = kobo_kind(
    "range_plans",
    Field("name", required=True, make="Range {n:06}"),
    SEASON,
    Field("category_id", "integer", refers="categories", nested=False),
    price("target_price", lambda n: f"{30 + n % 60}.00"),
    Field("target_margin", "number", make=lambda n: 40 + n % 30),
    Field("notes"),
    filters={"season_id": "season_id"},
)
LINESHEETS = kobo_kind(
    "linesheets",
    Field("name", required=True, make="Linesheet {n:06}"),
    SEASON,
    Field("notes"),
    filters={"season_id": "season_id"},
    server_fields=lambda number: {"archived_at": None},
    render=unarchived,
    archives=True,
)
TASKS = kobo_kind(
    "tasks",
    Field("title", required=True, make="Task {n:06}"),
    Field("description", make="Generated task {n}"),
    Field("status", "choice", one_of=STATUSES, default="pending"),
    Field("priority", "choice", one_of=PRIORITIES, default="medium", make=in_turn(*PRIORITIES)),
    Field("due_date", "date", make="2024-01-20"),
    Field("assignee_id", "integer", make=lambda n: n % 7 + 1),
    Field("related_type", make="style"),
    Field("related_id", "integer", make=lambda n: n),
    filters={"status": "status", "priority": "priority", "assignee_id": "assignee_id"},
    before={"due_before": "due_date"},
    after={"due_after": "due_date"},
)
QUOTATIONS = kobo_kind(
    "quotations",
    Field("supplier_id", "integer", required=True, refers="suppliers", holds=False),
    Field("style_id", "integer", required=True, refers="styles", holds=False),
    price("unit_price", lambda n: f"{10 + n % 40}.50"),
    CURRENCY,
    Field("moq", "integer", make=lambda n: 100 * (1 + n % 9)),
    Field("lead_time_days", "integer", make=lambda n: 14 + n % 60),
    Field("valid_until", "date", make="2024-03-01"),
    Field("notes"),
    Field("revision", "integer", writable=False, default=1),
    filters={"supplier_id": "supplier_id", "style_id": "style_id"},
)
KINDS = (CUSTOMERS, PROJECTS, RANGE_PLANS, LINESHEETS, TASKS, QUOTATIONS)


def complete(call: Call) -> Answer:
    """Marks a task as done."""
    number = crud.id_in_path(call, TASKS)
    crud.change(call, TASKS, number, {"status": "completed"})
    return data(crud.item(call, TASKS, number))


def revise(call: Call) -> Answer:
    """A new quotation like another one, which stays."""
    number = crud.id_in_path(call, QUOTATIONS)
    before = call.collection(QUOTATIONS)[number]
    stamps = ("id", "created_at", "updated_at")
    fields = {name: value for name, value in before.items() if name not in stamps}
    made = crud.insert(call, QUOTATIONS, fields | {"revision": before["revision"] + 1})
    return data(crud.item(call, QUOTATIONS, made), 201)


def routes() -> list[Route]:
    """Every method and path of these kinds."""
    return [
        Route("POST", "/linesheets/{id}/archive", of(LINESHEETS, archive), "linesheets:write"),
        Route("POST", "/linesheets/{id}/restore", of(LINESHEETS, restore), "linesheets:write"),
        Route("POST", "/tasks/{id}/complete", complete, "tasks:write"),
        Route("POST", "/quotations/{id}/revise", revise, "quotations:write", creates=True),
        *(route for kind in KINDS for route in CRUD.routes(kind)),
    ]
