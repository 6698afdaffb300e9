"""Limit the rate of requests to one vendor account, using the limits in the vendor's headers."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from reconciler.http.pace import Pace

WINDOW = 60.0
OTHERS = 12
"""For how many others something is left where several use one account."""
LONGEST_WAIT = 120.0
GLANCE = 0.2
"""Seconds after which a waiting request looks whether it is still to be sent."""


class Limiter:
    """Lets requests start as fast as the account's limit allows, and no faster.

    Three things make a request wait: our own count of requests in the last minute, the vendor's
    `X-RateLimit-Remaining` less the requests in flight, and the number of requests in flight. The
    last means that a request which may start finds a free connection, so that its timeout begins
    when it is sent. Where the vendor has counted more than we sent, others use the same account:
    then only a part of what remains is in flight at once, and the last few are left to them.

    `per_minute` and `at_once` are 0 for no limit of our own. Of `per_minute`, and of a limit that
    the vendor names, only `share` percent are used. `held` is called with the seconds of each wait
    for the account's limit.
    """

    def __init__(
        self,
        per_minute: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] | None = None,
        at_once: int = 0,
        held: Callable[[float], None] | None = None,
        share: int = 100,
    ) -> None:
        self.per_minute = max(1, per_minute * share // 100) if per_minute else 0
        self._share = share
        self._pace: Pace | None = None
        self._held = held
        self._at_once = at_once
        self._clock = clock
        self._sleep = sleep
        self._changed = threading.Condition()
        self._sent: deque[float] = deque()
        self._in_flight = 0
        self._limit: int | None = None
        self._remaining: int | None = None
        self._reset_at = 0.0
        self._shared = False
        """Whether the vendor counted more requests than ours: of others, or of an earlier run."""
        self._first: int | None = None
        """What remained when this minute of the vendor's was first heard of."""
        self._answers = 0
        self._paused_until = 0.0

    def spread(self) -> None:
        """From now on spread the requests over the minute, instead of sending as many as the limit
        allows at once and then none for the rest of the minute."""
        with self._changed:
            if self.per_minute and self._pace is None:
                self._pace = Pace(self.per_minute, self._sent, self._clock())

    def acquire(self, check: Callable[[], None] = lambda: None) -> None:
        """Wait until a request may be sent, and count it. `check` is called again and again while
        it waits, and ends the wait by raising."""
        told = 0.0
        with self._changed:
            while (wait := self._wait()) > 0:
                check()
                limited = self._limited(now := self._clock())
                if self._held is not None and limited > 0 and now + limited > told:
                    told = now + limited + 1.0
                    self._held(limited)
                if self._sleep is None:
                    self._changed.wait(min(wait, GLANCE))
                else:
                    self._sleep(wait)
            self._sent.append(now := self._clock())
            self._in_flight += 1
            if self._pace is not None:
                self._pace.count(now)

    def release(self, headers: Mapping[str, str]) -> None:
        """Count a request as ended, with the headers of its answer (empty where there was none)."""
        with self._changed:
            self._in_flight -= 1
            self._learn(headers)
            self._changed.notify()  # one more may start; the others look again by themselves

    def pause(self, seconds: float) -> None:
        """Let no request start for a number of seconds, because the vendor asked for it."""
        with self._changed:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    @property
    def announced(self) -> tuple[int | None, int | None]:
        """The vendor's limit and the remaining requests, from its headers; None where unknown."""
        with self._changed:
            return self._limit, self._remaining

    def _wait(self) -> float:
        """Seconds until to check again; 0 when a request may start now."""
        now = self._clock()
        while self._sent and self._sent[0] <= now - WINDOW:
            self._sent.popleft()
        if now >= self._reset_at:
            self._remaining, self._first = None, None
        wait = self._limited(now)
        if self._pace is not None:
            wait = max(wait, self._pace.wait(now))
        if self._at_once and self._in_flight >= self._at_once:
            # An answer wakes the waiting threads, long before this.
            wait = max(wait, WINDOW)
        return wait

    def _limited(self, now: float) -> float:
        """Seconds until the account's limit allows a request; 0 or less when it does now."""
        wait = self._paused_until - now
        if self.per_minute and len(self._sent) >= self.per_minute:
            wait = max(wait, self._sent[0] + WINDOW - now)
        remaining = self._remaining
        for_others = (self._limit or 0) * (100 - self._share) // 100
        if remaining is not None and remaining - self._in_flight <= for_others:
            wait = max(wait, self._reset_at - now)
        elif remaining is not None and self._shared:
            if remaining < OTHERS and self._others_now():
                wait = max(wait, self._reset_at - now)
            elif self._in_flight >= max(1, remaining // OTHERS):
                wait = max(wait, GLANCE)  # An answer wakes those that wait.
        return wait

    def _others_now(self) -> bool:
        """Whether others have used the account since we first heard of the vendor's minute."""
        used = (self._first or 0) - (self._remaining or 0)
        return used > self._answers + self._in_flight

    def _learn(self, headers: Mapping[str, str]) -> None:
        limit = _number(headers.get("x-ratelimit-limit"))
        if limit is not None:
            self._limit = int(limit)
        remaining = _number(headers.get("x-ratelimit-remaining"))
        reset = _number(headers.get("x-ratelimit-reset"))
        if remaining is None or reset is None:
            return
        reset_at = self._clock() + _seconds_until(reset, headers.get("date"))
        # Answers overtake each other: within one window the lowest count is the newest.
        same_window = self._remaining is not None and abs(reset_at - self._reset_at) < 2
        lowest = self._remaining if same_window and self._remaining is not None else remaining
        self._remaining = min(int(remaining), int(lowest))
        self._reset_at = reset_at
        counted = (self._limit or 0) - self._remaining
        self._shared |= counted > len(self._sent)
        if self._first is None or not same_window:
            self._first, self._answers = self._remaining, 0
            return
        self._answers += 1


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a `Retry-After` header asks for, as a number or a date; None without one."""
    text = headers.get("retry-after")
    if text is None:
        return None
    seconds = _number(text)
    if seconds is not None:
        return max(0.0, seconds)
    at = _time(text)
    return None if at is None else max(0.0, at - _server_time(headers.get("date")))


def _seconds_until(reset: float, date: str | None) -> float:
    """Seconds to a Unix time (in seconds or milliseconds), measured on the vendor's clock."""
    epoch = reset / 1000 if reset > 1e11 else reset
    return min(max(epoch - _server_time(date), 1.0), LONGEST_WAIT)


def _server_time(date: str | None) -> float:
    at = _time(date or "")
    return time.time() if at is None else at


def _time(date: str) -> float | None:
    """The Unix time of an HTTP date; None where it is none, or absurd."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None
