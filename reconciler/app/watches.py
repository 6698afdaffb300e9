"""What went wrong at the vendors by itself, for the report of a night."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.app.project import Account, Project
from reconciler.errors import Diagnostic, Severity, VendorError
from reconciler.kinds import Watch

SHOWN = 3


def watched(project: Project, accounts: Mapping[str, Account]) -> Iterator[Diagnostic]:
    """A warning for each thing that went wrong of late, or that cannot be looked at."""
    for name, account in accounts.items():
        for watch in project.resource_types.providers[name].watches:
            try:
                found = account.read(watch.call)
            except VendorError as error:
                yield Diagnostic(error.diagnostics[0].summary, severity=Severity.WARNING)
                continue
            if problem := _problem(name, watch, found):
                yield problem


def _problem(name: str, watch: Watch, found: object) -> Diagnostic | None:
    one_by_one = found if isinstance(found, list) else []
    wrong = [text for one in one_by_one if isinstance(one, dict) and (text := watch.wrong(one))]
    if not wrong:
        return None
    rest = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    summary = f"{name}: {len(wrong)} of the last {len(one_by_one)} {watch.name} failed"
    return Diagnostic(
        f"{summary}: {'; '.join(wrong[:SHOWN])}{rest}", watch.advice, Severity.WARNING
    )
