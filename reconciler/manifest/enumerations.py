"""Values held against the vendor's own list of them, or else against its documentation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from reconciler.errors import Severity
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Path
from reconciler.values.text import did_you_mean, dotted, shown
from reconciler.values.validate import Finding

# The values in each list that was asked for, by provider and by the list's name (`x-live`).
Lists = Mapping[tuple[str, str], frozenset[str]]
NO_LISTS: Lists = MappingProxyType({})


class Listed(NamedTuple):
    """A field whose values a vendor lists: those documented, and those that it answered (None:
    it was not asked, or what it answered says nothing)."""

    path: Path
    provider: str
    documented: tuple[Any, ...]
    answered: frozenset[str] | None


def listed(resource_type: ResourceType, lists: Lists) -> tuple[Listed, ...]:
    """The fields of a kind that have such a list."""
    provider = resource_type.scope.provider
    return tuple(
        Listed(path, provider, field.enum, lists.get((provider, field.live or "")))
        for path, field in resource_type.facts.live
    )


def unlisted(field: Listed, path: Path, value: str) -> Finding | None:
    """What is wrong with a value that is not listed; None where nothing is.

    An error only where the vendor itself was asked for a list that is documented to hold every
    value. A list of what is not documented may hold some of the values only, and the
    documentation may be behind the vendor: a warning.
    """
    known = field.documented if field.answered is None else field.answered
    if not known or value in known:
        return None
    name, count = dotted(path), len(known)
    hint = did_you_mean(value, known)
    if field.answered is None:
        must = f"{name} is none of the {count} values that are documented"
        detail = f"{hint} `reconciler validate --online` asks the vendor."
        return Finding(path, must, f"is {shown(value)}", detail, severity=Severity.WARNING)
    must = f"{name} is none of the {count} values that {field.provider} lists"
    if field.documented:
        return Finding(path, must, f"is {shown(value)}", hint)
    detail = f"{hint} The list need not be whole: the vendor may know more."
    return Finding(path, must, f"is {shown(value)}", detail, severity=Severity.WARNING)
