"""What was written is what is read."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.errors import Invalid, LedgerError
from reconciler.ledger import EMPTY, open_ledger
from reconciler.model import Action, Address, Owned, Secret, Status

FILE = ".reconciler/ledger.jsonl"
BANNER = Address("kobo", "webhooks", "erp/sync")


def owned(address: Address = BANNER, id: str = "7", **fields: Any) -> Owned:
    """An owned object."""
    return Owned(address, id, fields, "created", "2024-01-15T10:00:00Z")


def test_reading_creates_nothing(tmp_path: Path) -> None:
    """A ledger that does not exist is empty, and stays unwritten by every reader."""
    ledger = open_ledger(FILE, tmp_path, "acme")
    assert ledger.read() == EMPTY
    assert ledger.history() == ()
    assert ledger.holder() is None
    assert ledger.unlock() is None
    assert list(tmp_path.iterdir()) == []


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    """The folder is created 0700 and the files in it 0600."""
    with open_ledger(FILE, tmp_path, "acme").lock("apply"):
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.rglob("*")}
    assert modes == {".reconciler": 0o700, "ledger.jsonl": 0o600, "ledger.jsonl.lock": 0o600}


def test_a_run_is_remembered(tmp_path: Path) -> None:
    """A write is journalled before and after, owned, and found again in state and history."""
    ledger = open_ledger(FILE, tmp_path, "acme")
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


def test_what_is_written_together_is_there_together(tmp_path: Path) -> None:
    """Inside the block nothing is on the disk yet, after it everything is, in order, though the
    block ended badly; another thread's records do not wait for it."""
    ledger = open_ledger(FILE, tmp_path, "acme")
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


def test_an_unknown_outcome_stays_open_until_it_is_known(tmp_path: Path) -> None:
    """A write settled as unknown is an open intent to the next run, which can settle it."""
    ledger = open_ledger(FILE, tmp_path, "acme")
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


def test_threads_share_a_session(tmp_path: Path) -> None:
    """Eight threads journal at once, and every record of each is there, in an unbroken chain."""
    ledger = open_ledger(FILE, tmp_path, "acme")
    addresses = [BANNER.scope.address(str(n)) for n in range(200)]
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
def test_a_secret_is_refused(tmp_path: Path, wrap: Any) -> None:
    """A Secret anywhere in the fields is a TypeError; nothing is written and the session lives."""
    ledger = open_ledger(FILE, tmp_path, "acme")
    with ledger.lock("apply") as session:
        with pytest.raises(TypeError, match="secret"):
            session.own(owned(name="fine"), owned(password=wrap(Secret("hunter2"))))
        session.own(owned(name="fine"))
    assert ledger.read().owned == {BANNER: owned(name="fine")}
    assert b"hunter2" not in (tmp_path / FILE).read_bytes()


def test_a_released_session_writes_nothing(tmp_path: Path) -> None:
    """What is journalled after the lock is gone is refused, and kept in the error."""
    with open_ledger(FILE, tmp_path, "acme").lock("apply") as session:
        pass
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(LedgerError, match="released") as caught:
        session.own(owned(name="late"))
    assert '"name":"late"' in caught.value.diagnostics[0].detail
    assert (tmp_path / FILE).read_bytes() == before


@pytest.mark.parametrize("url", ["postgresql://u:hunter2@db/x", "s3://bucket/key"])
def test_other_ledgers_are_not_supported_yet(tmp_path: Path, url: str) -> None:
    """A ledger that is no file is refused by its scheme; the rest of the URL stays unsaid."""
    with pytest.raises(Invalid, match=f"{url.split(':')[0]}.*not supported") as caught:
        open_ledger(url, tmp_path, "acme")
    assert "hunter2" not in str(caught.value.diagnostics)


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


@settings(deadline=None, max_examples=60)
@given(st.lists(steps, max_size=12))
def test_state_is_the_fold_of_what_was_done(sequence: list[tuple[str, Any]]) -> None:
    """Whatever was owned, forgotten, intended and settled, over any number of locks, is read."""
    known: dict[Address, Owned] = {}
    unsettled: list[str] = []
    with TemporaryDirectory() as folder:
        ledger = open_ledger(FILE, Path(folder), "acme")
        locked = ledger.lock("apply")
        session = locked.__enter__()
        session.begin("plan")
        for step, what in sequence:
            if step == "own":
                session.own(*what)
                known |= {each.address: each for each in what}
            elif step == "forget":
                session.forget(*what, reason="it left the manifests")
                known = {address: one for address, one in known.items() if address not in what}
            elif step == "intend":
                unsettled.append(session.intend(what, Action.UPDATE, "PUT", what.key, None))
            elif step == "settle" and unsettled:
                status, one = what
                op = unsettled[0]
                session.settle(op, status, one.id, "because", owned=one)
                known[one.address] = one
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
