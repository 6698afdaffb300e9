"""The limiter, on a clock of its own: as fast as the account allows, and no faster."""

from __future__ import annotations

import pytest

from reconciler.http.limiter import Limiter, retry_after


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
