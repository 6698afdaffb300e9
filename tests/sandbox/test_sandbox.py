"""What holds for the sandbox as a whole: data sets, limits, control, state, ports."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler import sandbox as package
from reconciler.sandbox import VENDORS, InvalidOptions, Options, PortTaken, credentials, server
from reconciler.sandbox.server import Running
from reconciler.sandbox.state import InvalidState

from ..vendors import running
from .conftest import Connect, Start

WEBHOOK = {"name": "CRM", "url": "https://crm.example.com/hook", "events": ["style.created"]}
FROZEN = "2026-01-01T00:00:00Z"


def test_credentials_are_the_documented_ones() -> None:
    """The variables to export for these vendors are those of the design, and no others."""
    vendors = ("kobo-plm", "kibo", "kobiks", "kibo-oms", "inventora")
    assert {k: v for name in vendors for k, v in server.vendor(name).credentials.items()} == {
        "KOBO_API_KEY": "sandbox-kobo-key",
        "KOBIKS_EMAIL": "ops@sandbox.example",
        "KOBIKS_PASSWORD": "sandbox-kobiks-password",
        "KIBO_CLIENT_ID": "sandbox.app.1.0.0.Release",
        "KIBO_CLIENT_SECRET": "sandbox-kibo-secret",
        "KIBO_OMS_USERNAME": "sandbox",
        "KIBO_OMS_PASSWORD": "sandbox-oms-password",
        "INVENTORA_API_KEY": "sandbox-inventora-key",
    }


def test_every_list_can_be_empty(start: Start, connect: Connect) -> None:
    """The empty data set has no object of any kind, and pages that say so."""
    sandbox = start(data="empty")
    for vendor in VENDORS:
        assert all(things == [] for things in sandbox.state(vendor).values())
    meta = connect(sandbox).get("/suppliers").json()["meta"]
    assert (meta["total"], meta["last_page"], meta["from"], meta["to"]) == (0, 1, None, None)


def test_generated_data_repeats(start: Start) -> None:
    """The same number gives the same objects, that many in every kind, names Turkish."""
    one, two = start(data="37"), start(data="37")
    for vendor in VENDORS:
        state = one.state(vendor)
        assert state == two.state(vendor)
        assert {len(things) for things in state.values()} == {37}
    assert "Özellik" in one.state("kobiks")["product_feature_types"][0]["name"]
    suppliers = one.state("kobo-plm")["suppliers"]
    documented = start().state("kobo-plm")["suppliers"][0]
    assert list(suppliers[0]) == list(documented)
    assert len({each["code"] for each in suppliers}) == 37


def test_generated_objects_are_valid(start: Start, connect: Connect) -> None:
    """What was generated passes the vendor's own validation when it is written back."""
    client = connect(start(data="12", rate=0))
    for kind in ("webhooks", "workflows", "suppliers", "components"):
        for thing in client.get(f"/{kind}").json()["data"]:
            answer = client.put(f"/{kind}/{thing['id']}", json=thing)
            assert answer.json()["data"] == thing


def test_a_hundred_thousand_are_served_a_page_at_a_time(start: Start, connect: Connect) -> None:
    """Big data sets page to the end; per_page is clamped at 100."""
    client = connect(start(data="100000"))
    page = client.get("/suppliers?per_page=500&page=1000").json()
    assert page["meta"] == {
        "current_page": 1000,
        "from": 99901,
        "last_page": 1000,
        "per_page": 100,
        "to": 100000,
        "total": 100000,
    }
    assert page["links"]["next"] is None
    assert page["links"]["prev"].endswith("/api/v1/suppliers?page=999")
    assert page["data"][-1]["id"] == 100000
    beyond = client.get("/suppliers?page=5000").json()
    assert (beyond["data"], beyond["meta"]["from"]) == ([], None)
    assert client.get("/suppliers?page=x&per_page=0").json()["meta"]["per_page"] == 25


def test_the_limit_and_its_headers(start: Start, connect: Connect) -> None:
    """Each answer tells where the limit stands; over it, 429 until the next minute."""
    sandbox = start(rate=2)
    sandbox.clock("2026-01-01T00:00:20Z")
    client = connect(sandbox)
    reset = 1767225660
    for remaining, path in ((1, "/webhooks"), (0, "/nope")):
        headers = client.get(path).headers
        assert headers["X-RateLimit-Limit"] == "2"
        assert headers["X-RateLimit-Remaining"] == str(remaining)
        assert headers["X-RateLimit-Reset"] == str(reset)
    over = client.get("/webhooks")
    assert over.status_code == 429
    assert over.headers["Retry-After"] == "40"
    assert over.headers["X-RateLimit-Remaining"] == "0"
    sandbox.clock(advance=40)
    assert client.get("/webhooks").status_code == 200


def test_default_limits(start: Start, connect: Connect) -> None:
    """Kobo takes 500 a minute and says so; Kobiks takes 60 and keeps silent."""
    sandbox = start()
    sandbox.clock(FROZEN)
    assert connect(sandbox).get("/webhooks").headers["X-RateLimit-Limit"] == "500"
    client = connect(sandbox, "kobiks")
    answers = [client.get("/stores") for _ in range(61)]
    assert [each.status_code for each in answers[-2:]] == [401, 429]
    assert "X-RateLimit-Limit" not in answers[0].headers
    assert answers[-1].headers["Retry-After"] == "60"


def test_no_limit_has_no_headers(kobo: httpx.Client) -> None:
    """With a rate of 0 nothing is counted."""
    assert not [name for name in kobo.get("/webhooks").headers if "ratelimit" in name]


def test_the_journal(sandbox: Running, kobo: httpx.Client, control: httpx.Client) -> None:
    """Every request is noted with its path apart from its query, and no credential."""
    sandbox.clock(FROZEN)
    kobo.get("/webhooks?page=1&token=sandbox-kobo-key")
    kobo.post("/webhooks", json=WEBHOOK)
    entries = control.get("/journal").json()
    assert entries == sandbox.journal("kobo-plm")
    assert entries[0] == {
        "vendor": "kobo-plm",
        "method": "GET",
        "path": "/api/v1/webhooks",
        "query": "page=1&token=***",
        "status": 200,
        "time": "2026-01-01T00:00:00.000000Z",
    }
    assert entries[1]["status"] == 201
    assert sandbox.journal("kobiks") == []
    assert control.delete("/journal").status_code == 204
    assert control.get("/journal").json() == []


def test_control_is_never_limited_faulted_or_journalled(start: Start, connect: Connect) -> None:
    """The control interface works however badly the vendor does."""
    sandbox = start(rate=1, faults=({"path": "*", "fault": {"reset": "before"}},))
    for url in sandbox.urls.values():
        root = httpx.URL(url).join("/_sandbox/")
        for _ in range(3):
            assert httpx.get(root.join("state")).status_code == 200
        assert httpx.get(root.join("journal")).json() == []
        assert httpx.get(root.join("nope")).status_code == 404


def test_state_is_what_the_api_reads(
    sandbox: Running, kobo: httpx.Client, control: httpx.Client
) -> None:
    """The state has every kind of the vendor in its read shape, and secrets besides."""
    state = control.get("/state").json()
    assert state["components"] == kobo.get("/components").json()["data"]
    assert state["webhooks"][0]["secret"].startswith("whsec_")
    assert "id" not in state["currencies"][0]
    assert set(sandbox.state("kobiks")) == {
        "price_categories",
        "locations",
        "brands",
        "categories",
        "product_feature_types",
        "commodities",
        "transaction_types",
        "products",
        "suppliers",
    }


def test_putting_state(kobo: httpx.Client, control: httpx.Client) -> None:
    """PUT replaces the kinds it names, fills in ids and defaults, and takes its own output."""
    supplier = {"name": "A", "code": "A"}
    component = {"id": 7, "name": "C", "code": "C", "supplier": {"id": 1, "name": "A"}}
    state = control.put("/state", json={"suppliers": [supplier], "components": [component]}).json()
    assert state["suppliers"][0]["id"] == 1
    assert state["webhooks"]
    assert kobo.get("/components").json()["data"][0]["supplier"] == {"id": 1, "name": "A"}
    assert control.put("/state", json=state).json() == state
    assert kobo.post("/components", json={"name": "D", "code": "D"}).json()["data"]["id"] == 8
    wrong: Any
    for wrong in (
        {"nope": []},
        {"webhooks": {}},
        {"webhooks": [1]},
        [],
        {"webhooks": [{"id": 1}, {"id": 1}]},
    ):
        answer = control.put("/state", json=wrong)
        assert answer.status_code == 422
        assert answer.json()["message"]


def test_the_clock(sandbox: Running, control: httpx.Client, kobo: httpx.Client) -> None:
    """The clock freezes, moves and returns to real time; nonsense is refused."""
    assert control.put("/clock", json={"now": FROZEN}).json() == {"now": FROZEN}
    assert kobo.post("/webhooks", json=WEBHOOK).json()["data"]["created_at"] == FROZEN
    assert control.put("/clock", json={"advance": 90}).json() == {"now": "2026-01-01T00:01:30Z"}
    assert control.put("/clock", json={"advance": 0}).json() == {"now": "2026-01-01T00:01:30Z"}
    assert control.put("/clock", json={}).json()["now"] != "2026-01-01T00:01:30Z"
    wrong: Any
    for wrong in ({"now": "noon"}, {"now": 1}, {"advance": "x"}, {"then": 1}, []):
        assert control.put("/clock", json=wrong).status_code == 422
    assert control.put("/clock", content=b"{").status_code == 422


def test_scopes_over_http(control: httpx.Client, kobo: httpx.Client) -> None:
    """PUT narrows the accepted key; other keys and shapes are refused."""
    given = {"sandbox-kobo-key": ["webhooks:read"]}
    assert control.put("/scopes", json=given).json() == given
    assert kobo.get("/suppliers").status_code == 403
    assert control.put("/scopes", json={"other": []}).status_code == 422
    assert control.put("/scopes", json={"sandbox-kobo-key": "*"}).status_code == 422


def test_a_state_file_keeps_everything(tmp_path: Path, start: Start, connect: Connect) -> None:
    """Writes are in the file at once; a later run goes on from there, ids included."""
    file = tmp_path / "state.json"
    with running(Options(port=0, data="3", state=file)) as first:
        client = connect(first)
        client.post("/webhooks", json=WEBHOOK).raise_for_status()
        client.delete("/webhooks/4").raise_for_status()
        client.put("/suppliers/2", json={"name": "Kept"}).raise_for_status()
        assert set(json.loads(file.read_text())["vendors"]["kobo-plm"]) == {"webhooks", "suppliers"}
        before = first.state("kobo-plm")
    again = start(state=file)
    assert again.state("kobo-plm") == before
    assert connect(again).post("/webhooks", json=WEBHOOK).json()["data"]["id"] == 5
    assert os.listdir(tmp_path) == ["state.json"]


def test_a_state_file_that_is_none_is_refused(tmp_path: Path, start: Start) -> None:
    """A file of something else is not overwritten but named."""
    file = tmp_path / "state.json"
    file.write_text('{"mine": 1}')
    with pytest.raises(InvalidState, match=r"state\.json"):
        start(state=file)
    assert file.read_text() == '{"mine": 1}'


def test_a_taken_port_is_named(sandbox: Running) -> None:
    """A port somebody else has is an OSError that says which."""
    port = httpx.URL(sandbox.urls["kobo-plm"]).port
    assert port is not None
    with pytest.raises(PortTaken, match=f"port {port} for kobo-plm"), running(Options(port=port)):
        pass
    assert issubclass(PortTaken, OSError)


@pytest.mark.parametrize("wrong", [{"vendors": ("acme",)}, {"data": "many"}, {"data": "-1"}])
def test_impossible_options_are_refused(start: Start, wrong: dict[str, Any]) -> None:
    """What cannot be run is said before anything listens."""
    with pytest.raises(InvalidOptions):
        start(**wrong)


def test_only_the_vendors_asked_for_run(start: Start) -> None:
    """`vendors` narrows what is served."""
    assert list(start(vendors=("kobiks",)).urls) == ["kobiks"]


def test_importing_the_package_is_cheap() -> None:
    """Neither starlette nor uvicorn is loaded before a sandbox is wanted."""
    code = (
        "import sys, reconciler.sandbox\n"
        "sys.exit(bool({'starlette', 'uvicorn', 'asyncio'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serving_in_the_foreground(tmp_path: Path, number: signal.Signals) -> None:
    """`serve` tells addresses and exports, serves until a signal, and saves its state."""
    code = (
        "import sys; from pathlib import Path; from reconciler.sandbox import Options, serve\n"
        "options = Options(port=0, state=Path(sys.argv[1]))\n"
        "serve(options, lambda line: print(line, flush=True))"
    )
    file = tmp_path / "state.json"
    root = Path(package.__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, text=True, cwd=root
    ) as process:
        assert process.stdout is not None
        count = len(VENDORS) + 1 + len(credentials())
        lines = [process.stdout.readline().strip() for _ in range(count)]
        addresses = dict(line.split() for line in lines[: len(VENDORS)])
        assert lines[len(VENDORS)] == "# Ctrl-C stops them. In the terminal in which you work:"
        assert lines[len(VENDORS) + 1] == "export KOBO_API_KEY=sandbox-kobo-key"
        headers = {"X-API-Key": "sandbox-kobo-key"}
        url = f"{addresses['kobo-plm']}/webhooks"
        assert httpx.post(url, headers=headers, json=WEBHOOK).status_code == 201
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
    assert "CRM" in file.read_text()
