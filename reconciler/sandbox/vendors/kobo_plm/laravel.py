"""How a Laravel application serves a resource: envelopes, paging with meta and links, verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from reconciler.sandbox import verbs
from reconciler.sandbox.store import Collection, Object
from reconciler.sandbox.vendor import Answer, Call, Kind, Route, encode, of
from reconciler.sandbox.vendors.kobo_plm.validation import check, invalid, label

PER_PAGE, MOST_PER_PAGE = 25, 100
BOOLEANS: Mapping[str, bool] = {"1": True, "0": False, "true": True, "false": False}


def problem(message: str) -> Object:
    """Laravel's error body."""
    return {"message": message}


def data(value: object, status: int = 200) -> Answer:
    """One thing in Kobo's envelope."""
    return Answer(status, {"data": value})


def show(call: Call, kind: Kind) -> Answer:
    """GET of one object."""
    return data(verbs.item(call, kind, verbs.located(call, kind)))


def create(call: Call, kind: Kind) -> Answer:
    """POST of a new object; the answer tells a secret if the kind has one."""
    number = verbs.created(call, kind, check(call, kind))
    tell = tuple(name for name in kind.hidden if name == "secret")
    return data(verbs.item(call, kind, number, tell=tell), 201)


def update(call: Call, kind: Kind) -> Answer:
    """PUT or PATCH of one object."""
    number = verbs.located(call, kind)
    verbs.updated(call, kind, number, check(call, kind, number))
    return data(verbs.item(call, kind, number))


def delete(call: Call, kind: Kind) -> Answer:
    """DELETE of one object that nothing refers to."""
    number = verbs.located(call, kind)
    if user := verbs.users(call.account, kind, number):
        message = f"Used by {user}; it cannot be deleted."
        raise invalid({"id": [message]})
    return verbs.deleted(call, kind, number)


def lookup(call: Call, kind: Kind) -> Answer:
    """A reference list, whole."""
    ids = call.account.store[kind.name].ids
    return Answer(200, b'{"success":true,"data":' + verbs.encoded(call.account, kind, ids) + b"}")


def listing(call: Call, kind: Kind) -> Answer:
    """A page of a kind, filtered as the query asks, with meta and links."""
    ids = call.account.store[kind.name].select(*_selection(call, kind))
    return paged(call, ids, lambda chosen: verbs.encoded(call.account, kind, chosen))


def paged(call: Call, ids: list[int], render: Callable[[list[int]], bytes]) -> Answer:
    """The page the query asks for, of things known by number and rendered a page at a time."""
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
    """What the query's filters choose: a key to remember it by, and the choosing."""
    since = {
        name.replace("_since", "_at"): _moment(name, call.query[name])
        for name in ("updated_since", "created_since")
        if kind.stamped and call.query.get(name)
    }
    equal = {path: call.query[name] for name, path in kind.filters.items() if name in call.query}
    archived = BOOLEANS.get(call.query.get("archived", "").lower(), False)
    if not since and not equal and not kind.archives:
        return None, lambda collection: collection.ids[:]

    def choose(collection: Collection) -> list[int]:
        return [
            number
            for number in _candidates(collection, equal)
            if not kind.archives or (collection[number]["archived_at"] is not None) is archived
            if all(str(collection[number][name]) >= moment for name, moment in since.items())
            and all(_equal(collection[number], path, value) for path, value in equal.items())
        ]

    return (tuple(since.items()), tuple(equal.items()), archived), choose


def _candidates(collection: Collection, equal: Mapping[str, str]) -> Iterable[int]:
    """The ids worth looking at: a list asked for each of many parents must not look at all."""
    for path, text in equal.items():
        if path.endswith("_id") and text.isascii() and text.isdigit():
            return sorted(collection.find(path, int(text)))
    return collection.ids


def _moment(name: str, text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"The {label(name)} field must be a valid date."
        raise invalid({name: [message]}) from None
    moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _equal(thing: Object, path: str, text: str) -> bool:
    value: Any = thing
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return BOOLEANS.get(text.lower()) is value
    return value is not None and str(value) == text


def things(call: Call, entries: Sequence[Object]) -> Answer:
    """A page of things that are no kind of their own."""
    places = list(range(len(entries)))
    return paged(call, places, lambda chosen: encode([entries[place] for place in chosen]))


VERBS: dict[str, tuple[tuple[str, ...], str, Callable[[Call, Kind], Answer], str]] = {
    "L": (("GET",), "", listing, "read"),
    "G": (("GET",), "/{id}", show, "read"),
    "C": (("POST",), "", create, "write"),
    "U": (("PUT", "PATCH"), "/{id}", update, "write"),
    "D": (("DELETE",), "/{id}", delete, "write"),
}


def routes(kind: Kind) -> list[Route]:
    """A route for each verb of a kind."""
    return [
        Route(
            method,
            kind.path + tail,
            of(kind, handle),
            f"{kind.scope}:{right}",
            creates=verb == "C",
        )
        for verb in kind.verbs
        for methods, tail, handle, right in [VERBS[verb]]
        for method in methods
    ]
