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
from reconciler.sandbox.vendor import Answer, Call, Field, Kind, Route, of
from reconciler.sandbox.vendors.kobo_plm import laravel
from reconciler.sandbox.vendors.kobo_plm.styles import archive, restore, unarchived

SEASON = Field("season_id", "integer", refers="seasons", nested=False)

CUSTOMERS = Kind(
    "customers",
    "/customers",
    fields=(
        Field("name", required=True),
        Field("code", unique=True),
        Field("type", "choice", one_of=("wholesale", "retail")),
        Field("email", "email"),
        Field("phone"),
        Field("address", "object", keys=("street", "city", "state", "postal_code", "country")),
        Field("currency"),
        Field("payment_terms"),
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
        Field("name", required=True),
        Field("description"),
        Field("start_date", "date"),
        Field("end_date", "date"),
        Field("status", default="active"),
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
        Field("name", required=True),
        SEASON,
        Field("category_id", "integer", refers="categories", nested=False),
        Field("target_price", "decimal"),
        Field("target_margin", "number"),
        Field("notes"),
    ),
    verbs="LGCUD",
    scope="range_plans",
    stamped=True,
    filters={"season_id": "season_id"},
)
LINESHEETS = Kind(
    "linesheets",
    "/linesheets",
    fields=(Field("name", required=True), SEASON, Field("notes")),
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
        Field("title", required=True),
        Field("description"),
        Field(
            "status",
            "choice",
            one_of=("pending", "in_progress", "completed", "cancelled"),
            default="pending",
        ),
        Field("priority", "choice", one_of=("low", "medium", "high", "urgent"), default="medium"),
        Field("due_date", "date"),
        Field("assignee_id", "integer"),
        Field("related_type"),
        Field("related_id", "integer"),
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
