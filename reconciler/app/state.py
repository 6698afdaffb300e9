"""Read and correct what a workspace owns, as the ledger has it; no vendor is asked."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from reconciler.app.project import Project
from reconciler.errors import Diagnostic, Invalid
from reconciler.ledger import Intent, State
from reconciler.model import Address, Owned, Status
from reconciler.planner.scope import covers
from reconciler.values.text import did_you_mean, shown

LONGEST = 400


class OwnedObject(NamedTuple):
    """What the ledger knows of one object, and whether its last write has an unknown outcome."""

    owned: Owned
    unknown: bool


def list_owned(project: Project, prefix: str | None = None) -> State:
    """The ledger with the objects that it owns at `prefix`, by default all, in the order of
    addresses. `prefix` is a provider, provider/kind or more of an address."""
    state = project.ledger.read()
    owned = {
        address: row
        for address, row in sorted(state.owned.items())
        if prefix is None or covers([prefix, f"{prefix}/**"], address)
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


def move(project: Project, old: str, new: str) -> tuple[tuple[Address, Address], ...]:
    """Give owned objects another address: the one at `old`, or all of the provider or
    provider/kind `old`. What earlier runs began to write there and did not come to record moves
    along. Gives the addresses before and after; no vendor is asked.

    Raises Invalid where nothing is owned at `old`, where both are not of the same form, or where
    something is owned at the new address already.
    """
    if old.count("/") != new.count("/") and min(old.count("/"), new.count("/")) < 2:
        raise Invalid(
            Diagnostic(
                f"{shown(old, LONGEST)} cannot become {shown(new, LONGEST)}",
                "Give two providers, two kinds (provider/kind) or two addresses.",
            )
        )
    with project.ledger.lock("state mv") as session:
        intents = _open_at(session.state, [old])
        moves = [
            (address, _moved(address, old, new))
            for address in _owned_at(session.state, old, or_open=bool(intents))
        ]
        owned = session.state.owned
        _check_free(owned, (after for _, after in moves))
        session.begin("")
        with session.together():
            session.own(*(replace(owned[before], address=after) for before, after in moves))
            session.forget(*(before for before, _ in moves), reason=f"moved to {new}")
            for intent in intents:
                session.move_intent(intent, _moved(intent.address, old, new))
            if "/" not in new:
                session.record_account(new, session.state.accounts.get(old))
                session.record_account(old, None)
        now = dict(moves)
        unread = [now.get(address, address) for address in session.state.unread]
        session.end({"moved": len(moves)}, unread)
    begun = {intent.address: _moved(intent.address, old, new) for intent in intents}
    return tuple({**begun, **now}.items())


def _check_free(owned: Container[Address], addresses: Iterable[Address]) -> None:
    """Raise Invalid where one of the addresses is owned."""
    if taken := next((address for address in addresses if address in owned), None):
        hint = f"Let go of it first: reconciler state forget {taken}"
        raise Invalid(Diagnostic(f"{taken} is owned already", hint))


def forget(project: Project, names: Sequence[str]) -> tuple[Address, ...]:
    """Let go of owned objects without touching the vendor: those at these addresses, or all of a
    provider or provider/kind. What earlier runs began to write is let go too where the workspace
    does not know its kind any more. Raises Invalid where nothing is owned at one of them."""
    with project.ledger.lock("state forget") as session:
        lost = [
            intent
            for intent in _open_at(session.state, names)
            if not project.resource_types.knows(intent.address.scope)
        ]
        addresses = tuple(
            dict.fromkeys(
                address
                for name in names
                for address in _owned_at(session.state, name, or_open=bool(lost))
            )
        )
        session.begin("")
        for intent in lost:
            session.settle(intent.op, Status.FAILED, None, "forgotten on request")
        session.forget(*addresses, reason="forgotten on request", released=True)
        session.end({"forgotten": len(addresses)})
    return addresses


def _moved(address: Address, old: str, new: str) -> Address:
    return Address.parse(f"{new}{str(address).removeprefix(old)}")


def _open_at(state: State, names: Sequence[str]) -> list[Intent]:
    """The writes of earlier runs with an unknown outcome whose addresses these names mean."""
    return [intent for intent in state.open_intents if covers(names, intent.address)]


def _owned_at(state: State, name: str, or_open: bool) -> list[Address]:
    """The owned addresses that a name means; raises Invalid where there is none, unless a write of
    an earlier run is open there (`or_open`)."""
    addresses = [address for address in sorted(state.owned) if covers([name], address)]
    if not addresses and not or_open:
        known = {part for a in state.owned for part in (a.provider, str(a.scope), str(a))}
        hint = did_you_mean(name, known) or "Nothing is owned yet."
        raise Invalid(Diagnostic(f"the ledger has nothing at {shown(name, LONGEST)}", hint))
    return addresses


def unlock(project: Project, id: str = "") -> str | None:
    """Clear the lock that a crashed process left, or break the one with this `id`, and say whose it
    was; None where there was none.

    Raises LockHeld where the process that holds the lock is alive or may be, unless `id` is the
    lock's.
    """
    holder = project.ledger.unlock(id)
    return str(holder) if holder else None
