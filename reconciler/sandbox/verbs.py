"""The verbs every REST vendor shares: how an object is shown, got, created, updated, deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reconciler.sandbox.store import Clock, Object
from reconciler.sandbox.vendor import Account, Answer, Call, Field, Kind, encode


def shown(account: Account, kind: Kind, thing: Mapping[str, object]) -> Object:
    """An object as the API reads it: hidden fields left out, references nested."""
    references = {each.name: each for each in kind.fields if each.refers and each.nested}
    result: Object = {}
    for name, value in thing.items():
        if name in references:
            result[name.removesuffix("_id")] = _nested(account, references[name], value)
        elif name not in kind.hidden:
            result[name] = value
    return kind.present(account, result) if kind.present else result


def _nested(account: Account, reference: Field, number: object) -> Object | None:
    target = account.store[reference.refers].get(number) if isinstance(number, int) else None
    return {"id": target["id"], "name": target["name"]} if target else None


def encoded(account: Account, kind: Kind, ids: Iterable[int]) -> bytes:
    """A JSON array of the objects of these ids, each encoded once for as long as it stays."""
    collection = account.store[kind.name]
    cache = collection.encoded
    parts = []
    for number in ids:
        part = cache.get(number)
        if part is None:
            part = cache[number] = encode(shown(account, kind, collection[number]))
        parts.append(part)
    return b"[" + b",".join(parts) + b"]"


def located(call: Call, kind: Kind) -> int:
    """The id of the object the path names; Refused with 404 where there is none."""
    key = call.params["id"]
    collection = call.account.store[kind.name]
    if kind.key == "id" and kind.numbered:
        if key.isascii() and key.isdigit() and int(key) in collection:
            return int(key)
    else:
        for number in collection.find(kind.key, key):
            return number
    raise call.refuse(404, f"No query results for model [{kind.name}] {key}")


def item(call: Call, kind: Kind, number: int, *, tell: tuple[str, ...] = ()) -> Object:
    """One object as the API reads it, with the hidden fields in `tell` told this once."""
    thing = call.account.store[kind.name][number]
    return shown(call.account, kind, thing) | {name: thing[name] for name in tell}


def created(call: Call, kind: Kind, fields: Object) -> int:
    """Store a new object made of checked fields and answer its id."""
    collection = call.account.store[kind.name]
    number = collection.next_id
    call.account.store.write(kind.name, number, completed(call.account.clock, kind, number, fields))
    return number


def completed(clock: Clock, kind: Kind, number: int, fields: Mapping[str, object]) -> Object:
    """A whole object out of some fields: id first, then every field of the kind, then stamps."""
    thing: Object = {"id": number} if kind.numbered else {}
    thing |= {each.name: each.initial() for each in kind.fields}
    thing |= kind.born(number)
    if kind.stamped and not ("created_at" in fields and "updated_at" in fields):
        thing |= dict.fromkeys(("created_at", "updated_at"), clock.iso())
    numbered = kind.numbered
    thing |= {name: value for name, value in fields.items() if name != "id" or not numbered}
    return {name: value for name, value in thing.items() if not (kind.sparse and value is None)}


def updated(call: Call, kind: Kind, number: int, fields: Object) -> None:
    """Change the fields given; an update that changes nothing does not move `updated_at`."""
    before = call.account.store[kind.name][number]
    after = before | fields
    if after == before:
        return
    if kind.stamped:
        after["updated_at"] = call.account.clock.iso()
    call.account.store.write(kind.name, number, after)


def users(account: Account, kind: Kind, number: int) -> str:
    """The name of a kind that still refers to this object, or nothing."""
    for other in account.vendor.kinds:
        for each in other.fields:
            if each.refers == kind.name and account.store[other.name].find(each.name, number):
                return other.name
    return ""


def deleted(call: Call, kind: Kind, number: int) -> Answer:
    """Take the object away."""
    call.account.store.write(kind.name, number, None)
    return Answer(204)
