"""One vendor account over HTTP.

What it promises: credentials go to the configured scheme, host and port and nowhere else; no
redirect is followed; a client that only reads cannot write; a request that may have taken effect
is never sent twice unless it is safe to.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from reconciler.errors import (
    Diagnostic,
    ReconcilerError,
    Rejected,
    Unauthorized,
    Unknown,
    VendorError,
)
from reconciler.http.auth import authenticator
from reconciler.http.errors import explain, strict_json
from reconciler.http.limiter import Limiter, retry_after
from reconciler.http.messages import Answer, Request, own_headers
from reconciler.http.redaction import redacted, told
from reconciler.http.retries import ATTEMPTS, CONNECTS, NOT_PROCESSED, PATIENCE, RETRIED, jittered
from reconciler.http.tenancy import Hosts
from reconciler.http.transport import NoResponse, Reply, Wire
from reconciler.kinds import Provider
from reconciler.model import Connection, Secret

log = logging.getLogger("reconciler.rest")


class Client:
    """Requests to one account, inside its rate limit, from any thread.

    `writable` False makes every mutating request impossible. `sleep` and `observe` (told of each
    request sent: method, path, status or 0, seconds) are for the command line and for tests, and so
    is `held` (told of each wait for the rate limit, in seconds).
    """

    def __init__(
        self,
        connection: Connection,
        provider: Provider,
        writable: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        observe: Callable[[str, str, int, float], None] | None = None,
        held: Callable[[float], None] | None = None,
    ) -> None:
        self.connection = connection
        self.base_url = (connection.base_url or provider.base_url).rstrip("/")
        workers = connection.parallelism or provider.parallelism
        self.limiter = Limiter(_per_minute(connection, provider), at_once=workers, held=held)
        self._writable = writable
        self._sleep = sleep
        self._observe = observe
        self._headers = {"Accept": "application/json", "User-Agent": "reconciler"}
        self._headers |= provider.headers
        self._own_headers = own_headers(connection, provider)
        self._queries = provider.queries
        self._hosts = Hosts(self.base_url, provider.tenancy, connection)
        self._auth = authenticator(provider.auth, connection)
        self._secrets = [v for v in connection.settings.values() if isinstance(v, Secret)]
        self._down: VendorError | None = None
        self.pool = ThreadPoolExecutor(workers, thread_name_prefix=connection.name)
        self._wire = Wire(connection.timeout)

    def close(self) -> None:
        """Let go of threads, once what they have begun is answered, and of connections."""
        self.pool.shutdown(cancel_futures=True)
        self._wire.close()

    def read(self, path: str, query: Mapping[str, str | int] | None = None) -> Answer:
        """GET. Raises a `VendorError` that says what is wrong."""
        return self._send(Request("GET", path, query, reads=True))

    def query(self, path: str, body: Any) -> Answer:
        """A POST that changes nothing: one of the provider's `queries`."""
        if path not in self._queries:
            raise ReconcilerError(f"refused: POST {path} is not known to be a query")
        return self._send(Request("POST", path, None, body, reads=True))

    def write(
        self,
        method: str,
        path: str,
        body: Any = None,
        idempotency_key: str | None = None,
        query: Mapping[str, str] | None = None,
        silent: bool = False,
    ) -> Answer:
        """Send one absolute write, whose answer is not read where it is `silent`. Raises `Unknown`
        where it may have taken effect unnoticed."""
        if not self._writable:
            raise ReconcilerError(f"refused: {method} {path} in a command that only reads")
        extra = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        safe = method != "POST"
        return self._send(Request(method, path, query, body, extra, safe, silent=silent))

    def wait(self, seconds: float, reason: str) -> None:
        """Let time pass for a `reason`, which is logged."""
        if seconds:
            log.info("%s: waiting %.1f s for %s", self.connection.name, seconds, reason)
            self._sleep(seconds)

    def _send(self, request: Request) -> Answer:
        """Send with the proof of who we are, renewed once where the vendor no longer takes it."""
        if self._down is not None:
            raise self._down
        if not {".", ".."}.isdisjoint(request.path.split("/")):
            raise Rejected(
                Diagnostic(
                    f"{self.connection.name}: not sent: {request}, as . and .. lead to another "
                    "address",
                    "Give the object another code at the vendor, or leave it to the screens.",
                )
            )
        renewed = False
        while True:
            proof = self._auth.headers(self._exchange)
            try:
                return self._attempts(self._addressed(request, proof))
            except Unauthorized as error:
                if renewed or not self._auth.renew(proof):
                    self._down = error
                    raise
                renewed = True

    def _addressed(self, request: Request, proof: Mapping[str, str]) -> Request:
        """The request with all that its sender knows of the account."""

        def ask(path: str) -> Any:
            return self._attempts(Request("GET", path, headers=proof, reads=True)).data

        base_url = self._hosts.base(request.path, ask)
        headers = {**self._own_headers, **proof, **request.headers}
        return replace(request, headers=headers, base_url=base_url)

    def _exchange(self, path: str, body: Any) -> Any:
        """A login: a POST that changes nothing, so a client that only reads may send it."""
        if self._down is not None:  # whoever waited for this login need not be refused again
            raise self._down
        try:
            return self._attempts(Request("POST", path, body=body)).data
        except Unauthorized as error:
            self._down = error
            raise

    def _attempts(self, request: Request) -> Answer:
        """Try until there is an answer that means something.

        Tried again is what is safe to send twice, what was not sent at all, and what the vendor
        says it has not processed.
        """
        for attempt in range(ATTEMPTS):
            last = attempt == ATTEMPTS - 1
            try:
                reply = self._once(request)
            except NoResponse as silence:
                permanent = silence.permanent or (silence.not_sent and attempt + 1 >= CONNECTS)
                if last or permanent or not (request.repeatable or silence.not_sent):
                    raise self._unreachable(request, silence) from None
                self._sleep(jittered(attempt))
                continue
            status = reply.status
            asked = retry_after(reply.headers)
            may_repeat = request.repeatable or (status in NOT_PROCESSED and asked is not None)
            if status in RETRIED and may_repeat and not last and (asked or 0) <= PATIENCE:
                wait = max(asked or 0.0, jittered(attempt))
                if status == 429:
                    self.limiter.pause(wait)
                else:
                    self._sleep(wait)
                continue
            return self._judge(request, reply)
        raise AssertionError("the last attempt returns or raises")

    def _once(self, request: Request) -> Reply:
        self.limiter.acquire()
        began = time.monotonic()
        answered: Mapping[str, str] = {}
        status = 0
        url = (request.base_url or self.base_url) + request.path
        headers = {**self._headers, **request.headers}
        try:
            reply = self._wire.send(request.method, url, request.query, request.body, headers)
            answered, status = reply.headers, reply.status
            return reply
        finally:
            self.limiter.release(answered)
            seconds = time.monotonic() - began
            log.debug("%s %s %s in %.3f s", self.connection.name, request, status, seconds)
            if self._observe:
                self._observe(request.method, request.path, status, seconds)

    def _judge(self, request: Request, reply: Reply) -> Answer:
        status, content, broken = reply.status, reply.content, ""
        if 200 <= status < 300 and request.silent:
            return Answer(status, None)
        if 200 <= status < 300:
            try:
                data = strict_json(content) if content.strip() else None
            except ValueError as error:
                broken = str(error)
            else:
                self._nothing_told(request, content)
                return Answer(status, data)
        account, location = self.connection.name, reply.headers.get("location", "")
        problem = explain(
            account, str(request), self.base_url, status, content, self.hide, broken, location
        )
        if not request.reads and (status >= 500 or broken):
            raise Unknown(*problem.diagnostics, status=status)
        raise problem

    def _nothing_told(self, request: Request, content: bytes) -> None:
        """Raises where a read shows what we proved ourselves with: it would be printed, saved
        and noted like any other value."""
        if request.reads and told(content, self._secrets):
            account, advice = self.connection.name, "Rotate it, and take it out of the data there."
            what = f"{account}: {request} answered with this account's own credential"
            raise VendorError(Diagnostic(f"{what}, so nothing of it is used", advice))

    def hide(self, text: str) -> str:
        """The text without credentials."""
        return redacted(text, (*self._secrets, *self.connection.given, *self._auth.secrets()))

    def _unreachable(self, request: Request, silence: NoResponse) -> VendorError:
        host = urlsplit(request.base_url or self.base_url).netloc
        text = self.hide(str(silence))
        finding = Diagnostic(
            f"{self.connection.name}: no answer from {host}: {text}",
            "Check base_url, the network and the vendor's status page, then run it again.",
        )
        if silence.not_sent:
            # Whoever comes next need not find out again.
            self._down = VendorError(finding)
            return self._down
        return VendorError(finding) if request.reads else Unknown(finding)


def _per_minute(connection: Connection, provider: Provider) -> int:
    """The limit to keep to: the workspace's, else the vendor's for the account's tier."""
    if connection.requests_per_minute is not None:
        return connection.requests_per_minute
    return provider.rate.get(str(connection.settings.get("tier", "")), provider.rate[""])
