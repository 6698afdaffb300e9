"""Kobo PLM's customers, projects, range plans, linesheets and tasks.

Assumed, because the documentation does not say:
- Required are a task's title and everybody else's name; a customer's code is unique.
- A customer has the fields of a supplier that make sense for one; a linesheet has a name, a
  season and notes.
- Range plans and linesheets read back `season_id` and `category_id` as they were sent.
- An archived linesheet is left out of the list, and the only ones in it with `?archived=true`,
  but answers under its id as before; DELETE takes a linesheet away.
- A task is born pending and of medium priority; assignees and related things are not checked.
"""

from __future__ import annotations

from reconciler.sandbox import verbs
from reconciler.sandbox.generated import CURRENCIES, in_turn, itself
from reconciler.sandbox.vendor import Answer, Call, Field, Kind, Route, of
from reconciler.sandbox.vendors.kobo_plm import laravel
from reconciler.sandbox.vendors.kobo_plm.kinds import ADDRESS, address, phone, terms
from reconciler.sandbox.vendors.kobo_plm.styles import archive, restore, unarchived

SEASON = Field("season_id", "integer", refers="seasons", nested=False, make=itself)

CUSTOMERS = Kind(
    "customers",
    "/customers",
    fields=(
        Field("name", required=True, make="Customer {n:06}"),
        Field("code", unique=True, make="CUS-{n:06}"),
        Field(
            "type", "choice", one_of=("wholesale", "retail"), make=in_turn("wholesale", "retail")
        ),
        Field("email", "email", make="customer-{n}@example.com"),
        Field("phone", make=phone),
        Field("address", "object", keys=ADDRESS, make=address("Market St")),
        Field("currency", make=in_turn(*CURRENCIES)),
        Field("payment_terms", make=terms),
    ),
    verbs="LGCUD",
    scope="customers",
    stamped=True,
    filters={"type": "type"},
)
PROJECTS = Kind(
    "projects",
    "/projects",
    fields=(
        Field("name", required=True, make="Collection {n:06}"),
        Field("description", make="Generated project {n}"),
        Field("start_date", "date", make="2024-03-01"),
        Field("end_date", "date", make="2024-06-30"),
        Field("status", default="active", make="active"),
    ),
    verbs="LGCUD",
    scope="projects",
    stamped=True,
    filters={"status": "status"},
)
RANGE_PLANS = Kind(
    "range_plans",
    "/range-plans",
    fields=(
        Field("name", required=True, make="Range {n:06}"),
        SEASON,
        Field("category_id", "integer", refers="categories", nested=False, make=itself),
        Field("target_price", "decimal", make=lambda n: f"{30 + n % 60}.00"),
        Field("target_margin", "number", make=lambda n: 40 + n % 30),
        Field("notes", make=lambda _: None),
    ),
    verbs="LGCUD",
    scope="range_plans",
    stamped=True,
    filters={"season_id": "season_id"},
)
LINESHEETS = Kind(
    "linesheets",
    "/linesheets",
    fields=(
        Field("name", required=True, make="Linesheet {n:06}"),
        SEASON,
        Field("notes", make=lambda _: None),
    ),
    verbs="LGCUD",
    scope="linesheets",
    stamped=True,
    filters={"season_id": "season_id"},
    born=lambda number: {"archived_at": None},
    present=unarchived,
    archives=True,
)
TASKS = Kind(
    "tasks",
    "/tasks",
    fields=(
        Field("title", required=True, make="Task {n:06}"),
        Field("description", make="Generated task {n}"),
        Field(
            "status",
            "choice",
            one_of=("pending", "in_progress", "completed", "cancelled"),
            default="pending",
            make="pending",
        ),
        Field(
            "priority",
            "choice",
            one_of=("low", "medium", "high", "urgent"),
            default="medium",
            make=in_turn("low", "medium", "high", "urgent"),
        ),
        Field("due_date", "date", make="2024-01-20"),
        Field("assignee_id", "integer", make=lambda n: n % 7 + 1),
        Field("related_type", make="style"),
        Field("related_id", "integer", make=itself),
    ),
    verbs="LGCUD",
    scope="tasks",
    stamped=True,
    filters={"status": "status", "priority": "priority", "assignee_id": "assignee_id"},
)
KINDS = (CUSTOMERS, PROJECTS, RANGE_PLANS, LINESHEETS, TASKS)


def complete(call: Call) -> Answer:
    """Marks a task as done."""
    number = verbs.located(call, TASKS)
    verbs.updated(call, TASKS, number, {"status": "completed"})
    return laravel.data(verbs.item(call, TASKS, number))


def routes() -> list[Route]:
    """Every method and path of these kinds."""
    return [
        Route("POST", "/linesheets/{id}/archive", of(LINESHEETS, archive), "linesheets:write"),
        Route("POST", "/linesheets/{id}/restore", of(LINESHEETS, restore), "linesheets:write"),
        Route("POST", "/tasks/{id}/complete", complete, "tasks:write"),
        *(route for kind in KINDS for route in laravel.routes(kind)),
    ]
