"""Compare owned objects with what was last applied, whatever the manifests say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import replace

from reconciler.model import Action, Address, Cause, Change, Options
from reconciler.planner.subject import Subject


def refresh(subjects: Iterable[Subject], deleting: Set[Address]) -> Iterator[Change]:
    """A plan entry for each owned object that differs from what was last applied: `adopt` records
    the live values in the ledger, `forget` removes a deleted object from the ledger. An object that
    an interrupted run of ours was `deleting` was not deleted at the vendor."""
    for subject in subjects:
        row, resource = subject.row, subject.resource
        if row is None or (subject.live is not None and not subject.drift):
            continue
        if subject.live is None and row.address in deleting:
            continue
        entry = Change(
            row.address,
            Action.FORGET,
            before=row.fields,
            cause=Cause.DRIFT,
            source=resource.source if resource else None,
            id=row.id,
        )
        if subject.live is None:
            yield replace(entry, reason="it was deleted at the vendor")
            continue
        yield replace(
            entry,
            action=Action.ADOPT,
            after=subject.accepted,
            fields=tuple(
                replace(change, before=change.after, after=change.before)
                for change in subject.drift
            ),
            fingerprint=subject.fingerprint,
            options=Options(protect=row.protect, on_remove=row.on_remove, rotate=row.rotate),
        )
