"""One entry of Terraform's plan JSON: Terraform's members, then ours, which begin with `x_`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.errors import Source
from reconciler.model import (
    ABSENT,
    SENSITIVE,
    Action,
    Address,
    Change,
    FieldChange,
    Pointer,
    Ref,
    is_secret,
)
from reconciler.values.compare import fingerprint
from reconciler.values.fields import Field
from reconciler.values.mask import is_plain, redacted
from reconciler.values.walk import DESCEND, map_value

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
        "x_source": change.source and _place(change.source),
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
        "before": redacted(change.before),
        "after": None if change.action is Action.DELETE else redacted(change.after),
        "after_unknown": {},
        "before_sensitive": whole | _marks(change.before) if change.before else False,
        "after_sensitive": after if change.after else False,
    }


def _marks(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Where secrets are, as Terraform marks them: the same form with `true` for each secret."""
    if is_plain(fields):
        return {}
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


def _place(source: Source) -> dict[str, Any]:
    return {"file": source.file, "line": source.line, "column": source.column}


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
            entry[side] = SENSITIVE if change.sensitive else redacted(value)
    if change.place:
        entry["place"] = list(change.place)
    if change.sensitive:
        entry["sensitive"] = True
    if change.uncertain:
        entry["uncertain"] = True
    if change.forces_replace:
        entry["forces_replace"] = True
    return entry


def entry_digest(change: Change) -> str:
    """A fingerprint of what an entry does, and of the live object and manifest it was made from."""
    entry = entry_of(change, {})
    for word in ("x_source", "x_reason", "x_cause"):
        entry.pop(word, None)
    return fingerprint(entry)


def planned_digest(change: Change) -> str:
    """A fingerprint of the values that a plan shows for an object."""
    return fingerprint(redacted(change.after))


def naming(address: Address, types: Mapping[str, str]) -> dict[str, str]:
    """What Terraform calls the resource; `types` are provider types by provider name."""
    provider_type = types.get(address.provider, address.provider)
    return {
        "type": f"{provider_type.replace('-', '_')}_{address.kind}",
        "name": address.key,
        "provider_name": f"reconciler/{provider_type}",
    }
