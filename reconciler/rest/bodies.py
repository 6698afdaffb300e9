"""What an answer holds: one object, or what it says of several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reconciler.errors import Diagnostic, Incomplete
from reconciler.http.client import Client
from reconciler.http.errors import QUOTED, reported_failure
from reconciler.kinds import Call, Kind, Raw


def unwrapped(data: Any, call: Call) -> Raw | None:
    """The object that an answer holds, which may be a list of just this one; None where it holds
    none."""
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    if call.envelope and isinstance(data, dict):
        data = data.get(call.envelope, data)
    return data if isinstance(data, dict) else None


def looked_up(client: Client, path: str, data: Any, call: Call) -> Raw | None:
    """The object that the answer to a GET of one object holds. Raises Incomplete where it reports a
    failure, which must not be taken for an object, nor for the absence of one."""
    if (failure := reported_failure(data)) is not None:
        raise Incomplete(
            Diagnostic(
                f"{client.connection.name}: GET {path} answered an error instead of an object: "
                f"{client.hide(failure)[:QUOTED]}",
                "Nothing is concluded from it. Run it again; if it stays, tell the vendor.",
            )
        )
    return unwrapped(data, call)


def refusals(kind: Kind, data: Any) -> Iterator[tuple[str, str]]:
    """What an answer about many objects says of each one that it names by its identifier: the
    other texts that stand beside that."""
    lists = [data, *data.values()] if isinstance(data, dict) else [data]
    for entry in (entry for entries in lists if isinstance(entries, list) for entry in entries):
        if isinstance(entry, dict) and any(name in entry for name in kind.identifier):
            beside = (v for n, v in entry.items() if n not in kind.identifier)
            text = "; ".join(value for value in beside if isinstance(value, str))
            if text:
                yield kind.id_of(entry), text


def time_in(raw: Raw, path: Sequence[str]) -> str:
    """A time in an object, as the vendor writes it; "" where it does not say it."""
    value: Any = raw if path else None
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
