"""Only absolute writes: what would move a quantity is never asked for, in any test."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconciler.http.client import Client
from reconciler.providers import PROVIDERS
from reconciler.sandbox import Options

from .conftest import connection
from .vendors import running

HERE = Path(__file__).parent
LEVEL = {"quantity": 5, "locationName": "Main Warehouse"}
RELATIVE: list[tuple[str, str, Any]] = [
    ("inventora", "/products/asdf123/stock-level-updates", {**LEVEL, "updateType": "restock"}),
    ("inventora", "/products/asdf123/stock-level-updates", {**LEVEL, "updateType": "loss"}),
    ("inventora", "/materials/asdf456/stock-level-updates", {**LEVEL, "updateType": "custom"}),
    ("inventora", "/products/asdf123/stock-level-updates", LEVEL),
    ("kibo", "/commerce/inventory/v5/inventory/adjust", {"locationCode": "WH", "items": []}),
    ("kibo", "/commerce/inventory/v5/inventory/smart-adjust/", {"locationCode": "WH"}),
    ("kibo", "/commerce/inventory/v1/Adjust", {"locationCode": "WH"}),
    ("kibo", "/commerce/inventory/v5/inventory/%61djust", {"locationCode": "WH"}),
    ("inventora", "/v2/products/asdf123/stock-level-updates", LEVEL),
    ("inventora", "/tasks/task_123/items/1/batches", {"quantity": 1}),
]
STARTING = {"reconciler.sandbox", "reconciler.sandbox.server"}
OURS = {"User-Agent": "reconciler"}
SENT = r"relative writes were sent: \['POST /"


def posted(vendor: str, path: str, body: Any) -> None:
    """A test that sends this, and then clears the journal."""
    with running(Options(port=0, rate=0, job_seconds=0)) as sandbox:
        httpx.post(sandbox.urls[vendor] + path, json=body, headers=OURS, trust_env=False)
        sandbox.clear_journal()


def sent(change: str) -> None:
    """A test that has the real client send this sort of change, and finds it in the journal."""
    vendor, path, _ = RELATIVE[0]
    with running(Options(port=0, rate=0, job_seconds=0)) as sandbox:
        client = Client(connection(sandbox, vendor), PROVIDERS[vendor], True, lambda _: None)
        client.write("POST", path, {**LEVEL, "updateType": change})
        client.close()
        named = {"relative": "reconciler"} if change != "audit" else {}
        assert sandbox.journal(vendor)[-1].items() >= named.items()
        assert len(sandbox.relative_writes()) == len(named)


@pytest.mark.parametrize(("vendor", "path", "body"), RELATIVE)
def test_a_relative_write_of_ours_fails_the_test_that_sends_it(
    vendor: str, path: str, body: Any
) -> None:
    """Whatever the vendor answers, and also where the journal was cleared since."""
    with pytest.raises(AssertionError, match=SENT):
        posted(vendor, path, body)


def test_our_client_is_known_by_its_name() -> None:
    """The real client may set a level; where it moves one, that is found."""
    sent("audit")
    with pytest.raises(AssertionError, match=SENT):
        sent("restock")


def test_other_clients_may_move_what_they_like() -> None:
    """A test of the sandbox itself is no client of ours; a credential it calls itself by is not
    shown."""
    with running(Options(port=0, rate=0, job_seconds=0)) as sandbox:
        url = sandbox.urls["inventora"] + RELATIVE[0][1]
        for agent in ("other/1.0", "sandbox-inventora-key"):
            httpx.post(url, json={}, headers={"User-Agent": agent}, trust_env=False)
        assert [entry["relative"] for entry in sandbox.relative_writes()] == ["other", "***"]


def test_every_sandbox_of_the_tests_is_looked_at() -> None:
    """No test starts a sandbox in another way than that which looks at its journal."""
    for file in HERE.rglob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        taken = {
            name.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            and str(node.module).startswith("reconciler.sandbox")
            for name in node.names
        }
        assert "running" not in taken, file
