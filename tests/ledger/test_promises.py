"""What a ledger promises in every store: what was written is what is read, and no write is lost."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, cast

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from reconciler.errors import LedgerError, LockHeld
from reconciler.ledger import EMPTY, Ledger
from reconciler.ledger.store import Store
from reconciler.model import Action, Address, Owned, Secret, Status

from .memory import MemoryStore, Server
from .stores import STORES, Place

BANNER = Address("kobo", "webhooks", "erp/sync")


def owned(address: Address = BANNER, id: str = "7", **fields: Any) -> Owned:
    """An owned object."""
    return Owned(address, id, fields, "created", "2024-01-15T10:00:00Z")


def test_reading_creates_nothing(place: Place) -> None:
    """A ledger that does not exist is empty, and stays unwritten by every reader."""
    ledger = place.ledger()
    assert ledger.read() == EMPTY
    assert ledger.history() == ()
    assert ledger.holder() is None
    assert ledger.unlock() is None
    assert place.content() == b""


def test_a_run_is_remembered(place: Place) -> None:
    """A write is journalled before and after, owned, and found again in state and history."""
    ledger = place.ledger()
    with ledger.lock("apply") as session:
        run = session.begin("plan-1")
        first = session.intend(BANNER, Action.CREATE, "POST", "ERP Sync", "idem-1")
        assert [intent.op for intent in ledger.read().open_intents] == [first]
        session.settle(first, Status.APPLIED, "7", owned=owned(name="ERP Sync"))
        second = session.intend(BANNER, Action.UPDATE, "PATCH", "ERP Sync", None)
        session.settle(second, Status.FAILED, None, "422: no such event")
        session.end({"add": 1, "failed": 1})

    state = ledger.read()
    assert state.owned == {BANNER: owned(name="ERP Sync")}
    assert state.open_intents == ()
    assert state.lineage == session.state.lineage
    (remembered,) = ledger.history()
    assert (remembered.id, remembered.plan, remembered.command) == (run, "plan-1", "apply")
    assert remembered.counts == {"add": 1, "failed": 1}
    assert remembered.ended
    assert [(o.intent.op, o.status, o.id, o.message) for o in remembered.operations] == [
        (first, Status.APPLIED, "7", ""),
        (second, Status.FAILED, None, "422: no such event"),
    ]


def test_what_is_written_together_is_there_together(place: Place) -> None:
    """Inside the block nothing is on the disk yet, after it everything is, in order, though the
    block ended badly; another thread's records do not wait for it."""
    ledger = place.ledger()
    with ledger.lock("apply") as session:
        session.begin("plan-1")
        with suppress(ZeroDivisionError), session.together():
            ops = [session.intend(BANNER, Action.UPDATE, "update", None, None) for _ in range(3)]
            session.settle(ops[1], Status.FAILED)
            with ThreadPoolExecutor(1) as pool:
                pool.submit(session.own, owned()).result()
            assert ledger.read().open_intents == ()
            assert ledger.read().owned == {BANNER: owned()}
            raise ZeroDivisionError
        assert [intent.op for intent in ledger.read().open_intents] == [ops[0], ops[2]]


def test_an_unknown_outcome_stays_open_until_it_is_known(place: Place) -> None:
    """A write settled as unknown is an open intent to the next run, which can settle it."""
    ledger = place.ledger()
    with ledger.lock("apply") as session:
        session.begin("plan-1")
        op = session.intend(BANNER, Action.CREATE, "POST", "ERP Sync", "idem-1")
        session.settle(op, Status.UNKNOWN, message="the connection broke")
    (intent,) = ledger.read().open_intents
    assert (intent.op, intent.address, intent.idempotency_key) == (op, BANNER, "idem-1")

    with ledger.lock("apply") as session:
        assert session.state.open_intents == (intent,)
        session.begin("plan-2")
        session.settle(op, Status.APPLIED, "7", owned=owned())
    assert ledger.read().open_intents == ()
    assert [len(run.operations) for run in ledger.history()] == [1, 0]
    assert ledger.history()[0].operations[0].status is Status.APPLIED


def test_threads_share_a_session(place: Place) -> None:
    """Eight threads journal at once, and every record of each is there, in an unbroken chain."""
    ledger = place.ledger()
    addresses = [BANNER.scope.address(str(n)) for n in range(40 if place.slow else 200)]
    with ledger.lock("apply") as session, ThreadPoolExecutor(8) as threads:
        session.begin("plan")

        def write(address: Address) -> str:
            op = session.intend(address, Action.CREATE, "POST", address.key, None)
            session.settle(op, Status.APPLIED, address.key, owned=owned(address))
            return op

        ops = list(threads.map(write, addresses))
    assert ledger.read().owned == {address: owned(address) for address in addresses}
    assert sorted(o.intent.op for o in ledger.history()[0].operations) == sorted(ops)
    assert ledger.read().serial == 2 + 3 * len(addresses)


@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: [{"deep": s}], lambda s: (s,)])
def test_a_secret_is_refused(place: Place, wrap: Any) -> None:
    """A Secret anywhere in the fields is a TypeError; nothing is written and the session lives."""
    ledger = place.ledger()
    with ledger.lock("apply") as session:
        with pytest.raises(TypeError, match="secret"):
            session.own(owned(name="fine"), owned(password=wrap(Secret("hunter2"))))
        session.own(owned(name="fine"))
    assert ledger.read().owned == {BANNER: owned(name="fine")}
    assert b"hunter2" not in place.content()


def test_a_released_session_writes_nothing(place: Place) -> None:
    """What is journalled after the lock is gone is refused, and kept in the error."""
    with place.ledger().lock("apply") as session:
        pass
    before = place.content()
    with pytest.raises(LedgerError, match="released") as caught:
        session.own(owned(name="late"))
    assert '"name":"late"' in caught.value.diagnostics[0].detail
    assert place.content() == before


def test_a_held_lock_refuses_others_and_names_its_holder(place: Place) -> None:
    """While a run holds the lock every other is refused at once and told by whom."""
    with place.ledger().lock("apply"):
        holder = place.ledger().holder()
        assert holder is not None
        assert (holder.pid, holder.command) == (os.getpid(), "apply")
        with pytest.raises(LockHeld, match=f"pid {os.getpid()}, `apply`"):
            place.ledger().lock("import").__enter__()
        with pytest.raises(LockHeld, match=f"pid {os.getpid()}"):
            place.ledger().unlock()


def test_an_error_in_the_block_releases_the_lock(place: Place) -> None:
    """Whatever happens under the lock, it is free afterwards and nobody seems to have crashed."""
    ledger = place.ledger()
    with pytest.raises(LedgerError, match="from inside"), ledger.lock("apply"):
        raise LedgerError("from inside")
    assert ledger.holder() is None
    assert ledger.unlock() is None
    with ledger.lock("apply") as session:
        assert session.recovered_from is None


def test_a_broken_lock_loses_no_update(place: Place) -> None:
    """Where two runs write at once, because a lock was broken, the first write wins: the other run
    is stopped at its next record, which its error holds, and cannot write any more."""
    with place.ledger().lock("apply") as slow:
        slow.own(owned(name="from the first run"))
        place.break_lock()
        with place.ledger().lock("apply") as quick:
            quick.own(owned(name="from the second run"))
            for _ in range(2):
                with pytest.raises(LedgerError, match="another process changed it") as caught:
                    slow.own(owned(name="too late"))
                assert '"name":"too late"' in caught.value.diagnostics[0].detail
            quick.own(owned(BANNER.scope.address("b")))
    assert place.ledger().read().owned == {
        BANNER: owned(name="from the second run"),
        BANNER.scope.address("b"): owned(BANNER.scope.address("b")),
    }


def test_the_end_of_a_broken_lock_leaves_the_new_one(place: Place) -> None:
    """A run whose lock was broken ends without taking the lock from the run that has it now."""
    slow = place.ledger().lock("apply")
    slow.__enter__()
    place.break_lock()
    with place.ledger().lock("import"):
        slow.__exit__(None, None, None)
        with pytest.raises(LockHeld, match="`import`"):
            place.ledger().lock("apply").__enter__()


@pytest.mark.parametrize(
    "change", [lambda data: data + b"x", lambda data: data[:-1], lambda _: b""]
)
def test_a_ledger_that_changes_under_the_lock_is_not_written(
    place: Place, change: Callable[[bytes], bytes]
) -> None:
    """Grown, cut or emptied: the session stops, hands back what it could not keep, and leaves what
    is there as it is."""
    with place.ledger().lock("apply") as session:
        changed = change(place.content())
        place.replace(changed)
        for _ in range(2):
            with pytest.raises(LedgerError, match="cannot be written") as caught:
                session.own(owned())
            (_, line) = caught.value.diagnostics[0].detail.splitlines()
            assert json.loads(line)["address"] == str(BANNER)
    assert place.content() == changed


@dataclass
class InterruptedStore:
    """A store in which a write may be cut off by Ctrl-C, after the bytes went out."""

    store: MemoryStore
    interrupted: bool = False

    def append(self, lines: bytes, version: str, keep: int) -> str:
        """Write, and perhaps do not come back."""
        after = self.store.append(lines, version, keep)
        if self.interrupted:
            raise KeyboardInterrupt
        return after

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


def test_after_an_interrupted_write_nothing_more_is_written() -> None:
    """Nobody knows whether that write took effect, so no line may follow on it; what the store
    took is read by the next run."""
    store = InterruptedStore(MemoryStore(Server()))
    ledger = Ledger(cast(Store, store), "acme")
    with ledger.lock("apply") as session:
        store.interrupted = True
        with pytest.raises(KeyboardInterrupt):
            session.own(owned(name="sent"))
        store.interrupted = False
        with pytest.raises(LedgerError, match="an earlier write was interrupted") as caught:
            session.own(owned(name="later"))
        assert '"name":"later"' in caught.value.diagnostics[0].detail
    assert ledger.read().owned == {BANNER: owned(name="sent")}


def test_stores_keep_the_same_lines(tmp_path: Path) -> None:
    """A ledger can be moved from one store to another as it is."""
    places = [make(tmp_path) for make in STORES.values()]
    with places[0].ledger().lock("apply") as session:
        session.own(owned(name="Ürün"))
    for place in places[1:]:
        place.replace(places[0].content())
        assert place.ledger().read() == places[0].ledger().read()
        with place.ledger().lock("apply") as session:
            session.forget(BANNER, reason="gone")
        assert place.content().startswith(places[0].content())
        assert place.ledger().read().owned == {}


texts = st.text(st.characters(codec=None), max_size=8)  # lone surrogates and line ends included
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
addresses = st.builds(Address, st.just("kobo"), st.sampled_from(["a", "b"]), st.sampled_from("123"))
everything_owned = st.builds(
    Owned,
    addresses,
    texts,
    st.dictionaries(texts, values, max_size=3).map(MappingProxyType),
    st.sampled_from(["created", "adopted"]),
    texts,
    st.booleans(),
    st.sampled_from(["delete", "keep"]),
)
steps = st.one_of(
    st.tuples(st.just("own"), st.lists(everything_owned, max_size=3)),
    st.tuples(st.just("forget"), st.lists(addresses, max_size=2)),
    st.tuples(st.just("intend"), addresses),
    st.tuples(st.just("settle"), st.tuples(st.sampled_from(Status), everything_owned)),
    st.tuples(st.just("reopen"), st.none()),
)


@pytest.mark.parametrize("store", ["file", "memory"])
@settings(deadline=None, max_examples=40)
@given(sequence=st.lists(steps, max_size=12))
def test_state_is_the_fold_of_what_was_done(store: str, sequence: list[tuple[str, Any]]) -> None:
    """Whatever was owned, forgotten, intended and settled, over any number of locks, is read."""
    check_fold(store, sequence)


@pytest.mark.parametrize("store", [name for name in STORES if name not in ("file", "memory")])
@settings(deadline=None, max_examples=2, phases=[Phase.generate])
@given(sequence=st.lists(steps, min_size=8, max_size=12))
def test_state_is_the_fold_also_elsewhere(store: str, sequence: list[tuple[str, Any]]) -> None:
    """The same holds in stores that take longer."""
    check_fold(store, sequence)


def check_fold(store: str, sequence: list[tuple[str, Any]]) -> None:
    """Do these steps in a new ledger of the store, and compare its state with what they say."""
    known: dict[Address, Owned] = {}
    unsettled: list[str] = []
    with TemporaryDirectory() as folder:
        ledger = STORES[store](Path(folder)).ledger()
        locked = ledger.lock("apply")
        session = locked.__enter__()
        session.begin("plan")
        for step, what in sequence:
            if step == "own":
                session.own(*what)
                known |= {row.address: row for row in what}
            elif step == "forget":
                session.forget(*what, reason="it left the manifests")
                known = {address: row for address, row in known.items() if address not in what}
            elif step == "intend":
                unsettled.append(session.intend(what, Action.UPDATE, "PUT", what.key, None))
            elif step == "settle" and unsettled:
                status, row = what
                op = unsettled[0]
                session.settle(op, status, row.id, "because", owned=row)
                known[row.address] = row
                if status is not Status.UNKNOWN:
                    unsettled.remove(op)
            elif step == "reopen":
                locked.__exit__(None, None, None)
                locked = ledger.lock("apply")
                session = locked.__enter__()
                session.begin("plan")
        locked.__exit__(None, None, None)
        state = ledger.read()
        assert state.owned == known
        assert [intent.op for intent in state.open_intents] == unsettled
