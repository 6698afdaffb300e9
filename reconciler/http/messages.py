"""What is asked of a vendor and what it answers, as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class Answer:
    """A vendor's answer that is not an error: the decoded JSON, or None where there is no body
    or none that says anything."""

    status: int
    data: Any


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a vendor.

    headers      for this request, in addition to those of the account
    repeatable   sending it twice does no more than sending it once
    base_url     the address in front of `path`
    silent       the answer is not read: that it is no error is all it says
    reads        it changes nothing, whatever its method
    """

    method: str
    path: str
    query: Mapping[str, str | int] | None = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = True
    base_url: str = ""
    silent: bool = False
    reads: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def url(self) -> str:
        """The whole address."""
        query = f"?{urlencode(self.query, quote_via=quote)}" if self.query else ""
        return f"{self.base_url}{self.path}{query}"


def json_body(body: Any) -> bytes | None:
    """A body as JSON; None where there is none."""
    if body is None:
        return None
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
