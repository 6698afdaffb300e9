"""Kibo's inventory service: lists of several forms, exports, and the queue of jobs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from reconciler.errors import Diagnostic, Incomplete, NotFound
from reconciler.kinds import Call, Raw, Requests, Watch

FETCH = "/commerce/inventory/v1/config/fetchfile"
FETCH_ID = "fetchFileConfigID"
CATEGORIES = "/commerce/inventory/v1/tagCategory"
WRAPPER = "exportSettings"


def configurations(requests: Requests, parents: Sequence[str]) -> Iterable[Raw]:
    """All configurations of fetched files, in whichever of three forms they are answered.

    The API description has `{"items": [...]}`, the client package one object; a bare array is what
    the rest of this family answers. Raises Incomplete for anything else.
    """
    return _objects(_configurations_in(requests.read(FETCH)), FETCH, "fetch file configurations")


def _configurations_in(data: Any) -> Any:
    if not isinstance(data, dict):
        return data
    if FETCH_ID in data:
        return [data]
    # What is not set is left out, and so may be a list of nothing.
    nothing = not data or data.get("numResults") == 0
    return data.get("items", [] if nothing else None)


def categories(requests: Requests, parents: Sequence[str]) -> list[Raw]:
    """All tag categories with their tags; having none is a 404 (API description,
    getTagCategories). Raises Incomplete where the answer is no list of objects."""
    try:
        return _objects(requests.read(CATEGORIES), CATEGORIES, "tag categories")
    except NotFound:
        return []


def tags(requests: Requests, parents: Sequence[str]) -> Iterable[Raw]:
    """The tags of all categories, which their list holds, each with its category's name."""
    for category in categories(requests, parents):
        for tag in category.get("tags") or ():
            yield {**tag, "category": category["name"]}


def _objects(data: Any, path: str, expected: str) -> list[Raw]:
    if isinstance(data, list) and all(isinstance(item, dict) for item in data):
        return data
    raise Incomplete(
        Diagnostic(
            f"GET {path} answered something else than {expected}",
            "The vendor may have changed its API.",
        )
    )


def unwrap_exports(raws: Sequence[Raw]) -> Sequence[Raw]:
    """Answers hold `{"exportSettings": {...}}` for each (client package, ExportSettings)."""
    return [raw.get(WRAPPER, raw) for raw in raws]


def wrap_export(bodies: Sequence[Raw]) -> Raw:
    """Both writes want the wrapper too (client package, CreateExportSettingsRequest)."""
    (body,) = bodies
    return {WRAPPER: body}


def failure(job: Raw) -> str:
    """What a failed job was and why (`status` is one of PENDING, WORKING, SUCCESS, FAILED in the
    API description, JobQueueResponse); "" for any other."""
    if job.get("status") != "FAILED":
        return ""
    place = f" at {job['locationCode']}" if job.get("locationCode") else ""
    messages = job.get("messages")
    why = "; ".join(map(str, messages)) if isinstance(messages, list) and messages else "no reason"
    return f"job {job.get('jobID')} ({job.get('type')}{place}, {job.get('finished')}): {why}"


INVENTORY_JOBS = Watch(
    "inventory jobs",
    Call("GET", "/commerce/inventory/v1/queue", query={"limit": "100"}),
    failure,
    "Look at them in Kibo Admin → Fulfillment → Inventory.",
)
