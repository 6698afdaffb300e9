"""Objects that were read a while ago are read again before they are changed, by the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.errors import Source
from reconciler.executor import ExecuteOptions, Pages, execute
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.model import Change, Guard, Live, Options, Resource, Scope, Snapshot, Status
from reconciler.planner import Rules, plan
from reconciler.providers import PROVIDERS

SUPPLIERS = Scope("kobo-plm", "suppliers")
COUNT = 5


def renamed(code: str) -> Resource:
    """A supplier with its new name."""
    place = Source("main.yaml", 1, 1)
    return Resource(SUPPLIERS.address(code), {"code": code, "name": "Yeni"}, (), Options(), place)


class Late:
    """Five suppliers that are to get another name, and were read 31 s ago."""

    def __init__(self, driver: Any, sandbox: Any) -> None:
        for number in range(COUNT):
            driver.create({"code": f"S-{number}", "name": "Eski"}, f"key-{number}")
        self.driver, self.sandbox, self.listing = driver, sandbox, driver.list()
        self.changes = plan(
            [renamed(f"S-{number}") for number in range(COUNT)],
            Snapshot({SUPPLIERS: self.listing}),
            {},
            ResourceTypes(PROVIDERS),
            Rules(Guard(100, 100, 100)),
        ).changes
        self.live = {live.id: live for live in self.listing.objects}
        self.changed = {change.id for change in self.changes}
        sandbox.clear_journal()

    def apply(self) -> list[Status]:
        """Make the changes; how each ended."""
        places = {
            (SUPPLIERS, live.id): at
            for at, live in enumerate(self.listing.objects)
            if live.id in self.changed
        }

        def clock() -> float:
            return self.listing.at + 31

        def seen(change: Change) -> tuple[Live, float]:
            return self.live[change.id or ""], self.listing.at

        options = ExecuteOptions(seen=seen, clock=clock, pages=Pages(places, 30, clock))
        drivers = {SUPPLIERS: self.driver}
        outcomes = execute(self.changes, drivers, lambda *_: lambda *_: None, options)
        return sorted(outcome.status for outcome in outcomes)

    def asked(self) -> list[str]:
        """The queries of the lists that were read."""
        journal = self.sandbox.journal("kobo-plm")
        return [e["query"] for e in journal if e["method"] == "GET" and e["query"]]


@pytest.fixture
def late(driver: Callable[..., Any], sandbox: Any) -> Late:
    """What is to be changed."""
    return Late(driver("kobo-plm/suppliers", writable=True), sandbox)


def test_objects_of_one_page_are_read_again_with_one_request(late: Late) -> None:
    """The page that shows them is read once, and each is changed."""
    assert late.apply() == [Status.APPLIED] * COUNT
    assert late.asked() == ["page=1&per_page=100"]


def test_what_changed_since_the_plan_is_found_on_the_page(late: Late) -> None:
    """Where a declared field moved, that object is left as it is, and the others are changed."""
    objects = late.sandbox.state("kobo-plm")["suppliers"]
    objects[-1]["name"] = "Başkası"
    late.sandbox.put_state("kobo-plm", {"suppliers": objects})
    assert late.apply() == sorted([Status.APPLIED] * (COUNT - 1) + [Status.FAILED])
    assert late.sandbox.state("kobo-plm")["suppliers"][-1]["name"] == "Başkası"


def test_an_object_that_its_page_does_not_show_is_asked_for(late: Late) -> None:
    """A list whose order changed proves nothing: only the object itself says that it is gone."""
    objects = late.sandbox.state("kobo-plm")["suppliers"]
    many = [{"code": f"NEW-{number}", "name": "Araya giren"} for number in range(100)]
    late.sandbox.put_state("kobo-plm", {"suppliers": [*many, *objects]})
    assert late.apply() == [Status.APPLIED] * COUNT


def test_a_page_that_cannot_be_read_is_no_obstacle(late: Late) -> None:
    """Then each object is read by itself."""
    late.sandbox.faults([{"method": "GET", "path": "*/suppliers", "fault": {"html": True}}])
    assert late.apply() == [Status.APPLIED] * COUNT
