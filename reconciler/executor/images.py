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
from reconciler.values.walk import DESCEND, map_value, replace_at, value_at, values_at

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
    facts = resource_type.facts.fields
    if verb is Verb.DELETE:
        # What moves by itself is left to the vendor, unless it was managed.
        names = {n for n, field in facts.items() if not field.volatile} | (
            change.before or {}
        ).keys()
    else:
        names = {str(each.path[0]) for each in change.fields if each.path != ROTATE}
    before = {n: v for n, v in live.fields.items() if n in names}
    for path, target in resource_type.targets:
        for place, pointer in [*values_at(before, path)]:
            if isinstance(pointer, Pointer):
                name = value_at(change.before or {}, place)
                name = name if isinstance(name, str) else name_of(target, pointer)
                before = dict(replace_at(before, place, name))
    fields = {name: _writable_part(facts.get(name), value) for name, value in before.items()}
    fields = {
        n: v
        for n, v in fields.items()
        if v is not ABSENT and (v is not None or verb is not Verb.DELETE)
    }
    refs = {
        path_text(place): pointer.id
        for path, _ in resource_type.targets
        for place, pointer in values_at(live.fields, path)
        if isinstance(pointer, Pointer) and pointer.id is not None and place[0] in fields
    }
    return Image(fields, refs, live.archived)


def _writable_part(field: Field | None, value: Any) -> Any:
    """A value without what is secret, and what no request sets; ABSENT where nothing is left."""

    def choose(field: Field | None, part: Any) -> Any:
        if is_secret(part) or (field is not None and not _may_be_written(field)):
            return ABSENT
        if isinstance(part, Pointer):
            return part.key or part.id
        return DESCEND if isinstance(part, (dict, list)) else part

    return map_value(field, value, choose)


def _may_be_written(field: Field) -> bool:
    return field.writable and not (field.sensitive or field.write_only)
