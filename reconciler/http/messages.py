"""Define requests to a vendor and its answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any
from urllib.parse import quote, urlencode

from reconciler.frozen import frozen


@frozen
class Answer:
    """A vendor's answer that is not an error: the status and the decoded JSON, None where the body
    is empty or was not read; and when it was sent by the vendor's clock, as its `Date` header has
    it."""

    status: int
    data: Any
    date: str = ""


@frozen
class Request:
    """A request to a vendor.

    headers      for this request, in addition to those of the account
    repeatable   it can be sent again at once: a read, or a login
    base_url     the URL in front of `path`
    silent       the body of the answer is not read, only its status
    reads        it changes nothing, whatever its method
    login        its answer has a new secret
    early        its reply is not needed yet, and kept until the same is read without this
    """

    method: str
    path: str
    query: Mapping[str, str | int] | None = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = False
    base_url: str = ""
    silent: bool = False
    reads: bool = False
    login: bool = False
    early: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def absolute(self) -> bool:
        """Whether it says what should be, so that it has the same effect twice as once."""
        return self.method != "POST"

    @property
    def keyed(self) -> bool:
        """Whether it has an idempotency key, by which the vendor knows that it comes again."""
        return "Idempotency-Key" in self.headers

    @property
    def url(self) -> str:
        """The complete URL."""
        query = f"?{urlencode(self.query, quote_via=quote)}" if self.query else ""
        return f"{self.base_url}{self.path}{query}"


def json_body(body: Any) -> bytes | None:
    """A body as JSON; None where there is none."""
    if body is None:
        return None
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
