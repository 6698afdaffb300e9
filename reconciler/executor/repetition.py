"""Send a write again where that may be, but never before its effect was looked for."""

from __future__ import annotations

from collections.abc import Callable

from reconciler.errors import Unknown, VendorError

ATTEMPTS = 5


def is_open(error: VendorError) -> bool:
    """Whether the write may have taken effect all the same, or may be sent again: its answer was
    lost, or the vendor says that it did not process it."""
    return isinstance(error, Unknown) or error.again


def send_until_known(send: Callable[[], str], look: Callable[[], str | None]) -> str:
    """The id of the object after a write that `send` sends; `look` returns it where the object is
    as the write says, and raises VendorError where that cannot be seen.

    After an error that leaves the outcome open, the effect is looked for. Where it is not there,
    the write is sent again if the vendor did not process it or if it says what should be. Raises
    the VendorError of the last attempt.
    """
    attempt = 1
    while True:
        try:
            return send()
        except VendorError as error:
            if not is_open(error):
                raise
            try:
                id = look()
            except VendorError:
                raise error from None
            if id is not None:
                return id
            if not error.again or attempt >= ATTEMPTS:
                raise
            attempt += 1
