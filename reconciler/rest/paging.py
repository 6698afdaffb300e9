"""Every page of a list, or the reason why it is not known to be whole."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from reconciler.errors import Diagnostic, Incomplete
from reconciler.kinds import Call, Paging, Raw
from reconciler.rest.client import Client

MOST_PAGES = 20_000
READINGS = 3


def read_list(client: Client, call: Call, paging: Paging | None) -> tuple[list[Raw], int]:
    """All objects of a list and the number of requests that took.

    Raises `Incomplete` where the pages contradict each other three times over: an object twice,
    fewer objects than the vendor counts, a count that changes while pages are read.
    """
    if paging is None:
        return _objects(client.read(call.path, call.query).data, call), 1
    requests = 0
    problem = ""
    for _ in range(READINGS):
        pages, total = _read_pages(client, call, paging)
        requests += len(pages)
        objects = [one for page in pages for one in page]
        problem = _contradiction(objects, total)
        if not problem:
            return objects, requests
    raise Incomplete(
        Diagnostic(
            f"{client.connection.name}: the list {call.path} could not be read whole: {problem}",
            "Nothing is concluded from it. Run it again when nobody edits there.",
        )
    )


def read_least(client: Client, call: Call, paging: Paging | None) -> list[Raw]:
    """As little of a list as one request can ask for."""
    query: dict[str, str | int] = {**call.query}
    if paging is not None:
        query |= {paging.page: 1, paging.size: 1}
    return _objects(client.read(call.path, query).data, call)


def _read_pages(client: Client, call: Call, paging: Paging) -> tuple[list[list[Raw]], int | None]:
    """The pages in order, and how many objects the vendor says there are (None: it does not)."""

    def page(number: int) -> Any:
        query: dict[str, str | int] = {
            **call.query,
            paging.page: number,
            paging.size: paging.per_page,
        }
        return client.read(call.path, query).data

    first = page(1)
    pages = [_objects(first, call)]
    total = _total(first, paging)
    if total is None:
        pages += _until_short(page, call, len(pages[0]), paging.per_page)
        return pages, None
    if pages[0] and total > len(pages[0]):
        # The vendor may give fewer objects a page than it was asked for.
        count = math.ceil(total / len(pages[0]))
        if count > MOST_PAGES:
            raise Incomplete(Diagnostic(f"{call.path} claims {total} objects: more than we read"))
        pages += _side_by_side(client.pool, lambda n: _objects(page(n), call), range(2, count + 1))
    return pages, total


def _side_by_side(
    pool: ThreadPoolExecutor, read: Callable[[int], list[Raw]], numbers: Sequence[int]
) -> Iterator[list[Raw]]:
    return pool.map(read, numbers)


def _until_short(
    page: Callable[[int], Any], call: Call, first: int, per_page: int
) -> Iterator[list[Raw]]:
    """Page after page until one is not full; an answer that ignores paging ends it as well."""
    count, number = first, 1
    while count == per_page and number < MOST_PAGES:
        number += 1
        objects = _objects(page(number), call)
        count = len(objects)
        if objects:
            yield objects


def _objects(data: Any, call: Call) -> list[Raw]:
    found = data.get(call.envelope) if call.envelope and isinstance(data, dict) else data
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        where = f'"{call.envelope}"' if call.envelope else "the answer"
        raise Incomplete(
            Diagnostic(
                f"{call.method} {call.path}: {where} is not a list of objects",
                "The vendor may have changed its API, or base_url points elsewhere.",
            )
        )
    return found


def _total(data: Any, paging: Paging) -> int | None:
    for step in paging.total:
        data = data.get(step) if isinstance(data, dict) else None
    return data if paging.total and isinstance(data, int) else None


def _contradiction(objects: Sequence[Raw], total: int | None) -> str:
    """What shows that the pages do not make one list; "" where nothing does."""
    ids = [one["id"] for one in objects if "id" in one]
    repeated = len(ids) - len(set(map(str, ids)))
    if repeated:
        return f"{repeated} objects came twice (a page repeats, or the list changed)"
    if total is not None and total != len(objects):
        return f"{len(objects)} objects came, and the vendor counts {total}"
    return ""
