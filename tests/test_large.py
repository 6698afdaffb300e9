"""Ten thousand resources: every output is whole, and no name is left out of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from reconciler.sandbox import Options

from .vendors import running

MANY = 10_000


def test_ten_thousand_resources_are_shown_whole(
    tmp_path: Any, new_workspace: Callable[..., Any]
) -> None:
    """Creates and deletes in text and in JSON, a drift report and the ledger: all of them."""
    with running(Options(port=0, rate=0, data="empty", vendors=("kobo-plm",))) as sandbox:
        made = new_workspace(tmp_path / "many", sandbox)
        bodies = {f"S-{number:05}": {"name": f"Tedarikçi {number}"} for number in range(MANY)}
        made.declare({"kobo-plm/suppliers": bodies})
        text = made.run("plan", "--full")
        assert (text.code, text.err) == (0, "")
        assert text.last == f"Plan: {MANY} to add, 0 to change, 0 to destroy."
        assert sum(line.startswith("  + kobo-plm/") for line in text.out.splitlines()) == MANY
        rows = [{"code": code, **body} for code, body in bodies.items()]
        sandbox.put_state("kobo-plm", {"suppliers": rows})
        recorded = made.run("apply", "--auto-approve", "--format", "json")
        assert (recorded.code, recorded.json["recorded"]) == (0, MANY)
        assert made.settled()
        assert len(made.run("state", "list", "--format", "json").json["resources"]) == MANY
        gone = made.run("plan", "--destroy", "--format", "json")
        assert len(json.loads(gone.out)["resource_changes"]) == MANY
        live = sandbox.state("kobo-plm")["suppliers"]
        sandbox.put_state("kobo-plm", {"suppliers": [{**row, "name": "x"} for row in live]})
        assert len(made.run("drift", "--format", "json").json["resources"]) == MANY
