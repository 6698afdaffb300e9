"""Answers and bodies, field by field: what the schema knows of them, and what is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from reconciler.kinds import Call, Kind, Raw
from reconciler.model import ABSENT, Fields, Secret
from reconciler.values.fields import Field
from reconciler.values.mask import masked
from reconciler.values.walk import match_items

_NESTED = (dict, list)


def merged(facts: Mapping[str, Field], live: Fields, desired: Fields) -> dict[str, Any]:
    """The live fields with the desired ones over them, members of objects one by one, and entries
    too where the schema says how they are told apart; a map that may hold anything is one value.
    """
    return _over(facts, dict(live), desired, merged)


def overlaid(fields: Mapping[str, Field], raw: Fields, body: Fields) -> Raw:
    """A raw answer with an encoded body over it, as the vendor is to have it.

    `fields` are the facts of the manifest's fields, by the vendor's names. Objects are laid over
    member by member, and lists whose entries are told apart entry by entry; entries that the body
    does not have go, anything else that it has replaces what is there. What the body does not
    mention stays, also where the schema does not know it, but for `readOnly` members.
    """
    return _over(fields, _writable_members(fields, raw), body, overlaid)


def entries_kept(field: Field, live: Any, value: Any) -> Any:
    """A declared value with what else the vendor has in the entries of its lists, where the
    schema says how they are told apart; of an object no more than is declared."""
    if field.fields and isinstance(value, Mapping) and isinstance(live, Mapping):
        members = field.fields
        return {
            name: entries_kept(members[name], live.get(name), inner) if name in members else inner
            for name, inner in value.items()
        }
    return _value_over(field, live, value, merged) if field.key else value


_Laid = Callable[[Mapping[str, Field], Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]


def _over(
    fields: Mapping[str, Field], below: dict[str, Any], above: Mapping[str, Any], laid: _Laid
) -> dict[str, Any]:
    for name, value in above.items():
        field, before = fields.get(name), below.get(name, ABSENT)
        below[name] = _value_over(field, before, value, laid) if field else value
    return below


def _value_over(field: Field, before: Any, value: Any, laid: _Laid) -> Any:
    if field.fields and isinstance(value, Mapping) and isinstance(before, Mapping):
        return laid(field.fields, before, value)
    entry = field.items
    if field.key and entry and isinstance(value, list) and isinstance(before, list):
        return [
            one if there is None else _value_over(entry, _writable(entry, before[there]), one, laid)
            for one, there in zip(value, match_items(field, value, before), strict=True)
        ]
    return value


def _writable_members(fields: Mapping[str, Field], value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _writable(fields[name], inner) if name in fields else inner
        for name, inner in value.items()
        if name not in fields or fields[name].writable
    }


def _writable(field: Field, value: Any) -> Any:
    """A value without the members that only the vendor sets."""
    if field.fields and isinstance(value, Mapping):
        return _writable_members(field.fields, value)
    if field.items and isinstance(value, list):
        return [_writable(field.items, entry) for entry in value]
    return value


def known(field: Field, value: Any) -> Any:
    """A value without the members that the schema does not know (a vendor's ids and the like) and
    without those that are not read: a vendor that shows a secret shows it to nobody."""
    if field.fields is not None and isinstance(value, Mapping):
        members = field.fields
        return {
            name: known(member, inner) if isinstance(inner, _NESTED) else inner
            for name, inner in value.items()
            if (member := members.get(name)) and not (member.sensitive or member.write_only)
        }
    if field.items is not None and isinstance(value, list):
        if field.items.sensitive or field.items.write_only:
            return []
        if field.items.fields is not None or field.items.items is not None:
            return [known(field.items, item) for item in value]
    return value


def ready(fields: Fields) -> Raw:
    """The fields as a body may hold them: secrets revealed, for this one request."""

    def revealed(value: Any) -> Any:
        return value.reveal() if isinstance(value, Secret) else value

    body: Raw = masked(fields, revealed)
    return body


def unwrapped(data: Any, call: Call) -> Raw | None:
    """The object that an answer holds, which may be a list of just this one; None where it holds
    none."""
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    if call.envelope and isinstance(data, dict):
        data = data.get(call.envelope, data)
    return data if isinstance(data, dict) else None


def refusals(kind: Kind, data: Any) -> Iterator[tuple[str, str]]:
    """What an answer about many objects says of each one that it names by its identifier: the
    other texts that stand beside that."""
    lists = [data, *data.values()] if isinstance(data, dict) else [data]
    for entry in (one for found in lists if isinstance(found, list) for one in found):
        if isinstance(entry, dict) and any(name in entry for name in kind.identifier):
            beside = (v for n, v in entry.items() if n not in kind.identifier)
            said = "; ".join(one for one in beside if isinstance(one, str))
            if said:
                yield kind.id_of(entry), said
