"""What a sandbox with a state file keeps beside its objects: revoked keys and open deliveries."""

from __future__ import annotations

from pathlib import Path

import httpx

from reconciler.sandbox import Options

from ..vendors import running
from .conftest import HEADERS, Connect, Start
from .test_kobo_webhooks import Receiver, history, supplier


def test_a_revoked_key_stays_revoked(start: Start, connect: Connect, tmp_path: Path) -> None:
    """Also after the sandbox was started again, until the state has it again."""
    file = tmp_path / "shop.json"
    with running(Options(port=0, rate=0, state=file)) as first:
        keys = first.state("kobo-plm")["api_keys"]
        client = httpx.Client(base_url=first.urls["kobo-plm"], headers=HEADERS["kobo-plm"])
        with client as kobo:
            kobo.post("/api-keys/1/revoke").raise_for_status()
    again = start(state=file, rate=0)
    kobo = connect(again)
    assert kobo.get("/suppliers").status_code == 401
    again.put_state("kobo-plm", {"api_keys": keys})
    assert kobo.get("/suppliers").status_code == 200


def test_a_delivery_that_waits_is_made_after_a_restart(
    start: Start, connect: Connect, tmp_path: Path
) -> None:
    """With its number of attempts and when it is due."""
    file, receiver = tmp_path / "shop.json", Receiver()
    receiver.status = 500
    body = {"name": "Here", "url": receiver.url, "events": ["supplier.created"]}
    with running(Options(port=0, rate=0, state=file)) as first:
        first.clock("2026-01-01T00:00:00Z")
        client = httpx.Client(base_url=first.urls["kobo-plm"], headers=HEADERS["kobo-plm"])
        with client as kobo:
            hook = kobo.post("/webhooks", json=body).json()["data"]
            supplier(kobo)
            receiver.next()
            assert [entry["attempt"] for entry in history(kobo, hook)] == [1]
            supplier(kobo, "S-3")
            receiver.next()
    receiver.status = 200
    again = start(state=file, rate=0)
    again.clock("2026-01-01T00:00:59Z")
    kobo = connect(again)
    kobo.get("/suppliers")
    receiver.next()  # it was on its way, and nobody noted its answer
    assert receiver.nothing()
    again.clock("2026-01-01T00:01:00Z")
    kobo.get("/suppliers")
    receiver.next()
    assert [(e["status"], e["attempt"]) for e in history(kobo, hook)] == [
        ("delivered", 2),
        ("delivered", 1),
    ]
    receiver.server.shutdown()
    receiver.server.server_close()
