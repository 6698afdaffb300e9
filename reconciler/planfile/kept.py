"""A plan as JSON without what stays as it is: to be shown once more, and never to be applied."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from reconciler.errors import Diagnostic, Occurrence, Severity, Source
from reconciler.model import Action, Address, Budget, Plan, Scope
from reconciler.planfile.entries import entry_of
from reconciler.planfile.parser import read_change

MOST_CHANGES = 1_000


def packed(plan: Plan) -> dict[str, Any] | None:
    """The members of a plan in forms that JSON has, without what stays as it is; None for a plan
    that cannot be made of them again, because it has a secret or very many changes."""
    changes = tuple(change for change in plan.changes if change.action is not Action.NO_OP)
    if len(changes) > MOST_CHANGES:
        return None
    members: dict[str, Any] = {
        "changes": [entry_of(change, {}) for change in changes],
        "diagnostics": [asdict(finding) for finding in plan.diagnostics],
        "deferred": list(plan.deferred),
        "unmanaged": [[scope, list(names)] for scope, names in plan.unmanaged.items()],
        "budget": [asdict(budget) for budget in plan.budget],
        "refusals": [asdict(finding) for finding in plan.refusals],
        "origin": dict(plan.origin),
        "not_read": list(plan.not_read),
    }
    members = json.loads(json.dumps(members, default=str))
    again = unpacked(members)
    # JSON has lists for the tuples among the options, as a saved plan has.
    same = replace(again, origin=plan.origin) == replace(plan, changes=changes)
    return members if same else None


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
