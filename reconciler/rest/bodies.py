"""Answers and bodies, field by field: what the schema knows of them, and what is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.fields import Field
from reconciler.kinds import Call, Raw
from reconciler.model import Fields, Secret

_NESTED = (dict, list)


def merged(facts: Mapping[str, Field], live: Fields, desired: Fields) -> dict[str, Any]:
    """The live fields with the desired ones over them, members of objects one by one; a map that
    may hold anything is one value."""
    result = dict(live)
    for name, value in desired.items():
        before, members = result.get(name), facts[name].fields
        if members and isinstance(value, Mapping) and isinstance(before, Mapping):
            result[name] = merged(members, before, value)
        else:
            result[name] = value
    return result


def known(field: Field, value: Any) -> Any:
    """A value without the members that the schema does not know (a vendor's ids and the like)."""
    if field.fields is not None and isinstance(value, Mapping):
        members = field.fields
        return {
            name: known(members[name], inner) if isinstance(inner, _NESTED) else inner
            for name, inner in value.items()
            if name in members
        }
    if field.items is not None and field.items.fields is not None and isinstance(value, list):
        return [known(field.items, item) for item in value]
    return value


def ready(fields: Fields) -> Raw:
    """The fields as a body may hold them: secrets revealed, for this one request."""
    return {
        name: value.reveal() if isinstance(value, Secret) else value
        for name, value in fields.items()
    }


def overlaid(fields: Mapping[str, Field], raw: Raw, body: Raw) -> Raw:
    """An answer's object with an encoded body over it, without what only the vendor may write."""
    kept = {n: v for n, v in raw.items() if not ((field := fields.get(n)) and field.read_only)}
    return {**kept, **body}


def unwrapped(data: Any, call: Call) -> Raw | None:
    """The object that an answer holds, which may be a list of just this one; None where it holds
    none."""
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    if call.envelope and isinstance(data, dict):
        data = data.get(call.envelope, data)
    return data if isinstance(data, dict) else None
