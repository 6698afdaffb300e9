"""Refuse to destroy what `$protect` or `$on_remove: keep` keeps, until an apply has lifted that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reconciler.errors import Diagnostic
from reconciler.model import Action, Address, Change, Owned, Resource
from reconciler.planner.limits import DESTROYS

FIRST = "To allow this, remove {} from its declaration and apply that first"


def protections(
    changes: Sequence[Change], desired: Iterable[Resource], owned: Mapping[Address, Owned]
) -> Iterator[Diagnostic]:
    """A refusal for each change that would destroy a protected object.

    What protects is `$protect` as it is declared now and as it was last applied: a protection is
    lifted by an apply of its own, and one that is not applied yet is in force. `$on_remove: keep`
    as it was last applied keeps an object from `$absent` in the same way.
    """
    destroyed = [change for change in changes if change.action in DESTROYS]
    if not destroyed:
        return
    declared = {r.address for r in desired if r.options.protect}
    applied = {(a.scope, row.id) for a, row in owned.items() if row.protect}
    kept = {(a.scope, row.id) for a, row in owned.items() if row.on_remove == "keep"}
    for change in destroyed:
        identity = (change.address.scope, change.id)
        says_so = change.options.protect or change.address in declared
        if says_so or identity in applied:
            yield _refusal(
                change,
                f"protected: the plan would {change.action} it ({change.reason})",
                _advice(change, "$protect", says_so),
            )
        elif change.action is Action.DELETE and identity in kept:
            yield _refusal(
                change,
                f"kept: $on_remove is keep, and the plan would delete it ({change.reason})",
                _advice(change, "$on_remove", change.options.on_remove == "keep"),
            )


def _advice(change: Change, option: str, says_so: bool) -> str:
    """What to do first; `says_so` where the option is still declared."""
    first = FIRST.format(option)
    if change.source is None:
        return f"{first}."
    if says_so:
        return f"{first}, with the object otherwise as it was."
    return (
        f"It has been applied with {option}. Apply the declaration without {option} alone, as the "
        "object was before; then make this change."
    )


def _refusal(change: Change, summary: str, detail: str) -> Diagnostic:
    return Diagnostic(summary, detail, address=str(change.address), source=change.source)
