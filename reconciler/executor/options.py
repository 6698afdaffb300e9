"""Define how a plan is executed, and the functions that journal its changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field
from threading import Event

from reconciler.executor.pages import Pages
from reconciler.frozen import frozen
from reconciler.identity import NaturalKey
from reconciler.kinds import Verb
from reconciler.model import Address, Change, Live, Scope, Status

# A `Journal` records a write before it is sent, with its idempotency key, and returns a `Settle`
# that records how it ended: the status, the object's id and a message.
Settle = Callable[[Status, str | None, str], None]
Journal = Callable[[Change, Verb, str | None], Settle]


FRESH_SECONDS = 30.0
PARALLELISM = 10


@frozen
class ExecuteOptions:
    """How to execute: how many changes run side by side, and whether a failure stops the others.

    When `stop` is set, changes in flight are finished and no others are started. `seen` returns the
    live object of a change and the monotonic time, in seconds, at which it was read. Records that
    are journalled inside `together` are durable when that block ends, and not before; how a change
    ended is durable with the next change that is journalled, and after `flush`. `is_known`
    says whether an object of a kind, given by its id, was there when the plan was made or has been
    made by this run since; `other_keys` the natural keys that the other objects of a change's kind
    are to have; `keys` are the idempotency
    keys of earlier creates whose outcome is unknown, with which they are sent again. An object
    that was read more than `fresh_seconds` ago is read again before it is changed, with the `pages`
    of the lists in which several are to be changed. `template` is the object that a new one is to
    be like, beside the fields of the change; None where there is none.
    """

    seen: Callable[[Change], tuple[Live, float] | None]
    together: Callable[[], AbstractContextManager[None]] = nullcontext
    flush: Callable[[], None] = lambda: None
    parallelism: int = PARALLELISM
    stop_on_failure: bool = False
    stop: Event = field(default_factory=Event)
    clock: Callable[[], float] = time.monotonic
    is_known: Callable[[Scope, str], bool] = lambda _scope, _id: False
    other_keys: Callable[[Change], frozenset[NaturalKey]] = lambda _change: frozenset()
    keys: Mapping[Address, str] = field(default_factory=dict)
    fresh_seconds: float = FRESH_SECONDS
    pages: Pages = field(default_factory=lambda: Pages({}, FRESH_SECONDS, time.monotonic))
    template: Callable[[Address], Live | None] = lambda _address: None
