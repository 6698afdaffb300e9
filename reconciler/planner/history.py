"""Find fields that a vendor used to return and no longer does, which cannot be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from reconciler.errors import Diagnostic, Severity
from reconciler.identity import LiveIndexes
from reconciler.model import Address, Owned, Scope
from reconciler.planner.context import Vanished
from reconciler.values.text import counted


def vanished_fields(indexes: LiveIndexes, owned: Mapping[Address, Owned]) -> Vanished:
    """The fields that were applied to objects of a kind and that no live object of it has, for
    vendors that return every field. A field missing from one object is drift; a field missing from
    all objects means that the vendor changed its API."""
    applied: dict[Scope, set[str]] = {
        scope: set() for scope, index in indexes.items() if not index.resource_type.sparse
    }
    for address, row in owned.items():
        scope = address.scope
        if scope in applied and row.id in indexes[scope].by_id:
            applied[scope].update(row.fields)
    vanished = {}
    for scope, names in applied.items():
        index = indexes[scope]
        facts = index.resource_type.facts.fields
        missing = {n for n in names if (f := facts.get(n)) and not (f.sensitive or f.write_only)}
        for live in index.by_id.values():
            missing.difference_update(live.at_hand)
            if not missing:
                break
        for live in index.by_id.values() if missing else ():
            missing.difference_update(live.fields)
        if missing:
            vanished[scope] = frozenset(missing)
    return vanished


def vanished_warnings(vanished: Vanished, owned: Mapping[Address, Owned]) -> Iterator[Diagnostic]:
    """A warning for each field that the vendor no longer returns."""
    for scope in sorted(vanished):
        rows = [row for address, row in owned.items() if address.scope == scope]
        count = Counter(name for row in rows for name in row.fields)
        for name in sorted(vanished[scope]):
            objects = counted(count[name], "object")
            yield Diagnostic(
                f"{scope}: the vendor no longer returns {name}, which was applied to {objects}",
                "The field is ignored. If the vendor's API changed, remove it from the manifests.",
                Severity.WARNING,
            )
