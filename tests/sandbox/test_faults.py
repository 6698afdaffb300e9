"""Each fault does to a client what its name says."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler.sandbox import read_faults
from reconciler.sandbox.faults import Faults, InvalidRule
from reconciler.sandbox.server import Running

from .conftest import Connect, Start

WEBHOOK = {"name": "CRM", "url": "https://crm.example.com/hook", "events": ["style.created"]}


def rule(fault: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A rule for every request, or for those `more` says."""
    return {"path": "*", "fault": fault, **more}


def webhooks(sandbox: Running) -> list[str]:
    """The names of the webhooks there really are."""
    return [each["name"] for each in sandbox.state("kobo-plm")["webhooks"]]


def test_status(sandbox: Running, kobo: httpx.Client) -> None:
    """A status is answered instead of the vendor, with Retry-After and body as given."""
    sandbox.faults([rule({"status": 503, "retry_after": 2, "body": {"why": "tired"}}, nth=1)])
    answer = kobo.post("/webhooks", json=WEBHOOK)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert answer.json() == {"why": "tired"}
    assert webhooks(sandbox) == ["ERP Sync"]
    assert kobo.post("/webhooks", json=WEBHOOK).status_code == 201


def test_status_bodies(sandbox: Running, kobo: httpx.Client) -> None:
    """Without a body the vendor's error shape is used; a text is sent as text."""
    sandbox.faults([rule({"status": 500}, nth=1), rule({"status": 502, "body": "Bad gateway"})])
    assert set(kobo.get("/webhooks").json()) == {"message"}
    answer = kobo.get("/webhooks")
    assert (answer.status_code, answer.text) == (502, "Bad gateway")
    assert answer.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(("when", "count"), [("before", 1), ("after", 2)])
def test_reset(sandbox: Running, kobo: httpx.Client, when: str, count: int) -> None:
    """The connection is reset on the socket, before or after the write took effect."""
    sandbox.faults([rule({"reset": when}, method="post", nth=1)])
    with pytest.raises(httpx.ReadError):
        kobo.post("/webhooks", json=WEBHOOK)
    assert len(webhooks(sandbox)) == count
    assert sandbox.journal("kobo-plm")[-1]["status"] == 0
    assert kobo.get("/webhooks").json()["meta"]["total"] == count


def test_a_write_lost_on_the_way_back_replays(sandbox: Running, kobo: httpx.Client) -> None:
    """After a reset that came too late, the idempotency key finds the first answer."""
    sandbox.faults([rule({"reset": "after"}, nth=1)])
    headers = {"Idempotency-Key": "k"}
    with pytest.raises(httpx.ReadError):
        kobo.post("/webhooks", json=WEBHOOK, headers=headers)
    again = kobo.post("/webhooks", json=WEBHOOK, headers=headers)
    assert again.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(webhooks(sandbox)) == 2


def test_delay(sandbox: Running, kobo: httpx.Client) -> None:
    """A delayed write takes effect although its client gives up waiting."""
    sandbox.faults([rule({"delay": 30})])
    with pytest.raises(httpx.ReadTimeout):
        kobo.post("/webhooks", json=WEBHOOK, timeout=0.05)
    assert len(webhooks(sandbox)) == 2
    sandbox.faults([rule({"delay": 0.01})])
    assert kobo.get("/webhooks").status_code == 200


def test_truncate(sandbox: Running, kobo: httpx.Client) -> None:
    """Half the body arrives, with headers that are right about it."""
    whole = kobo.get("/webhooks").content
    sandbox.faults([rule({"truncate": True})])
    answer = kobo.get("/webhooks")
    assert answer.status_code == 200
    assert answer.content == whole[: len(whole) // 2]
    assert answer.headers["Content-Type"] == "application/json"


def test_html(sandbox: Running, kobo: httpx.Client) -> None:
    """A web page is answered with 200, and the write is not done."""
    sandbox.faults([rule({"html": True})])
    answer = kobo.post("/webhooks", json=WEBHOOK)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")
    assert len(webhooks(sandbox)) == 1


def test_drip(sandbox: Running, kobo: httpx.Client) -> None:
    """A dripping body comes in pieces and is whole in the end."""
    whole = kobo.get("/webhooks").content
    sandbox.faults([rule({"drip": 0.001})])
    with kobo.stream("GET", "/webhooks") as answer:
        pieces = list(answer.iter_raw())
    assert len(pieces) > 1
    assert b"".join(pieces) == whole


def test_redirect(sandbox: Running, kobo: httpx.Client) -> None:
    """A redirect names the address given."""
    sandbox.faults([rule({"redirect": "http://127.0.0.1:9/elsewhere"})])
    answer = kobo.get("/webhooks")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "http://127.0.0.1:9/elsewhere"


def ids(client: httpx.Client, page: int) -> list[int]:
    """The ids on a page of ten suppliers."""
    found = client.get(f"/suppliers?per_page=10&page={page}").json()
    assert found["meta"]["current_page"] == page
    return [each["id"] for each in found["data"]]


def test_repeat_page(start: Start, connect: Connect) -> None:
    """A page shows the items of the one before under its own number."""
    sandbox = start(data="30", rate=0)
    client = connect(sandbox)
    sandbox.faults([rule({"repeat_page": True})])
    assert ids(client, 1) == ids(client, 2) == list(range(1, 11))
    assert ids(client, 3) == list(range(11, 21))


def test_shift(start: Start, connect: Connect) -> None:
    """A list that loses its first object between pages hides one from the reader."""
    sandbox = start(data="30", rate=0)
    client = connect(sandbox)
    sandbox.faults([rule({"shift": True})])
    assert ids(client, 1) == list(range(1, 11))
    assert ids(client, 2) == list(range(12, 22))
    assert ids(client, 3) == list(range(22, 31))
    assert len(sandbox.state("kobo-plm")["suppliers"]) == 30


def test_replace(sandbox: Running, kobo: httpx.Client) -> None:
    """A PUT gives what it leaves out its default; without the fault it leaves it alone."""
    kobo.put("/webhooks/1", json={"is_active": False})
    assert kobo.put("/webhooks/1", json=WEBHOOK).json()["data"]["is_active"] is False
    sandbox.faults([rule({"replace": True})])
    assert kobo.put("/webhooks/1", json=WEBHOOK).json()["data"]["is_active"] is True
    assert kobo.patch("/webhooks/1", json={"name": "x"}).json()["data"]["url"] == WEBHOOK["url"]


def test_stale(sandbox: Running, kobo: httpx.Client) -> None:
    """A stale read goes back before the last write; creates, updates and deletes alike."""
    sandbox.faults([rule({"stale": True})])
    kobo.post("/webhooks", json=WEBHOOK)
    assert kobo.get("/webhooks").json()["meta"]["total"] == 1
    assert kobo.get("/webhooks/2").status_code == 404
    kobo.put("/webhooks/2", json={"name": "new"})
    assert kobo.get("/webhooks/2").json()["data"]["name"] == "CRM"
    kobo.delete("/webhooks/2")
    assert kobo.get("/webhooks/2").json()["data"]["name"] == "new"
    assert kobo.put("/webhooks/2", json={"name": "new"}).status_code == 404
    sandbox.faults()
    assert kobo.get("/webhooks/2").status_code == 404


def test_stale_for_some_seconds(sandbox: Running, kobo: httpx.Client) -> None:
    """With seconds, reads lack every write younger than that on the sandbox's clock."""
    sandbox.clock("2026-01-01T00:00:00Z")
    sandbox.faults([rule({"stale": 5})])
    for _ in range(2):
        kobo.post("/webhooks", json=WEBHOOK)
    assert kobo.get("/webhooks").json()["meta"]["total"] == 1
    sandbox.clock(advance=6)
    assert kobo.get("/webhooks").json()["meta"]["total"] == 3


def test_which_requests_a_rule_is_about(sandbox: Running, kobo: httpx.Client) -> None:
    """Vendor, method, path (with or without prefix) and nth all narrow a rule."""

    def failing(**more: Any) -> list[bool]:
        sandbox.faults([{"path": "*", "fault": {"status": 500}, **more}])
        requests = [("GET", "/webhooks"), ("PUT", "/webhooks/1"), ("GET", "/suppliers")]
        return [kobo.request(*request).status_code == 500 for request in requests]

    assert failing() == [True, True, True]
    assert failing(vendor="kobiks") == [False, False, False]
    assert failing(method="PUT") == [False, True, False]
    assert failing(path="/webhooks*") == [True, True, False]
    assert failing(path="/api/v1/suppliers") == [False, False, True]
    assert failing(nth=2) == [False, True, False]
    assert failing(nth=[1, 3]) == [True, False, True]
    assert failing(probability=0) == [False, False, False]
    assert failing(probability=1) == [True, True, True]


def test_what_is_written_is_bent_beside_another_fault(sandbox: Running, kobo: httpx.Client) -> None:
    """Members of these names are kept otherwise at any depth, also where the answer is lost."""
    bends = {
        "email": "lower",
        "name": "trim",
        "type": "null",
        "phone": "escape",
        "website": "slash",
    }
    sandbox.faults([rule({"bend": bends}, path="*/suppliers"), rule({"reset": "after"}, nth=1)])
    body = {
        "code": " B/ ",
        "name": " Bez ",
        "email": "Ada@X.example",
        "type": "",
        "phone": "a & b",
        "website": "https://x.example/",
        "contacts": [{"name": " Ada ", "email": "A@b.example"}],
    }
    with pytest.raises(httpx.TransportError):
        kobo.post("/suppliers", json=body)
    kept = sandbox.state("kobo-plm")["suppliers"][-1]
    assert {name: kept[name] for name in body} == {
        "code": " B/ ",
        "name": "Bez",
        "email": "ada@x.example",
        "type": None,
        "phone": "a &amp; b",
        "website": "https://x.example",
        "contacts": [{"name": "Ada", "email": "a@b.example"}],
    }


def test_a_seed_repeats_the_dice() -> None:
    """The same seed gives the same faults, another seed others."""

    def rolled(seed: int) -> list[bool]:
        faults = Faults(["kobo-plm"])
        faults.set([rule({"status": 500}, probability=0.5, seed=seed)])
        return [faults.pick("kobo-plm", "GET", "/x").fault is not None for _ in range(64)]

    assert rolled(7) == rolled(7) != rolled(8)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("x", "must be an object"),
        ({"fault": {"html": True}}, "path"),
        (rule({}), "exactly one of"),
        (rule({"html": True, "reset": "after"}), "exactly one of"),
        (rule({"status": 503, "delay": 1}), "exactly one of"),
        (rule({"explode": True}), "exactly one of"),
        (rule({"status": 99}), "200 to 599"),
        (rule({"status": 503, "retry_after": "x"}), "retry_after"),
        (rule({"delay": -1}), "number of seconds"),
        (rule({"reset": "during"}), "before"),
        (rule({"bend": {"email": "upper"}}), "lower, trim"),
        (rule({"bend": {}}), "lower, trim"),
        (rule({"html": True}, nth=0), "nth"),
        (rule({"html": True}, nth=[]), "nth"),
        (rule({"html": True}, probability=2), "probability"),
        (rule({"html": True}, probability=0.5, nth=1), "exclude"),
        (rule({"html": True}, seed="x"), "seed"),
        (rule({"html": True}, vendor="acme"), "kobo-plm"),
        (rule({"html": True}, method=1), "method"),
        (rule({"html": True}, colour="red"), "colour"),
    ],
)
def test_an_invalid_rule_says_what_is_wrong(
    sandbox: Running, control: httpx.Client, wrong: Any, said: str
) -> None:
    """PUT answers 422 with the rule's number and its fault; the rules in force stay."""
    good = [rule({"status": 500}, nth=1)]
    assert control.put("/faults", json=good).json() == good
    answer = control.put("/faults", json=[*good, wrong])
    assert answer.status_code == 422
    assert "rule 2" in answer.json()["message"]
    assert said in answer.json()["message"]
    assert control.get("/faults").json() == good


def test_faults_over_http(control: httpx.Client, kobo: httpx.Client) -> None:
    """Rules put through the control interface hold until they are deleted."""
    control.put("/faults", json=[rule({"status": 500})])
    assert kobo.get("/webhooks").status_code == 500
    assert control.get("/faults").status_code == 200
    assert control.delete("/faults").status_code == 204
    assert control.get("/faults").json() == []
    assert kobo.get("/webhooks").status_code == 200
    assert control.put("/faults", json={"path": "*"}).status_code == 422


def test_rules_from_a_file(tmp_path: Path, start: Start) -> None:
    """JSON and YAML files hold the same rules; others are refused with the file's name."""
    json, yaml, wrong = (tmp_path / name for name in ("a.json", "b.yaml", "c.yaml"))
    json.write_text('[{"path": "*", "fault": {"status": 500}}]')
    yaml.write_text("- path: '*'\n  fault: {status: 500}\n")
    assert read_faults(json) == read_faults(yaml)
    sandbox = start(faults=read_faults(yaml))
    assert httpx.get(f"{sandbox.urls['kobo-plm']}/webhooks").status_code == 500
    for text in ("path: x", "[", "- path: x\n  fault: {nope: 1}"):
        wrong.write_text(text)
        with pytest.raises(InvalidRule):
            start(faults=read_faults(wrong))


def test_garble(start: Start, connect: Connect) -> None:
    """Each answer has something else wrong in it; the same seed has the same things."""
    sandbox = start(data="30", rate=0)
    client = connect(sandbox)
    whole = client.get("/suppliers").content

    def answers(seed: int) -> list[bytes]:
        sandbox.faults([{**rule({"garble": True}), "seed": seed}])
        return [client.get("/suppliers").content for _ in range(20)]

    first = answers(1)
    assert answers(1) == first != answers(2)
    assert len(set(first)) > 10
    assert sum(answer != whole for answer in first) > 10
