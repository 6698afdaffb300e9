"""What a plan costs: the requests it needs at each provider."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import ceil

from reconciler.kinds import Carries, Kind, Verb
from reconciler.model import WRITES, Action, Budget, Change, Scope

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
