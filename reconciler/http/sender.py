"""Send one request, and again where that helps and is safe, until there is a final answer.

It is safe for reads, where nothing of the request was sent, and where it has an idempotency key and
the vendor says that it did not process it. Any other write is sent once: whoever sends it looks for
its effect before it is sent again, whatever the vendor answered. An answer to a read that is not
JSON, or empty, is treated like a 502: something between us and the vendor answered.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from json import JSONDecodeError
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from reconciler.errors import Diagnostic, NotAttempted, Rejected, Unknown, VendorError
from reconciler.http.decoding import strict_json
from reconciler.http.errors import QUOTED, explain, failure_in, reported_failure
from reconciler.http.failures import Failures
from reconciler.http.limiter import Limiter, retry_after
from reconciler.http.messages import Answer, Request, json_body
from reconciler.http.redaction import KnownSecrets, without_members
from reconciler.http.replies import Replies
from reconciler.http.retries import (
    ATTEMPTS,
    CONNECTS,
    MOST_LIMITED,
    PATIENCE,
    RETRIED,
    jittered,
    spread,
)
from reconciler.http.transport import NoResponse, Reply, Stopped, Transport
from reconciler.http.unreachable import Unreadable, unreachable

log = logging.getLogger("reconciler.rest")

LOOK_SECONDS = 3.0

# Called for each request that was sent: method, path, status (0: no answer) and seconds.
Observe = Callable[[str, str, int, float], None]


class Sender:
    """Sends the requests of one account inside its rate limit, from any thread.

    No answer may contain one of the `known` secrets, and no message shows one. Once `stop` is set,
    nothing is read or waited for any more, except to see what became of a write that was being
    answered; writes that need not wait are still sent.
    """

    def __init__(
        self,
        account: str,
        transport: Transport,
        limiter: Limiter,
        sleep: Callable[[float], object],
        observe: Observe | None,
        known: KnownSecrets,
        stop: Event,
    ) -> None:
        self.limiter = limiter
        self.failures = Failures(account)
        self._account = account
        self._transport = transport
        self._sleep = sleep
        self._observe = observe
        self._known = known
        self.secret_members: frozenset[str] = frozenset()
        self._stop = stop
        self._last = _LastWrite()
        self.replies: Replies | None = None

    def send(self, request: Request) -> Answer:
        """Send a request and return the answer. Raises a VendorError that says what is wrong; it is
        Unknown where the request may have taken effect, and NotAttempted where it was not sent.

        A reply that came early is the answer to its read; an expected one has no data before that.
        """
        if self.replies is None or not request.reads:
            return self._send(request)
        if not request.early and (reply := self.replies.take(request)) is not None:
            return self._judge(request, reply, unprocessed=False)
        try:
            return self._send(request)
        except VendorError:
            self.replies.complete = self.replies.complete and request.early
            raise

    def _send(self, request: Request) -> Answer:
        attempt = limited = 0
        refused: Reply | None = None
        while True:
            last = attempt >= ATTEMPTS - 1
            try:
                reply = self._once(request)
            except NotAttempted:
                if refused is None or request.repeatable:
                    raise
                return self._judge(request, refused, unprocessed=True)
            except NoResponse as problem:
                permanent = problem.permanent or (problem.not_sent and attempt + 1 >= CONNECTS)
                if last or permanent or not (request.repeatable or problem.not_sent):
                    raise unreachable(
                        self._account, request, problem, self.hide(str(problem))
                    ) from None
                self._sleep(jittered(attempt))
                attempt += 1
                continue
            again = self._asks_again(reply, limited)
            if again and (request.repeatable or request.keyed) and limited < MOST_LIMITED:
                refused, limited = reply, limited + 1
                continue
            if reply.status in RETRIED and request.repeatable and not again and not last:
                self._sleep(jittered(attempt))
                attempt += 1
                continue
            try:
                if last or not _is_empty(request, reply):
                    return self._judge(request, reply, again)
            except Unreadable:
                if last:
                    raise
            self._sleep(jittered(attempt))
            attempt += 1

    def _asks_again(self, reply: Reply, before: int) -> bool:
        """Whether the vendor says that it did not process the request and may be asked again: a
        429, or a 503 with Retry-After. All requests of the account wait until then; it is given up
        where that is too long. `before` is how often it has said so of this request."""
        delay = retry_after(reply.headers)
        if reply.status != 429 and (reply.status != 503 or delay is None):
            return False
        if delay is not None and delay > PATIENCE:
            self.failures.asked_to_wait(delay, PATIENCE, reply.status)
        else:
            self.limiter.pause(max(spread(delay or 0.0), jittered(before)))
        return True

    def hide(self, text: str) -> str:
        """The text without secrets."""
        return self._known.hidden_in(text)

    def _once(self, request: Request) -> Reply:
        """Send the request once. Raises NotAttempted where nothing may be sent, and NoResponse."""
        if request.repeatable and not self._seconds_to_finish():
            self.check()
        self.failures.check()
        self.limiter.acquire(self.check)
        began = time.monotonic()
        answered: Mapping[str, str] = {}
        status = 0
        try:
            self.failures.check()  # Waiting for the rate limit may take minutes.
            reply = self._counted(request)
            answered, status = reply.headers, reply.status
            return reply
        finally:
            self.limiter.release(answered)
            seconds = time.monotonic() - began
            log.debug("%s %s %s in %.3f s", self._account, request, status, seconds)
            if self._observe:
                self._observe(request.method, request.path, status, seconds)

    def check(self) -> None:
        """Raise NotAttempted where nobody waits any more for this account: it was given up, or the
        run was asked to stop."""
        self.failures.check()
        if self._stop.is_set():
            raise self._stopped()

    def _seconds_to_finish(self) -> float:
        """How long this thread may read although the run was asked to stop, to see what became of
        the write that it waited for just then."""
        return max(0.0, self._last.look_by - time.monotonic())

    def _stopped(self) -> NotAttempted:
        return NotAttempted(
            Diagnostic(f"{self._account}: nothing more is sent, because the run was stopped")
        )

    def _counted(self, request: Request) -> Reply:
        """The reply, counted as a failure where it says that the vendor has a problem."""
        began, writes = self.failures.begin(), not request.repeatable
        left = self._seconds_to_finish() if request.repeatable else 0.0
        try:
            reply = self._transport.send(
                request.method,
                request.url,
                request.headers,
                request.content,
                stoppable=request.repeatable and not left,
                within=left or math.inf,
            )
        except Stopped:
            raise self._stopped() from None
        except NoResponse as problem:
            why = f"no answer from {urlsplit(request.base_url).netloc}: {self.hide(str(problem))}"
            self.failures.failed(began, writes, why)
            raise
        finally:
            if writes and self._stop.is_set():
                self._last.look_by = time.monotonic() + LOOK_SECONDS
        if reply.status == 429:
            self.failures.limited()
        elif reply.status < 300 and not request.silent and reply.content[:50].lstrip()[:1] == b"<":
            self.failures.failed(began, writes, f"a web page instead of JSON to {request}")
        elif reply.status >= 500:
            self.failures.failed(began, writes, f"{reply.status} to {request}")
        else:
            self.failures.succeeded(writes)
        return reply

    def _judge(self, request: Request, reply: Reply, unprocessed: bool) -> Answer:
        """The usable answer in a reply; raises what it is otherwise. `unprocessed` says that the
        vendor did not process the request."""
        status, content, broken, garbled = reply.status, reply.content, "", False
        replies = self.replies if request.reads and 200 <= status < 300 else None
        digest = replies.digest_of(reply) if replies else ""
        if replies is not None and request.early and replies.expects(request, digest):
            replies.add(request, reply, digest)
            return Answer(status, None)
        if 200 <= status < 300 and request.silent:
            if (failure := failure_in(content)) is not None:
                raise self._failed(request, status, failure)
            return Answer(status, None)
        if 200 <= status < 300:
            try:
                data = strict_json(content) if content.strip() else None
            except ValueError as error:
                broken, garbled = str(error), isinstance(error, JSONDecodeError)
            else:
                self._check_secrets(request, reply, data)
                # A 206 is about several objects: the caller says which of them were refused.
                if not request.reads and status != 206 and (failure := reported_failure(data)):
                    raise self._failed(request, status, failure)
                if replies is not None:
                    replies.add(request, reply, digest)
                return Answer(status, data, reply.headers.get("date", ""))
        problem = explain(
            self._account,
            str(request),
            request.base_url,
            status,
            content,
            self.hide,
            broken,
            reply.headers.get("location", ""),
        )
        # 408: the vendor waited for the request, and may have had it.
        if not request.repeatable and (status >= 500 or status == 408 or broken):
            again = unprocessed or request.absolute
            raise Unknown(*problem.diagnostics, status=status, again=again)
        problem.again = unprocessed
        raise Unreadable(*problem.diagnostics, status=status) if garbled else problem

    def _failed(self, request: Request, status: int, failure: str) -> VendorError:
        """The error for a write whose answer has a success status but reports a failure."""
        finding = Diagnostic(
            f"{self._account}: {request} answered {status}, but reports a failure: "
            f"{self.hide(failure)[:QUOTED]}",
            "Correct what the vendor names, then plan again.",
        )
        return Rejected(finding, status=status)

    def _check_secrets(self, request: Request, reply: Reply, data: Any) -> None:
        """Raise where an answer contains a secret of this run, which would be printed, saved and
        recorded like any other value: Unknown after a write, else VendorError. It may be in the
        answer to a login, in that to the write that sent it, and in `secret_members`."""
        if request.login or not self._known.found_in(reply.content, request.content):
            return
        read = json_body(without_members(data, self.secret_members))
        name = self._known.found_in(read or b"", request.content)
        if name is None:
            return
        finding = Diagnostic(
            f"{self._account}: {request} answered with a secret of this run ({name}), so the "
            "answer is not used",
            "Rotate the secret, and remove it from the data at the vendor.",
        )
        if request.repeatable:
            raise VendorError(finding, status=reply.status)
        raise Unknown(finding, status=reply.status, again=request.absolute)


class _LastWrite(threading.local):
    """Until when, in seconds of the monotonic clock, a thread may look for the effect of its last
    write, where the run was asked to stop meanwhile."""

    look_by = 0.0


def _is_empty(request: Request, reply: Reply) -> bool:
    """Whether the answer to a read says that there is something (200) and has nothing."""
    return request.reads and reply.status == 200 and not reply.content.strip()
