"""What one vendor knows: its objects, made when looked at, and the sandbox's clock."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

Object = dict[str, Any]

REMEMBERED_WRITES = 1000


class Clock:
    """The time in the sandbox: real, shifted or frozen."""

    def __init__(self) -> None:
        self._frozen: datetime | None = None
        self._shift = timedelta()

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return (self._frozen or datetime.now(UTC)) + self._shift

    def iso(self, before: float = 0) -> str:
        """The present moment, or so many seconds before it, as vendors write it, to the second."""
        return (self.now() - timedelta(seconds=before)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def set(self, now: str | datetime | None = None, advance: float | None = None) -> None:
        """Freeze at `now`, or move by `advance` seconds; with neither, return to real time.

        Raises ValueError for what is not a moment, and changes nothing then.
        """
        if now is None and advance is None:
            self._frozen, self._shift = None, timedelta()
            return
        shift = timedelta(seconds=advance or 0)
        if now is None:
            self._shift += shift
            return
        moment = datetime.fromisoformat(now) if isinstance(now, str) else now
        self._frozen = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        self._shift = shift


def _values(thing: Mapping[str, Any], path: str) -> Iterator[Hashable]:
    """The values at a dotted path that something can be found by: no object is."""
    name, _, rest = path.partition(".")
    value = thing.get(name)
    for each in value if isinstance(value, list) else (value,):
        if isinstance(each, dict):
            yield from _values(each, rest) if rest else ()
        elif not rest and not isinstance(each, list):
            yield each


class Collection:
    """The objects of one kind, in ascending order of id.

    Objects that were not written are made anew whenever they are needed, so that a hundred
    thousand cost nothing until read, and little then. Objects are values: a change puts another
    one in place.
    """

    def __init__(
        self, ids: Sequence[int], make: Callable[[int], Object], next_id: int | None = None
    ) -> None:
        self.ids = sorted(ids)
        self.next_id = next_id or (self.ids[-1] + 1 if self.ids else 1)
        self.encoded: dict[int, bytes] = {}
        """Each object as it was last sent: serving a page is joining these."""
        self._make = make
        self._placed: dict[int, Object] = {}
        self._indexes: dict[str, dict[Hashable, set[int]]] = {}
        self._selections: dict[Hashable, list[int]] = {}

    def __contains__(self, number: int) -> bool:
        place = bisect_left(self.ids, number)
        return place < len(self.ids) and self.ids[place] == number

    def __getitem__(self, number: int) -> Object:
        placed = self._placed.get(number)
        if placed is not None:
            return placed
        if number not in self:
            raise KeyError(number)
        return self._make(number)

    def __iter__(self) -> Iterator[Object]:
        return (self[number] for number in self.ids)

    def get(self, number: int) -> Object | None:
        """The object of that id, if there is one."""
        try:
            return self[number]
        except KeyError:
            return None

    def place(self, number: int, thing: Object | None) -> None:
        """Put an object in place, or take it away."""
        before = self.get(number)
        for name, index in self._indexes.items():
            for value in _values(before or {}, name):
                index.get(value, set()).discard(number)
            for value in _values(thing, name) if thing is not None else ():
                index.setdefault(value, set()).add(number)
        if thing is None:
            self._placed.pop(number, None)
            if before is not None:
                del self.ids[bisect_left(self.ids, number)]
        else:
            self._placed[number] = thing
            if before is None:
                insort(self.ids, number)
        self.next_id = max(self.next_id, number + 1)
        self.encoded.pop(number, None)
        self._selections.clear()

    def find(self, name: str, value: Hashable) -> set[int]:
        """The ids of the objects that have this value at a (dotted) path, or in an array there."""
        index = self._indexes.get(name)
        if index is None:
            index = self._indexes[name] = {}
            for number in self.ids:
                for each in _values(self[number], name):
                    index.setdefault(each, set()).add(number)
        return index.get(value, set())

    def select(self, key: Hashable, choose: Callable[[Collection], list[int]]) -> list[int]:
        """The ids `choose` gives, remembered under `key` until something here changes."""
        if key not in self._selections:
            if len(self._selections) >= 16:
                self._selections.clear()
            self._selections[key] = choose(self)
        return self._selections[key]


class Store:
    """All collections of one vendor, made on first access, with the last writes remembered."""

    def __init__(
        self,
        load: Callable[[str], Collection],
        embedded_in: Mapping[str, Sequence[str]],
        clock: Clock,
    ) -> None:
        self._load = load
        self._embedded_in = embedded_in
        self._clock = clock
        self._collections: dict[str, Collection] = {}
        self._writes: deque[tuple[datetime, str, int, Object | None]] = deque(
            maxlen=REMEMBERED_WRITES
        )
        self.touched: set[str] = set()
        """The kinds that differ from the data set: all that a state file needs to hold."""

    def __getitem__(self, kind: str) -> Collection:
        if kind not in self._collections:
            self._collections[kind] = self._load(kind)
        return self._collections[kind]

    def write(self, kind: str, number: int, thing: Object | None) -> None:
        """A client's write: put an object in place or take it away, and remember what was."""
        self._writes.append((self._clock.now(), kind, number, self[kind].get(number)))
        self._place(kind, number, thing)
        self.touched.add(kind)

    def replace(self, kind: str, collection: Collection) -> None:
        """Set a kind up anew, from outside; what was written before is forgotten."""
        self._collections[kind] = collection
        for other in self._embedded_in.get(kind, ()):
            self[other].encoded.clear()
        self._writes.clear()
        self.touched.add(kind)

    @contextmanager
    def rewound(self, seconds: float | None) -> Iterator[None]:
        """The store before the last write, or before all writes of the last `seconds`."""
        undone = list(self._writes)
        if seconds is None:
            undone = undone[-1:]
        else:
            since = self._clock.now() - timedelta(seconds=seconds)
            undone = [write for write in undone if write[0] > since]
        present = []
        for _, kind, number, before in reversed(undone):
            present.append((kind, number, self[kind].get(number)))
            self._place(kind, number, before)
        try:
            yield
        finally:
            for kind, number, thing in reversed(present):
                self._place(kind, number, thing)

    def _place(self, kind: str, number: int, thing: Object | None) -> None:
        self[kind].place(number, thing)
        for other in self._embedded_in.get(kind, ()):
            self[other].encoded.clear()
