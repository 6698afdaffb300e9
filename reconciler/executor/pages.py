"""Read many objects again before they are changed: by the page of their list, not one by one."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from reconciler.errors import VendorError
from reconciler.model import Action, Change, Live, Scope
from reconciler.rest.driver import Driver
from reconciler.rest.shown import FEW

MANY = 100
"""So many updates are made before what they were planned from is too old."""

Place = tuple[Scope, str | None]
StepType = TypeVar("StepType")


@dataclass(slots=True)
class _Page:
    """A page of a list: when it was read and what it showed, by id."""

    at: float = float("-inf")
    objects: Mapping[str, Live] = field(default_factory=dict)
    reading: threading.Lock = field(default_factory=threading.Lock)


@dataclass(slots=True)
class Pages:
    """The pages of the lists in which a run changes several objects.

    `positions` are the places of the objects to change in their lists, counted from 0; a page that
    was read at most `fresh_seconds` ago is not read again; `clock` gives monotonic seconds.
    """

    positions: Mapping[Place, int]
    fresh_seconds: float
    clock: Callable[[], float]
    _pages: dict[tuple[Scope, int], _Page] = field(default_factory=dict)
    _to_change: dict[Scope, Mapping[int, Collection[str]]] = field(default_factory=dict)
    _adding: threading.Lock = field(default_factory=threading.Lock)

    def read(self, driver: Driver, id: str, alone: bool) -> tuple[Live | None, int]:
        """The object as it is now, None where it is gone, and how many requests that took. It is
        read by its page of the list unless it is to be read `alone`."""
        live, requests = (None, 0) if alone else self._on_page(driver, id)
        return (live, requests) if live is not None else (driver.get(id), requests + 1)

    def prepare(self, driver: Driver, change: Change) -> int:
        """Read the page that shows an object which is about to be updated, where that saves reading
        many objects one by one; returns how many requests that took."""
        if change.action is not Action.UPDATE or change.id is None or not driver.shown.saves_looks:
            return 0
        return self._on_page(driver, change.id, FEW)[1]

    def _on_page(self, driver: Driver, id: str, least: int = 2) -> tuple[Live | None, int]:
        """The object as its page of the list shows it now, and how many requests that took. None
        where the page shows no such object, cannot be read, or has fewer than `least` to change."""
        scope, size = driver.resource_type.scope, driver.page_size
        position = self.positions.get((scope, id))
        if position is None or not size:
            return None, 0
        number = position // size
        with self._adding:
            if scope not in self._to_change:
                self._to_change[scope] = self._ids_by_page(scope, size)
            ids = self._to_change[scope][number]
            page = self._pages.setdefault((scope, number), _Page())
        with page.reading:
            if self.clock() - page.at <= self.fresh_seconds:
                return page.objects.get(id), 0
            if len(ids) < least:
                return None, 0
            page.at = self.clock()
            try:
                page.objects = {live.id: live for live in driver.page(number, ids)}
            except VendorError:
                page.objects = {}
            return page.objects.get(id), 1

    def in_order(
        self, steps: Sequence[StepType], place_of: Callable[[StepType], Place]
    ) -> Sequence[StepType]:
        """The steps in the order in which the lists show their objects, where they are many: what
        is on one page is then changed soon after the page was read."""
        if len(self.positions) <= MANY:
            return steps
        return sorted(steps, key=lambda step: self.positions.get(place_of(step), -1))

    def _ids_by_page(self, scope: Scope, size: int) -> Mapping[int, Collection[str]]:
        """The ids of the objects of a kind that are to be changed, by the page that shows them."""
        ids: defaultdict[int, set[str]] = defaultdict(set)
        for (of, id), at in self.positions.items():
            if of == scope and id is not None:
                ids[at // size].add(id)
        return ids
