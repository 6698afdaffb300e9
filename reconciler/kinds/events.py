"""How a vendor signs the events that it posts to webhooks, and which kinds they are about."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from reconciler.frozen import frozen

FUTURE = 60.0
"""So many seconds a vendor's clock may be ahead of ours."""
_TIME = re.compile(r"[0-9]{1,11}")
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
_ID = re.compile(r"[\x21-\x7e]{1,200}")


class Unverified(Exception):
    """An event that must not be believed. `status` is the answer's; the text says why, and holds
    nothing of what was sent."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Event(NamedTuple):
    """A verified event: its name, such as `supplier.updated`, and the kind that it is about; None
    where that is no kind of ours. `keys` tell it from all others, and `until` is the time, in
    seconds since 1970, until which it could be sent again and would be believed."""

    name: str
    kind: str | None
    keys: tuple[str, ...]
    until: float


@frozen
class SignedEvents:
    """Events that are signed with HMAC-SHA256 over the time, a dot and the body as it was sent.

    `signature`, `time` and `id` are the names of the headers, in lower case; the signature is in
    hexadecimal digits after `prefix`, the time in seconds since 1970. The body is JSON, in which
    `event` holds the event's name: a subject, a dot and what happened. `kinds` says which kind a
    subject is.
    """

    signature: str
    time: str
    id: str
    prefix: str
    kinds: Mapping[str, str]

    def verify(
        self,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        secrets: Iterable[str],
        now: float,
        max_age: float,
    ) -> Event:
        """The event that was posted, if it is signed with one of the secrets and at most `max_age`
        seconds old at `now`; names in `headers` are in lower case. Raises Unverified.

        The signature does not cover the headers, so that only the body says what happened, and both
        the id and the signature tell whether an event is sent again.
        """
        time = _only(headers, self.time)
        signature, id = _only(headers, self.signature), _only(headers, self.id)
        if not _TIME.fullmatch(time) or not _ID.fullmatch(id):
            raise Unverified(400, "the time or the id of the event is malformed")
        signed = time.encode() + b"." + body
        # All are compared, in a time that does not tell which fits, or how much of it.
        fits = False
        for secret in secrets:
            digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
            expected = f"{self.prefix}{digest}".encode()
            fits |= hmac.compare_digest(expected, signature.encode("utf-8", "replace"))
        if not fits:
            raise Unverified(401, "the signature does not fit")
        if int(time) < now - max_age:
            raise Unverified(401, "the event is too old")
        if int(time) > now + FUTURE:
            raise Unverified(401, "the time of the event is in the future")
        name = _name_in(body)
        digest = hashlib.sha256(signed).hexdigest()
        known = hashlib.sha256(id.encode()).hexdigest()
        kind = self.kinds.get(name.partition(".")[0])
        return Event(name, kind, (digest, known), max(now, float(time)) + max_age)


def _only(headers: Iterable[tuple[str, str]], name: str) -> str:
    values = [value for key, value in headers if key == name]
    if len(values) != 1:
        raise Unverified(400, f"the header {name} is {'there twice' if values else 'missing'}")
    return values[0]


def _name_in(body: bytes) -> str:
    """The name of the event in a body that is signed, and may yet be anything."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise Unverified(400, "the body is not JSON") from None
    name = content.get("event") if isinstance(content, dict) else None
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Unverified(400, "the body names no event")
    return name
