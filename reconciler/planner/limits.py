"""How much a plan may change, and what it costs in requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil

from reconciler.errors import Diagnostic
from reconciler.kinds import Carries, Kind, Verb
from reconciler.model import WRITES, Action, Budget, Change, Guard, Scope

# Each write is one request and is looked at once more afterwards.
REQUESTS = {Action.CREATE: 2, Action.UPDATE: 2, Action.DELETE: 2, Action.REPLACE: 3}


VERBS = {Action.CREATE: Verb.CREATE, Action.UPDATE: Verb.UPDATE, Action.DELETE: Verb.DELETE}


def budget(
    changes: Iterable[Change], kinds: Mapping[Scope, Kind], limits: Mapping[str, int]
) -> tuple[Budget, ...]:
    """The requests for each provider, against its limit a minute (0: none)."""
    counts = Counter((c.address.scope, c.action) for c in changes if c.action in WRITES)
    requests: Counter[str] = Counter()
    for (scope, action), count in counts.items():
        requests[scope.provider] += _requests(kinds[scope], action, count)
    return tuple(Budget(p, n, limits.get(p, 0)) for p, n in sorted(requests.items()))


def _requests(kind: Kind, action: Action, count: int) -> int:
    """What so many changes of one sort take: those made together are looked at together."""
    bulk, verb = kind.bulk, VERBS.get(action)
    if bulk is not None and verb in bulk.calls and count > 1:
        return 2 * ceil(count / bulk.most)
    call = kind.calls.get(verb) if verb else None
    read_anew = call is not None and call.carries is Carries.ALL
    return count * (REQUESTS[action] + read_anew)


DESTROYS = frozenset({Action.DELETE, Action.REPLACE})


def refusals(
    changes: Sequence[Change], existing: Mapping[Scope, int], guard: Guard, destroy: bool
) -> tuple[Diagnostic, ...]:
    """What forbids these changes: protections, and guards for each kind and for the whole run.

    `existing` counts the live objects of each kind. Shares count from `percent_from` objects
    on; one change alone is never a share too large, and neither is destroying everything where
    that was asked for (`destroy`).
    """
    return (*_protections(changes), *_guards(changes, existing, guard, destroy))


def _protections(changes: Sequence[Change]) -> Iterator[Diagnostic]:
    for change in changes:
        if change.options.protect and change.action in DESTROYS:
            yield Diagnostic(
                f"protected: the plan would {change.action} it ({change.reason})",
                "To let it go, declare it without $protect and apply that first.",
                address=str(change.address),
                source=change.source,
            )


def _guards(
    changes: Sequence[Change], existing: Mapping[Scope, int], guard: Guard, destroy: bool
) -> Iterator[Diagnostic]:
    deletes = Counter(change.address.scope for change in changes if change.action in DESTROYS)
    updates = Counter(c.address.scope for c in changes if c.action is Action.UPDATE)
    everywhere = sum(existing.values())
    counts = [
        (str(s), deletes[s], updates[s], existing.get(s, 0)) for s in sorted({*deletes, *updates})
    ]
    for where, gone, changed, there in [*counts, ("the whole run", *_total(counts), everywhere)]:
        if gone > guard.max_deletes:
            yield _refusal(where, f"{gone} would be destroyed", "max_deletes", guard.max_deletes)
        elif not destroy and _too_large(gone, there, guard.max_delete_percent, guard):
            share = f"{gone} of {there} would be destroyed"
            yield _refusal(where, share, "max_delete_percent", guard.max_delete_percent)
        if _too_large(changed, there, guard.max_update_percent, guard):
            share = f"{changed} of {there} would be updated"
            yield _refusal(where, share, "max_update_percent", guard.max_update_percent)


def _total(counts: Sequence[tuple[str, int, int, int]]) -> tuple[int, int]:
    return sum(count[1] for count in counts), sum(count[2] for count in counts)


def _too_large(count: int, there: int, percent: int, guard: Guard) -> bool:
    return there >= guard.percent_from and count > 1 and count * 100 > percent * there


def _refusal(where: str, what: str, name: str, value: int) -> Diagnostic:
    return Diagnostic(
        f"guard: in {where}, {what}, and {name} is {value}",
        f"If that is what you want, raise guard.{name} in reconciler.yaml, or take it in smaller "
        "steps with --target.",
    )
