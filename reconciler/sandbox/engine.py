"""Serves one vendor: limit, fault, route, credentials, handler, journal, answer."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from threading import RLock
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from reconciler.sandbox.describe import Account, Answer, Call, Refused, Route
from reconciler.sandbox.faults import Fault, Faults, bent
from reconciler.sandbox.limits import Limiter
from reconciler.sandbox.responses import instead, late, response
from reconciler.sandbox.store import Clock

JOURNAL_LENGTH = 100_000
CONTROL = "/_sandbox/"


@dataclass(frozen=True, slots=True)
class Entry:
    """A request in the journal."""

    vendor: str
    method: str
    path: str
    query: str
    status: int
    time: datetime
    relative: str = ""
    """The client that asked for a relative write, where this is one."""

    def document(self) -> dict[str, Any]:
        """The entry as JSON; `relative` is a key of relative writes only."""
        document = {
            "vendor": self.vendor,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "status": self.status,
            "time": self.time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        return {**document, "relative": self.relative} if self.relative else document


@dataclass(frozen=True, slots=True)
class Shared:
    """What all vendors of one sandbox share."""

    clock: Clock
    faults: Faults
    changed: Callable[[], None]
    """Called after a request may have changed something that is to be saved."""
    lock: RLock = field(default_factory=RLock)
    """Held while a request is handled: the control interface may run in another thread."""
    journal: deque[Entry] = field(default_factory=lambda: deque(maxlen=JOURNAL_LENGTH))
    """Every request served, by whichever vendor."""
    relative: deque[Entry] = field(default_factory=lambda: deque(maxlen=JOURNAL_LENGTH))
    """The relative writes among them; these stay when the journal is cleared."""

    def entries(self) -> list[dict[str, Any]]:
        """The journal, oldest first."""
        return [entry.document() for entry in self.journal]


class App:
    """One vendor as an ASGI application."""

    def __init__(self, account: Account, shared: Shared, rate: int) -> None:
        self.account = account
        self.vendor = account.vendor
        self.shared = shared
        self.control: ASGIApp | None = None
        self._limiter = Limiter(rate) if rate else None
        self._routes = [(route, route.pattern(self.vendor.prefix)) for route in self.vendor.routes]
        self._relative = [
            (route.path.rpartition("/")[2].lower(), route.relative)
            for route in self.vendor.routes
            if route.relative is not None
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: control is neither limited, faulted nor journalled."""
        if scope["path"].startswith(CONTROL) and self.control is not None:
            await self.control(scope, receive, send)
            return
        request = Request(scope, receive)
        call = self._call(request, await request.body())
        with self.shared.lock:
            answer, fault, headers = self._handle(call, scope["query_string"].decode("latin-1"))
        if fault is not None and fault.name == "delay":
            await late(receive, fault.value)
        await response(answer, fault, headers)(scope, receive, send)

    def _call(self, request: Request, body: bytes) -> Call:
        query = request.scope["query_string"].decode("latin-1")
        pairs = parse_qsl(query, keep_blank_values=True) if query else []
        return Call(
            account=self.account,
            method=request.method,
            path=request.scope["path"],
            raw=request.scope["raw_path"].decode("latin-1"),
            query=dict(pairs),
            headers=request.headers,
            body=body,
            url=str(request.url.replace(query="")),
            pairs=tuple(pairs),
        )

    def _handle(self, call: Call, query: str) -> tuple[Answer, Fault | None, dict[str, str]]:
        fault, bends = self.shared.faults.pick(
            self.vendor.name, call.method, call.path, call.path.removeprefix(self.vendor.prefix)
        )
        headers = {"Content-Type": self.vendor.content_type} | self._date(fault)
        if bends:
            call = replace(call, body=bent(call.body, bends))
        refusal = self._limited(call, headers)
        if fault is not None and fault.preempts:
            answer = instead(fault, Answer(0, self.vendor.error_body("Injected fault.")))
        elif refusal is not None:
            answer = refusal
        else:
            answer = self._answer(call, fault)
            if fault is not None and fault.after:
                answer = instead(fault, Answer(0, self.vendor.error_body("Injected fault.")))
        answer = self.vendor.finish(call, answer)
        status = 0 if fault is not None and fault.resets else answer.status
        self._note(call, query, status)
        return answer, fault, headers

    def _date(self, fault: Fault | None) -> dict[str, str]:
        """The header that says when an answer was sent."""
        wrong = fault.value if fault is not None and fault.name == "date" else 0
        if wrong == "none":
            return {}
        moment = self.shared.clock.now() + timedelta(seconds=wrong)
        return {"Date": format_datetime(moment, usegmt=True)}

    def _limited(self, call: Call, headers: dict[str, str]) -> Answer | None:
        """Counts the request; adds the limit's headers, and refuses what is over it."""
        if self._limiter is None:
            return None
        wait, limit = self._limiter.take(self.shared.clock.now().timestamp())
        if self.vendor.rate_headers:
            headers |= limit
        if not wait:
            return None
        problem = self.vendor.error_body("Too Many Attempts.")
        return Answer(429, problem, {"Retry-After": str(self.vendor.retry_after or wait)})

    def _answer(self, call: Call, fault: Fault | None) -> Answer:
        """What the vendor answers, from an older state of the store for a stale read."""
        if fault is not None:
            replaces = fault.name == "replace" and call.method == "PUT"
            adds = fault.name == "adds"
            call = replace(call, list_fault=fault.list_fault, replaces=replaces, adds=adds)
            call = replace(call, lies=fault.lies)
        reads = call.method == "GET"
        rewound: Any = nullcontext()
        self.vendor.advance(self.account)
        if fault is not None and fault.name == "stale" and reads:
            rewound = self.account.store.rewound(None if fault.value is True else fault.value)
        try:
            with rewound:
                return self._routed(call)
        except Refused as refused:
            return refused.answer
        finally:
            if not reads:
                self.shared.changed()

    def _routed(self, call: Call) -> Answer:
        self.vendor.precheck(call)
        match = self._match(call)
        if isinstance(match, list):
            if not match:
                raise call.refuse(404, f"The route {call.path.strip('/')} could not be found.")
            methods = ", ".join(match)
            message = f"The {call.method} method is not supported. Supported methods: {methods}."
            raise call.refuse(405, message)
        route, params = match
        self.vendor.authorize(call, route)
        call = replace(call, params=params)
        key = call.headers.get("idempotency-key", "") if route.creates else ""
        return self._once(call, route, key) if key else route.handle(call)

    def _relative_client(self, call: Call) -> str:
        """The client that asked for a relative write, by its own name (`?` where it gives none);
        empty where the request is no such write.

        Only the last word of a path counts: asked for where nothing answers, it is one too.
        """
        last = call.path.rstrip("/").rpartition("/")[2].lower()
        if call.method == "GET" or not any(
            last == word and relative(call) for word, relative in self._relative
        ):
            return ""
        return re.split(r"[/\s]", call.headers.get("user-agent", ""))[0] or "?"

    def _match(self, call: Call) -> tuple[Route, dict[str, str]] | list[str]:
        """The route with what its path names, or the methods that the path has."""
        others = []
        for route, pattern in self._routes:
            if match := pattern.fullmatch(call.raw):
                if route.method == call.method:
                    return route, {name: unquote(text) for name, text in match.groupdict().items()}
                others.append(route.method)
        return others

    def _once(self, call: Call, route: Route, key: str) -> Answer:
        """A create with an idempotency key: done once, answered the same again."""
        content = sha256(f"{call.method} {call.path}\n".encode() + call.body).hexdigest()
        before = self.account.replays.get(key)
        if before is None:
            answer = route.handle(call)
            self.account.replays[key] = content, answer
            return answer
        if before[0] != content:
            raise call.refuse(422, "This Idempotency-Key was used with another request.")
        answer = before[1]
        return replace(answer, headers={**answer.headers, "Idempotency-Replayed": "true"})

    def _note(self, call: Call, query: str, status: int) -> None:
        query = unquote_plus(query)
        client = self._relative_client(call)
        for secret in self.vendor.credentials.values():
            query, client = query.replace(secret, "***"), client.replace(secret, "***")
        now = self.shared.clock.now()
        entry = Entry(self.vendor.name, call.method, call.path, query, status, now, client)
        self.shared.journal.append(entry)
        if client:
            self.shared.relative.append(entry)
