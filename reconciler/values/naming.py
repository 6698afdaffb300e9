"""Translate the fields of an object between the manifest's names and forms and the vendor's, as
the schema says: `x-read`, `x-write`, `x-number`, `x-date` and references.

The schema is turned into functions once, so that fields that need no translation cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from datetime import datetime
from functools import partial
from math import isfinite
from typing import Any

from reconciler.model import ABSENT, Pointer
from reconciler.values.dates import instant_form
from reconciler.values.fields import Field

DAY = "%Y-%m-%d"

Translate = Callable[[Any], Any]
Names = tuple[str, ...]


def object_reader(fields: Mapping[str, Field], needed: Set[str] = frozenset()) -> Translate | None:
    """A function that translates a vendor's object to the manifest's names; None where nothing is
    to be translated. It raises KeyError for an object that lacks one of the members `needed` to
    identify it."""
    members = [
        (name, _paths(field), bool(field.fields), _reader(field))
        for name, field in fields.items()
        if field.read or _reader(field)
    ]
    vendor_names = tuple({path[0] for _, paths, *_ in members for path in paths} - fields.keys())

    def read(raw: Any) -> Any:
        if not isinstance(raw, Mapping):
            return raw
        shaped = dict(raw)
        for name in vendor_names:
            shaped.pop(name, None)
        for name, paths, is_object, change in members:
            value = _first_value(raw, paths, is_object) if paths else raw.get(name, ABSENT)
            if value is not ABSENT:
                shaped[name] = change(value) if change else value
            elif name in needed:
                raise KeyError(name)
            else:
                shaped.pop(name, None)
        return shaped

    return read if members else None


def _reader(field: Field) -> Translate | None:
    """A function that translates a vendor's value of a field; None where none is needed."""
    if field.ref:
        return partial(_pointer, field.by_key)
    if field.items:
        item = _item_reader(field.items, field.key)
        return partial(_each_item, item) if item else None
    return object_reader(field.fields) if field.fields else None


def _item_reader(item: Field, key: str | None) -> Translate | None:
    """A function that translates an item of a list; None where none is needed. `key` is the member
    that identifies an item."""
    if item.fields and key:
        return object_reader(item.fields, {key})
    change, paths = _reader(item), _paths(item)

    def read(entry: Any) -> Any:
        value = entry
        if isinstance(entry, Mapping):
            value = _first_value(entry, paths, bool(item.fields))
        if value is ABSENT:
            raise KeyError(item.read[0])
        return change(value) if change else value

    return read if paths else change


def _paths(field: Field) -> tuple[Names, ...]:
    return tuple(tuple(path.split(".")) for path in field.read)


def _first_value(raw: Mapping[str, Any], paths: tuple[Names, ...], is_object: bool) -> Any:
    """The value at the first of the paths that exists; ABSENT where none does. An object counts
    only for a field that is one."""
    for path in paths:
        value: Any = raw
        for name in path:
            value = value.get(name, ABSENT) if isinstance(value, Mapping) else ABSENT
        if value is not ABSENT and (is_object or not isinstance(value, Mapping)):
            return value
    return ABSENT


def _pointer(by_key: bool, value: Any) -> Pointer | None:
    if value is None:
        return None
    return Pointer(key=str(value)) if by_key else Pointer(id=str(value))


def _each_item(change: Translate, value: Any) -> Any:
    return [change(item) for item in value] if isinstance(value, list) else value


def object_writer(fields: Mapping[str, Field]) -> Translate | None:
    """A function that translates an object to the vendor's names; None where none is needed."""
    members = {
        name: (_body_path(field), _writer(field))
        for name, field in fields.items()
        if field.write is not True or field.observed or _writer(field)
    }

    def write(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        body: dict[str, Any] = {}
        for name, inner in value.items():
            path, change = members.get(name, ((name,), None))
            if path:
                _set_at(body, path, change(inner) if change else inner)
        return body

    return write if members else None


def _writer(field: Field) -> Translate | None:
    """A function that translates a value of a field to the vendor's form; None if not needed."""
    if field.ref:
        return partial(_reference, field)
    if field.items:
        item = _item_writer(field.items)
        return partial(_each_item, item) if item else None
    if field.fields:
        return object_writer(field.fields)
    if field.number is not None:
        return _as_number if field.number else _as_text
    if field.format == "date-time":
        return _as_instant
    return partial(_as_date, field.date) if field.date else None


def _item_writer(item: Field) -> Translate | None:
    change, member = _writer(item), item.write
    if not isinstance(member, str):
        return change
    return lambda entry: {member: change(entry) if change else entry}


def _body_path(field: Field) -> Names:
    """The path of a field in a request body; empty where the body does not contain it."""
    if field.observed:
        return ()
    if isinstance(field.write, str):
        return tuple(field.write.split("."))
    return (field.name,) if field.write else ()


def _set_at(body: dict[str, Any], path: Names, value: Any) -> None:
    for name in path[:-1]:
        body = body.setdefault(name, {})
    body[path[-1]] = value


def _reference(field: Field, pointer: Any) -> Any:
    """A reference as the body has it: the id, or the natural key where the vendor wants that."""
    if not isinstance(pointer, Pointer):
        return pointer
    name = pointer.key if field.by_key else pointer.id
    if name is None:  # null would unset what the manifest declares
        raise ValueError(f"the reference to {pointer.key} has not been resolved")
    return _as_number(name) if field.number else name


def _as_number(value: Any) -> Any:
    """A text as a number. Text that is not a number stays text, for the vendor to refuse."""
    if not isinstance(value, str):
        return value
    if value.isascii() and value.isdigit():
        return int(value)
    try:
        number = float(value)
    except ValueError:
        return value
    return number if isfinite(number) else value


def _as_text(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else str(value)


def _as_date(form: str, value: Any) -> Any:
    """An ISO date in the vendor's format; anything else unchanged."""
    try:
        return datetime.strptime(value, DAY).strftime(form)
    except (TypeError, ValueError):
        return value


def _as_instant(value: Any) -> Any:
    """A point in time in UTC, as every vendor takes it; anything else unchanged."""
    return (instant_form(value) if isinstance(value, str) else None) or value


def body_fields(fields: Mapping[str, Field]) -> dict[str, Field]:
    """The facts about the fields of a request body, by their names in the body."""
    named: dict[str, Field] = {}
    for field in fields.values():
        path = _body_path(field)
        if not path:
            if field.observed and not field.read:  # where the whole object is sent back, it is not
                named[field.name] = field
            continue
        inner = _in_body(field)
        for depth in range(len(path) - 1, 0, -1):
            inner = Field(path[depth - 1], frozenset(("object",)), fields={path[depth]: inner})
        sibling = named.get(path[0])
        if sibling and sibling.fields and inner.fields:
            inner = replace(inner, fields={**sibling.fields, **inner.fields})
        named[path[0]] = inner
    return named


def _in_body(field: Field) -> Field:
    items, key = field.items, field.key
    if items and items.fields and key:
        key = ".".join(_body_path(items.fields[key]))
    return replace(
        field,
        key=key,
        fields=body_fields(field.fields) if field.fields else None,
        items=_in_body(items) if items else None,
    )
