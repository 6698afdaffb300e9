"""All vendors in one plan: what is asked of each, and that none waits for another."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from threading import Event
from typing import Any

import pytest

from reconciler.kinds import Kind, Provider, Verb
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.model import Scope
from reconciler.planner import scopes_needed
from reconciler.providers import PROVIDERS
from reconciler.sandbox.server import Running

MANY = 250
HELD = 30.0
"""Seconds for which answers are withheld; the plan would wait four times as long."""


def simple(kind: Kind) -> bool:
    """Whether all its objects are in one list that comes in pages, or each is asked for alone."""
    if not kind.can(Verb.LIST):
        return kind.can(Verb.GET) and kind.parent is None
    return kind.paging is not None and kind.parent is None and kind.lister is None


def chosen(provider: Provider) -> Kind:
    """The kind that stands for a vendor: the first one that has many objects and no oddity."""
    return next(kind for kind in provider.kinds.values() if simple(kind))


KINDS: Mapping[str, Kind] = {name: chosen(provider) for name, provider in PROVIDERS.items()}
pytestmark = pytest.mark.parametrize("sandbox", [str(MANY)], indirect=True)


def declared(here: Any, sandbox: Running) -> Any:
    """A workspace that declares all objects of the chosen kinds as they are."""
    (here.root / "manifests" / "main.yaml").unlink()
    for vendor, kind in KINDS.items():
        scope = Scope(vendor, kind.name)
        assert len(sandbox.state(vendor)[kind.name]) == MANY
        if kind.can(Verb.LIST):
            assert here.run("import", "--kind", str(scope)).code == 0
            continue
        keys = kind.natural_key
        names = ["/".join(str(one[n]) for n in keys) for one in sandbox.state(vendor)[kind.name]]
        text = {"provider": vendor, kind.name: {name: {} for name in names}}
        here.write(json.dumps(text, ensure_ascii=False), vendor)
    return here


def asked(sandbox: Running) -> dict[str, Counter[str]]:
    """How often each path was read, without what leads there: a login, a customer's address."""
    found: dict[str, Counter[str]] = {vendor: Counter() for vendor in PROVIDERS}
    for vendor, provider in PROVIDERS.items():
        ways = (getattr(provider.auth, "path", ""), provider.tenancy and provider.tenancy.path)
        before = [_pattern(way) for way in ways if way]
        for entry in sandbox.journal(vendor):
            if not any(one.fullmatch(entry["path"]) for one in before):
                assert entry["method"] == "GET", entry
                found[vendor][entry["path"]] += 1
    return found


def _pattern(path: str) -> re.Pattern[str]:
    """What a declared path looks like in a journal, below the vendor's base URL."""
    return re.compile(".*" + "[^/]+".join(map(re.escape, re.split(r"\{\w+\}", path))))


def test_a_plan_of_every_vendor_sends_the_pages_and_no_more(
    workspace: Callable[..., Any], sandbox: Running
) -> None:
    """The plan of as many objects at each vendor sends the pages that exist, and for a kind that
    has no list one request for each object; it finds nothing to do."""
    here = declared(workspace(), sandbox)
    sandbox.clear_journal()
    assert {entry["x_action"] for entry in here.plan()} <= {"adopt"}
    sent = asked(sandbox)
    for vendor, kind in KINDS.items():
        pages = -(-MANY // kind.paging.per_page) if kind.paging else MANY
        mine = {p: n for p, n in sent[vendor].items() if _is_of(kind, p)}
        assert sum(mine.values()) == pages, (vendor, mine)
        assert len(mine) == (1 if kind.can(Verb.LIST) else MANY)
        others = {p: n for p, n in sent[vendor].items() if p not in mine}
        most = sum(_pages(sandbox, vendor, other) for other in _beside(vendor, kind))
        assert sum(others.values()) == most, (vendor, others)


def test_no_vendor_waits_for_another(workspace: Callable[..., Any], sandbox: Running) -> None:
    """Every vendor is asked for its objects before any of them has answered: all first answers
    are withheld, and none is asked for its second page by then."""
    here = declared(workspace(), sandbox)
    settings = json.loads((here.root / "reconciler.yaml").read_text("utf-8"))
    for provider in settings["providers"].values():
        provider["timeout"] = HELD * 4
    (here.root / "reconciler.yaml").write_text(json.dumps(settings), "utf-8")
    held = [
        {"vendor": vendor, "method": "GET", "path": _glob(kind), "fault": {"delay": HELD}}
        for vendor, kind in KINDS.items()
    ]
    sandbox.faults(held)
    sandbox.clear_journal()
    run = here.start("plan")
    try:
        _wait(sandbox, run)
        for vendor, kind in KINDS.items():
            if kind.can(Verb.LIST):
                mine = [n for p, n in asked(sandbox)[vendor].items() if _is_of(kind, p)]
                assert mine == [1], vendor
    finally:
        run.kill()
        run.communicate()


def _wait(sandbox: Running, run: subprocess.Popen[str]) -> None:
    """Until every vendor was asked for what is declared there."""
    pause = Event()
    while run.poll() is None:
        sent = asked(sandbox)
        if all(any(_is_of(kind, p) for p in sent[vendor]) for vendor, kind in KINDS.items()):
            return
        pause.wait(0.01)
    raise AssertionError(run.communicate())


def _path(kind: Kind) -> str:
    return kind.calls[Verb.LIST if kind.can(Verb.LIST) else Verb.GET].path


def _glob(kind: Kind) -> str:
    return "*" + re.sub(r"\{\w+\}", "*", _path(kind))


def _is_of(kind: Kind, path: str) -> bool:
    return _pattern(_path(kind)).fullmatch(path) is not None


def _beside(vendor: str, kind: Kind) -> list[Kind]:
    """The other kinds that are read because this one refers to them."""
    scopes = scopes_needed(ResourceTypes(PROVIDERS), (), (), [Scope(vendor, kind.name)])
    return [PROVIDERS[s.provider].kinds[s.kind] for s in scopes if s.kind != kind.name]


def _pages(sandbox: Running, vendor: str, kind: Kind) -> int:
    """The pages of a whole list."""
    count = len(sandbox.state(vendor)[kind.name])
    return max(1, -(-count // kind.paging.per_page)) if kind.paging else 1
