"""What the journal keeps of an object before it is changed or deleted, so that this can be undone.

No secret is kept: a part that the schema calls sensitive is left out, also where a vendor shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from reconciler.identity import path_text
from reconciler.kinds import Verb
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import ABSENT, ROTATE, Change, Fields, Live, Pointer, Scope, is_secret
from reconciler.values.fields import Field
from reconciler.values.walk import DESCEND, change_at, map_value, values_at

NameOf = Callable[[Scope, Pointer], str]
"""The name that manifests use for the object of a reference."""


class Image(NamedTuple):
    """An object before a write: its fields with references by name, the ids that these mean by
    dotted path, and whether it was archived."""

    fields: Fields
    refs: dict[str, str]
    archived: bool = False


def image_of(
    resource_type: ResourceType, change: Change, verb: Verb, live: Live | None, name_of: NameOf
) -> Image | None:
    """The object that a write changes or deletes, as the plan saw it; None where nothing is known
    of it, and for a create. Of an update it has the fields that the update changes."""
    if live is None or verb is Verb.CREATE:
        return None
    if verb is Verb.DELETE:
        names = {n for n, field in resource_type.facts.fields.items() if _may_be_declared(field)}
        before = {n: v for n, v in live.fields.items() if n in names and v is not None}
        for path, target in resource_type.targets:
            before = dict(change_at(before, path, _named(name_of, target)))
    else:
        names = {str(each.path[0]) for each in change.fields if each.path != ROTATE}
        before = {n: v for n, v in (change.before or {}).items() if n in names}
    known = resource_type.facts.fields
    fields = {name: without_secrets(known.get(name), value) for name, value in before.items()}
    fields = {name: value for name, value in fields.items() if value is not ABSENT}
    refs = {
        path_text(place): pointer.id
        for path, _ in resource_type.targets
        for place, pointer in values_at(live.fields, path)
        if isinstance(pointer, Pointer) and pointer.id is not None and place[0] in fields
    }
    return Image(fields, refs, live.archived)


def without_secrets(field: Field | None, value: Any) -> Any:
    """A value without the parts that are secret; ABSENT where all of it is."""

    def choose(field: Field | None, part: Any) -> Any:
        if is_secret(part) or (field is not None and (field.sensitive or field.write_only)):
            return ABSENT
        if isinstance(part, Pointer):
            return part.key or part.id
        return DESCEND if isinstance(part, (dict, list)) else part

    return map_value(field, value, choose)


def _may_be_declared(field: Field) -> bool:
    return field.writable and not (field.volatile or field.sensitive or field.write_only)


def _named(name_of: NameOf, target: Scope) -> Callable[[Any], Any]:
    return lambda value: name_of(target, value) if isinstance(value, Pointer) else value
