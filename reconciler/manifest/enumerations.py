"""Check a value against the allowed values that the vendor lists or, without a list, documents."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from reconciler.errors import Severity
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Path
from reconciler.values.text import did_you_mean, dotted, shown
from reconciler.values.validate import Finding

# The values of each list that a vendor was asked for, by provider and list name (`x-live`).
Lists = Mapping[tuple[str, str], frozenset[str]]
NO_LISTS: Lists = MappingProxyType({})


class Listed(NamedTuple):
    """A field whose allowed values a vendor lists: the documented values, and those the vendor
    returned (None where it was not asked or returned nothing usable)."""

    path: Path
    provider: str
    documented: tuple[Any, ...]
    answered: frozenset[str] | None


def listed(resource_type: ResourceType, lists: Lists) -> tuple[Listed, ...]:
    """The fields of a kind whose allowed values the vendor lists."""
    provider = resource_type.scope.provider
    return tuple(
        Listed(path, provider, field.enum, lists.get((provider, field.live or "")))
        for path, field in resource_type.facts.live
    )


def unlisted(field: Listed, path: Path, value: str) -> Finding | None:
    """The finding for a value that is not in the list; None where it is, or where there is no list.

    It is an error only where the vendor returned the list and documents it as complete. Otherwise
    it is a warning: an undocumented list may be incomplete, and documentation may be out of date.
    """
    allowed = field.documented if field.answered is None else field.answered
    if not allowed or value in allowed:
        return None
    name, count = dotted(path), len(allowed)
    hint = did_you_mean(value, allowed)
    if field.answered is None:
        must = f"{name} is not one of the {count} documented values"
        detail = f"{hint} Run `reconciler validate --online` to ask the vendor."
        return Finding(path, must, f"is {shown(value)}", detail, severity=Severity.WARNING)
    must = f"{name} is not one of the {count} values that {field.provider} lists"
    if field.documented:
        return Finding(path, must, f"is {shown(value)}", hint)
    detail = f"{hint} The list may be incomplete: the vendor may accept more values."
    return Finding(path, must, f"is {shown(value)}", detail, severity=Severity.WARNING)
