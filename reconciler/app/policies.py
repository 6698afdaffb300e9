"""Apply the workspace's policies to a plan, and check that each is about something that exists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from reconciler.errors import Diagnostic, Invalid, Severity
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.model import Plan, Policy
from reconciler.planner.policies import closed_windows, policy_refusals
from reconciler.planner.scope import may_cover
from reconciler.values.field_names import field_names
from reconciler.values.text import did_you_mean, shown


def with_policies(plan: Plan, policies: Sequence[Policy]) -> Plan:
    """The plan with a refusal for all that the policies forbid, and a warning where it could not be
    applied now."""
    if not policies:
        return plan
    closed = closed_windows(plan.changes, policies, datetime.now(UTC))
    warnings = (replace(finding, severity=Severity.WARNING) for finding in closed)
    return replace(
        plan,
        refusals=(*plan.refusals, *policy_refusals(plan.changes, policies)),
        diagnostics=(*plan.diagnostics, *warnings),
    )


def refusals_now(plan: Plan, policies: Sequence[Policy]) -> tuple[Diagnostic, ...]:
    """A refusal for all that the policies forbid to apply now."""
    closed = closed_windows(plan.changes, policies, datetime.now(UTC)) if policies else ()
    return (*policy_refusals(plan.changes, policies), *closed)


def check_policies(policies: Sequence[Policy], types: ResourceTypes) -> None:
    """Raise Invalid where a policy is about a kind or a field that does not exist, and would never
    refuse anything."""
    if found := [problem for policy in policies for problem in _problems(policy, types)]:
        raise Invalid(*found)


def _problems(policy: Policy, types: ResourceTypes) -> Iterator[Diagnostic]:
    targets = policy.targets
    scopes = [s for s in types.scopes() if not targets or any(may_cover(t, s) for t in targets)]
    for target in targets:
        provider, _, rest = target.partition("/")
        kind = rest.partition("/")[0]
        if (
            kind
            and provider in types.providers
            and not any(may_cover(target, s) for s in types.scopes())
        ):
            kinds = types.providers[provider].kinds
            yield Diagnostic(
                f"policy {policy.name} is about {shown(target)}, and {provider} has no such kind",
                types.providers[provider].why_not_managed(kind) or did_you_mean(kind, kinds),
                source=policy.source,
            )
    names = {name for scope in scopes for name in field_names(types.of(scope).facts)}
    for field in policy.fields:
        known = any(field == name or field.startswith(f"{name}.") for name in names)
        if scopes and not known:
            yield Diagnostic(
                f"policy {policy.name} is about the field {shown(field)}, which no kind in its "
                "targets has",
                did_you_mean(field, names),
                source=policy.source,
            )
