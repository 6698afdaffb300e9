"""Failures at the vendors that no change of ours caused, such as exports that did not arrive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from reconciler.app.project import Project
from reconciler.errors import Diagnostic, Severity, VendorError
from reconciler.kinds import Watch

if TYPE_CHECKING:
    from reconciler.rest.account import Account

SHOWN = 3


def failures(project: Project, accounts: Mapping[str, Account]) -> Iterator[Diagnostic]:
    """A warning for each watched list that has recent failures or cannot be read."""
    for name, account in accounts.items():
        for watch in project.resource_types.providers[name].watches:
            try:
                answer = account.read(watch.call)
            except VendorError as error:
                yield Diagnostic(error.diagnostics[0].summary, severity=Severity.WARNING)
                continue
            if warning := _warning(name, watch, answer):
                yield warning


def _warning(name: str, watch: Watch, answer: object) -> Diagnostic | None:
    entries = answer if isinstance(answer, list) else []
    failed = [text for entry in entries if isinstance(entry, dict) and (text := watch.wrong(entry))]
    if not failed:
        return None
    more = f"; and {len(failed) - SHOWN} more" if len(failed) > SHOWN else ""
    summary = f"{name}: {len(failed)} of the last {len(entries)} {watch.name} failed"
    return Diagnostic(
        f"{summary}: {'; '.join(failed[:SHOWN])}{more}", watch.advice, Severity.WARNING
    )
