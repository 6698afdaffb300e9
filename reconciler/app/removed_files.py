"""Notice manifests that are gone since the last apply, before their objects are destroyed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from reconciler.app.options import PlanOptions
from reconciler.errors import Diagnostic, Severity
from reconciler.ledger import Session
from reconciler.model import WRITES, Action, Address, Change, Manifests, Owned, Plan, Resource
from reconciler.values.text import counted

REMOVES = frozenset({Action.DELETE, Action.FORGET, Action.BY_HAND})


def record_files(session: Session, resources: Iterable[Resource]) -> None:
    """Record in the ledger where owned objects are declared, as far as it says something else."""
    owned = session.state.owned
    files: dict[str, list[Address]] = {}
    for resource in resources:
        row = owned.get(resource.address)
        if row is not None and row.file != resource.source.file:
            files.setdefault(resource.source.file, []).append(resource.address)
    if files:
        session.move_files(files)


def check_files(
    plan: Plan, options: PlanOptions, manifests: Manifests, owned: Mapping[Address, Owned]
) -> Plan:
    """The plan with a refusal for each manifest that is gone since the last apply and whose objects
    it would destroy, unless that was confirmed; with a warning where it would destroy none.

    A manifest is gone where no file of its name declares or says anything. Objects that another
    file declares now have moved, and do not count.
    """
    if options.destroy or options.refresh_only:
        return plan
    gone = _gone(plan.changes, manifests, owned)
    confirmed = {name: _meant(name, gone) for name in options.confirmed}
    warnings = [_not_gone(name) for name, file in confirmed.items() if not file]
    refusals: list[Diagnostic] = []
    for file in sorted(gone.keys() - confirmed.values()):
        destroys = any(change.action in WRITES for change in gone[file])
        (refusals if destroys else warnings).append(_finding(file, gone[file], destroys))
    return replace(
        plan,
        diagnostics=(*plan.diagnostics, *warnings),
        refusals=(*plan.refusals, *refusals),
    )


def _gone(
    changes: Sequence[Change], manifests: Manifests, owned: Mapping[Address, Owned]
) -> dict[str, list[Change]]:
    """The changes that remove what a manifest that is gone declared, by its name."""
    gone: dict[str, list[Change]] = {}
    removals = [c for c in changes if c.action in REMOVES and c.source is None]
    if not removals:
        return gone
    kept = {(c.address.scope, c.id) for c in changes if c.action not in REMOVES}
    for change in removals:
        row = owned.get(change.address)
        file = row.file if row else ""
        if file and file not in manifests.files and (change.address.scope, change.id) not in kept:
            gone.setdefault(file, []).append(change)
    return gone


def _meant(name: str, files: Iterable[str]) -> str:
    """The file that `name` means: its path, or its name if no other has that; empty without one."""
    path = PurePosixPath(name)
    if str(path) in files:
        return str(path)
    same = [file for file in files if PurePosixPath(file).name == name]
    return same[0] if len(same) == 1 else ""


def _finding(file: str, changes: Sequence[Change], destroys: bool) -> Diagnostic:
    summary = f"{file} is gone since the last apply: {counted(len(changes), 'object')}"
    if not destroys:
        return Diagnostic(summary, "None of them is destroyed.", Severity.WARNING)
    return Diagnostic(
        summary,
        "It is missing, empty or not a file, and what it declared would be destroyed. Put it back; "
        f"or, if that is intended, use --confirm-removed {file}",
    )


def _not_gone(name: str) -> Diagnostic:
    return Diagnostic(
        f"--confirm-removed {name}: no manifest of this name is gone since the last apply",
        severity=Severity.WARNING,
    )
