"""Answers as a Laravel application does: envelopes, pages with meta and links, filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from reconciler.sandbox.casts import utc
from reconciler.sandbox.crud import Crud, encode_list
from reconciler.sandbox.describe import Answer, Call, Kind, Refused, encode
from reconciler.sandbox.store import Collection, Object
from reconciler.sandbox.vendors.kobo_plm.validation import check, invalid, must_be

PER_PAGE, MOST_PER_PAGE = 25, 100
BOOLEANS: Mapping[str, bool] = {"1": True, "0": False, "true": True, "false": False}


def error_body(message: str) -> Object:
    """Laravel's error body."""
    return {"message": message}


def data(value: object, status: int = 200) -> Answer:
    """A value in Kobo's envelope."""
    return Answer(status, {"data": value})


def in_use(call: Call, kind: Kind, number: int, user: str) -> Refused:
    """The refusal to delete what another kind refers to."""
    return invalid({"id": [f"Used by {user}; it cannot be deleted."]})


def lookup(call: Call, kind: Kind) -> Answer:
    """A reference list, whole."""
    ids = call.collection(kind).ids
    return Answer(200, b'{"success":true,"data":' + encode_list(call.account, kind, ids) + b"}")


def listing(call: Call, kind: Kind) -> Answer:
    """A page of a kind, filtered as the query asks, with meta and links."""
    ids = call.collection(kind).select(*_selection(call, kind))
    lie = call.lies.get("since") if call.query.get("updated_since") else None
    if lie == "page":
        size = min(_natural(call.query.get("per_page"), PER_PAGE), MOST_PER_PAGE)
        ids = ids[:size]
    if lie == "total":
        plain = {name: text for name, text in call.query.items() if name != "updated_since"}
        whole = call.collection(kind).select(*_selection(replace(call, query=plain), kind))
        call = replace(call, lies={"count": len(whole) - len(ids)})
    return page_of(call, kind, ids)


def page_of(call: Call, kind: Kind, ids: list[int]) -> Answer:
    """The page the query asks for, of these objects of a kind."""
    return paged(call, ids, lambda chosen: encode_list(call.account, kind, chosen))


def paged(call: Call, ids: list[int], render: Callable[[list[int]], bytes]) -> Answer:
    """The page the query asks for, of objects known by number and rendered a page at a time."""
    page = _natural(call.query.get("page"), 1)
    size = min(_natural(call.query.get("per_page"), PER_PAGE), MOST_PER_PAGE)
    chosen, total = call.window(ids, (page - 1) * size, size)
    last = max(1, -(-total // size))
    start = (page - 1) * size + 1
    filled = start <= total
    meta = {
        "current_page": page,
        "from": start if filled else None,
        "last_page": last,
        "per_page": size,
        "to": min(start + size - 1, total) if filled else None,
        "total": total,
    }
    links = {
        "first": f"{call.url}?page=1",
        "last": f"{call.url}?page={last}",
        "prev": f"{call.url}?page={page - 1}" if page > 1 else None,
        "next": f"{call.url}?page={page + 1}" if page < last else None,
    }
    rest = encode({"meta": meta, "links": links})
    return Answer(200, b'{"data":' + render(chosen) + b"," + rest[1:])


def _natural(text: str | None, default: int) -> int:
    """A count from the query; whatever is not one means the default, as Laravel has it."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 9:
        return default
    return int(text) or default


def _selection(call: Call, kind: Kind) -> tuple[object, Callable[[Collection], list[int]]]:
    """The query's filters: a key to cache the result by, and the function that selects."""
    lie = call.lies.get("since")
    asked = ("created_since",) if lie == "ignored" else ("updated_since", "created_since")
    since = {
        name.replace("_since", "_at"): _moment(name, call.query[name])
        for name in asked
        if kind.stamped and call.query.get(name)
    }
    if "updated_at" in since and isinstance(lie, int | float):
        moment = datetime.fromisoformat(since["updated_at"]) + timedelta(seconds=lie)
        since["updated_at"] = utc(moment.isoformat())
    equal = {path: call.query[name] for name, path in kind.filters.items() if name in call.query}
    before = _days(call, kind.before)
    after = _days(call, kind.after)
    archived = BOOLEANS.get(call.query.get("archived", "").lower(), False)
    if not (since or equal or before or after or kind.archives):
        return None, lambda collection: collection.ids[:]

    def choose(collection: Collection) -> list[int]:
        return [
            number
            for number in _candidates(collection, equal)
            if not kind.archives or (collection[number]["archived_at"] is not None) is archived
            if all(str(collection[number][name]) >= moment for name, moment in since.items())
            and all(_equal(collection[number], path, value) for path, value in equal.items())
            and all("" < _day(collection[number], name) < day for name, day in before.items())
            and all(day < _day(collection[number], name) for name, day in after.items())
        ]

    chosen = (since, equal, before, after)
    return (*(tuple(some.items()) for some in chosen), archived), choose


def _days(call: Call, parameters: Mapping[str, str]) -> dict[str, str]:
    """The fields that the query limits by a day, each with the day."""
    asked = {name: call.query[name] for name in parameters if call.query.get(name)}
    return {parameters[name]: _moment(name, text)[:10] for name, text in asked.items()}


def _day(thing: Object, name: str) -> str:
    """The day in a field; empty where there is none."""
    return str(thing.get(name) or "")[:10]


def _candidates(collection: Collection, equal: Mapping[str, str]) -> Iterable[int]:
    """The ids to look at: a list that is asked for each of many parents must not read all."""
    for path, text in equal.items():
        if path.endswith("_id") and text.isascii() and text.isdigit():
            return sorted(collection.find(path, int(text)))
    return collection.ids


def _moment(name: str, text: str) -> str:
    try:
        return utc(text)
    except ValueError:
        raise invalid({name: [must_be(name, "date")]}) from None


def _equal(thing: Object, path: str, text: str) -> bool:
    value: Any = thing
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return BOOLEANS.get(text.lower()) is value
    return value is not None and str(value) == text


def entries(call: Call, rows: Sequence[Object]) -> Answer:
    """A page of rows that are not a kind of their own."""
    places = list(range(len(rows)))
    return paged(call, places, lambda chosen: encode([rows[place] for place in chosen]))


CRUD = Crud(
    listing,
    check,
    in_use,
    envelope=lambda thing: {"data": thing},
    idempotency=True,
    scope=lambda kind, right: f"{kind.scope}:{right}",
)
