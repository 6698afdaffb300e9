"""What is kept of a list is used only as long as nothing shows that it is not the whole one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciler.files.cache import Cache
from reconciler.model import NOT_NOW, Live, Pointer, Scope, Secret
from reconciler.rest.incremental import KeptLists, Reading, decoded, encoded

pytestmark = pytest.mark.parametrize("sandbox", ["250"], indirect=True)

DAY = 86_400
PAGES = 3
SCOPE = Scope("kobo-plm", "suppliers")


class Clock:
    """Our own clock, in seconds since the epoch."""

    def __init__(self) -> None:
        self.now = 4_000_000_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


class Lists:
    """The list of suppliers, read again and again by one account."""

    def __init__(self, driver: Any, sandbox: Any, folder: Path) -> None:
        self.clock = Clock()
        cache = Cache(folder / "cache", folder, b"key")
        self.kept = KeptLists(cache, b"account", 0, DAY, clock=self.clock)
        self.driver, self.sandbox = driver, sandbox

    def read(self) -> Any:
        """The listing."""
        self.sandbox.clear_journal()
        return self.driver.list((), self.kept)

    @property
    def requests(self) -> int:
        """How many requests the last reading took."""
        return len(self.sandbox.journal("kobo-plm"))

    def lie(self, **fault: Any) -> None:
        """Say this wrong from now on."""
        self.sandbox.faults([{"path": "*/suppliers", "fault": fault}])


@pytest.fixture
def lists(driver: Callable[..., Any], sandbox: Any, tmp_path: Path) -> Lists:
    """A list that was read whole, and something changed since."""
    sandbox.clock("2027-05-01T10:00:00Z")
    writing = driver("kobo-plm/suppliers", writable=True)
    made = Lists(driver("kobo-plm/suppliers"), sandbox, tmp_path)
    assert made.read().kept_at is None
    assert made.requests == PAGES
    sandbox.clock(advance=3600)
    writing.create({"code": "NEW", "name": "New"}, "key")
    return made


def test_what_changed_is_put_in_place(lists: Lists) -> None:
    """A second reading takes two requests, says when all was read, and is the list as it is."""
    read_at = lists.clock.now
    lists.clock.now += 7200
    listing = lists.read()
    assert lists.requests == 2
    assert (listing.kept_at, listing.at) == (read_at, NOT_NOW)
    assert listing.objects == lists.driver.list().objects


def test_it_is_read_whole_when_it_is_old(lists: Lists) -> None:
    """The age counts from the last time that all was read, and not from the last change; a reading
    of the future is not trusted."""
    begun = lists.clock.now
    lists.clock.now = begun + DAY - 1
    assert lists.read().kept_at == begun
    lists.clock.now = begun + DAY
    assert lists.read().kept_at is None
    lists.clock.now = begun
    assert lists.read().kept_at is None


@pytest.mark.parametrize(
    ("fault", "requests"),
    [
        ({"since": "ignored"}, 1 + PAGES),
        ({"since": 7200}, 2 + PAGES),
        ({"since": -DAY * 10_000}, 1 + PAGES),
        ({"since": "total"}, 1 + PAGES),
        ({"date": "none"}, 2 + PAGES),
        ({"date": -7200}, 2 + PAGES),
        ({"count": -1}, None),
        ({"count": 1}, None),
        ({"status": 200, "body": {"data": "none"}}, None),
    ],
)
def test_a_contradiction_makes_it_read_everything(
    lists: Lists, fault: dict[str, Any], requests: int | None
) -> None:
    """Where the count does not fit, the parameter is not understood, or the clock goes back, no
    listing rests on what was kept."""
    lists.lie(**fault)
    listing = lists.read()
    assert listing.kept_at is None
    if requests is None:
        assert not listing.complete
    else:
        assert lists.requests == requests
        assert len(listing.objects) == 251
    lists.sandbox.faults()
    assert lists.read().complete


def test_a_clock_that_is_ahead_hides_nothing(lists: Lists) -> None:
    """Changes are asked for since our own time where the vendor's is later."""
    lists.clock.now = 1_000_000_000.0
    lists.lie(date=DAY)
    assert lists.read().kept_at is None
    lists.sandbox.faults()
    lists.driver.list((), lists.kept)
    queries = [entry["query"] for entry in lists.sandbox.journal("kobo-plm")]
    assert any("updated_since=2001-09-09T01:45:40Z" in query for query in queries)


def test_a_list_without_a_date_is_not_kept(
    driver: Callable[..., Any], sandbox: Any, tmp_path: Path
) -> None:
    """Nobody could say since when to ask for changes."""
    made = Lists(driver("kobo-plm/suppliers"), sandbox, tmp_path)
    made.lie(date="none")
    for _ in range(2):
        assert made.read().kept_at is None
        assert made.requests == PAGES


def live(**fields: Any) -> Live:
    """An object with these fields."""
    return Live(SCOPE, "7", fields, created="2027-01-01", updated="2027-01-02")


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "Ünal", "number": 1, "decimal": 1.5, "yes": True, "none": None},
        {"list": [1, "a", [{"b": {}}]], "reference": Pointer(id="3"), "other": Pointer(key="x")},
        {"map": {"id": "3", "key": None}, "in": [{"it": [Pointer("3", "x")]}]},
    ],
)
def test_what_is_kept_comes_back_as_it_was(sandbox: Any, fields: dict[str, Any]) -> None:
    """Every value and reference, the times, and the id."""
    reading = Reading([live(**fields)], 12, 1.5, 2.5)
    data = encoded(reading)
    assert data is not None
    again = decoded(data, SCOPE)
    assert again == reading
    assert again.objects[0].updated == "2027-01-02"


class Text(str):
    """Text that is more than its letters."""


@pytest.mark.parametrize("value", [Secret("hidden"), ("a", "tuple"), Text("a"), object()])
def test_what_would_not_come_back_is_not_kept(sandbox: Any, value: Any) -> None:
    """A secret, and any value that would become another one."""
    assert encoded(Reading([live(value=value)], 1, 0.0, 0.0)) is None
    assert encoded(Reading([live(value=[{"inner": value}])], 1, 0.0, 0.0)) is None
    if not isinstance(value, tuple):
        assert encoded(Reading([live(value=value)], 1, 0.0, 0.0), refers=False) is None
