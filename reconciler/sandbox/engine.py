"""Serves one vendor: limit, fault, route, credentials, handler, journal, answer."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from threading import RLock
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from reconciler.sandbox.delivery import late, preempted, response
from reconciler.sandbox.faults import Fault, Faults
from reconciler.sandbox.limits import Limiter
from reconciler.sandbox.store import Clock
from reconciler.sandbox.vendor import Account, Answer, Call, Refused, Route, never

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
    mover: str = ""
    """The client that asked for a relative write, where this is one."""

    def told(self) -> dict[str, Any]:
        """The entry as it is shown; `relative` is there only where it is a relative write."""
        shown = {
            "vendor": self.vendor,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "status": self.status,
            "time": self.time.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        return {**shown, "relative": self.mover} if self.mover else shown


@dataclass(frozen=True, slots=True)
class World:
    """What all vendors of one sandbox share."""

    clock: Clock
    faults: Faults
    changed: Callable[[], None]
    """Called after a request may have changed something that is to be saved."""
    lock: RLock = field(default_factory=RLock)
    """Held while a request is handled: the control interface may run in another thread."""
    journal: deque[Entry] = field(default_factory=lambda: deque(maxlen=JOURNAL_LENGTH))
    """Every request served, by whichever vendor."""
    moved: deque[Entry] = field(default_factory=lambda: deque(maxlen=JOURNAL_LENGTH))
    """The relative writes among them; these stay when the journal is cleared."""

    def entries(self) -> list[dict[str, Any]]:
        """The journal, oldest first."""
        return [entry.told() for entry in self.journal]


class Site:
    """One vendor as an ASGI application."""

    def __init__(self, account: Account, world: World, rate: int) -> None:
        self.account = account
        self.vendor = account.vendor
        self.world = world
        self.control: ASGIApp | None = None
        self._limiter = Limiter(rate) if rate else None
        self._routes = [(route, route.pattern(self.vendor.prefix)) for route in self.vendor.routes]
        self._relatives = [
            (route, re.compile(pattern.pattern, re.IGNORECASE))
            for route, pattern in self._routes
            if route.relative is not never
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: control is neither limited, faulted nor journalled."""
        if scope["path"].startswith(CONTROL) and self.control is not None:
            await self.control(scope, receive, send)
            return
        request = Request(scope, receive)
        call = self._call(request, await request.body())
        with self.world.lock:
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
        headers = {"Content-Type": self.vendor.content_type}
        fault = self.world.faults.pick(
            self.vendor.name, call.method, call.path, call.path.removeprefix(self.vendor.prefix)
        )
        refusal = self._limited(call, headers)
        if fault is not None and fault.preempts:
            answer = preempted(fault, Answer(0, self.vendor.problem("Injected fault.")))
        elif refusal is not None:
            answer = refusal
        else:
            answer = self._answer(call, fault)
        answer = self.vendor.dress(call, answer)
        status = 0 if fault is not None and fault.name == "reset" else answer.status
        self._note(call, query, status)
        return answer, fault, headers

    def _limited(self, call: Call, headers: dict[str, str]) -> Answer | None:
        """Counts the request; adds the limit's headers, and refuses what is over it."""
        if self._limiter is None:
            return None
        grant = self._limiter.take(self.world.clock.now().timestamp())
        if self.vendor.rate_headers:
            headers |= grant.headers()
        if grant.allowed:
            return None
        problem = self.vendor.problem("Too Many Attempts.")
        wait = self.vendor.retry_after or grant.retry_after
        return Answer(429, problem, {"Retry-After": str(wait)})

    def _answer(self, call: Call, fault: Fault | None) -> Answer:
        """What the vendor answers, the store rewound where a stale read was asked for."""
        twisted = replace(call, twist=fault.twist if fault else "")
        reads = call.method == "GET"
        rewound: Any = nullcontext()
        self.vendor.settle(self.account)
        if fault is not None and fault.name == "stale" and reads:
            rewound = self.account.store.rewound(None if fault.value is True else fault.value)
        try:
            with rewound:
                return self._routed(twisted)
        except Refused as refused:
            return refused.answer
        finally:
            if not reads:
                self.world.changed()

    def _routed(self, call: Call) -> Answer:
        self.vendor.greet(call)
        found = self._find(call)
        if isinstance(found, list):
            if not found:
                raise call.refuse(404, f"The route {call.path.strip('/')} could not be found.")
            methods = ", ".join(found)
            message = f"The {call.method} method is not supported. Supported methods: {methods}."
            raise call.refuse(405, message)
        route, match = found
        self.vendor.admit(call, route)
        params = {name: unquote(text) for name, text in match.groupdict().items()}
        matched = replace(call, params=params)
        key = call.headers.get("idempotency-key", "") if route.creates else ""
        return self._once(matched, route, key) if key else route.handle(matched)

    def _relative(self, call: Call) -> str:
        """The client that asked for a relative write, by its own name (`?` where it gives none);
        empty where the request is no such write."""
        path = call.raw.rstrip("/")
        if call.method == "GET" or not any(
            pattern.fullmatch(path) and route.relative(call) for route, pattern in self._relatives
        ):
            return ""
        return re.split(r"[/\s]", call.headers.get("user-agent", ""))[0] or "?"

    def _find(self, call: Call) -> tuple[Route, re.Match[str]] | list[str]:
        """The route, or the methods of the routes that have the path but not the method."""
        others = []
        for route, pattern in self._routes:
            if match := pattern.fullmatch(call.raw):
                if route.method == call.method:
                    return route, match
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
        who = self._relative(call)
        for secret in self.vendor.credentials.values():
            query, who = query.replace(secret, "***"), who.replace(secret, "***")
        now = self.world.clock.now()
        entry = Entry(self.vendor.name, call.method, call.path, query, status, now, who)
        self.world.journal.append(entry)
        if who:
            self.world.moved.append(entry)
