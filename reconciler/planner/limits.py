"""Check a plan against the guards and protections, and count the requests it needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil

from reconciler.errors import Diagnostic
from reconciler.kinds import Carries, Kind, Verb
from reconciler.model import WRITES, Action, Budget, Change, Guard, Scope

# Each write is one request, and reading the object back afterwards is another.
REQUESTS = {Action.CREATE: 2, Action.UPDATE: 2, Action.DELETE: 2, Action.REPLACE: 3}
DESTROYS = frozenset({Action.DELETE, Action.REPLACE})
VERBS = {Action.CREATE: Verb.CREATE, Action.UPDATE: Verb.UPDATE, Action.DELETE: Verb.DELETE}


def budget(
    changes: Iterable[Change], kinds: Mapping[Scope, Kind], limits: Mapping[str, int]
) -> tuple[Budget, ...]:
    """The requests that the changes need at each provider, with its limit (0: no limit)."""
    counts = Counter((c.address.scope, c.action) for c in changes if c.action in WRITES)
    requests: Counter[str] = Counter()
    for (scope, action), count in counts.items():
        requests[scope.provider] += _requests(kinds[scope], action, count)
    return tuple(Budget(p, n, limits.get(p, 0)) for p, n in sorted(requests.items()))


def _requests(kind: Kind, action: Action, count: int) -> int:
    """The requests for `count` changes of one kind and action; one reads back a batch."""
    bulk, verb = kind.bulk, VERBS.get(action)
    if bulk is not None and verb in bulk.calls and count > 1:
        return 2 * ceil(count / bulk.most)
    call = kind.calls.get(verb) if verb else None
    read_before = call is not None and call.carries is Carries.ALL
    return count * (REQUESTS[action] + read_before)


def refusals(
    changes: Sequence[Change], existing: Mapping[Scope, int], guard: Guard, destroy: bool
) -> tuple[Diagnostic, ...]:
    """The reasons to refuse these changes: protections, and guards per kind and for the whole run.

    `existing` counts the live objects of each kind. The limits in percent apply from `percent_from`
    objects on; they do not apply to a single change, nor to deletes where the user asked to
    `destroy` everything.
    """
    return (*_protections(changes), *_guards(changes, existing, guard, destroy))


def _protections(changes: Sequence[Change]) -> Iterator[Diagnostic]:
    for change in changes:
        if change.options.protect and change.action in DESTROYS:
            yield Diagnostic(
                f"protected: the plan would {change.action} it ({change.reason})",
                "To allow this, remove $protect from its declaration and apply that first.",
                address=str(change.address),
                source=change.source,
            )


def _guards(
    changes: Sequence[Change], existing: Mapping[Scope, int], guard: Guard, destroy: bool
) -> Iterator[Diagnostic]:
    deletes = Counter(change.address.scope for change in changes if change.action in DESTROYS)
    updates = Counter(c.address.scope for c in changes if c.action is Action.UPDATE)
    total = sum(existing.values())
    counts = [
        (str(s), deletes[s], updates[s], existing.get(s, 0)) for s in sorted({*deletes, *updates})
    ]
    run = ("the whole run", *_total(counts), total)
    for where, deleted, changed, live in [*counts, run]:
        if deleted > guard.max_deletes:
            yield _refusal(where, f"{deleted} would be destroyed", "max_deletes", guard.max_deletes)
        elif not destroy and _too_large(deleted, live, guard.max_delete_percent, guard):
            share = f"{deleted} of {live} would be destroyed"
            yield _refusal(where, share, "max_delete_percent", guard.max_delete_percent)
        if _too_large(changed, live, guard.max_update_percent, guard):
            share = f"{changed} of {live} would be updated"
            yield _refusal(where, share, "max_update_percent", guard.max_update_percent)


def _total(counts: Sequence[tuple[str, int, int, int]]) -> tuple[int, int]:
    return sum(count[1] for count in counts), sum(count[2] for count in counts)


def _too_large(count: int, live: int, percent: int, guard: Guard) -> bool:
    return live >= guard.percent_from and count > 1 and count * 100 > percent * live


def _refusal(where: str, effect: str, name: str, value: int) -> Diagnostic:
    return Diagnostic(
        f"guard: in {where}, {effect}, and {name} is {value}",
        f"If that is intended, raise guard.{name} in reconciler.yaml, or apply it in smaller steps "
        "with --target.",
    )
