"""What is asked of a vendor and what it answers, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.kinds import Provider
from reconciler.model import Connection


@dataclass(frozen=True, slots=True)
class Answer:
    """A vendor's answer that is not an error: the decoded JSON, or None where there is no body
    or none that says anything."""

    status: int
    data: Any


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a vendor. `repeatable` may be sent twice without doing more than once; what
    `reads` changes nothing, whatever its method. The answer to a `silent` one is not read: that it
    is no error is all it says."""

    method: str
    path: str
    query: Mapping[str, str | int] | None = None
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = True
    base_url: str = ""
    silent: bool = False
    reads: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def own_headers(connection: Connection, provider: Provider) -> Mapping[str, str]:
    """What says whose account it is: on every request but those that prove who we are."""
    return {
        header: str(connection.settings[name])
        for header, name in provider.setting_headers.items()
        if name in connection.settings
    }
