"""A ledger that can no longer be written in the middle of a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from reconciler.ledger import open_ledger

from .conftest import ROOT

NAMES = [f"S-{number:03}" for number in range(1, 151)]
MANIFEST = f"provider: kobo-plm\nsuppliers: {{{', '.join(f'{n}: {{name: N}}' for n in NAMES)}}}\n"


def apply_with_room_for(here: Any, kilobytes: int) -> subprocess.CompletedProcess[str]:
    """Apply in a process that can write no file of more kilobytes than these."""
    script = (
        "import resource, sys; from reconciler.cli import main; "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes * 1024},) * 2); main(sys.argv[1:])"
    )
    words = [sys.executable, "-c", script, "-C", str(here.root), "apply", "--auto-approve"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_what_was_written_before_is_a_part_that_was_applied(workspace: Any, sandbox: Any) -> None:
    """The exit code is 4, the records that are missing are said, nothing else is begun, and the
    next run finds what was made: nothing is there twice."""
    here = workspace(MANIFEST)
    ended = apply_with_room_for(here, 80)
    live = [one["code"] for one in sandbox.state("kobo-plm")["suppliers"]]
    assert 0 < len(live) < len(NAMES)
    assert ended.returncode == 4, (ended.stdout, ended.stderr)
    assert "then the ledger could not be written: no other change was begun" in ended.stderr
    assert "These records are missing from it:" in ended.stderr
    lines = (line.strip() for line in ended.stderr.splitlines())
    missing = [json.loads(line) for line in lines if line.startswith("{")]
    said = {record["address"].rpartition("/")[2] for record in missing if record["t"] == "own"}
    owned = open_ledger(".reconciler/ledger.jsonl", here.root, "acme").read().owned
    assert missing
    assert said | {address.key for address in owned} == set(live)
    here.apply()
    codes = [one["code"] for one in sandbox.state("kobo-plm")["suppliers"]]
    assert sorted(codes) == NAMES
    assert here.settled()


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_nothing_written_is_an_error(workspace: Any, sandbox: Any) -> None:
    """Where the ledger cannot be written from the start, no vendor is written to: exit code 1."""
    here = workspace(MANIFEST)
    ended = apply_with_room_for(here, 0)
    assert ended.returncode == 1, (ended.stdout, ended.stderr)
    assert here.writes() == []
