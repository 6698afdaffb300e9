"""Waiting for what a vendor does after it has answered."""

from __future__ import annotations

from dataclasses import replace

from reconciler.errors import Diagnostic, Rejected, Unknown, VendorError
from reconciler.http.client import Client
from reconciler.kinds import Job, Raw
from reconciler.rest.paths import fill_path

WAITS = (0.0, 0.5, 1.0, 2.0, 5.0)
"""Seconds before each look at a job, the last for all that follow."""
LOOKS = 180


def wait_for(client: Client, job: Job, answer: Raw | None) -> None:
    """Return once the job that this answer began has succeeded; an answer without one is done.

    Raises Rejected where the job failed, and Unknown where nobody can say how it ends: it cannot
    be asked for, has not ended after a quarter of an hour, or the run was asked to stop.
    """
    number = (answer or {}).get(job.member)
    if number is None:
        return
    path = fill_path(job.call.path, {"id": str(number)})
    status = ""
    for look in range(LOOKS):
        state = _state(client, job, path, number, WAITS[min(look, len(WAITS) - 1)])
        status = str(state.get(job.status))
        if status in job.done:
            return
        if status in job.failed:
            raise Rejected(Diagnostic(_failure(client, path, number, state), "Plan again."))
    account = client.connection.name
    raise Unknown(
        Diagnostic(
            f"{account}: job {number} is still {status} after a quarter of an hour",
            f"Plan again when it has ended (GET {path}).",
        )
    )


def _state(client: Client, job: Job, path: str, number: object, seconds: float) -> Raw:
    """What the vendor says of a job after so many seconds."""
    try:
        client.wait(seconds, f"job {number}")
        state = client.read(path, job.call.query).data
    except VendorError as error:
        finding = error.diagnostics[0]
        summary = f"job {number} was begun, and its end is not known: {finding.summary}"
        raise Unknown(replace(finding, summary=summary), status=error.status) from None
    return state if isinstance(state, dict) else {}


def _failure(client: Client, path: str, number: object, state: Raw) -> str:
    messages = state.get("messages")
    text = "; ".join(map(str, messages)) if isinstance(messages, list) else ""
    kind = f" ({state['type']})" if state.get("type") else ""
    why = client.hide(text)[:300] if text else "the vendor does not say why"
    return f"{client.connection.name}: job {number}{kind} failed: {why}"
