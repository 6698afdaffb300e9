"""Lists that are kept between runs, so that the vendor is asked only for what changed since.

Kobo PLM documents `updated_since` for most of its lists, and `meta.total`, which counts the whole
list (sections Filtering, Pagination and Incremental Sync). It does not report what was deleted. So
what changed is put in place of what was kept, and if there are not as many objects then as the
vendor counts, all are read. A vendor may still be wrong about it: whoever plans from a kept list
asks for the objects that it would change.
"""

from __future__ import annotations

import marshal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from reconciler.errors import VendorError
from reconciler.files.cache import Cache
from reconciler.frozen import frozen
from reconciler.http.client import Client
from reconciler.kinds import Raw, Verb
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Live, Pointer, Scope
from reconciler.rest.answers import documented_form
from reconciler.rest.paging import MOST_PAGES, Page, read_least, read_pages
from reconciler.values.dates import instant_form

TOGETHER = 500
"""So many objects are unpacked at a time while a list is written or read."""
OVERLAP = 60.0
"""How many seconds before the last reading changes are asked for: an object may be seen a while
after its time of change, and the clocks of a vendor's machines differ."""


@frozen
class Reading:
    """A list as it was read. `whole_at` is when all of it was read, by our clock; changes since
    `moment`, by the vendor's, are not in it. Both are in seconds since the epoch. `pages` is how
    many pages it had."""

    objects: Sequence[Live]
    pages: int
    moment: float
    whole_at: float


@frozen
class KeptLists:
    """The lists of one account that are kept in a cache.

    `account` is what tells it from all others. Lists of at least `from_pages` pages are kept, and
    read whole again once that was more than `max_age` seconds ago, and always `in_full`. `clock`
    gives the seconds since the epoch.
    """

    cache: Cache
    account: bytes
    from_pages: int
    max_age: float
    in_full: bool = False
    clock: Callable[[], float] = time.time

    def read(
        self, client: Client, resource_type: ResourceType, live: Callable[[Raw], Live]
    ) -> tuple[Sequence[Live], float | None]:
        """Every object of a kind that `is_kept`, and when all were read, where that was before and
        only changes were read now. Raises VendorError."""
        source = _Source(client, resource_type, live)
        parts = (self.account, str(resource_type.scope).encode(), sys.version.encode())
        name = f"list-{self.cache.digest(*parts)}"
        refers = bool(resource_type.targets)
        data = None if self.in_full else self.cache.get(name)
        kept = None if data is None else self._usable(decoded(data, resource_type.scope, refers))
        if kept is not None and (merged := self._with_changes(source, kept)) is not None:
            if merged is not kept:
                self._keep(client, name, merged, refers)
            elif data is not None and client.replies is not None:
                until = kept.whole_at + self.max_age
                client.replies.kept[name] = [self.cache.seal(name, data), until]
            return merged.objects, merged.whole_at
        began = self.clock()
        pages = source.pages()
        objects = [live for page in pages for live in page.kept]
        moment = _moment(pages[0], began)
        counted = pages[0].total == len({live.id for live in objects}) == len(objects)
        if moment is not None and counted and len(pages) >= self.from_pages:
            self._keep(client, name, Reading(objects, len(pages), moment, began), refers)
        return objects, None

    def _with_changes(self, source: _Source, kept: Reading) -> Reading | None:
        """The list with what changed since it was kept; the kept one itself where nothing did. None
        where anything shows that this is not the whole list."""
        since = f"{datetime.fromtimestamp(kept.moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
        began = self.clock()
        try:
            pages = source.pages(since, most=max(1, kept.pages - 1))
            total = source.count()
        except VendorError:  # reading all of it meets the same error, or does not
            return None
        moment = _moment(pages[0], began)
        changed = {live.id: live for page in pages for live in page.kept}
        before = {live.id: live for live in kept.objects}
        if moment is None or moment < kept.moment or total != len(before.keys() | changed.keys()):
            return None
        if any(_is_before(live.updated, since) for live in changed.values()):
            return None  # the vendor does not do as it is asked
        if all(_same(before.get(id), live) for id, live in changed.items()):
            return kept
        return replace(kept, objects=[*{**before, **changed}.values()], moment=moment)

    def _usable(self, reading: Reading) -> Reading | None:
        """A reading that is not too old."""
        return reading if 0 <= self.clock() - reading.whole_at < self.max_age else None

    def _keep(self, client: Client, name: str, reading: Reading, refers: bool) -> None:
        """Keep a list, where it can be read back as it is: the next run asks for less, unless it
        reads all for the same reason."""
        data = encoded(reading, refers)
        if data is not None:
            self.cache.put(name, data)
            if client.replies is not None and not self.in_full:
                client.replies.complete = False


def is_kept(resource_type: ResourceType) -> bool:
    """Whether lists of a kind can be kept: the vendor documents how to ask for changes, and nothing
    but an answer decides how an object of it is decoded."""
    kind = resource_type.kind
    plain = kind.listed_plainly and not resource_type.facts.lookups
    return bool(kind.updated_since) and plain


@frozen
class _Source:
    """A list at the vendor, and what is made of each object in it."""

    client: Client
    resource_type: ResourceType
    live: Callable[[Raw], Live]

    def pages(self, since: str = "", most: int = MOST_PAGES) -> list[Page[Live]]:
        """The pages of the list, or of what changed `since`. Raises VendorError."""
        kind = self.resource_type.kind
        call = kind.calls[Verb.LIST]
        if since:
            call = replace(call, query={**call.query, kind.updated_since: since})
        with documented_form(self.resource_type.scope, self.client):
            return read_pages(self.client, call, kind.paging, self.live, kind.id_in, most)

    def count(self) -> int | None:
        """How many objects the whole list has, as the vendor says. Raises VendorError."""
        kind = self.resource_type.kind
        return read_least(self.client, kind.calls[Verb.LIST], kind.paging)


def encoded(reading: Reading, refers: bool = True) -> bytes | None:
    """A reading as bytes; None where it holds anything else than the values of JSON and references
    to objects, such as a secret. Where it `refers` to nothing, nobody looks for references."""
    plain = _plain if refers else _unchanged

    def rows(objects: Sequence[Live]) -> bytes:
        whole = (live.whole for live in objects)
        return marshal.dumps(
            [(o.id, plain(o.fields), o.archived, o.created, o.updated) for o in whole]
        )

    parts = range(0, len(reading.objects), TOGETHER)
    try:
        lots = [rows(reading.objects[at : at + TOGETHER]) for at in parts]
    except ValueError:
        return None
    return marshal.dumps((reading.pages, reading.moment, reading.whole_at, lots))


def decoded(data: bytes, scope: Scope, refers: bool = True) -> Reading:
    """A reading of this kind from the bytes that `encoded` made. They must be these, and of the
    same Python, which the seal of the cache shows: others might end the process."""
    full = _full if refers else _unchanged
    pages, moment, whole_at, lots = marshal.loads(data)
    objects = [
        Live(scope, id, full(fields), *rest)
        for lot in lots
        for id, fields, *rest in marshal.loads(lot)
    ]
    return Reading(objects, pages, moment, whole_at)


def _unchanged(value: Any) -> Any:
    return value


def _plain(value: Any) -> Any:
    """A value with a tuple, which JSON does not have, in place of each reference. Raises ValueError
    for a tuple."""
    if type(value) is dict:
        return {name: _plain(inner) for name, inner in value.items()}
    if type(value) is list:
        return [_plain(inner) for inner in value]
    if type(value) is tuple:
        raise ValueError
    return (value.id, value.key) if type(value) is Pointer else value


def _full(value: Any) -> Any:
    """The value that `_plain` was given."""
    if type(value) is dict:
        return {name: _full(inner) for name, inner in value.items()}
    if type(value) is list:
        return [_full(inner) for inner in value]
    return Pointer(*value) if type(value) is tuple else value


def _same(left: Live | None, right: Live) -> bool:
    return left is not None and left == right and left.updated == right.updated


def _moment(page: Page[Live], began: float) -> float | None:
    """From when on changes are asked for next time, by the `Date` of the first page; None where it
    has none. A clock that is ahead of ours would hide what changes until then."""
    try:
        date = parsedate_to_datetime(page.date).timestamp()
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return min(date, began) - OVERLAP


def _is_before(text: str, since: str) -> bool:
    """Whether a time as the vendor writes it is before `since`; not where it is no time."""
    form = instant_form(text)
    return form is not None and form < since
