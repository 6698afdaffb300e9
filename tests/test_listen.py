"""`listen`: signed events start a drift run of the kind in them, and nothing else does."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from reconciler.app.inbox import Inbox, Seen
from reconciler.app.senders import Sender
from reconciler.http.receiver import Received, Receiver
from reconciler.model import Scope
from reconciler.providers import PROVIDERS

SECRET = "whsec_a-secret-of-tests"
NOW = 1_800_000_000
EVENTS = PROVIDERS["kobo-plm"].events
KINDS = frozenset(Scope("kobo", kind) for kind in EVENTS.kinds.values())
BODY = json.dumps({"event": "supplier.updated", "data": {"id": 1}}).encode()


def signed(
    body: bytes = BODY, at: float = NOW, id: str = "id-1", secret: str = SECRET
) -> list[tuple[str, str]]:
    """The headers of an event as the vendor's document has them."""
    digest = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return [
        ("content-type", "application/json"),
        ("x-webhook-event", "supplier.updated"),
        ("x-webhook-event-id", id),
        ("x-webhook-timestamp", f"{at:.0f}"),
        ("x-webhook-signature", f"sha256={digest}"),
    ]


def instead(headers: list[tuple[str, str]], name: str, value: str) -> list[tuple[str, str]]:
    """The headers with another value for one."""
    return [(key, value if key == name else old) for key, old in headers]


class Desk(NamedTuple):
    """An inbox with a clock that stands still, and what it noted."""

    inbox: Inbox
    notes: list[str]

    def post(
        self,
        headers: list[tuple[str, str]] | None = None,
        body: bytes = BODY,
        target: str = "/kobo",
        method: str = "POST",
    ) -> int:
        """The status of the answer to an event."""
        given = signed(body) if headers is None else headers
        return self.inbox.receive(Received(method, target, tuple(given), body)).status

    def pending(self) -> dict[str, int]:
        """The kinds that are to be compared."""
        stop = Event()
        for batch in self.inbox.batches(stop, 0):
            stop.set()
            return {scope.kind: count for scope, count in batch.items()}
        return {}


def desk(folder: Path, now: float = NOW, secrets: tuple[str, ...] = (SECRET,)) -> Desk:
    """An inbox of one provider, with what was saved in the folder."""
    notes: list[str] = []
    seen = Seen(folder / ".reconciler" / "listen.seen", folder)
    seen.load()
    senders = {"kobo": Sender("kobo", EVENTS, secrets, KINDS)}
    return Desk(Inbox(senders, seen, 300, notes.append, lambda: now), notes)


@pytest.fixture
def here(tmp_path: Path) -> Desk:
    """An inbox of one provider."""
    return desk(tmp_path)


def test_events_of_one_kind_are_merged(here: Desk) -> None:
    """A batch names each kind once, with the number of its events."""
    for number in range(5):
        assert here.post(signed(id=f"s-{number}", at=NOW - number)) == 202
    body = b'{"event": "style.created"}'
    assert here.post(signed(body), body) == 202
    assert here.pending() == {"suppliers": 5, "styles": 1}
    assert here.notes == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (signed(secret="another"), 401),
        (signed(secret=""), 401),
        (signed(at=NOW - 301), 401),
        (signed(at=NOW + 61), 401),
        (signed(BODY + b" "), 401),
        (instead(signed(), "x-webhook-timestamp", str(NOW - 1)), 401),
        (instead(signed(), "x-webhook-timestamp", f" {NOW}"), 400),
        (instead(signed(), "x-webhook-timestamp", "١٨٠٠٠٠٠٠٠٠"), 400),
        (instead(signed(), "x-webhook-timestamp", "-1"), 400),
        (instead(signed(), "x-webhook-timestamp", "9" * 5000), 400),
        (instead(signed(), "x-webhook-timestamp", "nan"), 400),
        (instead(signed(), "x-webhook-signature", ""), 401),
        (instead(signed(), "x-webhook-signature", "sha256="), 401),
        (instead(signed(), "x-webhook-signature", "şifre"), 401),
        (instead(signed(), "x-webhook-signature", signed()[4][1].upper()), 401),
        (instead(signed(), "x-webhook-signature", signed()[4][1].removeprefix("sha256=")), 401),
        (instead(signed(), "x-webhook-event-id", ""), 400),
        (instead(signed(), "x-webhook-event-id", "a\nb"), 400),
        ([*signed(), signed()[4]], 400),
        ([*signed(), ("x-webhook-signature", "sha256=00")], 400),
        ([*signed(), ("x-webhook-timestamp", str(NOW))], 400),
        (signed()[:4], 400),
        ([], 400),
    ],
)
def test_what_is_not_signed_now_starts_nothing(
    here: Desk, headers: list[tuple[str, str]], status: int
) -> None:
    """A wrong key, an old or a future time, another body or time, a malformed or doubled header:
    refused, with a note that holds nothing of what was sent."""
    assert here.post(headers) == status
    assert not here.inbox.pending
    assert all(SECRET not in note and "sha256=" not in note for note in here.notes)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"event": 3}',
        b'{"event": "a\\nb"}',
        b'{"event": "\\u202e"}',
        b'{"event": "' + b"x" * 101 + b'"}',
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"9" * 100_000,
        b"\xff\xfe",
        b'{"event": "supplier.updated"',
    ],
)
def test_hostile_json_that_is_signed(here: Desk, body: bytes) -> None:
    """It is refused, and ends nothing."""
    assert here.post(signed(body), body) == 400
    assert here.post() == 202


@pytest.mark.parametrize("name", ["delivery.created", "webhook.test", "supplier", "nothing.known"])
def test_an_event_about_no_kind_of_ours_is_accepted(here: Desk, name: str) -> None:
    """The vendor is not to send it again, and nothing is compared unless it has a kind."""
    body = json.dumps({"event": name}).encode()
    assert here.post(signed(body), body) == 202
    assert sum(here.inbox.pending.values()) == (name == "supplier")


def test_an_event_is_taken_once(here: Desk) -> None:
    """Neither the same request, nor the same event signed anew, nor the same signature with another
    id, which it does not cover, starts another run; each is accepted, so that it is not repeated.
    """
    assert here.post() == 202
    assert here.post() == 202
    assert here.post(signed(at=NOW + 30)) == 202
    assert here.post(instead(signed(), "x-webhook-event-id", "id-2")) == 202
    assert here.pending() == {"suppliers": 1}


def test_an_event_is_taken_once_after_a_restart_too(tmp_path: Path) -> None:
    """What was seen is kept in a file, and is forgotten when it is too old to be believed."""
    first = desk(tmp_path)
    first.post()
    assert first.pending() == {"suppliers": 1}
    second = desk(tmp_path, NOW + 200)
    assert second.post() == 202
    assert not second.inbox.pending
    third = desk(tmp_path, NOW + 301)
    assert third.post() == 401
    third.inbox.save()
    assert json.loads((tmp_path / ".reconciler" / "listen.seen").read_text("utf-8")) == {}


@pytest.mark.parametrize("text", ["", "[]", "[1]", '{"a": "b"}', '{"a": null}', "\x00", "[" * 9999])
def test_a_damaged_file_of_what_was_seen(tmp_path: Path, text: str) -> None:
    """It counts as empty."""
    (tmp_path / ".reconciler").mkdir()
    (tmp_path / ".reconciler" / "listen.seen").write_text(text, "utf-8")
    assert desk(tmp_path).post() == 202


def test_what_is_remembered_has_a_bound(here: Desk) -> None:
    """Beyond it events are put off, and not forgotten; what is too old makes room."""
    here.inbox.seen.most = 4
    statuses = [here.post(signed(id=f"i-{n}", at=NOW - n)) for n in range(3)]
    assert statuses == [202, 202, 503]
    here.inbox.clock = lambda: NOW + 400
    assert here.post(signed(id="i-4", at=NOW + 400)) == 202


def test_a_secret_may_be_rotated(tmp_path: Path) -> None:
    """Of several secrets any one fits."""
    both = desk(tmp_path, secrets=("old", "new"))
    for number, secret in enumerate(("old", "new")):
        assert both.post(signed(id=secret, secret=secret, at=NOW - number)) == 202
    assert both.post(signed(id="x", secret="oldnew")) == 401


def test_only_a_post_to_a_provider(here: Desk) -> None:
    """Other paths and methods are refused, also with a good signature."""
    assert here.post(target="/other") == 404
    assert here.post(target="/") == 404
    assert here.post(target="/kobo/../kobo") == 404
    assert here.post(method="GET") == 405
    assert here.post(target="/kobo?x=1") == 202


def test_many_refusals_are_few_notes(here: Desk) -> None:
    """Nobody fills the log of the command from outside."""
    for _ in range(2500):
        here.post([])
    assert len(here.notes) == 5


@contextmanager
def serving(inbox: Inbox) -> Iterator[Receiver]:
    """A receiver on loopback."""
    server = Receiver("127.0.0.1", 0, inbox.receive)
    with server.serving():
        yield server


def send(server: Receiver, headers: list[tuple[str, str]], body: bytes) -> int:
    """The status that a client of the standard library gets for a POST."""
    client = http.client.HTTPConnection(server.host, server.port, timeout=30)
    client.putrequest("POST", "/kobo")
    for name, value in (*headers, ("Content-Length", str(len(body)))):
        client.putheader(name, value)
    client.endheaders(body)
    status = client.getresponse().status
    client.close()
    return status


def raw(server: Receiver, data: bytes) -> bytes:
    """What comes back for these bytes until the connection is closed."""
    with socket.create_connection((server.host, server.port), timeout=30) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_a_body_of_ten_megabytes(here: Desk) -> None:
    """It is refused, announced or in chunks, and the next event is taken."""
    with serving(here.inbox) as server:
        assert send(server, signed(), b"x" * 10_000_000) == 413
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        head = b"POST /kobo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert raw(server, head + chunk * 40).startswith(b"HTTP/1.1 413")
        assert send(server, signed(), BODY) == 202
    assert here.pending() == {"suppliers": 1}


def test_a_thousand_events_at_once(here: Desk) -> None:
    """All are answered, and they are one batch."""
    with serving(here.inbox) as server:
        connections = [
            socket.create_connection((server.host, server.port), timeout=30) for _ in range(400)
        ]
        for number in range(1000):
            headers = signed(id=f"i-{number}", at=NOW - number % 300)
            body = json.dumps({"event": "supplier.updated", "n": number}).encode()
            headers = signed(body, id=f"i-{number}")
            if number >= 400:
                assert send(server, headers, body) == 202
                continue
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
            head = f"POST /kobo HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
            connections[number].sendall(head.encode() + body)
        for connection in connections:
            assert connection.recv(100).startswith(b"HTTP/1.1 202")
            connection.close()
    assert here.pending() == {"suppliers": 1000}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n",
        b"GET",
        b"\x16\x03\x01\x02\x00\x01",
        b"POST /kobo HTTP/1.1\r\n\r\n",
        b"POST /kobo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /kobo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"POST /kobo HTTP/1.1\r\nHost: a\r\nContent-Length: " + b"9" * 400 + b"\r\n\r\n",
        b"POST /kobo HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 100_000,
        b"POST /" + b"x" * 100_000,
        b"POST /kobo HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\nabc",
        b"POST /kobo HTTP/9.9\r\nHost: a\r\n\r\n",
    ],
)
def test_what_is_no_request(here: Desk, data: bytes) -> None:
    """It is closed or refused, and the next event is taken."""
    with serving(here.inbox) as server:
        answer = raw(server, data)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer
        assert send(server, signed(), BODY) == 202


def test_who_sends_slowly_holds_nobody_up(here: Desk) -> None:
    """A connection on which too little comes is closed when its time is over, and beyond the most
    of them others are closed at once."""
    server = Receiver("127.0.0.1", 0, here.inbox.receive, deadline=0.2, most=3)
    with server.serving():
        slow = [socket.create_connection((server.host, server.port)) for _ in range(3)]
        for connection in slow:
            connection.sendall(b"POST /kobo HT")
        for connection in slow:
            assert connection.recv(10) == b""
            connection.close()
        assert send(server, signed(), BODY) == 202


def test_stopping_does_not_wait_for_who_sends_slowly(here: Desk) -> None:
    """Open connections are closed with the server."""
    with serving(here.inbox) as server:
        connection = socket.create_connection((server.host, server.port))
        connection.sendall(b"POST /kobo HT")
    assert connection.recv(10) == b""
    connection.close()


class Listening(NamedTuple):
    """A running command and the address that it listens at."""

    process: subprocess.Popen[str]
    url: str

    def read_until(self, words: str) -> str:
        """What it prints as its result, up to a line with these words."""
        text = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            text += line
            if words in line:
                return text
        raise AssertionError(text)


@contextmanager
def listening(workspace: Any, *arguments: str) -> Iterator[Listening]:
    """`listen` in a process of its own."""
    process = workspace.start(
        "listen", "--port", "0", "--delay", "0", "--secret", "hooks", *arguments
    )
    line = process.stderr.readline()
    assert line.startswith("Listening at http://127.0.0.1:"), line + process.stderr.read()
    try:
        yield Listening(process, line.split()[2])
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def shop(workspace: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A workspace that has applied a supplier and a component, and knows the webhook's secret."""
    monkeypatch.setenv("KOBO_WEBHOOK_SECRET", SECRET)
    sandbox.put_state("kobo-plm", {"suppliers": [], "components": [], "webhooks": []})
    made = workspace(
        "provider: kobo-plm\nsuppliers: {S-1: {name: Firma}}\n"
        "components: {C-1: {name: Cotton, supplier: S-1}}\n",
        secrets={"hooks": "${env.KOBO_WEBHOOK_SECRET}"},
    )
    made.apply()
    return made


def subscribe(sandbox: Any, url: str) -> None:
    """Have the vendor send its events there."""
    events = ["supplier.updated", "supplier.deleted", "customer.created"]
    hook = {"id": 1, "name": "listen", "url": url, "events": events, "is_active": True}
    hook |= {"secret": SECRET, "failure_count": 0, "deliveries": []}
    sandbox.put_state("kobo-plm", {"webhooks": [hook]})


def rename(sandbox: Any, name: str) -> None:
    """Change the supplier in the vendor's screens."""
    ask(sandbox, "PUT", f"/suppliers/{sandbox.state('kobo-plm')['suppliers'][0]['id']}", name=name)


def ask(sandbox: Any, method: str, path: str, **fields: Any) -> Any:
    """Send a request to the vendor."""
    parts = urlsplit(sandbox.urls["kobo-plm"])
    client = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    headers = {"X-API-Key": "sandbox-kobo-key", "Content-Type": "application/json"}
    client.request(method, f"{parts.path}{path}", json.dumps(fields), headers)
    answer = client.getresponse()
    content = answer.read()
    client.close()
    assert answer.status < 300, content
    return json.loads(content or b"null")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_from_a_change_at_the_vendor_to_the_report(
    shop: Any, sandbox: Any, how: signal.Signals
) -> None:
    """A change there is a signed event, the event a drift run of that kind, and its report says
    what changed; what ends the command ends it well."""
    report = shop.root / "drift.json"
    with listening(shop, "--report", f"json={report}") as listen:
        subscribe(sandbox, listen.url)
        sandbox.clear_journal()
        rename(sandbox, "Another")
        shown = listen.read_until("Drift:")
        assert "Another" in shown
        paths = {e["path"].split("?")[0] for e in sandbox.journal("kobo-plm")}
        assert not any("/components" in path for path in paths)
        assert "kobo-plm/suppliers/S-1" in report.read_text("utf-8")
        rename(sandbox, "A third")
        assert "A third" in listen.read_until("Drift:")
        deliveries = ask(sandbox, "GET", "/webhooks/1/deliveries")["data"]
        assert [d["response_status"] for d in deliveries] == [202, 202]
        listen.process.send_signal(how)
        out, err = listen.process.communicate(timeout=30)
        assert listen.process.returncode == 0, err
        assert err.endswith("Stopped.\n")
        assert SECRET not in out + err


def test_an_event_about_what_nobody_manages(shop: Any, sandbox: Any) -> None:
    """It is accepted, and the run after it is that of the next event."""
    with listening(shop) as listen:
        subscribe(sandbox, listen.url)
        ask(sandbox, "POST", "/customers", name="A customer", code="C-9")
        rename(sandbox, "Another")
        assert "customers" not in listen.read_until("Drift:")


def test_a_run_that_fails_ends_nothing(shop: Any, sandbox: Any) -> None:
    """Manifests with an error are told, also in the report, and the next event is compared."""
    report, good = shop.root / "drift.json", (shop.root / "manifests" / "main.yaml").read_text()
    with listening(shop, "--report", f"json={report}") as listen:
        subscribe(sandbox, listen.url)
        shop.write("provider: nobody\n")
        rename(sandbox, "Another")
        assert listen.process.stderr is not None
        for line in listen.process.stderr:
            if line.startswith("Error:"):
                break
        assert "nobody" in line
        shop.write(good)
        rename(sandbox, "A third")
        assert "A third" in listen.read_until("Drift:")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "no secret is named"),
        (("--secret", "hook"), 'reconciler.yaml has no secret "hook". Did you mean'),
        (("--secret", "kibo=hooks"), "documentation does not say how events are signed"),
        (("--secret", "nobody=hooks"), 'there is no provider "nobody"'),
        (("--secret", "hooks", "--kind", "webhooks"), "no event is about it"),
        (("--secret", "hooks", "--host", "192.0.2.1"), "cannot listen at 192.0.2.1"),
    ],
)
def test_what_cannot_be_received(shop: Any, arguments: tuple[str, ...], words: str) -> None:
    """It is told before anything is listened at."""
    shown = shop.run("listen", *arguments)
    assert shown.code == 1
    assert words.replace(". Did", "\n  Did") in shown.err


def test_the_secret_must_be_there(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty one would let anybody sign, and a missing variable is named."""
    monkeypatch.setenv("KOBO_WEBHOOK_SECRET", "")
    assert shop.run("listen", "--secret", "hooks").code == 1
    monkeypatch.delenv("KOBO_WEBHOOK_SECRET")
    shown = shop.run("listen", "--secret", "hooks")
    assert shown.code == 1
    assert "KOBO_WEBHOOK_SECRET" in shown.err


def test_only_vendors_whose_documents_say_how(workspace: Any, sandbox: Any) -> None:
    """A workspace without one is told so."""
    made = workspace("")
    document = json.loads((made.root / "reconciler.yaml").read_text("utf-8"))
    del document["providers"]["kobo-plm"]
    (made.root / "reconciler.yaml").write_text(json.dumps(document), "utf-8")
    shown = made.run("listen", "--secret", "hooks")
    assert shown.code == 1
    assert "does not say how events are signed" in shown.err
