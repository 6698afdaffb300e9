"""A plan that is shown again from what was kept is the one that would be made anew."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.app.cache import open_cache
from reconciler.app.project import open_project

from .conftest import OPEN, Result, Workspace

ALWAYS = {"from_requests": 0}
HASHES = ("sha256", "sha1", "md5", "blake2b", "blake2s")
SUPPLIERS = {f"SUP-{n}": {"name": f"Üretici {n}", "type": "fabric"} for n in range(6)}
HOOK = {"name": "ERP", "url": "https://erp.example.com/hook", "events": ["style.created"]}


def folder(here: Workspace) -> Path:
    """Where things are kept."""
    return here.root / ".reconciler" / "cache"


def reads(here: Workspace) -> list[str]:
    """What was asked of Kobo PLM since the journal was cleared, in some order."""
    entries = here.sandbox.journal("kobo-plm")
    return sorted(f"{entry['method']} {entry['path']}?{entry['query']}" for entry in entries)


@pytest.fixture
def shop(workspace: Callable[..., Workspace]) -> Workspace:
    """A workspace with six suppliers that are as declared and recorded."""
    here = workspace(cache=ALWAYS)
    here.declare({"kobo-plm/suppliers": SUPPLIERS})
    here.apply()
    return here


def anew(here: Workspace, *arguments: str) -> Result:
    """What a command gives where nothing is kept; and nothing changes of what is."""
    aside = here.root / "aside"
    if folder(here).exists():
        folder(here).rename(aside)
    try:
        return here.run(*arguments)
    finally:
        shutil.rmtree(folder(here), ignore_errors=True)
        if aside.exists():
            aside.rename(folder(here))


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_the_kept_plan_is_what_is_shown(shop: Workspace) -> None:
    """Where every byte is the same, the vendors are asked exactly what they were asked before, and
    what is shown is the plan that was kept, whatever is in it."""
    shop.sandbox.clear_journal()
    first = shop.run("plan", "--full")
    asked = reads(shop)
    cache = open_cache(open_project(shop.root, None, os.environ))
    (name,) = (path.name for path in folder(shop).glob("plan-*"))
    kept = json.loads(cache.get(name) or b"")
    kept["result"]["deferred"] = [["kobo-plm", "suppliers", "SUP-0"]]
    shop.sandbox.clear_journal()

    assert shop.run("plan", "--full") == first
    assert reads(shop) == asked
    cache.put(name, json.dumps(kept).encode())
    assert shop.run("plan", "--full").last == "No changes in what could be read."
    assert first.last == "No changes. Your vendors match the manifests."


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_nothing_is_asked_twice_where_a_reply_differs(shop: Workspace) -> None:
    """The plan is made from the replies that are there already: it sends the requests of a plan
    without anything kept, and is the same; also where a manifest has changed, and the vendors are
    asked while the manifests are read."""
    shop.write(f"provider: kobo-plm\nwebhooks: {{erp: {json.dumps(HOOK)}}}\n", "hooks")
    shop.apply()
    shop.run("plan", "--full")
    rename(shop, 0, "Başka")
    shop.sandbox.clear_journal()
    plan = shop.run("plan", "--full")
    asked = reads(shop)
    shop.sandbox.clear_journal()

    assert "Başka" in plan.out
    assert anew(shop, "plan", "--full") == plan
    assert reads(shop) == asked

    shop.write("# Not yet.\n", "more")
    shop.sandbox.clear_journal()
    assert shop.run("plan", "--full") == plan
    assert reads(shop) == asked


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_a_manifest_that_cannot_be_read_is_no_old_plan(shop: Workspace) -> None:
    """Where a file or a folder among the manifests must not be read, that is said, although all
    that can be read is the same."""
    for _ in range(2):
        assert shop.run("plan", "--full").code == 0
    for name, target in (("more", "/etc"), ("more.yaml", "/etc/hostname")):
        link = shop.root / "manifests" / name
        link.symlink_to(target)
        expected = anew(shop, "plan", "--full")
        assert expected.code == 1
        assert shop.run("plan", "--full") == expected
        link.unlink()


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_a_small_plan_is_not_kept(workspace: Callable[..., Workspace]) -> None:
    """What takes few requests is made anew each time, and a plan leaves no file behind."""
    here = workspace()
    here.declare({"kobo-plm/suppliers": SUPPLIERS})
    here.run("plan")

    assert not folder(here).exists()


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_no_secret_is_kept(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a credential, nor a secret of the manifests, nor a digest that others could make of
    one is in what is kept."""
    monkeypatch.setenv("SIGNING", "hunter2-hunter2")
    shop.configure(cache=ALWAYS, secrets={"signing": "${env.SIGNING}"})
    shop.run("plan")
    kept = b"".join(path.read_bytes() for path in folder(shop).iterdir())

    for secret in (os.environ["KOBO_API_KEY"].encode(), b"hunter2-hunter2"):
        assert secret not in kept
        assert not any(hashlib.new(name, secret).hexdigest().encode() in kept for name in HASHES)
    monkeypatch.setenv("SIGNING", "another-one-of-them")
    monkeypatch.setenv("RECONCILER_LEDGER_KEY", "k" * 32)
    assert shop.run("plan").code == 0


def rename(here: Workspace, number: int, name: str) -> None:
    """Give a supplier another name at the vendor, or take it away if that is empty."""
    suppliers = here.sandbox.state("kobo-plm")["suppliers"]
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    changed = {**suppliers[number], "name": name, "updated_at": now}
    suppliers[number : number + 1] = [changed] if name else []
    here.sandbox.put_state("kobo-plm", {"suppliers": suppliers})


def edit(here: Workspace, number: int, name: str) -> None:
    """Give a supplier another name in the manifest, or declare it no longer if that is empty."""
    other = {"name": name, "type": "fabric"}
    changed = {f"SUP-{number}": other} if name else {}
    kept = {key: value for key, value in SUPPLIERS.items() if key != f"SUP-{number}"}
    here.declare({"kobo-plm/suppliers": {**kept, **changed}})


def damage(here: Workspace, number: int, _name: str) -> None:
    """Change a byte of everything that is kept."""
    for path in folder(here).glob("*-*"):
        data = bytearray(path.read_bytes())
        data[(number * 101) % len(data)] ^= 1
        path.write_bytes(data)


def forget(here: Workspace, _number: int, _name: str) -> None:
    """Delete everything that is kept."""
    shutil.rmtree(folder(here), ignore_errors=True)


def apply(here: Workspace, _number: int, _name: str) -> None:
    """Apply."""
    here.run("apply", "--auto-approve")


def configure(here: Workspace, number: int, _name: str) -> None:
    """Change a setting."""
    here.configure(cache=ALWAYS, guard={**OPEN, "max_deletes": number})


STEPS = st.tuples(
    st.sampled_from([rename, rename, edit, edit, damage, forget, apply, configure]),
    st.integers(0, 2),
    st.sampled_from(["Üretici 0", "Üretici 1", "Başka", ""]),
)


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, min_size=1, max_size=6))
def test_cold_and_warm_say_the_same(shop: Workspace, steps: list[Any]) -> None:
    """After each of any edits, drift, undone ones of both, applies, damage and other settings, a
    plan and a drift report made with what is kept are byte for byte those that are made without;
    and once more, when they were kept themselves. So is the whole plan, in JSON. What a list of an
    earlier run is used for is said on stderr alone."""
    shop.configure(cache=ALWAYS)
    shop.declare({"kobo-plm/suppliers": SUPPLIERS})
    shop.apply()
    for step, number, name in steps:
        if len(shop.sandbox.state("kobo-plm")["suppliers"]) > number:
            step(shop, number, name)
        for command in ("plan", "drift"):
            code, out, _ = anew(shop, command)
            for _ in range(3):
                assert shop.run(command)[:2] == (code, out)
            assert shop.run(command, "--full") == anew(shop, command, "--full")
    whole = anew(shop, "plan", "--format", "json")
    assert shop.run("plan", "--format", "json")[:2] == whole[:2]
