"""Reduce a value to a part of it, or lay one value over another, under the schema of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.values.fields import Field
from reconciler.values.walk import match_items


def restrict_to(field: Field | None, declared: Any, live: Any) -> Any:
    """The live value without what the declared one does not speak of: members of objects, and
    those of the entries that both have where the schema says how entries are told apart. An entry
    that only live has stays, whole; so does every other value."""
    if field is None:
        return live
    if field.fields and isinstance(declared, Mapping) and isinstance(live, Mapping):
        return {
            name: restrict_to(field.fields.get(name), value, live.get(name))
            for name, value in declared.items()
            if name in live or value is None  # a member that is unset is as good as null
        }
    if field.key and isinstance(declared, list) and isinstance(live, list):
        meant = {
            there: declared[here]
            for here, there in enumerate(match_items(field, declared, live))
            if there is not None
        }
        return [
            restrict_to(field.items, meant[place], entry) if place in meant else entry
            for place, entry in enumerate(live)
        ]
    return live
