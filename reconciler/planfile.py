"""Plan ⇄ Terraform's plan JSON (format_version 1.2), which is also the saved plan file.

Policy tools read it, `apply` executes it. Our own keys begin with `x_`. No secret is in it:
sensitive values are redacted in the values themselves, not only marked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reconciler.errors import Diagnostic, Invalid, Refused, Severity, Source
from reconciler.fields import fingerprint
from reconciler.model import (
    ABSENT,
    Action,
    Address,
    Budget,
    Cause,
    Change,
    FieldChange,
    Options,
    Plan,
    Pointer,
    Ref,
    Scope,
    Secret,
)

FORMAT_VERSION = "1.2"
TERRAFORM_VERSION = "1.11.4"
OUR_VERSION = 1
SENSITIVE = "(sensitive)"

ACTIONS: Mapping[Action, list[str]] = {
    Action.CREATE: ["create"],
    Action.UPDATE: ["update"],
    Action.REPLACE: ["delete", "create"],
    Action.DELETE: ["delete"],
    Action.FORGET: ["forget"],
    Action.ADOPT: ["no-op"],
    Action.BY_HAND: ["no-op"],
    Action.NO_OP: ["no-op"],
}


def write(plan: Plan) -> str:
    """The plan as one line of JSON (several tools misread more than one)."""
    return json.dumps(document(plan), ensure_ascii=False, separators=(",", ":"))


def document(plan: Plan) -> dict[str, Any]:
    """The plan in Terraform's shape; `x_reconciler.fingerprint` is over all the rest."""
    types = plan.origin.get("types", {})
    changes = [_change(change, types) for change in plan.changes]
    body: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "terraform_version": TERRAFORM_VERSION,
        "planned_values": {"root_module": _planned(plan, types)},
        "resource_changes": changes,
        "configuration": {"root_module": _configuration(plan, types)},
        "applyable": not plan.refusals and any(c.action is not Action.NO_OP for c in plan.changes),
        "complete": not plan.deferred,
        "errored": any(d.severity is Severity.ERROR for d in plan.diagnostics),
        "x_reconciler": {
            "version": OUR_VERSION,
            "summary": {action.value: plan.count(action) for action in Action},
            "diagnostics": [_diagnostic(one) for one in plan.diagnostics],
            "refusals": [_diagnostic(one) for one in plan.refusals],
            "deferred": [str(address) for address in plan.deferred],
            "unmanaged": {str(scope): list(names) for scope, names in plan.unmanaged.items()},
            "budget": [
                {
                    "provider": one.provider,
                    "requests": one.requests,
                    "per_minute": one.per_minute,
                    "seconds": round(one.seconds, 1),
                }
                for one in plan.budget
            ],
            "origin": dict(plan.origin),
        },
    }
    body["x_reconciler"]["fingerprint"] = _digest(body)
    return body


def read(text: str) -> Plan:
    """A saved plan. Raises Invalid where it is none, Refused where it was changed by hand."""
    try:
        body = json.loads(text)
        ours = body["x_reconciler"]
        said = ours.pop("fingerprint")
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Invalid(
            Diagnostic("this is no saved plan", "Make one with `reconciler plan --out FILE`.")
        ) from None
    if ours.get("version") != OUR_VERSION:
        raise Invalid(
            Diagnostic("this plan was saved by another version of reconciler", "Plan again.")
        )
    if said != _digest(body):
        raise Refused(Diagnostic("the saved plan was changed after it was made", "Plan again."))
    return Plan(
        changes=tuple(_read_change(one) for one in body["resource_changes"]),
        diagnostics=tuple(_read_diagnostic(one) for one in ours["diagnostics"]),
        deferred=tuple(Address.parse(one) for one in ours["deferred"]),
        unmanaged={_scope(name): tuple(names) for name, names in ours["unmanaged"].items()},
        budget=tuple(
            Budget(one["provider"], one["requests"], one["per_minute"]) for one in ours["budget"]
        ),
        refusals=tuple(_read_diagnostic(one) for one in ours["refusals"]),
        origin=ours["origin"],
        fingerprint=said,
    )


def entry_digest(change: Change) -> str:
    """Identifies what an entry would do and the live object and manifest it was made from."""
    entry = _change(change, {})
    for word in ("x_source", "x_reason", "x_cause"):
        entry.pop(word, None)
    return fingerprint(entry)


def _digest(body: Mapping[str, Any]) -> str:
    return fingerprint(json.dumps(body, sort_keys=True))


def _change(change: Change, types: Mapping[str, str]) -> dict[str, Any]:
    secret = {str(one.path[0]): True for one in change.fields if one.sensitive}
    secret |= {n: True for n, v in (change.after or {}).items() if isinstance(v, Secret)}
    entry: dict[str, Any] = {
        "address": str(change.address),
        "mode": "managed",
        **_naming(change.address, types),
        "change": {
            "actions": ACTIONS[change.action],
            "before": _safe(change.before),
            "after": None if change.action is Action.DELETE else _safe(change.after),
            "after_unknown": {},
            "before_sensitive": secret if change.before else False,
            "after_sensitive": secret if change.after else False,
        },
        "x_action": change.action.value,
        "x_cause": change.cause and change.cause.value,
        "x_reason": change.reason,
        "x_needs": [str(address) for address in change.needs],
        "x_source": change.source
        and {
            "file": change.source.file,
            "line": change.source.line,
            "column": change.source.column,
        },
        "x_fingerprint": change.fingerprint,
        "x_id": change.id,
        "x_fields": [_field(one) for one in change.fields],
        "x_refs": [
            {
                "path": list(ref.path),
                "target": str(ref.target),
                "name": ref.name,
                "id": pointer.id,
                "key": pointer.key,
            }
            for ref, pointer in change.refs
        ],
        "x_options": {
            "protect": change.options.protect,
            "ignore": list(change.options.ignore),
            "on_remove": change.options.on_remove,
        },
    }
    return entry


def _read_change(entry: Mapping[str, Any]) -> Change:
    source, options = entry["x_source"], entry["x_options"]
    return Change(
        address=Address.parse(entry["address"]),
        action=Action(entry["x_action"]),
        before=entry["change"]["before"],
        after=entry["change"]["after"],
        fields=tuple(_read_field(one) for one in entry["x_fields"]),
        cause=Cause(entry["x_cause"]) if entry["x_cause"] else None,
        reason=entry["x_reason"],
        needs=tuple(Address.parse(one) for one in entry["x_needs"]),
        source=Source(**source) if source else None,
        fingerprint=entry["x_fingerprint"],
        id=entry["x_id"],
        refs=tuple(
            (
                Ref(tuple(one["path"]), _scope(one["target"]), one["name"]),
                Pointer(one["id"], one["key"]),
            )
            for one in entry["x_refs"]
        ),
        options=Options(
            protect=options["protect"],
            ignore=tuple(options["ignore"]),
            on_remove=options["on_remove"],
        ),
    )


def _field(one: FieldChange) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": list(one.path)}
    for side, value in (("before", one.before), ("after", one.after)):
        if value is not ABSENT:
            entry[side] = SENSITIVE if one.sensitive else _safe(value)
    if one.sensitive:
        entry["sensitive"] = True
    if one.forces_replace:
        entry["forces_replace"] = True
    return entry


def _read_field(entry: Mapping[str, Any]) -> FieldChange:
    return FieldChange(
        tuple(entry["path"]),
        entry.get("before", ABSENT),
        entry.get("after", ABSENT),
        entry.get("sensitive", False),
        entry.get("forces_replace", False),
    )


def _planned(plan: Plan, types: Mapping[str, str]) -> dict[str, Any]:
    resources = [
        {
            "address": str(change.address),
            "mode": "managed",
            **_naming(change.address, types),
            "schema_version": 0,
            "values": _safe(change.after),
            "sensitive_values": {},
        }
        for change in plan.changes
        if change.after is not None
        and change.action not in (Action.DELETE, Action.FORGET, Action.BY_HAND)
    ]
    return {"resources": resources}


def _configuration(plan: Plan, types: Mapping[str, str]) -> dict[str, Any]:
    resources = [
        {
            "address": str(change.address),
            "mode": "managed",
            **_naming(change.address, types),
            "provider_config_key": change.address.provider,
            "expressions": {
                name: {"constant_value": _safe(value)}
                for name, value in (change.after or {}).items()
            },
        }
        for change in plan.changes
        if change.source is not None
    ]
    return {"resources": resources}


def _naming(address: Address, types: Mapping[str, str]) -> dict[str, str]:
    provider_type = types.get(address.provider, address.provider)
    return {
        "type": f"{provider_type.replace('-', '_')}_{address.kind}",
        "name": address.key,
        "provider_name": f"reconciler/{provider_type}",
    }


def _safe(value: Any) -> Any:
    """A value as JSON may hold it: secrets redacted, whatever depth they are at."""
    if isinstance(value, Secret):
        return SENSITIVE
    if isinstance(value, Mapping):
        return {name: _safe(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_safe(entry) for entry in value]
    return value


def _diagnostic(one: Diagnostic) -> dict[str, Any]:
    return {
        "severity": one.severity.value,
        "summary": one.summary,
        "detail": one.detail,
        "address": one.address,
        "source": one.source and str(one.source),
    }


def _read_diagnostic(entry: Mapping[str, Any]) -> Diagnostic:
    source = Source(entry["source"]) if entry["source"] else None
    return Diagnostic(
        entry["summary"], entry["detail"], Severity(entry["severity"]), entry["address"], source
    )


def _scope(text: str) -> Scope:
    provider, _, kind = text.partition("/")
    return Scope(provider, kind)
