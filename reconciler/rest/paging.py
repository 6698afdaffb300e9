"""Every page of a list, or the reason why it is not known to be whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

from reconciler.errors import Diagnostic, Incomplete
from reconciler.frozen import frozen
from reconciler.http.client import Client
from reconciler.http.errors import reported_failure
from reconciler.kinds import Call, Paging, Raw
from reconciler.timing import Stage, timed

MOST_PAGES = 20_000
MOST_PAGES_UNCOUNTED = 2_000
"""How many pages are read of a list, where the vendor counts its objects and where it does not."""
READINGS = 3
READINGS_GROWING = 20
"""How often a list is read before it counts as contradictory; more often while it only grows, as
it does while we make many objects and look each up."""

Kept = TypeVar("Kept")


@frozen
class Page(Generic[Kept]):
    """What was kept of a page's objects, their ids where they have any, how many objects the vendor
    says there are in all (None: it does not say), and its `Date`."""

    kept: list[Kept]
    ids: list[str]
    total: int | None
    date: str = ""


def read_list(
    client: Client,
    call: Call,
    paging: Paging | None,
    keep: Callable[[Raw], Kept],
    id_in: Callable[[Raw], str | None] = lambda raw: None,
) -> list[Kept]:
    """What `keep` makes of each object of a list; `id_in` gives the id that an object has.

    Raises what `read_pages` does.
    """
    pages = read_pages(client, call, paging, keep, id_in)
    return [kept for page in pages for kept in page.kept]


def read_pages(
    client: Client,
    call: Call,
    paging: Paging | None,
    keep: Callable[[Raw], Kept],
    id_in: Callable[[Raw], str | None],
    most: int = MOST_PAGES,
) -> list[Page[Kept]]:
    """The pages of a list.

    Each page is turned into what is kept as it comes, so that a long list is never there whole in
    both forms. Raises `Incomplete` where the pages contradict each other three times over: an
    object twice, fewer objects than the vendor counts; where more come than it counted, 20 times;
    and where the first page says that there are more pages than `most`.
    """
    if paging is None:
        whole = partial(_whole, client, call, keep, id_in)
    else:
        whole = partial(_numbered, client, call, paging, keep, id_in, most)
    problem = ""
    for reading in range(1, READINGS_GROWING + 1):
        pages = whole()
        problem = _contradiction(pages)
        if not problem:
            return pages
        if reading >= READINGS and not _grew(pages):
            break
    raise Incomplete(
        Diagnostic(
            f"{client.connection.name}: the list {call.path} could not be read whole: {problem}",
            "Nothing is concluded from it. Run it again when nobody edits there.",
        )
    )


def read_least(client: Client, call: Call, paging: Paging | None) -> int | None:
    """Ask for as little of a list as one request can, which must be a list: how many objects the
    vendor says there are in all; None where it does not say."""
    query: dict[str, str | int] = {**call.query}
    if paging is not None:
        query |= {paging.page: 0 if paging.by_offset else 1, paging.size: 1}
    data = client.read(call.path, query).data
    _objects(client, data, call)
    return None if paging is None else _total(data, paging)


def read_page(client: Client, call: Call, paging: Paging, number: int) -> list[Raw]:
    """The objects on one page of a list; the first has the number 0."""
    place = number * paging.per_page if paging.by_offset else number + 1
    position: dict[str, str | int] = {paging.page: place, paging.size: paging.per_page}
    data = client.read(call.path, {**call.query, **position}).data
    return _objects(client, data, call)


def _objects_in(pages: Sequence[Page[Any]]) -> Mapping[str, int]:
    return {"listed object": sum(len(page.kept) for page in pages)}


@timed(Stage.DECODE, _objects_in)
def _whole(
    client: Client,
    call: Call,
    keep: Callable[[Raw], Kept],
    id_in: Callable[[Raw], str | None],
) -> list[Page[Kept]]:
    """A list that comes whole, as the one page that it is."""
    objects = _objects(client, client.read(call.path, call.query).data, call)
    ids = [id for raw in objects if (id := id_in(raw)) is not None]
    return [Page([keep(raw) for raw in objects], ids, None)]


def _numbered(
    client: Client,
    call: Call,
    paging: Paging,
    keep: Callable[[Raw], Kept],
    id_in: Callable[[Raw], str | None],
    most: int,
) -> list[Page[Kept]]:
    """The pages in order: those after the first side by side where their number is known."""

    @timed(Stage.DECODE, lambda page: _objects_in([page]))
    def page(number: int, before: int = 0) -> Page[Kept]:
        place = before if paging.by_offset else number
        position: dict[str, str | int] = {paging.page: place, paging.size: paging.per_page}
        answer = client.read(call.path, {**call.query, **position})
        objects = _objects(client, answer.data, call)
        ids = [id for raw in objects if (id := id_in(raw)) is not None]
        total = _total(answer.data, paging)
        return Page([keep(raw) for raw in objects], ids, total, answer.date)

    first = page(1)
    if first.total is None:
        pages = [first, *_until_short(page, first, paging.per_page)]
        if len(pages) >= MOST_PAGES_UNCOUNTED and len(pages[-1].kept) == paging.per_page:
            raise _endless(client, call)
        return pages
    if not first.kept:
        return [first]
    # The vendor may give fewer objects a page than it was asked for.
    count = -(-first.total // len(first.kept))
    if count > most:
        account = client.connection.name
        summary = f"{account}: {call.path} claims {first.total:,} objects: more than we read"
        raise Incomplete(Diagnostic(summary))
    numbers = range(2, count + 1)
    return [first, *client.pool.map(page, numbers, [(n - 1) * len(first.kept) for n in numbers])]


def _until_short(
    page: Callable[[int, int], Page[Kept]], first: Page[Kept], per_page: int
) -> Iterator[Page[Kept]]:
    """Page after page until one is not full, or the most pages that are read; an answer that
    ignores paging, or repeats a page, ends it as well."""
    last, number = first, 1
    while len(last.kept) == per_page and number < MOST_PAGES_UNCOUNTED:
        number += 1
        before, last = last, page(number, (number - 1) * per_page)
        if last.kept:
            yield last
        if last.ids and last.ids == before.ids:
            return


def _endless(client: Client, call: Call) -> Incomplete:
    """The error for a list of which all pages are full, and nobody says how many there are."""
    return Incomplete(
        Diagnostic(
            f"{client.connection.name}: the list {call.path} could not be read whole: it goes on "
            f"after {MOST_PAGES_UNCOUNTED:,} full pages, and the vendor does not count its objects",
            "Nothing is concluded from it. Delete what is not needed there, or tell the vendor.",
        )
    )


def _objects(client: Client, data: Any, call: Call) -> list[Raw]:
    if (problem := reported_failure(data)) is not None:
        account = client.connection.name
        raise Incomplete(
            Diagnostic(
                f"{account}: {call.method} {call.path} answered an error instead of a list: "
                f"{client.hide(problem)[:300]}",
                "Nothing is concluded from it. Run it again; if it stays, tell the vendor.",
            )
        )
    objects = data.get(call.envelope) if call.envelope and isinstance(data, dict) else data
    if not isinstance(objects, list) or not all(isinstance(item, dict) for item in objects):
        account = client.connection.name
        where = f'"{call.envelope}"' if call.envelope else "the answer"
        raise Incomplete(
            Diagnostic(
                f"{account}: {call.method} {call.path}: {where} is not a list of objects",
                "The vendor may have changed its API, or base_url points elsewhere.",
            )
        )
    return objects


def _total(data: Any, paging: Paging) -> int | None:
    for step in paging.total:
        data = data.get(step) if isinstance(data, dict) else None
    return data if paging.total and type(data) is int else None


def _grew(pages: Sequence[Page[Any]]) -> bool:
    """Whether all that is wrong is that more came than the first page counted."""
    ids, first = [id for page in pages for id in page.ids], pages[0].total or 0
    return len(ids) == len(set(ids)) and sum(len(page.kept) for page in pages) > first


def _contradiction(pages: Sequence[Page[Any]]) -> str:
    """What shows that the pages do not make one list; "" where nothing does."""
    ids = [id for page in pages for id in page.ids]
    repeated = len(ids) - len(set(ids))
    if repeated:
        return f"{repeated} objects came twice (a page repeats, or the list changed)"
    total, came = pages[0].total, sum(len(page.kept) for page in pages)
    if total is not None and total != came:
        return f"{came} objects came, and the vendor counts {total}"
    return ""
