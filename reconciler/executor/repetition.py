"""Send a write again where that may be, but never before its effect was looked for."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.errors import NotAttempted, Unknown, VendorError
from reconciler.model import Status

ATTEMPTS = 2
ATTEMPTS_UNPROCESSED = {429: 10, 503: 5}
"""How often a write is sent: a few times more where the vendor says that it did not process it."""


def is_open(error: VendorError) -> bool:
    """Whether the write may have taken effect all the same, or may be sent again: its answer was
    lost, or the vendor says that it did not process it."""
    return isinstance(error, Unknown) or error.again


def may_send_again(error: VendorError, attempt: int) -> bool:
    """Whether a write that had no effect may be sent again after so many attempts."""
    return error.again and attempt < ATTEMPTS_UNPROCESSED.get(error.status, ATTEMPTS)


def status_of(error: VendorError) -> Status:
    """How a change ends that this error ended."""
    if isinstance(error, NotAttempted):
        return Status.NOT_ATTEMPTED
    return Status.UNKNOWN if isinstance(error, Unknown) else Status.FAILED


def send_until_known(send: Callable[[], str], look: Callable[[], str | None]) -> str:
    """The id of the object after a write that `send` sends; `look` returns it where the object is
    as the write says, and raises VendorError where that cannot be seen.

    After an error that leaves the outcome open, the effect is looked for. Where it is not there,
    the write is sent again if the vendor did not process it or if it says what should be. Raises
    the VendorError of the last attempt.
    """
    attempt = 1
    lost: VendorError | None = None
    while True:
        try:
            return send()
        except NotAttempted as error:
            raise lost or error from None
        except VendorError as error:
            lost = error
            if not is_open(error):
                raise
            try:
                id = look()
            except VendorError:
                raise error from None
            if id is not None:
                return id
            if not may_send_again(error, attempt):
                raise
            attempt += 1
