"""A variant names its colour as styles show it; a colour that none shows is a number."""

from __future__ import annotations

from typing import Any

import pytest

VARIANTS = "kobo-plm/variants"
SIZES = {"style": "SS24-001", "size_range": "Waist 28-36"}


def colors(sandbox: Any) -> list[int]:
    """The colours of the variants at the vendor."""
    return [variant["color_id"] for variant in sandbox.state("kobo-plm")["variants"]]


def declare(here: Any, color: Any, **more: Any) -> None:
    """Declare one variant of this colour."""
    here.declare({VARIANTS: {"one": {**SIZES, "color_id": color, **more}}})


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace at a vendor without variants."""
    sandbox.put_state("kobo-plm", {"variants": []})
    return workspace()


@pytest.mark.parametrize(("color", "number"), [("Black", 2), (2, 2), (5, 5)])
def test_a_name_and_a_number_are_written_as_the_number(
    here: Any, sandbox: Any, color: Any, number: int
) -> None:
    """Whatever the manifest says, the vendor gets the number, and the next plan is empty."""
    declare(here, color)
    here.apply()
    assert colors(sandbox) == [number]
    assert here.settled()
    declare(here, color, is_active=False)
    here.apply()
    assert colors(sandbox) == [number]
    assert here.settled()


def test_the_name_and_its_number_are_the_same(here: Any) -> None:
    """One written for the other is no change at the vendor."""
    declare(here, 2)
    here.apply()
    declare(here, "Black")
    assert here.settled()
    declare(here, "White")
    (entry,) = here.plan()
    assert [field["path"] for field in entry["x_fields"]] == [["color_id"]]


def test_an_unknown_name_is_told_in_the_plan(here: Any) -> None:
    """With what was probably meant; nothing is written."""
    declare(here, "Blak")
    shown = here.run("plan")
    assert shown.code == 1
    assert "kobo-plm/colors has no such object" in shown.err
    assert 'Did you mean "Black"?' in shown.err


def test_two_colors_of_one_name_are_told_apart(here: Any, sandbox: Any) -> None:
    """The name is ambiguous, and the number is not."""
    (style,) = sandbox.state("kobo-plm")["styles"]
    known = sandbox.state("kobo-plm")["colors"]
    sandbox.put_state(
        "kobo-plm",
        {
            "colors": [*known, {"id": 9, "name": "Black"}],
            "styles": [{**style, "colors": [*style["colors"], {"id": 9}]}],
        },
    )
    declare(here, "Black")
    assert "2 objects of kobo-plm/colors have that name" in here.run("plan").err
    declare(here, 9)
    here.apply()
    assert colors(sandbox) == [9]
    assert here.settled()


def test_an_import_writes_names_where_there_are_any(workspace: Any, sandbox: Any) -> None:
    """The colour of a variant is a name; of one in a colour that no style shows, a number."""
    (variant,) = sandbox.state("kobo-plm")["variants"]
    both = [variant, {**variant, "id": 2, "color_id": 1}]
    sandbox.put_state("kobo-plm", {"variants": both})
    here = workspace()
    assert here.run("import", "--kind", VARIANTS).code == 0
    text = "".join(p.read_text("utf-8") for p in (here.root / "manifests").rglob("*.yaml"))
    assert "color_id: White" in text
    assert "color_id: 5" in text
    assert here.settled()


def test_colors_cost_no_request(here: Any, sandbox: Any) -> None:
    """They are taken from the list of styles, which a plan of variants reads anyway."""
    declare(here, "White")
    here.apply()
    sandbox.clear_journal()
    assert here.settled()
    paths = sorted(e["path"].removeprefix("/api/v1") for e in sandbox.journal("kobo-plm"))
    assert paths == ["/lookups/size-ranges", "/styles", "/styles/1/variants"]


def test_colors_alone_are_read_from_the_styles(workspace: Any) -> None:
    """Declared by themselves they are compared, and what differs is work by hand."""
    here = workspace()
    here.declare({"kobo-plm/colors": {"White": {"hex": "#FFFFFF"}, "Black": {"hex": "#111111"}}})
    (adopted, by_hand) = sorted(here.plan(), key=lambda entry: entry["x_action"])
    assert (adopted["address"], adopted["x_action"]) == ("kobo-plm/colors/White", "adopt")
    assert (by_hand["address"], by_hand["x_action"]) == ("kobo-plm/colors/Black", "by-hand")
