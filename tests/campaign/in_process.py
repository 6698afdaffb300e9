"""A vendor of the sandbox, an account at it and a ledger, all in this process and without a file or
a socket: thousands of histories take minutes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from reconciler.errors import Diagnostic, NotFound, Rejected
from reconciler.http.messages import Answer
from reconciler.ledger.store import Content, Holder
from reconciler.model import Connection
from reconciler.sandbox import credentials
from reconciler.sandbox.engine import App, Shared
from reconciler.sandbox.faults import Faults
from reconciler.sandbox.server import vendor
from reconciler.sandbox.state import account
from reconciler.sandbox.store import Clock

KOBO = "kobo-plm"
HEADERS = [(b"host", b"localhost"), (b"x-api-key", credentials()["KOBO_API_KEY"].encode())]


class Vendor:
    """Kobo PLM, empty at first; `faults` are those of the sandbox."""

    def __init__(self, now: str) -> None:
        self.clock, self.faults = Clock(), Faults([KOBO])
        self.clock.set(now)
        description = vendor(KOBO)
        self.account = account(description, "empty", self.clock, {})
        self._app = App(self.account, Shared(self.clock, self.faults, lambda: None), rate=0)
        self._prefix = description.prefix

    def request(
        self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None
    ) -> tuple[int, Any, str]:
        """The status, the JSON and the `Date` of an answer."""
        content = b"" if body is None else json.dumps(body).encode()
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": self._prefix + path,
            "raw_path": (self._prefix + path).encode(),
            "query_string": urlencode(query or {}).encode(),
            "headers": HEADERS,
            "scheme": "http",
            "server": ("localhost", 80),
        }
        answering = self._app(scope, receive, send)  # type: ignore[arg-type]
        with suppress(StopIteration):  # nothing in it waits for anything
            answering.send(None)  # type: ignore[attr-defined]
        headers = dict(sent[0]["headers"])
        data = b"".join(message["body"] for message in sent[1:])
        date = headers.get(b"date", b"").decode()
        return sent[0]["status"], json.loads(data) if data else None, date


class InOrder:
    """A pool of threads that has none."""

    map = staticmethod(map)


@dataclass
class Client:
    """What a driver needs of `http.client.Client`, sent to a vendor in this process."""

    vendor: Vendor
    connection: Connection
    before: Callable[[Mapping[str, Any]], None] = lambda _query: None
    """Called with the query of each GET before it is sent."""
    written: list[str] = field(default_factory=list)
    """The writes that were sent, as method and path."""
    per_minute: int = 0
    announced: tuple[int | None, int | None] = (None, None)
    given_up: Diagnostic | None = None
    pool: InOrder = field(default_factory=InOrder)
    replies: None = None

    @property
    def limiter(self) -> Client:
        """No limit."""
        return self

    def reading_since(self) -> float:
        """Now: nothing was asked for before."""
        return time.monotonic()

    def read(self, path: str, query: Mapping[str, Any] | None = None) -> Answer:
        """A GET."""
        self.before(query or {})
        return self._answer("GET", path, query)

    def write(
        self,
        method: str,
        path: str,
        body: Any = None,
        idempotency_key: str | None = None,
        query: Mapping[str, str] | None = None,
        silent: bool = False,
    ) -> Answer:
        """A write."""
        self.written.append(f"{method} {path}")
        return self._answer(method, path, query, body)

    def writes_sent(self) -> int:
        """How many writes were sent."""
        return len(self.written)

    def expect_secrets(self, members: Iterable[str]) -> None:
        """Nothing is hidden here."""

    def hide(self, text: str) -> str:
        """Nothing is hidden here."""
        return text

    def _answer(self, method: str, path: str, query: Any = None, body: Any = None) -> Answer:
        status, data, date = self.vendor.request(method, path, query, body)
        if status < 300:
            return Answer(status, data, date)
        finding = Diagnostic(f"{method} {path} answered {status}: {data}")
        raise (NotFound if status == 404 else Rejected)(finding, status=status)


class MemoryStore:
    """A ledger that is gone with the process."""

    place = "memory"

    def __init__(self) -> None:
        self._data, self._version = b"", 0

    def read(self) -> Content:
        """What was appended."""
        return Content(self._data, str(self._version))

    def append(self, lines: bytes, version: str, keep: int) -> str:
        """Append, whoever asks."""
        assert version == str(self._version)
        self._data, self._version = self._data[:keep] + lines, self._version + 1
        return str(self._version)

    @contextmanager
    def lock(self, holder: Holder) -> Iterator[Holder | None]:
        """Nobody else is there."""
        yield None

    def holder(self) -> Holder | None:
        """Nobody."""
        return None

    def unlock(self, id: str = "") -> Holder | None:
        """Nothing is locked."""
        return None

    def obstacle(self) -> str:
        """None."""
        return ""
