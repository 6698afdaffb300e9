"""Write a plan as Terraform's plan JSON, in which secrets are redacted."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from reconciler.errors import Diagnostic, Severity
from reconciler.model import (
    ABSENT,
    Action,
    Address,
    Change,
    FieldChange,
    Plan,
    Pointer,
    Ref,
    is_secret,
)
from reconciler.values.compare import fingerprint
from reconciler.values.fields import Field
from reconciler.values.mask import mask_secrets
from reconciler.values.text import json_text
from reconciler.values.walk import DESCEND, map_value

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


def write(plan: Plan, key: bytes | None = None) -> str:
    """The plan as one line of JSON: several tools cannot read more than one. With a key, it has a
    seal that only those can make who have the key."""
    body = document(plan)
    if key is not None:
        body["x_reconciler"]["seal"] = seal(body, key)
    return json_text(body)


def seal(body: Mapping[str, Any], key: bytes) -> str:
    """An HMAC-SHA256 of all of a plan document, of which the fingerprint is one."""
    return hmac.digest(key, body["x_reconciler"]["fingerprint"].encode(), sha256).hex()


def document(plan: Plan) -> dict[str, Any]:
    """The plan in Terraform's shape; `x_reconciler.fingerprint` is over all the rest.

    What other tools show and judge says once more what our own members say; a plan in which the two
    differ is not read (`for_other_tools`).
    """
    types = plan.origin.get("types", {})
    changes = [entry_of(change, types) for change in plan.changes]
    tally = plan.tally()
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
            "summary": {action.value: tally[action] for action in Action},
            "diagnostics": [_diagnostic(finding) for finding in plan.diagnostics],
            "refusals": [_diagnostic(finding) for finding in plan.refusals],
            "deferred": [str(address) for address in plan.deferred],
            "unmanaged": {str(scope): list(names) for scope, names in plan.unmanaged.items()},
            "budget": [
                {
                    "provider": budget.provider,
                    "requests": budget.requests,
                    "per_minute": budget.per_minute,
                    "seconds": round(budget.seconds, 1),
                }
                for budget in plan.budget
            ],
            "not_read": [str(scope) for scope in plan.not_read],
            "origin": dict(plan.origin),
        },
    }
    body["x_reconciler"]["fingerprint"] = digest(body)
    return body


def for_other_tools(body: Mapping[str, Any]) -> Any:
    """The part of a plan document that other tools show and judge, and `apply` does not read."""
    entries = [
        {name: part for name, part in entry.items() if not name.startswith("x_")}
        for entry in body["resource_changes"]
    ]
    names = ("planned_values", "configuration", "applyable", "complete", "errored")
    return entries, [body[name] for name in names]


def entry_digest(change: Change) -> str:
    """A fingerprint of what an entry does, and of the live object and manifest it was made from."""
    entry = entry_of(change, {})
    for word in ("x_source", "x_reason", "x_cause"):
        entry.pop(word, None)
    return fingerprint(entry)


def digest(body: Mapping[str, Any]) -> str:
    """A fingerprint of a plan document, which does not depend on the order of its members."""
    return fingerprint(json.dumps(body, sort_keys=True))


def entry_of(change: Change, types: Mapping[str, str]) -> dict[str, Any]:
    """One entry: Terraform's members, then ours, which begin with `x_`."""
    return {
        "address": str(change.address),
        "mode": "managed",
        **naming(change.address, types),
        "change": _terraform_change(change),
        "x_action": change.action.value,
        "x_cause": change.cause and change.cause.value,
        "x_reason": change.reason,
        "x_needs": [str(address) for address in change.needs],
        "x_users": [str(address) for address in change.users],
        "x_create_first": change.create_first,
        "x_detour": dict(change.detour),
        "x_source": change.source and asdict(change.source),
        "x_fingerprint": change.fingerprint,
        "x_id": change.id,
        "x_fields": [_field(field) for field in change.fields],
        "x_refs": [_ref(ref, pointer) for ref, pointer in change.refs],
        "x_options": {
            "protect": change.options.protect,
            "ignore": list(change.options.ignore),
            "on_remove": change.options.on_remove,
            **({} if change.options.rotate is None else {"rotate": change.options.rotate}),
        },
    }


def _terraform_change(change: Change) -> dict[str, Any]:
    secret = {str(f.path[0]): True for f in change.fields if f.sensitive and not f.path[1:]}
    after = secret | _marks(change.after or {})
    whole = {name: True for name, mark in after.items() if mark is True}
    return {
        "actions": ACTIONS[change.action][:: -1 if change.create_first else 1],
        "before": safe(change.before),
        "after": None if change.action is Action.DELETE else safe(change.after),
        "after_unknown": {},
        "before_sensitive": whole | _marks(change.before) if change.before else False,
        "after_sensitive": after if change.after else False,
    }


def _marks(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Where secrets are, as Terraform marks them: the same form with `true` for each secret."""
    marks: dict[str, Any] = map_value(None, fields, _mark, _without_unmarked)
    return marks


def _mark(_: Field | None, value: Any) -> Any:
    if is_secret(value):
        return True
    return DESCEND if isinstance(value, (dict, list)) else False


def _without_unmarked(_: Field | None, marks: Any) -> Any:
    if isinstance(marks, list):
        return marks if any(marks) else []
    return {name: mark for name, mark in marks.items() if mark}


def _ref(ref: Ref, pointer: Pointer) -> dict[str, Any]:
    return {
        "path": list(ref.path),
        "target": str(ref.target),
        "name": ref.name,
        "id": pointer.id,
        "key": pointer.key,
    }


def _field(change: FieldChange) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": list(change.path)}
    for side, value in (("before", change.before), ("after", change.after)):
        if value is not ABSENT:
            entry[side] = SENSITIVE if change.sensitive else safe(value)
    if change.place:
        entry["place"] = list(change.place)
    if change.sensitive:
        entry["sensitive"] = True
    if change.uncertain:
        entry["uncertain"] = True
    if change.forces_replace:
        entry["forces_replace"] = True
    return entry


def _planned(plan: Plan, types: Mapping[str, str]) -> dict[str, Any]:
    resources = [
        {
            "address": str(change.address),
            "mode": "managed",
            **naming(change.address, types),
            "schema_version": 0,
            "values": safe(change.after),
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
            **naming(change.address, types),
            "provider_config_key": change.address.provider,
            "expressions": {
                name: {"constant_value": safe(value)}
                for name, value in (change.after or {}).items()
            },
        }
        for change in plan.changes
        if change.source is not None
    ]
    return {"resources": resources}


def naming(address: Address, types: Mapping[str, str]) -> dict[str, str]:
    """What Terraform calls the resource; `types` are provider types by provider name."""
    provider_type = types.get(address.provider, address.provider)
    return {
        "type": f"{provider_type.replace('-', '_')}_{address.kind}",
        "name": address.key,
        "provider_name": f"reconciler/{provider_type}",
    }


def safe(value: Any) -> Any:
    """A value for JSON, with every secret in it redacted."""
    return mask_secrets(value, lambda _: SENSITIVE)


def _diagnostic(finding: Diagnostic) -> dict[str, Any]:
    return {
        "severity": finding.severity.value,
        "summary": finding.summary,
        "detail": finding.detail,
        "address": finding.address,
        "source": finding.source and str(finding.source),
        "count": finding.count,
        "others": [
            {"address": other.address, "source": other.source and str(other.source)}
            for other in finding.others
        ],
    }
