"""Failures at the vendors that no change of ours caused, such as deliveries that did not arrive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from reconciler.app.project import Project
from reconciler.errors import Diagnostic, Severity, VendorError
from reconciler.kinds import Watch
from reconciler.model import Address, Owned, Scope

if TYPE_CHECKING:
    from reconciler.rest.account import Account

SHOWN = 3


def failures(
    project: Project, accounts: Mapping[str, Account], owned: Mapping[Address, Owned]
) -> Iterator[Diagnostic]:
    """A warning for each watched list that has recent failures, for each of the `owned` objects
    that has some, and for what cannot be read of that."""
    for name, account in accounts.items():
        for watch in project.resource_types.providers[name].watches:
            if watch.kind:
                yield from _of_objects(project, Scope(name, watch.kind), watch, account, owned)
                continue
            try:
                answer = account.read(watch.call)
            except VendorError as error:
                yield Diagnostic(error.diagnostics[0].summary, severity=Severity.WARNING)
                continue
            if warning := _warning(name, watch, answer):
                yield warning


def _of_objects(
    project: Project,
    scope: Scope,
    watch: Watch,
    account: Account,
    owned: Mapping[Address, Owned],
) -> Iterator[Diagnostic]:
    """A warning for each owned object of a kind that is not well; an object that is gone has
    nothing that could fail."""
    rows = [row for address, row in owned.items() if address.scope == scope]
    driver = account.driver(project.resource_types.of(scope))
    for row, answer in zip(rows, driver.ask_of_each(watch.call, [r.id for r in rows]), strict=True):
        if isinstance(answer, VendorError):
            problem, advice = answer.diagnostics[0].summary, answer.diagnostics[0].detail
        else:
            problem, advice = "" if answer is None else watch.wrong(answer), watch.advice
        if problem:
            summary = f"{watch.name}: {problem}"
            yield Diagnostic(summary, advice, Severity.WARNING, str(row.address))


def _warning(name: str, watch: Watch, answer: Any) -> Diagnostic | None:
    entries = answer if isinstance(answer, list) else []
    failed = [text for entry in entries if isinstance(entry, dict) and (text := watch.wrong(entry))]
    if not failed:
        return None
    more = f"; and {len(failed) - SHOWN} more" if len(failed) > SHOWN else ""
    summary = f"{name}: {len(failed)} of the last {len(entries)} {watch.name} failed"
    return Diagnostic(
        f"{summary}: {'; '.join(failed[:SHOWN])}{more}", watch.advice, Severity.WARNING
    )
