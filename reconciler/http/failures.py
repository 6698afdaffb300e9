"""Count the requests of an account that fail one after another, and give the account up in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from reconciler.errors import Diagnostic, NotAttempted

MOST_IN_A_ROW = 5
LONGEST_LIMITED = 300.0
"""Seconds for which a vendor may answer nothing but 429."""


class Failures:
    """What went wrong at an account, from any thread, and whether it was given up.

    Requests that fail side by side count once: the next failure counts only where its request began
    after the last one that was counted. An answer that is none of the vendor's trouble ends the
    row. Writes have a row of their own beside that of all requests, because a vendor that can
    be read may still be unable to write. The row of a vendor that answers nothing but 429 is
    measured in seconds, because others may use the same key.
    """

    def __init__(self, account: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._account = account
        self._clock = clock
        self._lock = threading.Lock()
        self._rows = {False: (0, 0.0), True: (0, 0.0)}
        self._limited_since: float | None = None
        self._given_up: Diagnostic | None = None

    @property
    def given_up(self) -> Diagnostic | None:
        """Why nothing more is sent to the account; None while it is not given up."""
        return self._given_up

    def check(self) -> None:
        """Raise NotAttempted where the account was given up."""
        if self._given_up is not None:
            raise NotAttempted(self._given_up)

    def begin(self) -> float:
        """The moment at which a request begins, for `failed`."""
        return self._clock()

    def succeeded(self, writes: bool) -> None:
        """Count an answer that says nothing about the vendor's health: a row ends."""
        with self._lock:
            self._rows[False] = 0, 0.0
            if writes:
                self._rows[True] = 0, 0.0
            self._limited_since = None

    def failed(self, began: float, writes: bool, why: str) -> None:
        """Count a request that began at `began` and had no usable answer, for the reason `why`."""
        with self._lock:
            now = self._clock()
            for row in (False, True) if writes else (False,):
                count, last = self._rows[row]
                if count == 0 or began >= last:
                    self._rows[row] = count + 1, now
                if self._rows[row][0] >= MOST_IN_A_ROW:
                    what = "writes" if row else "requests"
                    self._give_up(f"{MOST_IN_A_ROW} {what} in a row failed, the last with {why}")

    def limited(self) -> None:
        """Count an answer that only says that the rate limit is used up."""
        with self._lock:
            now = self._clock()
            self._limited_since = now if self._limited_since is None else self._limited_since
            if now - self._limited_since > LONGEST_LIMITED:
                self._give_up(
                    f"for {LONGEST_LIMITED:.0f} s it has answered nothing but 429 (rate limit)"
                )

    def asked_to_wait(self, seconds: float, longest: float, status: int) -> None:
        """Give the account up, because it asks for a wait that is longer than the longest."""
        with self._lock:
            self._give_up(
                f"it answered {status} and asks to wait {seconds:.0f} s (Retry-After), which is "
                f"more than {longest:.0f} s"
            )

    def _give_up(self, why: str) -> None:
        self._given_up = self._given_up or Diagnostic(
            f"{self._account}: given up: {why}",
            "Nothing more is sent to it in this run. Look at the vendor's status page, then run "
            "it again.",
        )
