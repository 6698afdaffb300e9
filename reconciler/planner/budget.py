"""What a plan costs: the requests it needs at each provider."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from reconciler.model import WRITES, Action, Budget, Change

# Each write is one request and is looked at once more afterwards.
REQUESTS = {Action.CREATE: 2, Action.UPDATE: 2, Action.DELETE: 2, Action.REPLACE: 3}


def budget(changes: Iterable[Change], limits: Mapping[str, int]) -> tuple[Budget, ...]:
    """The requests for each provider, against its limit a minute (0: none)."""
    requests: Counter[str] = Counter()
    for change in changes:
        if change.action in WRITES:
            requests[change.address.provider] += REQUESTS[change.action]
    return tuple(Budget(p, n, limits.get(p, 0)) for p, n in sorted(requests.items()))
