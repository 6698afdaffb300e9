"""Kobo PLM in the sandbox sends its webhooks: signed, and again where they failed."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import Any

import httpx
import pytest

from reconciler.sandbox.server import Running

EVENTS = ["supplier.created", "supplier.updated", "supplier.deleted", "task.completed"]
Delivery = tuple[dict[str, str], bytes]


class Receiver:
    """A web server on this machine that keeps what it is sent and answers `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.got: Queue[Delivery] = Queue()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.got.put((headers, body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *arguments: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self) -> Delivery:
        """The next delivery, which must come."""
        return self.got.get(timeout=10)

    def nothing(self) -> bool:
        """Whether nothing is left that was sent."""
        try:
            self.got.get_nowait()
        except Empty:
            return True
        return False


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver for as long as a test runs."""
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def hook(kobo: httpx.Client, receiver: Receiver) -> dict[str, Any]:
    """A webhook that posts to the receiver, with its secret."""
    body = {"name": "Here", "url": receiver.url, "events": EVENTS}
    made: dict[str, Any] = kobo.post("/webhooks", json=body).json()["data"]
    return made


def supplier(kobo: httpx.Client, code: str = "S-2", name: str = "Yeni İplik") -> None:
    """Make a supplier, which is an event."""
    kobo.post("/suppliers", json={"code": code, "name": name}).raise_for_status()


def history(kobo: httpx.Client, hook: dict[str, Any]) -> list[dict[str, Any]]:
    """The deliveries of a webhook, once they have ended."""
    found: list[dict[str, Any]] = kobo.get(f"/webhooks/{hook['id']}/deliveries").json()["data"]
    return found


def signed(delivery: Delivery, secret: str) -> bool:
    """Whether the signature is that of the documentation's samples."""
    headers, body = delivery
    text = headers["x-webhook-timestamp"].encode() + b"." + body
    made = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    return headers["x-webhook-signature"] == f"sha256={made}"


def test_an_event_is_posted_and_signed(
    kobo: httpx.Client, receiver: Receiver, hook: dict[str, Any], sandbox: Running
) -> None:
    """The payload, the headers and the signature are those of the documentation."""
    sandbox.clock("2026-01-01T00:00:00Z")
    supplier(kobo)
    delivery = receiver.next()
    headers, body = delivery
    payload = json.loads(body)
    assert (headers["content-type"], headers["user-agent"]) == (
        "application/json",
        "KOBO-PLM-Webhooks/1.0",
    )
    assert headers["x-webhook-event"] == payload["event"] == "supplier.created"
    assert headers["x-webhook-timestamp"] == "1767225600"
    assert len(headers["x-webhook-event-id"]) == 36
    assert signed(delivery, hook["secret"])
    assert not signed(delivery, "another")
    assert payload["created_at"] == "2026-01-01T00:00:00Z"
    assert payload["data"]["type"] == "Supplier"
    assert payload["data"]["attributes"] == kobo.get("/suppliers/2").json()["data"]
    assert payload["meta"] == {"api_version": "v1"}
    (entry,) = history(kobo, hook)
    assert (entry["status"], entry["response_status"], entry["attempt"]) == ("delivered", 200, 1)
    assert entry["event_id"] == headers["x-webhook-event-id"]


def test_a_change_is_told_with_what_changed(
    kobo: httpx.Client, receiver: Receiver, hook: dict[str, Any]
) -> None:
    """Before and after; what changes nothing, and an event nobody asked for, is not sent."""
    kobo.put("/suppliers/1", json={"name": "Premium"}).raise_for_status()
    kobo.put("/suppliers/1", json={"name": "Premium"}).raise_for_status()
    kobo.put("/components/1", json={"name": "x"}).raise_for_status()
    kobo.post("/tasks/1/complete").raise_for_status()
    first, second = (json.loads(receiver.next()[1]) for _ in range(2))
    told = {first["event"]: first["meta"], second["event"]: second["meta"]}
    assert told["supplier.updated"]["change"] == {
        "field": "name",
        "previous_value": "Premium Textiles Ltd",
        "new_value": "Premium",
    }
    assert told["task.completed"]["change"]["new_value"] == "completed"
    assert len(history(kobo, hook)) == 2
    assert receiver.nothing()


def test_a_failed_delivery_is_tried_five_times(
    kobo: httpx.Client, receiver: Receiver, hook: dict[str, Any], sandbox: Running
) -> None:
    """At once, and 1, 5, 30 and 120 minutes after the one before, by the sandbox's clock; each
    failure counts, and the same event keeps its id."""
    sandbox.clock("2026-01-01T00:00:00Z")
    receiver.status = 500
    supplier(kobo)
    ids = {receiver.next()[0]["x-webhook-event-id"]}
    for attempt, minutes in enumerate((1, 5, 30, 120), 1):
        (entry,) = history(kobo, hook)
        assert (entry["status"], entry["attempt"]) == ("pending", attempt)
        sandbox.clock(advance=minutes * 60 - 1)
        kobo.get("/suppliers")
        assert receiver.nothing()
        sandbox.clock(advance=1)
        kobo.get("/suppliers")
        delivery = receiver.next()
        assert signed(delivery, hook["secret"])
        ids.add(delivery[0]["x-webhook-event-id"])
    (entry,) = history(kobo, hook)
    assert (entry["status"], entry["attempt"], entry["next_attempt_at"]) == ("failed", 5, None)
    sandbox.clock(advance=10 * 3600)
    kobo.get("/suppliers")
    assert receiver.nothing()
    assert len(ids) == 1
    stats = kobo.get(f"/webhooks/{hook['id']}/stats").json()["data"]
    assert (stats["failure_count"], stats["failed_deliveries"]) == (5, 1)
    assert kobo.post(f"/webhooks/{hook['id']}/reset").status_code == 200
    stats = kobo.get(f"/webhooks/{hook['id']}/stats").json()["data"]
    assert (stats["failure_count"], stats["failed_deliveries"]) == (0, 1)


def test_a_delivery_that_succeeds_later_is_delivered(
    kobo: httpx.Client, receiver: Receiver, hook: dict[str, Any], sandbox: Running
) -> None:
    """No further attempt is made; and a retry by hand sends it once more."""
    receiver.status = 503
    supplier(kobo)
    receiver.next()
    assert history(kobo, hook)[0]["status"] == "pending"
    receiver.status = 204
    sandbox.clock(advance=60)
    kobo.get("/suppliers")
    receiver.next()
    (entry,) = history(kobo, hook)
    assert (entry["status"], entry["attempt"], entry["response_status"]) == ("delivered", 2, 204)
    again = kobo.post(f"/webhooks/{hook['id']}/deliveries/1/retry").json()["data"]
    receiver.next()
    assert (again["status"], again["attempt"]) == ("delivered", 3)


def test_a_rotated_secret_signs_what_follows(
    kobo: httpx.Client, receiver: Receiver, hook: dict[str, Any]
) -> None:
    """The test event is sent too, and signed with the new secret."""
    rotated = kobo.post(f"/webhooks/{hook['id']}/rotate-secret").json()["data"]["secret"]
    sent = kobo.post(f"/webhooks/{hook['id']}/test").json()["data"]
    assert (sent["event"], sent["status"]) == ("webhook.test", "delivered")
    delivery = receiver.next()
    assert signed(delivery, rotated)
    assert not signed(delivery, hook["secret"])


def test_nothing_is_sent_where_nobody_wants_it(
    kobo: httpx.Client, receiver: Receiver, hook: dict[str, Any]
) -> None:
    """An inactive webhook, one that is gone, and one of another machine get nothing."""
    kobo.put(f"/webhooks/{hook['id']}", json={"is_active": False}).raise_for_status()
    supplier(kobo)
    assert history(kobo, hook) == []
    kobo.delete(f"/webhooks/{hook['id']}").raise_for_status()
    body = {"name": "Far", "url": "https://hooks.example.com/x", "events": EVENTS}
    far = kobo.post("/webhooks", json=body).json()["data"]
    supplier(kobo, "S-3")
    assert history(kobo, far) == []
    assert receiver.nothing()


def test_a_receiver_that_is_down_is_a_failure(kobo: httpx.Client, hook: dict[str, Any]) -> None:
    """No answer at all counts like a bad one."""
    kobo.put(f"/webhooks/{hook['id']}", json={"url": "http://127.0.0.1:9/x"}).raise_for_status()
    supplier(kobo)
    (entry,) = history(kobo, hook)
    assert (entry["status"], entry["response_status"], entry["attempt"]) == ("pending", None, 1)
