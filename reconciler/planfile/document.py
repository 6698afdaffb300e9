"""Write a plan as Terraform's plan JSON, in which secrets are redacted."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

from reconciler.errors import Diagnostic, Severity
from reconciler.model import Action, Change, Plan
from reconciler.planfile.entries import entry_of, naming
from reconciler.timing import Stage, timed
from reconciler.values.mask import redacted
from reconciler.values.text import json_text, printable_json

FORMAT_VERSION = "1.2"
TERRAFORM_VERSION = "1.11.4"
OUR_VERSION = 2
_NOT_PLANNED = (Action.DELETE, Action.FORGET, Action.BY_HAND)


@timed(Stage.WRITE)
def write(plan: Plan, key: bytes | None = None) -> str:
    """The plan as one line of JSON: several tools cannot read more than one. With a key, it has a
    seal that only those can make who have the key."""
    text = _canonical(document(plan))
    proof = {"fingerprint": _digest(text)}
    if key is not None:
        proof["seal"] = seal(proof["fingerprint"], key)
    # x_reconciler is the last member, and so the text ends where its members do
    return f"{printable_json(text[:-2])},{json_text(proof)[1:]}}}"


def seal(fingerprint: str, key: bytes) -> str:
    """An HMAC-SHA256 of a plan document, of which the fingerprint is given."""
    return hmac.digest(key, fingerprint.encode(), sha256).hex()


def fingerprint(plan: Plan) -> str:
    """A fingerprint of what a plan changes, and of what it was made from: the digest of its head,
    of whose entries there is only one in memory at a time."""
    types, mark = plan.origin.get("types", {}), '"resource_changes":['
    before, _, after = _canonical(_head(plan, ())).partition(mark)
    made = sha256(f"{before}{mark}".encode())
    for number, change in enumerate(_changed(plan)):
        entry = _canonical(entry_of(change, types))
        made.update(f"{',' if number else ''}{entry}".encode("utf-8", "surrogatepass"))
    made.update(after.encode("utf-8", "surrogatepass"))
    return made.hexdigest()


def digest(body: Mapping[str, Any]) -> str:
    """The fingerprint of a plan document; it does not depend on the order of the members."""
    return _digest(_canonical(body))


def head(plan: Plan) -> dict[str, Any]:
    """The plan document without what is only there for other tools."""
    return _head(plan, _changed(plan))


def document(plan: Plan) -> dict[str, Any]:
    """The plan in Terraform's shape, without its fingerprint.

    Only what changes has an entry. What stays as it is stands in `planned_values` alone, behind
    what changes, for the tools that judge everything that is declared.
    """
    return document_of(plan, _changed(plan))


def document_of(plan: Plan, listed: tuple[Change, ...]) -> dict[str, Any]:
    """The document in which the `listed` changes have entries.

    What other tools show and judge says once more what our own members say; a plan in which the two
    differ is not read (`for_other_tools`).
    """
    types = plan.origin.get("types", {})
    behind = () if len(listed) == len(plan.changes) else _unchanged(plan)
    planned = (change for changes in (listed, behind) for change in changes)
    return {
        **_head(plan, listed),
        "planned_values": {"root_module": {"resources": list(_planned(planned, types))}},
        "configuration": {"root_module": {"resources": list(_configured(listed, types))}},
    }


def for_other_tools(body: Mapping[str, Any]) -> Any:
    """The part of a plan document that other tools show and judge, and `apply` does not read."""
    entries = [
        {name: part for name, part in entry.items() if not name.startswith("x_")}
        for entry in body["resource_changes"]
    ]
    names = ("planned_values", "configuration", "applyable", "complete", "errored")
    return entries, [body[name] for name in names]


def _changed(plan: Plan) -> tuple[Change, ...]:
    return tuple(change for change in plan.changes if change.action is not Action.NO_OP)


def _unchanged(plan: Plan) -> tuple[Change, ...]:
    return tuple(change for change in plan.changes if change.action is Action.NO_OP)


def _canonical(body: Mapping[str, Any]) -> str:
    """JSON that is the same for documents with the same members, whatever their order."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _head(plan: Plan, listed: Iterable[Change]) -> dict[str, Any]:
    types = plan.origin.get("types", {})
    tally = plan.tally()
    return {
        "format_version": FORMAT_VERSION,
        "terraform_version": TERRAFORM_VERSION,
        "resource_changes": [entry_of(change, types) for change in listed],
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


def _planned(changes: Iterable[Change], types: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for change in changes:
        if change.after is not None and change.action not in _NOT_PLANNED:
            yield {
                "address": str(change.address),
                "mode": "managed",
                **naming(change.address, types),
                "schema_version": 0,
                "values": redacted(change.after),
                "sensitive_values": {},
            }


def _configured(changes: Iterable[Change], types: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for change in changes:
        if change.source is not None:
            yield {
                "address": str(change.address),
                "mode": "managed",
                **naming(change.address, types),
                "provider_config_key": change.address.provider,
                "expressions": {
                    name: {"constant_value": redacted(value)}
                    for name, value in (change.after or {}).items()
                },
            }


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
