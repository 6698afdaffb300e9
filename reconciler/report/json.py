"""The results of commands as JSON documents, each on one line. The keys are a contract: they may be
added to, but not renamed or removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reconciler import planfile
from reconciler.errors import Diagnostic
from reconciler.ledger import Run, State
from reconciler.model import (
    Action,
    Applied,
    Change,
    Drift,
    Health,
    Outcome,
    Owned,
    Plan,
    ProviderHealth,
    Status,
    Validation,
)
from reconciler.report.entries import Paint
from reconciler.report.health import WRITE_RIGHTS
from reconciler.report.last_set import last_set_document
from reconciler.report.ledger import shown_fields
from reconciler.report.runs import run_document
from reconciler.values.text import json_text

FORMAT_VERSION = "1.0"
DRIFTED = {Action.ADOPT: "changed", Action.FORGET: "deleted", Action.BY_HAND: "by-hand"}
CREDENTIALS = {True: "accepted", False: "refused", None: "unknown"}

Document = dict[str, Any]


def plan(plan: Plan, _paint: Paint) -> Iterator[str]:
    """A plan as Terraform's plan JSON, which is also the saved plan file."""
    yield planfile.write(plan)


def drift(drift: Drift, _paint: Paint) -> Iterator[str]:
    """What drifted, what is unmanaged, and what could not be read. Where `complete` is false, no
    drift does not mean that there is none; where there are `targets` or `excludes`, it is about
    these only."""
    document = planfile.head(drift.plan)
    ours = document["x_reconciler"]
    changes = [change for change in drift.plan.changes if change.action is not Action.NO_OP]
    entries = zip(changes, document["resource_changes"], strict=True)
    yield line(
        **_origin(drift.plan),
        drift=drift.found,
        complete=drift.complete and drift.applied,
        **drift.narrowed,
        resources=[
            {
                "address": entry["address"],
                "drift": DRIFTED[change.action],
                "cause": entry["x_cause"],
                "reason": change.reason,
                "fields": entry["x_fields"],
                "source": entry["x_source"],
                "last_set": last_set_document(drift.last_set.get(change.address)),
                "live_updated_at": _live_time(drift, change),
            }
            for change, entry in entries
            if change.action in DRIFTED
        ],
        unmanaged=ours["unmanaged"],
        acknowledged={str(scope): list(names) for scope, names in drift.acknowledged.items()},
        undeclared={str(scope): list(names) for scope, names in drift.undeclared.items()},
        not_read=ours["not_read"],
        deferred=ours["deferred"],
        diagnostics=ours["diagnostics"],
    )


def _live_time(drift: Drift, change: Change) -> str | None:
    """When the vendor says that an object changed, as it writes it."""
    set_ = drift.last_set.get(change.address)
    return (set_.live or None) if set_ else None


def validation(validation: Validation) -> Iterator[str]:
    """Whether the manifests are valid, and every finding."""
    yield line(
        valid=validation.valid,
        error_count=validation.errors,
        warning_count=len(validation.diagnostics) - validation.errors,
        resources=validation.resources,
        diagnostics=[diagnostic_document(finding) for finding in validation.diagnostics],
    )


def applied(applied: Applied) -> Iterator[str]:
    """How every change of an apply ended."""
    counts = applied.tally()
    yield line(
        **_origin(applied.plan),
        summary={status.value: counts[status] for status in Status},
        recorded=applied.recorded,
        outcomes=[outcome_document(outcome) for outcome in applied.outcomes],
        diagnostics=[
            diagnostic_document(d) for d in (*applied.plan.diagnostics, *applied.problems)
        ],
    )


def errors(findings: Sequence[Diagnostic]) -> Iterator[str]:
    """The findings that ended a command before it had a result."""
    yield line(diagnostics=[diagnostic_document(finding) for finding in findings])


def owned(state: State) -> Iterator[str]:
    """The owned objects, and the addresses whose last write has an unknown outcome."""
    yield line(
        lineage=state.lineage,
        serial=state.serial,
        resources=[_owned(owned) for owned in state.owned.values()],
        unknown_outcomes=sorted({str(intent.address) for intent in state.open_intents}),
    )


def owned_object(owned: Owned, _unknown: bool) -> Iterator[str]:
    """One owned object with its fields as last applied."""
    stored = {"stored": owned.stored} if owned.stored else {}
    yield line(**_owned(owned), fields=shown_fields(owned), **stored)


def history(runs: Sequence[Run], running: str | None, _details: bool) -> Iterator[str]:
    """Past runs with every write; a write whose end was never recorded is `unknown`."""
    yield line(runs=[run_document(run, run.id == running) for run in runs])


def health(health: Health) -> Iterator[str]:
    """Whether each provider can be reached and read, and the ledger used."""
    ledger = health.ledger
    yield line(
        ok=health.ok,
        providers=[_provider_health(provider) for provider in health.providers],
        ledger={
            "place": ledger.place,
            "readable": ledger.problem is None,
            "writable": ledger.ok,
            "problem": ledger.problem.summary if ledger.problem else ledger.obstacle or None,
            "owned": ledger.owned,
            "unknown_outcomes": ledger.unknown,
            "locked_by": ledger.locked_by,
            "key": ledger.key or None,
            "key_is_shared": ledger.shared,
            "fingerprints_of_another_key": ledger.other_key,
        },
        note=WRITE_RIGHTS,
    )


def line(**members: Any) -> str:
    """A document of ours with these members, on one line."""
    return json_text({"format_version": FORMAT_VERSION, **members})


def _origin(plan: Plan) -> Document:
    """Which workspace and environment a result is of."""
    return {name: plan.origin.get(name) for name in ("workspace", "environment")}


def diagnostic_document(finding: Diagnostic) -> Document:
    """A finding."""
    source = finding.source
    return {
        "severity": finding.severity.value,
        "summary": finding.summary,
        "detail": finding.detail,
        "address": finding.address,
        "file": source.file if source else None,
        "line": source.line if source else None,
        "column": source.column if source else None,
        "count": finding.count,
        "others": [
            {
                "address": other.address,
                "file": other.source.file if other.source else None,
                "line": other.source.line if other.source else None,
                "column": other.source.column if other.source else None,
            }
            for other in finding.others
        ],
    }


def outcome_document(outcome: Outcome) -> Document:
    """How one change ended."""
    return {
        "address": str(outcome.change.address),
        "action": outcome.change.action.value,
        "status": outcome.status.value,
        "id": outcome.id,
        "seconds": round(outcome.seconds, 3),
        "requests": outcome.requests,
        "diagnostic": diagnostic_document(outcome.diagnostic) if outcome.diagnostic else None,
        **({"half": True} if outcome.half else {}),
    }


def _owned(owned: Owned) -> Document:
    return {
        "address": str(owned.address),
        "id": owned.id,
        "origin": owned.origin,
        "at": owned.at,
        "protect": owned.protect,
        "on_remove": owned.on_remove,
        **({} if owned.rotate is None else {"rotate": owned.rotate}),
    }


def _provider_health(health: ProviderHealth) -> Document:
    milliseconds = health.milliseconds
    return {
        "name": health.name,
        "type": health.type,
        "ok": health.ok,
        "base_url": health.url,
        "tls": health.tls,
        "reachable": milliseconds is not None,
        "milliseconds": None if milliseconds is None else round(milliseconds, 1),
        "credentials": CREDENTIALS[health.accepted],
        "rate_limit": {
            "requests_per_minute": health.per_minute,
            "vendor": health.limit,
            "remaining": health.remaining,
        },
        "kinds": [
            {
                "kind": kind.kind,
                "readable": kind.error is None,
                "missing_scope": kind.scope,
                "problem": diagnostic_document(kind.error.diagnostics[0]) if kind.error else None,
            }
            for kind in health.kinds
        ],
        "not_asked": list(health.skipped),
        "unusable": [
            diagnostic_document(finding)
            for finding in (health.unusable.diagnostics if health.unusable else ())
        ],
        "failing": [diagnostic_document(finding) for finding in health.failing],
    }
