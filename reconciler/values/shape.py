"""Reduce a value to a part of it, or merge one value into another, under the schema of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from reconciler.model import ABSENT, Fields
from reconciler.values.fields import Facts, Field
from reconciler.values.walk import DESCEND, is_list_pair, is_mapping_pair, map_value, zip_value


def restrict_to(field: Field | None, declared: Any, live: Any) -> Any:
    """The live value without the members that the declared value does not have.

    That applies to members of objects, and of list items that both values have. An item that only
    the live value has is kept unchanged.
    """
    return zip_value(field, declared, live, _declared_part)


def _declared_part(field: Field | None, declared: Any, live: Any) -> Any:
    if live is ABSENT:  # an unset member equals a declared null
        return None if declared is None else ABSENT
    if declared is ABSENT:
        return ABSENT
    return DESCEND if _is_pair(field, declared, live) else live


def project(facts: Facts, fields: Fields, declared: Fields) -> Fields:
    """The fields of an object that are also declared, each reduced to its declared part."""
    return {
        name: restrict_to(facts.fields.get(name), declared[name], fields[name])
        for name in declared
        if name in fields
    }


def merge(fields: Mapping[str, Field], live: Fields, desired: Fields) -> dict[str, Any]:
    """The live fields with the desired ones merged in: objects member by member, and lists of
    objects item by item. A free-form map is replaced as one value, unless it is an item."""
    return {
        **live,
        **{
            name: merge_value(fields[name], live.get(name, ABSENT), value)
            if name in fields
            else value
            for name, value in desired.items()
        },
    }


def merge_value(field: Field, live: Any, desired: Any) -> Any:
    """The live value of a field with the desired one merged in; see `merge`."""

    def choose(field: Field | None, live: Any, desired: Any) -> Any:
        if desired is ABSENT:
            return live
        return DESCEND if _is_pair(field, live, desired) else desired

    return zip_value(field, drop_read_only_in_items(field, live), desired, choose)


def overlay(fields: Mapping[str, Field], raw: Fields, body: Fields) -> dict[str, Any]:
    """A vendor's raw answer with a request body merged in: the complete object to send back.

    `fields` are the facts about the fields, by the vendor's names. Works like `merge`: members that
    the body does not have stay, also unknown ones, but `readOnly` members are dropped.
    """
    return merge(fields, _drop_read_only_members(fields, raw), body)


def keep_items(field: Field, live: Any, value: Any) -> Any:
    """A declared value whose list items are completed with the vendor's other members; outside
    list items nothing is added."""

    def choose(field: Field | None, live: Any, value: Any) -> Any:
        if value is ABSENT:
            return ABSENT
        if field is None:
            return value
        if field.has_entries:
            return merge_value(field, live, value)
        return DESCEND if _is_pair(field, live, value) else value

    return zip_value(field, live, value, choose)


def drop_read_only(field: Field | None, value: Any) -> Any:
    """A value without the members that only the vendor sets; unknown members stay."""
    return map_value(field, value, _writable_part)


def drop_read_only_in_items(field: Field, value: Any) -> Any:
    """Like `drop_read_only`, but only inside the entries of lists."""

    def choose(field: Field | None, part: Any) -> Any:
        if field is None:
            return part
        if field.has_entries and isinstance(part, list):
            return [drop_read_only(field.items, item) for item in part]
        return DESCEND if field.fields and isinstance(part, Mapping) else part

    return map_value(field, value, choose)


def known_part(field: Field) -> Callable[[Any], Any] | None:
    """A function that removes secrets and members that are not in the schema, such as a vendor's
    ids, from a live value of this field; None where there is nothing to remove. Make it once for
    each field, because it is called for every item of a list."""
    if field.fields:
        members = {
            name: known_part(member)
            for name, member in field.fields.items()
            if not (member.sensitive or member.write_only)
        }
        return partial(_known_members, members)
    if field.items is None:
        return None
    if field.items.sensitive or field.items.write_only:
        return _no_items
    item = known_part(field.items)
    return partial(_known_items, item) if item else None


def _known_members(members: Mapping[str, Callable[[Any], Any] | None], value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        name: restrict(inner) if (restrict := members[name]) else inner
        for name, inner in value.items()
        if name in members
    }


def _known_items(restrict: Callable[[Any], Any], value: Any) -> Any:
    return [restrict(item) for item in value] if isinstance(value, list) else value


def _no_items(value: Any) -> Any:
    return [] if isinstance(value, list) else value


def _writable_part(field: Field | None, value: Any) -> Any:
    if field is None:
        return value
    return DESCEND if field.writable else ABSENT


def _drop_read_only_members(fields: Mapping[str, Field], value: Fields) -> dict[str, Any]:
    members = {name: drop_read_only(fields.get(name), member) for name, member in value.items()}
    return {name: member for name, member in members.items() if member is not ABSENT}


def _is_pair(field: Field | None, left: Any, right: Any) -> bool:
    """Whether two values are merged part by part."""
    return is_mapping_pair(field, left, right) or is_list_pair(field, left, right)
