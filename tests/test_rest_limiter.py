"""The limiter, on a clock of its own: as fast as the account allows, and no faster."""

from __future__ import annotations

from bisect import bisect_left

import pytest

from reconciler.http.limiter import Limiter, retry_after
from reconciler.model import Budget


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now

    def wait(self, seconds: float) -> None:
        """Let it pass."""
        assert seconds > 0
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at 1000 s."""
    return Clock()


def take(limiter: Limiter, count: int, **headers: str) -> None:
    """So many requests, one after the other, each answered with these headers."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    for _ in range(count):
        limiter.acquire()
        limiter.release(named)


def test_a_minute_holds_no_more_than_the_limit(clock: Clock) -> None:
    """The limit's requests go at once, the next one when the first is a minute old."""
    limiter = Limiter(10, clock, clock.wait)
    take(limiter, 10)
    assert clock.now == 1000
    take(limiter, 1)
    assert clock.now == 1060
    take(limiter, 30)
    assert clock.now == 1000 + 4 * 60


def test_no_limit_never_waits(clock: Clock) -> None:
    """A limit of 0 is none of ours."""
    take(Limiter(0, clock, clock.wait), 5000)
    assert clock.now == 1000


def test_what_the_vendor_asks_for_is_waited_for(clock: Clock) -> None:
    """A pause holds back everybody, and the longer of two pauses counts."""
    limiter = Limiter(0, clock, clock.wait)
    limiter.pause(30)
    limiter.pause(5)
    take(limiter, 1)
    assert clock.now == 1030


def test_the_vendors_count_is_believed(clock: Clock) -> None:
    """Where the vendor says that nothing remains, nothing is sent until its window ends."""
    limiter = Limiter(500, clock, clock.wait)
    date, reset = "Thu, 01 Jan 1970 00:00:00 GMT", "40"
    take(limiter, 1, x_ratelimit_remaining="0", x_ratelimit_reset=reset, date=date)
    take(limiter, 1)
    assert clock.now == 1040


def test_an_older_answer_raises_no_hope(clock: Clock) -> None:
    """Answers overtake each other: within one window the lowest count stays."""
    limiter = Limiter(500, clock, clock.wait)
    date, reset = "Thu, 01 Jan 1970 00:00:00 GMT", "40"
    limiter.acquire()
    limiter.acquire()
    for remaining in ("0", "7"):
        limiter.release(
            {"x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset, "date": date}
        )
    take(limiter, 1)
    assert clock.now == 1040


def test_requests_in_flight_count_against_what_remains(clock: Clock) -> None:
    """With two left and two under way, a third waits."""
    limiter = Limiter(500, clock, clock.wait)
    date, reset = "Thu, 01 Jan 1970 00:00:00 GMT", "40"
    take(limiter, 1, x_ratelimit_remaining="2", x_ratelimit_reset=reset, date=date)
    limiter.acquire()
    limiter.acquire()
    assert clock.now == 1000
    limiter.acquire()
    assert clock.now == 1040


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "soon"}, None),
        (
            {
                "retry-after": "Thu, 01 Jan 2026 00:00:30 GMT",
                "date": "Thu, 01 Jan 2026 00:00:00 GMT",
            },
            30,
        ),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 -9999"}, None),
        ({"retry-after": "Mon, 01 Jan 0001 00:00:00 +2359"}, 0),
    ],
)
def test_retry_after_is_a_number_or_a_date(headers: dict[str, str], seconds: float | None) -> None:
    """Both spellings mean seconds, on the vendor's own clock; what is neither asks for nothing."""
    assert retry_after(headers) == seconds


def test_who_watches_is_told_of_a_wait_for_the_limit(clock: Clock) -> None:
    """With its length, and only where it is the limit that is waited for."""
    told: list[float] = []
    limiter = Limiter(10, clock, clock.wait, at_once=1, held=told.append)
    take(limiter, 10)
    assert told == []
    take(limiter, 1)
    assert told == [60]


def sent_at(limiter: Limiter, clock: Clock, count: int) -> list[float]:
    """When each of so many requests is sent, in seconds from now."""
    began, times = clock.now, []
    for _ in range(count):
        limiter.acquire()
        times.append(clock.now - began)
        limiter.release({})
    return times


@pytest.mark.parametrize("limit", [6, 60, 100, 500, 2000])
def test_writes_are_spread_over_the_minute(clock: Clock, limit: int) -> None:
    """In every minute nearly the share is used and never more, and no ten seconds have more than a
    quarter of it, but for the five requests that are sent at once however low the limit is."""
    limiter = Limiter(limit, clock, clock.wait, share=80)
    limiter.spread()
    share = limit * 80 // 100
    times = sent_at(limiter, clock, 4 * share)
    for at, began in enumerate(times):
        assert bisect_left(times, began + 59.999) - at <= share
        assert bisect_left(times, began + 10) - at <= max(share / 4, 5 + share / 6) + 1
    for minute in range(3):
        used = bisect_left(times, minute * 60 + 60) - bisect_left(times, minute * 60)
        assert used >= 0.95 * share - 1


def test_a_change_of_a_few_objects_does_not_wait(clock: Clock) -> None:
    """However low the limit is, the first requests go at once, also after a plan that has read as
    much as the limit allows in a minute."""
    limiter = Limiter(60, clock, clock.wait, share=80)
    limiter.spread()
    assert sent_at(limiter, clock, 5) == [0.0] * 5
    other = Limiter(60, clock, clock.wait)
    take(other, 40)
    other.spread()
    assert sent_at(other, clock, 2) == pytest.approx([1.0, 2.0])


def test_only_writes_are_spread(clock: Clock) -> None:
    """A plan reads as fast as the limit allows."""
    assert sent_at(Limiter(60, clock, clock.wait, share=50), clock, 31) == [0.0] * 30 + [60.0]


def test_a_share_of_the_vendors_own_limit_is_left(clock: Clock) -> None:
    """Where the vendor says how many requests remain, the last ones are for other programs."""
    limiter = Limiter(0, clock, clock.wait, share=80)
    headers = {"x_ratelimit_limit": "100", "x_ratelimit_reset": "30", "date": ""}
    take(limiter, 1, x_ratelimit_remaining="21", **headers)
    assert clock.now == 1000
    take(limiter, 1, x_ratelimit_remaining="20", **headers)
    assert clock.now == 1000
    take(limiter, 1)
    assert clock.now > 1000


def test_what_fits_into_a_minute_is_not_spread() -> None:
    """An apply that needs no more than the minute's requests is as quick as the vendor; a larger
    one takes as long as the plan says."""
    fits, larger = Budget("kobo", 48, 48), Budget("kobo", 53, 48)
    assert (fits.is_spread, fits.seconds) == (False, 0)
    assert (larger.is_spread, larger.seconds) == (True, 60)
    assert not Budget("kobo", 5000, 0).is_spread
