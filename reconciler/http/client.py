"""Send the requests of one vendor account: authentication, rate limit and safety rules.

The rules: credentials go to the configured scheme, host and port and nowhere else; no redirect is
followed; a client that only reads cannot write; a write that may have taken effect is not sent
again from here, because whoever sends it looks for its effect first.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

from reconciler.errors import (
    Diagnostic,
    NotAttempted,
    ReconcilerError,
    Rejected,
    Unauthorized,
    VendorError,
)
from reconciler.http.connection import (
    customer_headers,
    per_minute,
    plain,
    proxy_secrets,
    secrets_in,
)
from reconciler.http.limiter import Limiter
from reconciler.http.messages import Answer, Request, json_body
from reconciler.http.redaction import KnownSecrets
from reconciler.http.replies import Replies, request_of
from reconciler.http.sender import Observe, Sender
from reconciler.http.tenancy import Hosts
from reconciler.http.transport import Transport
from reconciler.http.unreachable import NotReached
from reconciler.kinds import Provider
from reconciler.kinds.auth import AuthRequest, AuthResponse
from reconciler.model import Connection, Secret
from reconciler.timing import Stage, timed

log = logging.getLogger("reconciler.rest")


class Client:
    """Requests to one account, inside its rate limit, from any thread.

    `writable` False makes every mutating request impossible. `sleep`, `observe` (called for each
    request sent) and `held` (called with the seconds of each wait for the rate limit) are for the
    command line and for tests. Once `stop` is set, reads and waits end with NotAttempted. `known`
    are the secrets of all accounts of the run.
    """

    def __init__(
        self,
        connection: Connection,
        provider: Provider,
        writable: bool = False,
        sleep: Callable[[float], object] | None = None,
        observe: Observe | None = None,
        held: Callable[[float], None] | None = None,
        stop: threading.Event | None = None,
        known: KnownSecrets | None = None,
    ) -> None:
        stop = stop or threading.Event()
        sleep = sleep or stop.wait
        self.connection = connection
        self.base_url = (connection.base_url or provider.base_url).rstrip("/")
        workers = connection.parallelism or provider.parallelism
        self._writable = writable
        self._sleep = sleep
        self._headers = {
            "Accept": "application/json",
            "User-Agent": "reconciler",
            **provider.headers,
        }
        self._customer_headers = customer_headers(connection, provider)
        self._queries = provider.queries
        self._hosts = Hosts(self.base_url, provider.tenancy, connection)
        self._known = known or KnownSecrets()
        own = (*secrets_in(connection.settings), *proxy_secrets(connection.proxy))
        for secret in own:
            self._known.add(secret)
        for secret in connection.unshown:
            self._known.add(secret, may_occur=True)
        settings = {name: plain(value) for name, value in connection.settings.items()}
        self._flow = provider.auth.start(
            settings, lambda token: self.remember(Secret(token, "token"))
        )
        self._down: VendorError | None = None
        self._thread = _Thread()
        self.pool = ThreadPoolExecutor(workers, thread_name_prefix=connection.name)
        proxy = connection.proxy.reveal() if connection.proxy else None
        secure = self.base_url.startswith("https:")
        self._transport = Transport(connection.timeout, secure, proxy, stop)
        share = 100 if connection.requests_per_minute is not None else connection.share
        limiter = Limiter(per_minute(connection, provider), at_once=workers, held=held, share=share)
        self._sender = Sender(
            connection.name, self._transport, limiter, sleep, observe, self._known, stop
        )

    @property
    def limiter(self) -> Limiter:
        """The rate limiter of the account."""
        return self._sender.limiter

    @limiter.setter
    def limiter(self, limiter: Limiter) -> None:
        self._sender.limiter = limiter

    @property
    def given_up(self) -> Diagnostic | None:
        """Why no request is sent any more; None where requests are sent."""
        if self._down is not None:
            return self._down.diagnostics[0]
        return self._sender.failures.given_up

    @property
    def replies(self) -> Replies | None:
        """The replies to what was read, where they are noted."""
        return self._sender.replies

    @replies.setter
    def replies(self, replies: Replies) -> None:
        self._sender.replies = replies

    def read_early(self, replies: Replies) -> None:
        """Begin to ask everything to which a reply is expected, side by side. The replies are kept
        until they are needed; a read that fails is left to those who need it."""

        def ask(request: Request) -> None:
            with suppress(VendorError):
                self._send(request)

        self.replies = replies
        for question in replies.expected:
            request = request_of(question)
            # The customer's own host is asked for by the first request that goes there.
            if request.path != self._hosts.lookup:
                replies.coming[question] = self.pool.submit(ask, request)

    def reading_since(self) -> float:
        """The monotonic time in seconds since when what is read now may have been asked."""
        replies = self._sender.replies
        return time.monotonic() if replies is None else replies.began()

    def writes_sent(self) -> int:
        """How many writes the calling thread has sent."""
        return self._thread.writes

    def close(self) -> None:
        """Finish the requests in flight, then close the threads and the connections."""
        self.pool.shutdown(cancel_futures=True)
        self._transport.close()

    def read(self, path: str, query: Mapping[str, str | int] | None = None) -> Answer:
        """Send a GET and return the answer. Raises a `VendorError` that says what is wrong."""
        return self._send(Request("GET", path, query, repeatable=True, reads=True))

    def query(self, path: str, body: Any) -> Answer:
        """Send a POST that changes nothing: one of the provider's `queries`."""
        if path not in self._queries:
            raise ReconcilerError(f"refused: POST {path} is not known to be a query")
        return self._send(
            Request("POST", path, content=json_body(body), repeatable=True, reads=True)
        )

    def write(
        self,
        method: str,
        path: str,
        body: Any = None,
        idempotency_key: str | None = None,
        query: Mapping[str, str] | None = None,
        silent: bool = False,
    ) -> Answer:
        """Send one absolute write and return the answer; with `silent` its body is not read. Raises
        `Unknown` where it may have taken effect although no answer says so."""
        if not self._writable:
            raise ReconcilerError(f"refused: {method} {path} in a command that only reads")
        extra = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        request = Request(method, path, query, json_body(body), extra, silent=silent)
        try:
            answer = self._send(request)
        except NotAttempted:
            raise
        except VendorError:
            self._thread.writes += 1
            raise
        self._thread.writes += 1
        return answer

    def wait(self, seconds: float, reason: str) -> None:
        """Wait for a number of seconds and log the `reason`. Raises NotAttempted where the run was
        asked to stop."""
        if seconds:
            log.info("%s: waiting %.1f s for %s", self.connection.name, seconds, reason)
            self._sleep(seconds)
            self._sender.check()

    def remember(self, secret: Secret) -> None:
        """Never show this secret, which the vendor has just given out."""
        self._known.add(secret)

    def expect_secrets(self, members: Set[str]) -> None:
        """Accept secrets in these members of answers, of which nothing reads the value."""
        self._sender.secret_members |= members

    def hide(self, text: str) -> str:
        """The text without secrets."""
        return self._sender.hide(text)

    @timed(Stage.WAIT)
    def _send(self, request: Request) -> Answer:
        """Send a request, and the requests that authentication needs before it."""
        if self._down is not None:
            raise self._down if request.repeatable else NotAttempted(*self._down.diagnostics)
        if not {".", ".."}.isdisjoint(request.path.split("/")):
            raise Rejected(
                Diagnostic(
                    f"{self.connection.name}: not sent: {request}, because . and .. change the "
                    "path",
                    "Give the object another code at the vendor, or manage it in its screens.",
                )
            )
        base_url = self._hosts.base(request.path, lambda path: self.read(path).data)
        headers = {**self._headers, **self._customer_headers, **request.headers}
        if request.content is not None:
            headers["Content-Type"] = "application/json"
        request = replace(request, headers=headers, base_url=base_url)
        return self._authenticated(request)

    def _authenticated(self, request: Request) -> Answer:
        """Run the authentication flow of the account and return its last answer."""
        flow = self._flow(
            AuthRequest(request.method, request.url, request.headers, request.content)
        )
        answer: Answer | VendorError | None = None
        try:
            message = next(flow)
            while True:
                answer = self._exchange(message) if message.login else self._try(request, message)
                status = answer.status
                data = None if isinstance(answer, VendorError) else answer.data
                message = flow.send(AuthResponse(status, data))
        except StopIteration:
            pass
        except (Unauthorized, NotReached) as error:
            # Set before the flow lets the next thread log in, which would be refused again.
            self._down = error
            raise
        finally:
            flow.close()
        if isinstance(answer, Unauthorized):
            self._down = answer
        if isinstance(answer, Answer):
            return answer
        raise answer or AssertionError("a flow sends the request that it is given")

    def _try(self, request: Request, message: AuthRequest) -> Answer | VendorError:
        """The answer, or the error of a vendor that does not accept the credentials."""
        try:
            return self._sender.send(replace(request, headers=message.headers))
        except Unauthorized as error:
            return error

    def _exchange(self, login: AuthRequest) -> Answer:
        """A login: it changes nothing, so a client that only reads may send it."""
        if (
            self._down is not None
        ):  # a thread that waited for this login would only be refused again
            raise self._down
        headers = {**self._headers, **login.headers}
        return self._sender.send(
            Request(
                login.method,
                login.url,
                content=login.content,
                headers=headers,
                repeatable=True,
                login=True,
                base_url=self.base_url,
            )
        )


class _Thread(threading.local):
    """What one thread has done."""

    writes = 0
