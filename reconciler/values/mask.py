"""Secrets at any depth of a value: find them, and put something else in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from reconciler.model import ABSENT, Fields, Path, Secret
from reconciler.values.fields import Facts, Field
from reconciler.values.walk import match_items, names

FINGERPRINT = "$fingerprint"


class Hidden(NamedTuple):
    """A secret, or the fingerprint of one, inside an object's fields.

    `place` is the path with the name of each list entry that has one instead of its position.
    """

    path: Path
    place: Path
    value: Any


def is_hidden(value: Any) -> bool:
    """Whether it is a secret, or the fingerprint of one."""
    return isinstance(value, Secret) or (
        isinstance(value, dict) and len(value) == 1 and FINGERPRINT in value
    )


def masked(value: Any, mask: Callable[[Any], Any]) -> Any:
    """`value` with `mask` of each secret and each fingerprint in its place, whatever depth it is
    at; what is ABSENT then is left out."""
    if isinstance(value, (str, int, float)) or value is None:
        return value
    if is_hidden(value):
        return mask(value)
    if isinstance(value, Mapping):
        return {
            name: inner for name, one in value.items() if (inner := masked(one, mask)) is not ABSENT
        }
    if isinstance(value, (list, tuple)):
        return [inner for one in value if (inner := masked(one, mask)) is not ABSENT]
    return value


def without_secrets(facts: Facts, fields: Fields) -> Fields:
    """The fields that can be compared with a live object: no vendor shows a secret."""
    return masked(fields, lambda _: ABSENT) if facts.sensitive else fields


def hidden_in(facts: Facts, fields: Fields) -> Iterator[Hidden]:
    """Every secret and every fingerprint in the fields of an object."""
    if facts.sensitive:
        for name, value in fields.items():
            yield from _hidden(facts.fields.get(name), Hidden((name,), (name,), value))


def _hidden(field: Field | None, at: Hidden) -> Iterator[Hidden]:
    path, place, value = at
    if is_hidden(value):
        yield at
    elif isinstance(value, Mapping):
        members = (field.fields if field else None) or {}
        for name, inner in value.items():
            yield from _hidden(members.get(name), Hidden((*path, name), (*place, name), inner))
    elif isinstance(value, list):
        entry = field.items if field else None
        for position, name in enumerate(names(field, value)):
            below = Hidden((*path, position), (*place, name), value[position])
            yield from _hidden(entry, below)


def with_fingerprints(field: Field | None, live: Any, kept: Any) -> Any:
    """A live value with the fingerprints that the ledger keeps of the secrets inside it."""
    if isinstance(live, Mapping) and isinstance(kept, Mapping):
        members = (field.fields if field else None) or {}
        return {
            **live,
            **{
                name: inner
                if is_hidden(inner)
                else with_fingerprints(members.get(name), live[name], inner)
                for name, inner in kept.items()
                if name in live or is_hidden(inner)
            },
        }
    if isinstance(live, list) and isinstance(kept, list):
        found = list(live)
        for inner, place in zip(kept, match_items(field, kept, live), strict=True):
            if place is not None:
                found[place] = with_fingerprints(field.items if field else None, live[place], inner)
        return found
    return live


def recorded(facts: Facts, fields: Fields, seal: Callable[[Secret], str]) -> Fields:
    """The fields as the ledger keeps them: each secret as its fingerprint."""

    def sealed(value: Any) -> Any:
        return {FINGERPRINT: seal(value)} if isinstance(value, Secret) else value

    return masked(fields, sealed) if facts.sensitive else fields
