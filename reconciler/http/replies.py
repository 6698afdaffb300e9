"""The replies to what was asked of one account: a digest of each, and those that came early."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from types import MappingProxyType
from typing import Any

from reconciler.http.messages import Request
from reconciler.http.transport import Reply

NOTHING: Mapping[str, str] = MappingProxyType({})


class Replies:
    """What an account replied to the questions of this run, that is to its reads without logins.

    A question is a text that says everything about a read but its credentials. `digest` makes a
    text from the bytes of a reply, and `expected` are the digests of an earlier run by question.
    `kept` are the entries of a cache that replies were read together with, by name: the seal of
    each, and until when it may be used, in seconds since the epoch. What was asked is not
    `complete` where another run would ask something else. `coming` are the questions that were
    asked before anybody needs the reply.
    """

    def __init__(self, digest: Callable[..., str], expected: Mapping[str, str] = NOTHING) -> None:
        self.digests: dict[str, str] = {}
        self.complete = True
        self.kept: dict[str, list[Any]] = {}
        self.expected = expected
        self.coming: dict[str, Future[None]] = {}
        self._digest = digest
        self._early: dict[str, Reply] = {}
        self._since = time.monotonic()

    @property
    def needed(self) -> Mapping[str, str]:
        """The digests without those of replies that came early and that nobody has asked for."""
        return {name: own for name, own in self.digests.items() if name not in self._early}

    def began(self) -> float:
        """The monotonic time in seconds since when what is read now may have been asked."""
        return self._since if self._early or self.coming else time.monotonic()

    def expects(self, request: Request, digest: str) -> bool:
        """Whether a reply with this digest is the one of the earlier run."""
        return self.expected.get(question_of(request)) == digest

    def add(self, request: Request, reply: Reply, digest: str) -> None:
        """Note a reply; one that came early is kept until the question is asked."""
        question = question_of(request)
        # A question that is asked again has two answers, of which one may differ another time.
        self.complete = self.complete and question not in self.digests
        self.digests[question] = digest
        if request.early:
            self._early[question] = reply

    def take(self, request: Request) -> Reply | None:
        """The reply that came early to this question, or that is coming, once; None where there is
        none."""
        question = question_of(request)
        if (coming := self.coming.pop(question, None)) is not None:
            coming.result()
        if (reply := self._early.pop(question, None)) is not None:
            del self.digests[question]
        return reply

    def digest_of(self, reply: Reply) -> str:
        """A digest of a reply."""
        return self._digest(b"%d" % reply.status, reply.content)


def question_of(request: Request) -> str:
    """A text that says everything about a read but its credentials."""
    content = request.content.decode() if request.content else ""
    query = dict(request.query) if request.query else {}
    return json.dumps([request.method, request.path, query, content], ensure_ascii=False)


def request_of(question: str) -> Request:
    """The read that a question is about, to be sent before its reply is needed."""
    method, path, query, content = json.loads(question)
    return Request(
        method,
        path,
        query or None,
        content.encode() or None,
        repeatable=True,
        reads=True,
        early=True,
    )
