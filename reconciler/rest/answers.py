"""What to say of answers that are refusals or not of the documented form."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from reconciler.errors import Diagnostic, Forbidden, Incomplete, Unknown, VendorError
from reconciler.http.client import Client
from reconciler.kinds import Kind
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


def with_missing_right(error: VendorError, kind: Kind, client: Client, right: str) -> VendorError:
    """The error with the right that is missing, where the vendor's scopes have a name."""
    if not isinstance(error, Forbidden) or not kind.right:
        return error
    scope = f"{kind.right}:{right}"
    detail = f"The credentials of {client.connection.name} lack the scope {scope}."
    return Forbidden(replace(error.diagnostics[0], detail=detail), status=error.status)
