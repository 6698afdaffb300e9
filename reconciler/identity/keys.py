"""Make the natural key of an object, write it as text, and parse that text.

A natural key is a tuple of text in Unicode NFC, with one part for each field that identifies
objects of the kind. A part is None where the field is missing and the schema allows null.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Fields, Scope
from reconciler.values.normal_form import loose_form
from reconciler.values.scalars import key_part, text_form

NaturalKey = tuple[str | None, ...]


# The name for a reference that is part of a natural key: (the kind it refers to, its value) → name.
ReferenceName = Callable[[Scope, Any], Any]


def natural_key(
    resource_type: ResourceType, fields: Fields, name_of: ReferenceName = lambda _, value: value
) -> NaturalKey | None:
    """The natural key of an object with these fields; None where a required part is missing.
    `name_of` returns the name for a reference in the key."""
    if resource_type.text_key and type(text := fields.get(resource_type.text_key)) is str:
        return (text_form(text),)  # as nearly all are
    parts: list[str | None] = []
    for name, field, target, is_text in resource_type.key_fields:
        part = fields.get(name)
        if is_text and type(part) is str:
            parts.append(text_form(part))
            continue
        if target is not None:
            part = name_of(target, part)
        if part is None and "null" not in field.types:
            return None
        parts.append(None if part is None else key_part(field, part))
    return tuple(parts)


def key_text(key: NaturalKey) -> str:
    """A natural key as one text, with `/` between its parts; `parse_key` reads it back.

    In a key of several parts `/` and `%` are escaped as in a URL, an empty part is written as `%`,
    and a missing part as nothing; missing parts at the end are left out.
    """
    if len(key) == 1:
        return key[0] or ""
    texts = ["" if part is None else _escape(part) for part in key]
    while texts and not texts[-1]:
        texts.pop()
    return "/".join(texts)


def parse_key(resource_type: ResourceType, text: str) -> NaturalKey:
    """The natural key in a text that `key_text` wrote. A text with too many parts gives a key that
    no object has."""
    count = len(resource_type.kind.natural_key)
    fields = [resource_type.facts.fields.get(name) for name in resource_type.kind.natural_key]
    if count == 1:
        return (key_part(fields[0], text),)
    parts: list[str | None] = [_unescape(part) if part else None for part in text.split("/")]
    for at, field in enumerate(fields[: len(parts)]):
        parts[at] = None if (part := parts[at]) is None else key_part(field, part)
    return (*parts, *(None,) * (count - len(parts)))


def loose_key(key: NaturalKey) -> NaturalKey:
    """A natural key without what vendors change when they store a text: case, blanks, escapes and
    the slash at the end of a URL."""
    return tuple(None if part is None else loose_form(part) for part in key)


def _escape(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F") if part else "%"


def _unescape(part: str) -> str:
    return "" if part == "%" else text_form(part.replace("%2F", "/").replace("%25", "%"))
