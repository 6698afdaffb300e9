"""Gives out bearer tokens and knows when they expire."""

from __future__ import annotations

import hashlib

from reconciler.sandbox.describe import Call


def issue(call: Call, seconds: float, *purposes: str) -> list[str]:
    """A token for each purpose, which follows from how many were given out before, so that runs
    repeat. The first one is accepted for so many seconds of the sandbox's clock."""
    issued = call.account.tokens
    serial = len(issued) + 1
    tokens = [hashlib.sha256(f"{purpose} {serial}".encode()).hexdigest() for purpose in purposes]
    issued[tokens[0]] = call.account.clock.now().timestamp() + seconds
    return tokens


def valid(call: Call) -> bool:
    """Whether the request has a bearer token that has not expired."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    expires = call.account.tokens.get(token) if scheme.lower() == "bearer" else None
    return expires is not None and expires > call.account.clock.now().timestamp()
