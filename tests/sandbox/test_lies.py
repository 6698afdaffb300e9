"""What the sandbox says wrong of what changed, when it is told to."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from reconciler.sandbox.server import Running

SINCE = "/suppliers?updated_since=2027-01-01T12:00:00Z&per_page=2"
NOON = "2027-01-01T12:00:00Z"


@pytest.fixture
def changed(sandbox: Running, kobo: httpx.Client) -> list[str]:
    """The codes of three suppliers that were made at noon, beside those of the documentation."""
    sandbox.clock(NOON)
    codes = ["A", "B", "C"]
    for code in codes:
        assert kobo.post("/suppliers", json={"code": code, "name": code}).status_code == 201
    return codes


def lie(sandbox: Running, method: str = "GET", **fault: Any) -> None:
    """Say this wrong of suppliers."""
    sandbox.faults([{"path": "*/suppliers*", "method": method, "fault": fault}])


def shown(kobo: httpx.Client, query: str = SINCE) -> tuple[list[str], int]:
    """The codes in a list, and how many it counts."""
    answer = kobo.get(query).json()
    return [each["code"] for each in answer["data"]], answer["meta"]["total"]


@pytest.mark.parametrize(
    ("value", "first", "total"),
    [
        ("page", ["A", "B"], 2),
        ("total", ["A", "B"], 4),
        (3600, [], 0),
        (-3600, ["A", "B"], 3),
    ],
)
def test_since(
    sandbox: Running, kobo: httpx.Client, changed: list[str], value: Any, first: Any, total: int
) -> None:
    """A page instead of all pages, the count of the whole list, or another moment."""
    assert shown(kobo) == (changed[:2], 3)
    lie(sandbox, since=value)
    assert shown(kobo) == (first, total)


def test_since_is_ignored(sandbox: Running, kobo: httpx.Client, changed: list[str]) -> None:
    """The list is the whole one, as if nothing had been asked for."""
    plain = shown(kobo, "/suppliers?per_page=2")
    lie(sandbox, since="ignored")
    assert shown(kobo) == plain
    assert plain[1] > len(changed)


def test_count(sandbox: Running, kobo: httpx.Client) -> None:
    """A list shows what there is, and counts other than that."""
    codes, total = shown(kobo, "/suppliers")
    lie(sandbox, count=-1)
    assert shown(kobo, "/suppliers") == (codes, total - 1)


def test_late(sandbox: Running, kobo: httpx.Client, changed: list[str]) -> None:
    """What is made or changed has a time before it is seen, or no new one."""
    sandbox.clock("2027-01-01T13:00:00Z")
    lie(sandbox, "POST", late=7200)
    made = kobo.post("/suppliers", json={"code": "D", "name": "D"}).json()["data"]
    assert made["updated_at"] == made["created_at"] == "2027-01-01T11:00:00Z"
    assert shown(kobo)[1] == len(changed)
    lie(sandbox, "PUT", late=True)
    written = kobo.put(f"/suppliers/{made['id']}", json={"name": "E"}).json()["data"]
    assert (written["name"], written["updated_at"]) == ("E", made["updated_at"])
    lie(sandbox, "PUT", late=600)
    written = kobo.put(f"/suppliers/{made['id']}", json={"name": "F"}).json()["data"]
    assert written["updated_at"] == "2027-01-01T12:50:00Z"


def test_date(sandbox: Running, kobo: httpx.Client) -> None:
    """The Date header is that of the sandbox's clock, unless it is wrong or missing."""
    sandbox.clock(NOON)

    def date() -> str:
        return f"{parsedate_to_datetime(kobo.get('/suppliers').headers['Date']):%H:%M:%S}"

    assert date() == "12:00:00"
    for wrong, expected in ((90, "12:01:30"), (-3600, "11:00:00")):
        lie(sandbox, date=wrong)
        assert date() == expected
    lie(sandbox, date="none")
    assert "Date" not in kobo.get("/suppliers").headers
