"""What a shared ledger costs a plan that finds nothing to do: round trips, counted on the wire."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest

from .git_http import serving
from .proxy import forwarding
from .s3_http import between, nothing
from .stores import GitPlace, git, postgres, s3

HOOKS = """\
provider: kobo-plm
webhooks: {a: {name: A, url: 'https://x.example/1', events: [style.created]}}
"""
# The last message of a client to PostgreSQL, and the end of what makes the server's answer whole.
GOODBYE, READY = b"X\0\0\0\4", b"Z\0\0\0\5I"
# What begins a connection: to Git, where the client asks what the server can do, and to PostgreSQL.
SET_UP = ("GET refs", "connect")
# How many trips that takes: PostgreSQL is asked for TLS first, and then for the database. What TCP,
# TLS and a password cost comes on top, and is as with every other client.
TO_CONNECT = {"git": 1, "s3": 0, "postgres": 2}


class Wire(Protocol):
    """Puts a ledger behind something that counts; gives the setting and what passes."""

    def __call__(
        self, folder: Path, patch: pytest.MonkeyPatch
    ) -> AbstractContextManager[tuple[str, list[str]]]:
        """In this folder, whose parts `one` and `two` are the checkouts."""


@contextmanager
def git_wire(folder: Path, _patch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    """A bare repository over HTTP, and a checkout with commits that the remote does not have."""
    place = GitPlace(folder)
    git(place.origin, "config", "http.receivepack", "true")
    commit = b"commit refs/heads/main\ncommitter x <x> 0 +0000\ndata 1\nx\n"
    git(folder / "two", "fast-import", "--quiet", data=commit * 40)
    with serving(folder) as (url, seen):
        for clone in ("one", "two"):
            git(folder / clone, "remote", "set-url", "origin", f"{url}/origin.git")
        yield "git:ledger", seen


@contextmanager
def s3_wire(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    """A bucket. What it takes to connect is done before the first request, and is not seen."""
    place = s3(folder)
    with between(patch, nothing) as seen:
        yield f"{place.ledger().store.place}", seen


@contextmanager
def postgres_wire(folder: Path, _patch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    """A database over TCP."""
    place, seen = postgres(folder), list[str]()
    asked, ready = False, False

    def count(answers: bool, data: bytes) -> bytes:
        nonlocal asked, ready
        if answers and asked:
            seen.append("trip" if ready else "connect")
        if answers:
            ready = ready or data.endswith(READY)
        elif data == GOODBYE:
            ready = False
        asked = not answers and data != GOODBYE
        return data

    with forwarding(f"{os.environ['PGHOST']}/.s.PGSQL.5432", count) as port:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres/{place.name}", seen


WIRES: dict[str, Wire] = {"git": git_wire, "s3": s3_wire, "postgres": postgres_wire}


@pytest.mark.parametrize("store", list(WIRES))
def test_a_plan_without_changes_costs_two_round_trips_more_at_most(
    store: str, tmp_path: Path, workspace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first plan in a clone, and each plan after it, asks the vendors for what it would with a
    file, and connects to the ledger once, and asks there twice at most: once where nothing is new
    to this clone."""
    with WIRES[store](tmp_path, monkeypatch) as (setting, seen):
        file = workspace(HOOKS, "file")
        clones = [workspace(HOOKS, name, ledger=setting) for name in ("one", "two")]
        file.sandbox.put_state("kobo-plm", {"webhooks": []})
        clones[0].apply()
        assert file.apply().last.endswith("0 added, 0 changed, 0 destroyed.")

        def plan(one: Any) -> tuple[list[str], list[str], list[str]]:
            """What a plan asks the vendor, and what the ledger: to connect, and after that."""
            seen.clear()
            one.sandbox.clear_journal()
            assert one.run("plan", "--detailed-exitcode").code == 0
            asked = [f"{e['method']} {e['path']}" for e in one.sandbox.journal("kobo-plm")]
            return (
                sorted(asked),
                [what for what in seen if what.startswith(SET_UP)],
                [what for what in seen if not what.startswith(SET_UP)],
            )

        expected, *_ = plan(file)
        first, again = plan(clones[1]), plan(clones[1])
        clones[0].write(HOOKS.replace("/1", "/2"))
        clones[0].apply()
        clones[1].write(HOOKS.replace("/1", "/2"))
        after = plan(clones[1])
        for requests, connects, trips in (first, again, after):
            assert requests == expected
            assert len(connects) <= TO_CONNECT[store]
            assert 1 <= len(trips) <= 2
        assert len(again[2]) == 1
