"""How writes ended is recorded in groups; that they will be sent is recorded before each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.errors import LedgerError
from reconciler.ledger import Ledger, Session
from reconciler.model import Action, Address, Owned, Status
from tests.servers import Seen, forward, serving

from .memory import MemoryStore, Server

FIRST = Address("kobo", "suppliers", "S-1")
SECOND = Address("kobo", "suppliers", "S-2")


def ledger(server: Server) -> Ledger:
    """A ledger on a server."""
    return Ledger(MemoryStore(server), "acme")


def kinds(server: Server) -> list[str]:
    """What is durable: the kinds of the records after the header, in order."""
    lines = server.ledger.data.decode().splitlines()
    return [json.loads(line)["t"] for line in lines[1:]]


def intend(session: Session, address: Address) -> str:
    """Record a create that is about to be sent."""
    return session.intend(address, Action.CREATE, "POST", address.key, None)


def end_later(session: Session, op: str, address: Address) -> None:
    """Record that it was made, with whatever is written next."""
    row = Owned(address, "7", {}, "created", "2024-01-15T10:00:00Z")
    with session.together(later=True):
        session.settle(op, Status.APPLIED, "7", owned=row)


def test_an_end_is_written_with_the_next_intent() -> None:
    """One write for both, the end before the intent; an intent alone is durable at once."""
    server = Server()
    with ledger(server).lock("apply") as session:
        session.begin("plan-1")
        op = intend(session, FIRST)
        before = kinds(server), server.ledger.version
        assert before[0] == ["run", "intent"]
        end_later(session, op, FIRST)
        assert (kinds(server), server.ledger.version) == before
        intend(session, SECOND)
        assert kinds(server) == ["run", "intent", "own", "done", "intent"]
        assert server.ledger.version == before[1] + 1
    assert [intent.address for intent in ledger(server).read().open_intents] == [SECOND]


def test_an_end_that_nothing_follows_is_written_when_asked_for() -> None:
    """`flush` writes it, and nothing where nothing waits."""
    server = Server()
    with ledger(server).lock("apply") as session:
        session.begin("plan-1")
        end_later(session, intend(session, FIRST), FIRST)
        session.flush()
        assert kinds(server)[-1] == "done"
        version = server.ledger.version
        session.flush()
        assert server.ledger.version == version


def test_an_end_is_written_before_the_lock_is_released() -> None:
    """Also where the run is left by an exception."""
    server = Server()

    def leave() -> None:
        with ledger(server).lock("apply") as session:
            session.begin("plan-1")
            end_later(session, intend(session, FIRST), FIRST)
            raise KeyError

    with pytest.raises(KeyError):
        leave()
    state = ledger(server).read()
    assert (list(state.owned), state.open_intents) == ([FIRST], ())


def test_an_end_that_cannot_be_written_is_told() -> None:
    """The error of the next write holds its records as well, and no other error does."""
    server = Server()
    with ledger(server).lock("apply") as session:
        session.begin("plan-1")
        end_later(session, intend(session, FIRST), FIRST)
        server.ledger.put(b"something else", str(server.ledger.version))
        with pytest.raises(LedgerError) as raised:
            intend(session, SECOND)
        missing = raised.value.diagnostics[0].detail.splitlines()[1:]
        assert [json.loads(line)["t"] for line in missing] == ["own", "done", "intent"]
        session.flush()


def test_no_write_is_sent_before_its_intent_is_in_the_ledger(workspace: Any, sandbox: Any) -> None:
    """When a request reaches the vendor, the ledger in its file says what it is for."""
    names = [f"S-{number:02}" for number in range(40)]
    objects = ", ".join(f"{name}: {{name: N}}" for name in names)
    unknown: list[str] = []
    sent: list[str] = []

    def check(seen: Seen) -> tuple[int, bytes]:
        if seen.method == "POST":
            code = json.loads(seen.body)["code"]
            text = (here.root / ".reconciler" / "ledger.jsonl").read_text("utf-8")
            records = [json.loads(line) for line in text.splitlines()]
            intents = {one["address"] for one in records if one["t"] == "intent"}
            sent.append(code)
            if f"kobo/suppliers/{code}" not in intents:
                unknown.append(code)
        return forward(seen)

    with serving(check) as proxy:
        settings = {"type": "kobo-plm", "api_key": "${env.KOBO_API_KEY}", "proxy": proxy.url}
        base = {"base_url": sandbox.urls["kobo-plm"]}
        here = workspace(
            f"provider: kobo\nsuppliers: {{{objects}}}\n", providers={"kobo": {**settings, **base}}
        )
        here.apply()
        assert here.settled()
    assert (sorted(sent), unknown) == (names, [])
