"""A drift report for programs, and whether there is any drift."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler import planfile
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.model import Action, Plan, Scope

DRIFTED = {Action.ADOPT: "changed", Action.FORGET: "deleted", Action.BY_HAND: "by-hand"}


def drift_found(plan: Plan, resource_types: ResourceTypes, exclusive: frozenset[Scope]) -> bool:
    """Whether anything drifted: an owned object, one that only a person can mend, or a stranger
    in a kind of which the manifests say all that may exist."""
    found = any(change.action in DRIFTED for change in plan.changes)
    return found or bool(strangers(plan, resource_types, exclusive))


def strangers(
    plan: Plan, resource_types: ResourceTypes, exclusive: frozenset[Scope]
) -> Mapping[Scope, tuple[str, ...]]:
    """What is not managed in kinds of which the manifests say all that may exist."""
    return {s: n for s, n in plan.unmanaged.items() if _closed(s, resource_types, exclusive)}


def drift_document(
    plan: Plan, resource_types: ResourceTypes, exclusive: frozenset[Scope]
) -> dict[str, Any]:
    """The report as JSON."""
    document = planfile.document(plan)
    ours = document["x_reconciler"]
    return {
        "format_version": "1.0",
        "drift": drift_found(plan, resource_types, exclusive),
        "resources": [
            {
                "address": entry["address"],
                "drift": DRIFTED[change.action],
                "reason": change.reason,
                "fields": entry["x_fields"],
                "source": entry["x_source"],
            }
            for change, entry in zip(plan.changes, document["resource_changes"], strict=True)
            if change.action in DRIFTED
        ],
        "unmanaged": ours["unmanaged"],
        "deferred": ours["deferred"],
        "diagnostics": ours["diagnostics"],
    }


def _closed(scope: Scope, resource_types: ResourceTypes, exclusive: frozenset[Scope]) -> bool:
    return scope in exclusive or resource_types.of(scope).kind.allow_list
