"""An account to which nothing can be sent, because of its settings, beside others."""

from __future__ import annotations

import json
from typing import Any

import pytest

EXAMPLE = "https://perfectsync.example.com"


@pytest.fixture
def here(workspace: Any) -> Any:
    """All five vendors; the address of Kibo OMS is the one that a new workspace has."""
    made = workspace()
    settings = json.loads((made.root / "reconciler.yaml").read_text("utf-8"))["providers"]
    settings["kibo-oms"]["base_url"] = EXAMPLE
    made.configure(providers=settings)
    return made


def test_doctor_tells_of_the_others(here: Any) -> None:
    """What is well is shown as ever; the one that is not is named, also in the last line."""
    shown = here.run("doctor")
    assert shown.code == 3
    assert shown.out.count("credentials  accepted") == 4
    assert "not asked  providers.kibo-oms.base_url: perfectsync.example.com is only an" in shown.out
    assert "or remove providers.kibo-oms. (at reconciler.yaml:" in " ".join(shown.out.split())
    assert shown.last == "Not well: 1 of 6 (kibo-oms)."


def test_programs_are_told_too(here: Any) -> None:
    """With the finding and its place."""
    found = here.run("doctor", "--format", "json").json["providers"]
    (finding,) = next(one for one in found if one["name"] == "kibo-oms")["unusable"]
    assert "is only an example" in finding["summary"]
    assert finding["file"] == "reconciler.yaml"
    assert all(one["unusable"] == [] for one in found if one["name"] != "kibo-oms")


def test_nobody_is_told_to_approve_an_example(here: Any) -> None:
    """But to write the address that is really meant; any other host is still to be approved."""
    for command in (("doctor",), ("import", "--kind", "kibo-oms/products")):
        shown = here.run(*command)
        assert shown.code == 3
        said = " ".join(f"{shown.out} {shown.err}".split())
        assert "Write the address of your own endpoint there" in said
        assert "perfectsync.example.com," not in said
        assert "trust perfectsync" not in said
    settings = json.loads((here.root / "reconciler.yaml").read_text("utf-8"))["providers"]
    settings["kibo-oms"]["base_url"] = "https://oms.acme.example"
    here.configure(providers=settings)
    assert "providers trust oms.acme.example" in " ".join(here.run("doctor").out.split())


def test_import_takes_what_it_can(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that the usable accounts have, and an error for each of the others, also where only a
    variable is missing."""
    monkeypatch.delenv("KIBO_CLIENT_SECRET")
    shown = here.run("import", "--all")
    assert shown.code == 1
    assert "wrote manifests/kobo-plm/suppliers.yaml" in shown.out
    assert "manifests/kibo/" not in shown.out
    assert "perfectsync.example.com is only an example" in shown.err
    assert '"KIBO_CLIENT_SECRET" is not set' in shown.err
    assert here.sandbox.journal("kibo") == []


def test_import_is_refused_where_nothing_can_be_asked(here: Any) -> None:
    """As before anything else is done."""
    shown = here.run("import", "--kind", "kibo-oms/products")
    assert (shown.code, shown.out) == (3, "")
