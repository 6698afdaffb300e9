"""Styles and what belongs to them, from a manifest to Kobo PLM and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from reconciler.http.client import Client

STYLES = """\
provider: kobo-plm
styles:
  SS24-001: {name: Classic Cotton Tee}
"""
CHILDREN = """\
bom_items:
  body: {style: SS24-001, component: FAB-001, placement: Body}
pom_items:
  chest: {style: SS24-001, code: A, name: Chest Width}
variants:
  navy: {style: SS24-001, color_id: 5, size_range: Waist 28-36}
skus:
  small: {style: SS24-001, sku: SS24-001-WHT-S}
"""
NAMES = ("styles", "bom_items", "pom_items", "variants", "skus")


def count(here: Any) -> list[int]:
    """How many styles there are, and how many of each of their parts."""
    state = here.sandbox.state("kobo-plm")
    return [len(state[name]) for name in NAMES]


def test_what_is_there_is_found(workspace: Callable[..., Any]) -> None:
    """A style and its parts are found by what people call them; nothing is written."""
    here = workspace(STYLES + CHILDREN)
    assert "5 objects recorded in the ledger." in here.apply().out
    assert here.settled()
    assert here.writes() == []


def test_a_style_that_left_is_archived_and_comes_back(workspace: Callable[..., Any]) -> None:
    """Its parts are deleted first; declared again it is restored, changed and never made anew,
    and only then are its parts made."""
    here = workspace(STYLES + CHILDREN)
    here.apply()
    here.sandbox.clear_journal()
    here.write("provider: kobo-plm\n")
    here.apply()
    assert here.writes()[-1] == "DELETE /api/v1/styles/1 204"
    assert count(here) == [1, 0, 0, 0, 0]
    here.sandbox.clear_journal()
    here.write(STYLES.replace("Classic", "New") + CHILDREN)
    entries = {entry["address"]: entry for entry in here.plan()}
    style = entries["kobo-plm/styles/SS24-001"]
    assert style["x_action"] == "update"
    assert {change["path"][0] for change in style["x_fields"]} == {"archived", "name"}
    here.apply()
    assert here.settled()
    assert count(here) == [1, 1, 1, 1, 1]
    writes = here.writes()
    assert writes[:2] == ["POST /api/v1/styles/1/restore 200", "PUT /api/v1/styles/1 200"]
    assert sorted(writes[2:]) == [
        f"POST /api/v1/styles/1/{word} 201" for word in ("bom", "pom", "skus", "variants")
    ]


def test_what_comes_back_with_its_style_is_not_made_twice(
    workspace: Callable[..., Any], client: Callable[..., Client]
) -> None:
    """Parts of a style that somebody archived cannot be seen till it is restored: then they are
    looked for before any is made."""
    here = workspace(STYLES + CHILDREN)
    here.apply()
    client("kobo-plm", writable=True).write("DELETE", "/styles/1")
    here.sandbox.clear_journal()
    here.apply()
    assert here.settled()
    assert count(here) == [1, 1, 1, 1, 1]
    assert here.writes()[0] == "POST /api/v1/styles/1/restore 200"
    assert not [one for one in here.writes()[1:] if one.startswith("POST")]


def test_nothing_is_made_below_a_style_that_cannot_be_looked_at(
    workspace: Callable[..., Any], client: Callable[..., Client]
) -> None:
    """Where the parts of a restored style cannot be listed, each fails and none is made."""
    here = workspace(STYLES + CHILDREN)
    here.apply()
    client("kobo-plm", writable=True).write("DELETE", "/styles/1")
    fault = {"status": 418, "body": {"message": "no"}}
    here.sandbox.faults(
        [{"method": "GET", "path": f"*/styles/1/{word}", "fault": fault} for word in NAMES]
    )
    assert here.run("apply", "--auto-approve").code == 4
    here.sandbox.faults([])
    assert count(here) == [1, 1, 1, 1, 1]
    here.apply()
    assert here.settled()
    assert count(here) == [1, 1, 1, 1, 1]


def test_a_vendor_that_shows_no_archive_refuses_a_second_style(
    workspace: Callable[..., Any], client: Callable[..., Client]
) -> None:
    """Where `archived` is no filter the style is not found, and its code is taken: an error, and
    no second style."""
    here = workspace(STYLES)
    here.apply()
    client("kobo-plm", writable=True).write("DELETE", "/styles/1")
    empty = {"data": [], "meta": {"current_page": 1, "total": 0}}
    fault = {"status": 200, "body": empty}
    here.sandbox.faults([{"method": "GET", "path": "*/styles", "fault": fault}])
    result = here.run("apply", "--auto-approve")
    assert result.code != 0
    assert "has already been taken" in result.err
    assert count(here)[0] == 1


def test_a_linesheet_archived_on_screen_is_restored(
    workspace: Callable[..., Any], client: Callable[..., Client]
) -> None:
    """As long as it is declared; no longer declared it is deleted, not archived."""
    name = "Spring/Summer 2025 Wholesale"
    here = workspace(f"provider: kobo-plm\nlinesheets:\n  {name}: {{}}\n")
    here.apply()
    client("kobo-plm", writable=True).write("POST", "/linesheets/1/archive")
    here.sandbox.clear_journal()
    here.apply()
    assert here.settled()
    assert here.writes() == ["POST /api/v1/linesheets/1/restore 200"]
    here.write("provider: kobo-plm\n")
    here.apply()
    assert here.writes()[1:] == ["DELETE /api/v1/linesheets/1 204"]
    assert here.sandbox.state("kobo-plm")["linesheets"] == []


def test_a_part_of_another_style_is_another_part(workspace: Callable[..., Any]) -> None:
    """The style of a part cannot be changed: what moves is made there and deleted here."""
    here = workspace(STYLES + "  SS24-002: {name: Chinos}\n" + CHILDREN)
    here.apply()
    moved = CHILDREN.replace("SS24-001,", "SS24-002,").replace("SS24-001-W", "SS24-002-W")
    here.write(STYLES + "  SS24-002: {name: Chinos}\n" + moved)
    assert {entry["x_action"] for entry in here.plan()} == {"replace"}
    here.apply()
    assert here.settled()
    assert count(here) == [2, 1, 1, 1, 1]


def test_a_placement_may_be_left_out(workspace: Callable[..., Any]) -> None:
    """An item without one is another item than those with one."""
    bare = "bom_items:\n  bare: {style: SS24-001, component: FAB-001, quantity: 2}\n"
    here = workspace(STYLES + bare)
    assert here.plan()[0]["x_action"] == "create"
    here.apply()
    assert here.settled()
    assert count(here)[1] == 2


def test_one_part_declared_under_two_spellings_is_an_error(workspace: Any) -> None:
    """A part of a style that is named by its key here and by its code there is declared twice: it
    is not made twice."""
    here = workspace(
        "provider: kobo-plm\n"
        "styles: {tee: {style_code: T-1, name: Tişört}}\n"
        "pom_items:\n"
        "  a: {style: tee, code: CHEST, name: Göğüs}\n"
        "  b: {style: T-1, code: CHEST, name: Göğüs}\n"
    )
    shown = here.run("plan")
    assert shown.code == 1
    assert "it is the same object (tee/CHEST) as kobo-plm/pom_items/a" in shown.err


@pytest.mark.parametrize("sandbox", ["30"], indirect=True)
@pytest.mark.parametrize(("styles", "lists"), [(2, 2), (30, 0)])
def test_skus_of_many_styles_are_read_from_the_styles(
    workspace: Callable[..., Any], sandbox: Any, styles: int, lists: int
) -> None:
    """A few styles are asked for their SKUs one by one; of many, the list of styles tells them:
    never one request for each."""
    scout, here = workspace(name="scout"), workspace()
    assert scout.run("import", "--kind", "kobo-plm/skus").code == 0
    text = (scout.root / "manifests" / "kobo-plm" / "skus.yaml").read_text("utf-8")
    skus = yaml.safe_load(text)["skus"]
    kept = sorted({one["style"] for one in skus.values()})[:styles]
    here.declare({"kobo-plm/skus": {key: one for key, one in skus.items() if one["style"] in kept}})
    sandbox.clear_journal()
    shown = here.run("plan", "--detailed-exitcode")
    assert (shown.code, shown.last) == (0, "No changes. Your vendors match the manifests.")
    asked = [entry["path"].partition("?")[0] for entry in sandbox.journal("kobo-plm")]
    assert sum(path.endswith("/skus") for path in asked) == lists
