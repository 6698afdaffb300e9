"""What a write at Kobo PLM is called by the events that tell of it."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.sandbox.store import Object


def verbs(before: Object | None, after: Object | None) -> Iterator[str]:
    """What happened to an object, as the names of events say it."""
    if before is None:
        yield "created"
        return
    if after is None or (after.get("archived_at") and not before.get("archived_at")):
        yield "deleted"
        return
    yield "updated"
    if before.get("status") != after.get("status"):
        yield "status_changed"
        if after.get("status") == "completed":
            yield "completed"
    if before.get("assignee_id") != after.get("assignee_id"):
        yield "assigned"
    if "reorder_point" in after and _is_low(after) and not _is_low(before):
        yield "low_stock"


def _is_low(level: Object) -> bool:
    return bool(level["qty_on_hand"] <= level["reorder_point"])


def change_of(verb: str, before: Object | None, after: Object | None) -> Object | None:
    """The field that changed: the status, where that is what the event is about."""
    if before is None or after is None:
        return None
    changed = [n for n in after if n != "updated_at" and before.get(n) != after[n]]
    name = "status" if verb in ("status_changed", "completed") else next(iter(changed), None)
    if name is None:
        return None
    return {"field": name, "previous_value": before.get(name), "new_value": after[name]}
