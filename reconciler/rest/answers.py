"""What to say of answers that are not of the documented form."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.errors import Diagnostic, Incomplete, Unknown
from reconciler.http.client import Client
from reconciler.model import Scope

log = logging.getLogger("reconciler.rest")

UNEXPECTED = (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError)
"""What reading an answer meets that is not at all of the documented form."""


@contextmanager
def documented_form(scope: Scope, client: Client) -> Iterator[None]:
    """Raise Incomplete where the block meets an answer of another form than is documented; Unknown,
    where it sent a write before that."""
    before = client.writes_sent()
    try:
        yield
    except UNEXPECTED as error:
        log.debug("%s: %r", scope, error, exc_info=error)
        finding = Diagnostic(
            f"{scope}: an object there is not of the form that is documented",
            "The vendor may have changed its API.",
        )
        if client.writes_sent() == before:
            raise Incomplete(finding) from error
        raise Unknown(finding) from error
