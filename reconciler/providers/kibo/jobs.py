"""Kibo's queue of inventory jobs: what a nightly report tells of the last ones."""

from __future__ import annotations

from reconciler.kinds import Call, Raw, Watch


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
