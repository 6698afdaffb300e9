"""A plan as JSON without what stays as it is: to be shown once more, and never to be applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from reconciler.errors import Diagnostic, Occurrence, Severity, Source
from reconciler.model import Action, Address, Budget, Plan, Scope
from reconciler.planfile.entries import entry_of
from reconciler.planfile.parser import read_change


def changing(plan: Plan) -> Plan:
    """The plan without the entries of what stays as it is."""
    return replace(plan, changes=tuple(c for c in plan.changes if c.action is not Action.NO_OP))


def packed(plan: Plan) -> dict[str, Any]:
    """The members of a plan in forms that JSON has, without what stays as it is. A secret is lost:
    then `unpacked` makes another plan of it."""
    return {
        "changes": [entry_of(change, {}) for change in changing(plan).changes],
        "diagnostics": [asdict(finding) for finding in plan.diagnostics],
        "deferred": list(plan.deferred),
        "unmanaged": [[scope, list(names)] for scope, names in plan.unmanaged.items()],
        "budget": [asdict(budget) for budget in plan.budget],
        "refusals": [asdict(finding) for finding in plan.refusals],
        "origin": dict(plan.origin),
        "not_read": list(plan.not_read),
    }


def unpacked(members: Mapping[str, Any]) -> Plan:
    """The plan with these members."""
    return Plan(
        changes=tuple(map(read_change, members["changes"])),
        diagnostics=tuple(map(_finding, members["diagnostics"])),
        deferred=tuple(Address(*parts) for parts in members["deferred"]),
        unmanaged={Scope(*parts): tuple(names) for parts, names in members["unmanaged"]},
        budget=tuple(Budget(**budget) for budget in members["budget"]),
        refusals=tuple(map(_finding, members["refusals"])),
        origin=members["origin"],
        not_read=tuple(Scope(*parts) for parts in members["not_read"]),
    )


def _finding(members: Mapping[str, Any]) -> Diagnostic:
    others = tuple(Occurrence(o["address"], _source(o["source"])) for o in members["others"])
    severity, source = Severity(members["severity"]), _source(members["source"])
    return Diagnostic(**{**members, "severity": severity, "source": source, "others": others})


def _source(members: Mapping[str, Any] | None) -> Source | None:
    return Source(**members) if members else None
