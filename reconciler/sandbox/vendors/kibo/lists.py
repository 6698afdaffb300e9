"""Kibo's lists: the envelope, pages by offset, filters, sorting."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from reconciler.sandbox.crud import encode_list
from reconciler.sandbox.describe import Answer, Call, Kind, encode
from reconciler.sandbox.query import Order, as_type_of, sort
from reconciler.sandbox.store import Collection, Object
from reconciler.sandbox.vendors.kibo.checks import codes, invalid

PAGE_SIZE, MOST = 20, 200

OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
    "sw": lambda value, text: str(value).startswith(str(text)),
    "cont": lambda value, text: str(text) in str(value),
}
CONDITION = re.compile(rf"([\w.]+) +({'|'.join(OPERATORS)}) +(.+?)")
CONDITIONS = re.compile(rf"{CONDITION.pattern}(?: +and +(?=[\w.]+ +(?:{'|'.join(OPERATORS)}) )|$)")

Condition = tuple[str, str, str]


def listing(call: Call, kind: Kind) -> Answer:
    """A page of a kind in the envelope."""
    return page_of(call, kind, selected(call, kind))


def page_of(call: Call, kind: Kind, ids: list[int]) -> Answer:
    """The page the query asks for, of these objects of a kind."""
    return page(call, ids, lambda chosen: encode_list(call.account, kind, chosen))


def whole(call: Call, kind: Kind) -> Answer:
    """All of a kind that the filter chooses, with their count: such lists have no pages."""
    return counted(call, selected(call, kind), kind)


def counted(call: Call, ids: list[int], kind: Kind) -> Answer:
    """These objects as `{totalCount, items}`."""
    ids = call.window(ids, 0, len(ids))[0]
    items = encode_list(call.account, kind, ids)
    return Answer(200, b'{"totalCount":%d,"items":%b}' % (len(ids), items))


def page(call: Call, ids: list[int], render: Callable[[list[int]], bytes]) -> Answer:
    """The page the query asks for, in the envelope."""
    start = _count(call, "startIndex", 0)
    size = min(_count(call, "pageSize", PAGE_SIZE), MOST) or PAGE_SIZE
    chosen, total = call.window(ids, start, size)
    counts = {"pageCount": -(-total // size), "totalCount": total}
    head = encode({"startIndex": start, "pageSize": size} | counts)
    return Answer(200, head[:-1] + b',"items":' + render(chosen) + b"}")


def _count(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise invalid((name, "must be a whole number from 0"))
    return int(text)


def selected(
    call: Call, kind: Kind, among: Callable[[Collection], list[int]] | None = None, of: str = ""
) -> list[int]:
    """The ids the filter chooses, sorted; `among` narrows them to a parent, known by `of`."""
    names = {field.name for field in kind.fields} | {"id", kind.key}
    filters = _filters(call.query.get("filter", ""), names)
    orders = _orders(call.query.get("sortBy", ""), names)

    def choose(collection: Collection) -> list[int]:
        ids = collection.ids if among is None else among(collection)
        chosen = [n for n in ids if all(_passes(collection[n], condition) for condition in filters)]
        sort(collection, chosen, orders)
        return chosen

    return call.collection(kind).select((of, filters, orders), choose)


def _filters(text: str, names: set[str]) -> tuple[Condition, ...]:
    conditions = []
    place = 0
    while place < len(text):
        match = CONDITIONS.match(text, place)
        if not match or match[1].partition(".")[0] not in names:
            raise invalid(("filter", f"cannot be understood: {text[place:]}"))
        conditions.append((match[1], match[2], match[3].strip()))
        place = match.end()
    return tuple(conditions)


def _orders(text: str, names: set[str]) -> tuple[Order, ...]:
    orders = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, direction = part.partition(" ")
        if name not in names or direction.strip() not in ("", "asc", "desc"):
            raise invalid(("sortBy", f"cannot be understood: {part}"))
        orders.append((name, direction.strip() == "desc"))
    return tuple(orders)


def _passes(thing: Object, wanted: Condition) -> bool:
    path, op, text = wanted
    values = list(codes(thing, path))
    if not values:
        return op == "ne"
    compared = (_compared(op, value, text) for value in values)
    return all(compared) if op == "ne" else any(compared)


def _compared(op: str, value: Any, text: str) -> bool:
    try:
        return OPERATORS[op](value, as_type_of(value, text))
    except ValueError:
        # What is not a number is neither equal to a number nor more nor less than it.
        return op == "ne"
