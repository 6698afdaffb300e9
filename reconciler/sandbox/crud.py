"""The five operations on the path of a kind: list, get, create, update, delete.

The functions read and change the store; `Crud` puts them together as one vendor answers them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from reconciler.sandbox.describe import (
    Account,
    Answer,
    Call,
    Field,
    Kind,
    KindHandler,
    Refused,
    Route,
    encode,
    of,
    whole_number,
)
from reconciler.sandbox.store import Clock, Object

VERBS: Mapping[str, tuple[str, str]] = {
    "L": ("GET", ""),
    "G": ("GET", "/{id}"),
    "C": ("POST", ""),
    "U": ("PUT", "/{id}"),
    "D": ("DELETE", "/{id}"),
    "P": ("PATCH", "/{id}"),
}
"""The method of each verb, and what follows the path of the kind."""


def as_read(account: Account, kind: Kind, thing: Mapping[str, object]) -> Object:
    """An object as the API reads it: hidden fields left out, references nested."""
    references = {field.name: field for field in kind.fields if field.nests}
    result: Object = {}
    for name, value in thing.items():
        if name in references:
            result[name.removesuffix("_id")] = _nested(account, references[name], value)
        elif name not in kind.hidden:
            result[name] = value
    return kind.render(account, result) if kind.render else result


def _nested(account: Account, reference: Field, number: object) -> Object | None:
    target = account.store[reference.refers].get(number) if isinstance(number, int) else None
    return {"id": target["id"], "name": target["name"]} if target else None


def encode_list(account: Account, kind: Kind, ids: Iterable[int]) -> bytes:
    """A JSON array of the objects of these ids, each encoded once until it changes."""
    collection = account.store[kind.name]
    cache = collection.encoded
    parts = []
    for number in ids:
        part = cache.get(number)
        if part is None:
            part = cache[number] = encode(as_read(account, kind, collection[number]))
        parts.append(part)
    return b"[" + b",".join(parts) + b"]"


def missing(call: Call, kind: Kind, key: object) -> Refused:
    """The 404 for an object that does not exist, to be raised."""
    message = kind.not_found or call.account.vendor.not_found
    return call.refuse(404, message.format(kind=kind.name, key=key))


def find(call: Call, kind: Kind, field: str, value: object) -> int | None:
    """The lowest id of the objects with this text or number in a field, None where there are
    none."""
    if not isinstance(value, str | int):
        return None
    return min(call.collection(kind).find(field, value), default=None)


def with_key(call: Call, kind: Kind, key: object) -> int:
    """The id of the object with this key, text or a number; Refused with 404 for none."""
    number = whole_number(key) if isinstance(key, str) else None
    if kind.key == "id" and kind.numbered:
        if number is not None and number in call.collection(kind):
            return number
    else:
        for value in (key, number):
            if (place := find(call, kind, kind.key, value)) is not None:
                return place
    raise missing(call, kind, key)


def by_key(call: Call, kind: Kind, name: str = "id") -> int:
    """The id of the object whose key is in the path; Refused with 404 where there is none."""
    return with_key(call, kind, call.params[name])


def id_in_path(call: Call, kind: Kind) -> int:
    """The id of the object the path names; Refused with 404 where there is none."""
    return kind.find(call) if kind.find else by_key(call, kind)


def item(call: Call, kind: Kind, number: int, *, reveal: tuple[str, ...] = ()) -> Object:
    """One object as the API reads it, with the hidden fields in `reveal`."""
    thing = call.collection(kind)[number]
    return as_read(call.account, kind, thing) | {name: thing[name] for name in reveal}


def insert(call: Call, kind: Kind, fields: Object) -> int:
    """Store a new object made of checked fields and return its id."""
    number = call.collection(kind).next_id
    late = call.lies.get("late", 0)
    if kind.stamped and late and late is not True:
        fields = {
            **fields,
            **dict.fromkeys(("created_at", "updated_at"), call.account.clock.iso(late)),
        }
    call.write(kind, number, complete(call.account.clock, kind, number, fields))
    return number


def complete(clock: Clock, kind: Kind, number: int, fields: Mapping[str, object]) -> Object:
    """A whole object out of some fields: id first, then every field of the kind, then stamps."""
    thing: Object = {"id": number} if kind.numbered else {}
    thing |= {field.name: field.initial() for field in kind.fields}
    thing |= kind.server_fields(number)
    if kind.stamped and not ("created_at" in fields and "updated_at" in fields):
        thing |= dict.fromkeys(("created_at", "updated_at"), clock.iso())
    numbered = kind.numbered
    thing |= {name: value for name, value in fields.items() if name != "id" or not numbered}
    return {name: value for name, value in thing.items() if not (kind.sparse and value is None)}


def change(call: Call, kind: Kind, number: int, fields: Object) -> None:
    """Change the fields given; an update that changes nothing does not move `updated_at`."""
    before = call.collection(kind)[number]
    after = before | fields
    if after == before:
        return
    if kind.stamped and (late := call.lies.get("late", 0)) is not True:
        after["updated_at"] = call.account.clock.iso(late)
    call.write(kind, number, after)


def delete_where(call: Call, kind: Kind, field: str, value: str) -> None:
    """Take away the objects of a kind that have this value in a field."""
    for number in list(call.collection(kind).find(field, value)):
        call.write(kind, number, None)


def used_by(account: Account, kind: Kind, number: int) -> str:
    """The name of a kind that still refers to this object, or nothing."""
    thing = account.store[kind.name][number]
    for other in account.vendor.kinds:
        for field in other.fields:
            if field.refers == kind.name and field.holds:
                value = thing[field.by] if field.by else number
                if account.store[other.name].find(field.path, value):
                    return other.name
    return ""


@dataclass(frozen=True, slots=True)
class Crud:
    """How a vendor answers the operations on its kinds.

    `check` returns the fields that a body sets, of the object of an id or (None) of a new one, or
    raises Refused; `in_use` is the refusal to delete what the named kind refers to.
    """

    listing: KindHandler
    check: Callable[[Call, Kind, int | None], Object]
    in_use: Callable[[Call, Kind, int, str], Refused]
    envelope: Callable[[Object], Object] = lambda thing: thing
    insert: Callable[[Call, Kind, Object], int] = insert
    change: Callable[[Call, Kind, int, Object], None] = change
    created: int = 201
    deleted: int = 204
    idempotency: bool = False
    """Whether a create is done once for each Idempotency-Key."""
    scope: Callable[[Kind, str], str] = lambda kind, _: kind.scope
    """The scope a kind's route needs, `read` or `write`."""

    def show(self, call: Call, kind: Kind) -> Answer:
        """GET of one object."""
        return Answer(200, self.envelope(item(call, kind, id_in_path(call, kind))))

    def create(self, call: Call, kind: Kind) -> Answer:
        """POST of a new object."""
        number = self.insert(call, kind, self.check(call, kind, None))
        return Answer(self.created, self.envelope(item(call, kind, number, reveal=kind.revealed)))

    def update(self, call: Call, kind: Kind) -> Answer:
        """PUT or PATCH of one object."""
        number = id_in_path(call, kind)
        self.change(call, kind, number, self.check(call, kind, number))
        return Answer(200, self.envelope(item(call, kind, number)))

    def delete(self, call: Call, kind: Kind) -> Answer:
        """DELETE of one object that nothing refers to."""
        number = id_in_path(call, kind)
        if user := used_by(call.account, kind, number):
            raise self.in_use(call, kind, number, user)
        call.write(kind, number, None)
        return Answer(self.deleted)

    def routes(
        self, kind: Kind, path: str = "", verbs: str = "", **others: KindHandler
    ) -> list[Route]:
        """A route for each verb of a kind; `others` are handlers by verb, instead of the usual.

        Path and verbs are those of the kind unless others are given.
        """
        handlers: dict[str, KindHandler] = {
            "L": self.listing,
            "G": self.show,
            "C": self.create,
            "U": self.update,
            "D": self.delete,
            "P": self.update,
        } | others
        return [
            Route(
                method,
                (path or kind.path) + tail,
                of(kind, handlers[verb]),
                self.scope(kind, "read" if method == "GET" else "write"),
                creates=self.idempotency and verb == "C",
            )
            for verb in verbs or kind.verbs
            for method, tail in [VERBS[verb]]
        ]
