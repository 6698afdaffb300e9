"""Read the ledger: what a workspace owns and what past runs did; no vendor is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from reconciler.app.project import Project
from reconciler.errors import Diagnostic, Invalid
from reconciler.ledger import Run, State
from reconciler.model import Owned
from reconciler.planner.scope import covers
from reconciler.values.text import did_you_mean, shown

LONGEST = 400


class OwnedObject(NamedTuple):
    """What the ledger knows of one object, and whether its last write has an unknown outcome."""

    owned: Owned
    unknown: bool


class History(NamedTuple):
    """Past runs, newest last; `running` is the id of one that has not ended yet."""

    runs: tuple[Run, ...]
    running: str | None


def list_owned(project: Project, prefix: str | None = None) -> State:
    """The ledger with the objects that it owns at `prefix`, by default all, in the order of
    addresses. `prefix` is a provider, provider/kind or more of an address."""
    state = project.ledger.read()
    owned = {
        address: row
        for address, row in sorted(state.owned.items())
        if prefix is None or covers([prefix], address)
    }
    return replace(state, owned=owned)


def show_owned(project: Project, address: str) -> OwnedObject:
    """What the ledger knows of the object at `address`; raises Invalid where it owns none."""
    state = project.ledger.read()
    known = {str(owned.address): owned for owned in state.owned.values()}
    if address not in known:
        hint = did_you_mean(address, known) or "Nothing is owned yet."
        raise Invalid(Diagnostic(f"the ledger has no {shown(address, LONGEST)}", hint))
    unknown = any(str(intent.address) == address for intent in state.open_intents)
    return OwnedObject(known[address], unknown)


def nearest_prefix(project: Project, prefix: str) -> str:
    """A hint that names an owned provider or kind which `prefix` may mean; empty without one."""
    owned = project.ledger.read().owned
    known = {str(address.scope) for address in owned} | {address.provider for address in owned}
    return did_you_mean(prefix, known) if known else ""


def history(project: Project, last: int | None = None) -> History:
    """Past runs, newest last; with `last` only so many of the newest."""
    runs = project.ledger.history()
    unfinished = runs and runs[-1].ended is None and project.ledger.holder() is not None
    running = runs[-1].id if unfinished else None
    return History(runs[-last:] if last else runs, running)


def unlock(project: Project) -> str | None:
    """Clear the lock that a crashed process left, and say whose it was; None where there was none.

    Raises LockHeld where the process that holds the lock is alive.
    """
    holder = project.ledger.unlock()
    return str(holder) if holder else None
