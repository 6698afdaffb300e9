"""Read a saved plan back from Terraform's plan JSON."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.errors import Diagnostic, Invalid, Occurrence, Refused, Severity, Source
from reconciler.model import (
    ABSENT,
    SENSITIVE,
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
from reconciler.planfile import document, version_1
from reconciler.planfile.document import OUR_VERSION, for_other_tools, seal
from reconciler.planfile.shapes import check
from reconciler.values.fields import Field
from reconciler.values.walk import DESCEND, zip_value

_FORMS = {OUR_VERSION: document, version_1.VERSION: version_1}
CHANGED = "the saved plan was changed after it was saved"


def read(text: str, key: bytes | None = None) -> Plan:
    """The plan in a saved plan file, given as text.

    Raises Invalid where the text is something else or was saved by another version, and Refused
    where it was changed after it was saved: it does not have its own fingerprint, it shows another
    plan than it would apply, or, with a key, its seal was not made with that key.
    """
    try:
        return _read(json.loads(text), key)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Invalid(
            Diagnostic("not a saved plan file", "Save a plan with `reconciler plan --out FILE`.")
        ) from None


def _read(body: dict[str, Any], key: bytes | None) -> Plan:
    ours = body["x_reconciler"]
    found, fingerprint = ours.pop("seal", ""), ours.pop("fingerprint")
    if key is not None and not hmac.compare_digest(str(found), seal(fingerprint, key)):
        raise Refused(
            Diagnostic(
                "the saved plan has no seal of this RECONCILER_PLAN_KEY, or was changed after it "
                "was saved",
                "Make a new plan with the same RECONCILER_PLAN_KEY.",
            )
        )
    if (form := _FORMS.get(ours.get("version"))) is None:
        raise Invalid(
            Diagnostic("this plan was saved by another version of reconciler", "Make a new plan.")
        )
    if fingerprint != form.digest(body):
        raise Refused(Diagnostic(CHANGED, "Make a new plan."))
    plan = _plan(body, fingerprint)
    check(plan)
    if for_other_tools(form.document(plan)) != for_other_tools(body):
        raise Refused(
            Diagnostic(f"{CHANGED}: it shows another plan than it would apply", "Make a new plan.")
        )
    return plan


def _plan(body: dict[str, Any], fingerprint: str) -> Plan:
    ours = body["x_reconciler"]
    return Plan(
        changes=tuple(_changes(body)),
        diagnostics=tuple(read_diagnostic(entry) for entry in ours["diagnostics"]),
        deferred=tuple(Address.parse(address) for address in ours["deferred"]),
        unmanaged={_scope(name): tuple(names) for name, names in ours["unmanaged"].items()},
        budget=tuple(
            Budget(entry["provider"], entry["requests"], entry["per_minute"])
            for entry in ours["budget"]
        ),
        refusals=tuple(read_diagnostic(entry) for entry in ours["refusals"]),
        origin=ours["origin"],
        fingerprint=fingerprint,
        not_read=tuple(_scope(name) for name in ours.get("not_read", ())),
    )


def _changes(body: Mapping[str, Any]) -> Iterator[Change]:
    """What changes, then what stays as it is, of which only the planned values were saved."""
    listed = set()
    for entry in body["resource_changes"]:
        listed.add(entry["address"])
        yield read_change(entry)
    for resource in body["planned_values"]["root_module"]["resources"]:
        if (name := resource["address"]) not in listed:
            yield Change(Address.parse(name), Action.NO_OP, after=resource["values"])


def read_change(entry: Mapping[str, Any]) -> Change:
    """An entry of a plan, as its document has it."""
    source, options, change = entry["x_source"], entry["x_options"], entry["change"]
    return Change(
        address=Address.parse(entry["address"]),
        action=Action(entry["x_action"]),
        before=_with_secrets(change["before"], change["before_sensitive"]),
        after=_with_secrets(change["after"], change["after_sensitive"]),
        fields=tuple(read_field(field) for field in entry["x_fields"]),
        cause=Cause(entry["x_cause"]) if entry["x_cause"] else None,
        reason=entry["x_reason"],
        needs=tuple(Address.parse(address) for address in entry["x_needs"]),
        users=tuple(Address.parse(address) for address in entry.get("x_users", ())),
        create_first=entry.get("x_create_first", False),
        detour=entry.get("x_detour", {}),
        source=Source(**source) if source else None,
        fingerprint=entry["x_fingerprint"],
        id=entry["x_id"],
        refs=tuple(
            (
                Ref(tuple(ref["path"]), _scope(ref["target"]), ref["name"]),
                Pointer(ref["id"], ref["key"]),
            )
            for ref in entry["x_refs"]
        ),
        options=Options(
            protect=options["protect"],
            ignore=tuple(options["ignore"]),
            on_remove=options["on_remove"],
            rotate=options.get("rotate"),
        ),
    )


def _with_secrets(value: Any, marks: Any) -> Any:
    """The value with a secret in place of each part that is marked as one."""

    def choose(_: Field | None, value: Any, marks: Any) -> Any:
        if marks is True and value is not ABSENT:
            return Secret(SENSITIVE)
        alike = isinstance(value, (dict, list)) and type(value) is type(marks)
        return DESCEND if alike else value

    return zip_value(None, value, marks, choose, follow_right=False)


def read_field(entry: Mapping[str, Any]) -> FieldChange:
    """A field that changes, as the document of a plan has it."""
    return FieldChange(
        tuple(entry["path"]),
        entry.get("before", ABSENT),
        entry.get("after", ABSENT),
        entry.get("sensitive", False),
        entry.get("forces_replace", False),
        tuple(entry.get("place", ())),
        entry.get("uncertain", False),
    )


def read_diagnostic(entry: Mapping[str, Any]) -> Diagnostic:
    """A finding, as the document of a plan has it."""
    return Diagnostic(
        entry["summary"],
        entry["detail"],
        Severity(entry["severity"]),
        entry["address"],
        _read_source(entry["source"]),
        tuple(
            Occurrence(other["address"], _read_source(other["source"]))
            for other in entry.get("others", ())
        ),
    )


def _read_source(text: str | None) -> Source | None:
    return Source(text) if text else None


def _scope(text: str) -> Scope:
    provider, _, kind = text.partition("/")
    return Scope(provider, kind)
