"""What is planned: projects, range plans, linesheets and tasks."""

from __future__ import annotations

from reconciler.kinds import Raw
from reconciler.providers.kobo_plm.declaring import archive_of, managed
from reconciler.providers.numbers import with_numbers


def encode_range_plan(fields: Raw) -> Raw:
    """The target price is written as a number (section Range Plans, example of a create)."""
    return with_numbers(fields, "target_price")


PROJECTS = managed(
    "projects",
    "project",
    "name",
    "Projects",
    "The documentation shows a project only as it is written: it is assumed to be read alike.",
    "Names are not documented to be unique: two projects of one name cannot be told apart.",
)

RANGE_PLANS = managed(
    "range_plans",
    "range plan",
    "name",
    "Range Plans",
    "The documentation shows a range plan only as it is written: the season and the category are "
    "assumed to be read as `season_id` and `category_id` too, and the target margin as a number.",
    "The target price is assumed to be read as text, as those of styles are.",
    encode=encode_range_plan,
)

LINESHEETS = managed(
    "linesheets",
    "linesheet",
    "name",
    "Linesheets",
    "The documentation shows no linesheet: only `season_id` is named there (as a filter), the "
    "other fields are assumed.",
    "A linesheet is deleted (`DELETE /linesheets/{id}`) and never archived here.",
    "One that was archived on screen is assumed to leave the list, to be listed by "
    "`?archived=true` with its `archived_at`, and to keep answering under its id: as long as it "
    "is declared, it is restored.",
    archive=archive_of("/linesheets"),
)

TASKS = managed(
    "tasks",
    "task",
    "title",
    "Tasks",
    "The documentation shows a task only as it is written: it is assumed to be read alike.",
    "How far a task is (`status`) moves with the work and is no field here.",
    "Titles are not documented to be unique: two tasks of one title cannot be told apart.",
)

KINDS = (PROJECTS, RANGE_PLANS, LINESHEETS, TASKS)
