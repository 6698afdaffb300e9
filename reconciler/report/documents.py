"""Read results of commands back from JSON: saved plans, and what `--format json` wrote.

Another job or another step made the file, so nothing in it is trusted: it has the types that it
should, or it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reconciler import planfile
from reconciler.errors import Diagnostic, Invalid, Occurrence, Severity, Source
from reconciler.frozen import frozen
from reconciler.model import (
    Action,
    Address,
    Applied,
    Cause,
    Change,
    Drift,
    LastSet,
    Outcome,
    Plan,
    Scope,
    Status,
    Validation,
)
from reconciler.planfile.parser import read_diagnostic, read_field
from reconciler.planfile.shapes import check
from reconciler.report.formats import Format
from reconciler.report.json import DRIFTED
from reconciler.report.text import (
    applied_summary,
    drift_summary,
    outcomes_summary,
    summary,
    unpainted,
    validation_summary,
)
from reconciler.values.text import counted

_ACTIONS = {word: action for action, word in DRIFTED.items()}
Entry = Mapping[str, Any]


@frozen
class Document:
    """A result of a command, `sort` being `plan`, `apply`, `drift`, `validate`, or `error` where
    findings ended the command before it had one."""

    sort: str
    result: Plan | Drift | Applied | Validation | tuple[Diagnostic, ...]

    @property
    def environment(self) -> str | None:
        """The environment that it is of; None where it does not say."""
        plan = self.result if isinstance(self.result, Plan) else getattr(self.result, "plan", None)
        return None if plan is None else str(plan.origin.get("environment") or "")

    @property
    def words(self) -> str:
        """All of it in a sentence or two, with no text of others."""
        result = self.result
        if isinstance(result, Plan):
            return f"{summary(result)}{' Apply will refuse it.' if result.refusals else ''}"
        if isinstance(result, Drift):
            return drift_summary(result)
        if isinstance(result, Applied):
            return applied_summary(result) if result.complete else outcomes_summary(result)
        if isinstance(result, Validation):
            return validation_summary(result)
        return f"No result: {counted(len(result), 'finding')} ended it."

    @property
    def succeeded(self) -> bool:
        """Whether the command did what it was asked for: a plan that can be applied, an apply that
        did all of it, no drift anywhere, valid manifests."""
        result = self.result
        if isinstance(result, Plan):
            errors = any(d.severity is Severity.ERROR for d in result.diagnostics)
            return not (result.refusals or errors)
        if isinstance(result, Drift):
            return result.complete and result.applied and not result.found
        if isinstance(result, Applied):
            return result.complete
        return isinstance(result, Validation) and result.valid

    def lines(self, format: Format) -> Iterator[str]:
        """The result in this format."""
        result = self.result
        if isinstance(result, Plan):
            yield from format.plan(result, unpainted)
        elif isinstance(result, Drift):
            yield from format.drift(result, unpainted)
        elif isinstance(result, Applied):
            yield from format.applied(result)
        elif isinstance(result, Validation):
            yield from format.validation(result)
        else:
            yield from format.errors(result)


def read(text: str, key: bytes | None = None) -> Document:
    """The result in a file, given as text. Raises Invalid where it is something else, and what
    reading a saved plan raises, whose seal is looked at with the `key`."""
    try:
        body = json.loads(text)
        if "x_reconciler" in body:
            return Document("plan", planfile.read(text, key))
        document = _read(body)
        if not isinstance(document.result, tuple):
            check(document.result)
        return document
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, StopIteration):
        raise Invalid(
            Diagnostic(
                "this file holds no result of reconciler",
                "Save a plan with `plan --out FILE`, or any result with `--report json=FILE`.",
            )
        ) from None


def _read(body: Entry) -> Document:
    if "drift" in body:
        return Document("drift", _drift(body))
    if "outcomes" in body:
        return Document("apply", _applied(body))
    findings = tuple(map(_finding, body["diagnostics"]))
    if "valid" in body:
        return Document("validate", Validation(body["resources"], findings))
    return Document("error", findings)


def _drift(body: Entry) -> Drift:
    changes = tuple(
        Change(
            Address.parse(entry["address"]),
            action := _ACTIONS[entry["drift"]],
            after=None if action is Action.FORGET else {},
            fields=tuple(map(read_field, entry["fields"])),
            cause=Cause(entry["cause"]) if entry.get("cause") else None,
            reason=entry["reason"],
            source=Source(**entry["source"]) if entry["source"] else None,
        )
        for entry in body["resources"]
    )
    plan = Plan(
        changes,
        tuple(map(read_diagnostic, body["diagnostics"])),
        tuple(map(Address.parse, body["deferred"])),
        _names(body["unmanaged"]),
        origin={**_origin(body), "choice": {n: body.get(n, ()) for n in ("targets", "excludes")}},
        not_read=tuple(map(_scope, body["not_read"])),
    )
    drift = Drift(
        plan,
        _names(body["undeclared"]),
        acknowledged=_names(body.get("acknowledged", {})),
        last_set={
            Address.parse(entry["address"]): _last_set(entry)
            for entry in body["resources"]
            if entry.get("last_set")
        },
    )
    # What the file says of itself counts, where it is less.
    seen = body["complete"] is True or not drift.complete
    return replace(drift, applied=seen)


def _last_set(entry: Entry) -> LastSet:
    known = {name: value or "" for name, value in entry["last_set"].items()}
    return LastSet(**known, live=entry.get("live_updated_at") or "")


def _applied(body: Entry) -> Applied:
    outcomes = tuple(
        Outcome(
            Change(Address.parse(entry["address"]), Action(entry["action"])),
            Status(entry["status"]),
            entry["id"],
            _finding(entry["diagnostic"]) if entry["diagnostic"] else None,
            float(entry["seconds"]),
            entry["requests"],
            half=entry.get("half", False),
        )
        for entry in body["outcomes"]
    )
    plan = Plan(tuple(outcome.change for outcome in outcomes), origin=_origin(body))
    problems = tuple(map(_finding, body["diagnostics"]))
    return Applied(plan, outcomes, body["recorded"], problems)


def _origin(body: Entry) -> dict[str, Any]:
    return {name: body.get(name) for name in ("workspace", "environment")}


def _finding(entry: Entry) -> Diagnostic:
    others: Sequence[Entry] = entry.get("others", ())
    return Diagnostic(
        entry["summary"],
        entry["detail"],
        Severity(entry["severity"]),
        entry["address"],
        _place(entry),
        tuple(Occurrence(other["address"], _place(other)) for other in others),
    )


def _place(entry: Entry) -> Source | None:
    if not entry["file"]:
        return None
    return Source(entry["file"], entry["line"] or 0, entry["column"] or 0)


def _names(scopes: Mapping[str, Sequence[str]]) -> dict[Scope, tuple[str, ...]]:
    return {_scope(scope): tuple(names) for scope, names in scopes.items()}


def _scope(text: str) -> Scope:
    provider, _, kind = text.partition("/")
    return Scope(provider, kind)
