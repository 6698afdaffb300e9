"""`--format`: one table says which results a format can show, and every command follows it."""

from __future__ import annotations

import json

import pytest

from reconciler.errors import Invalid
from reconciler.model import Plan
from reconciler.report.formats import FORMATS, formats_of

from ..conftest import MakeWorkspace

MANIFEST = "provider: kobo-plm\nsuppliers: {SUP-900: {name: Yeni}}\n"
COMMANDS = {
    "plan": ("plan",),
    "drift": ("drift",),
    "validation": ("validate",),
    "applied": ("apply", "--auto-approve"),
    "owned": ("state", "list"),
    "owned_object": ("state", "show", "kobo-plm/suppliers/SUP-900"),
    "history": ("history",),
    "providers": ("providers",),
    "kind": ("explain", "webhooks"),
    "field": ("explain", "webhooks.events"),
    "health": ("doctor", "kobo-plm"),
    "graph": ("graph", "--all"),
}


@pytest.mark.parametrize("result", COMMANDS)
def test_every_format_of_a_result_shows_it(workspace: MakeWorkspace, result: str) -> None:
    """The first format is the default; each shows something, and JSON says its version."""
    here = workspace(MANIFEST)
    if "owned" in result or result == "history":
        here.apply()
    for name in formats_of(result):
        shown = here.run(*COMMANDS[result], "--format", name)
        assert shown.code == 0, shown
        assert shown.out
        if name == "json":
            document = json.loads(shown.out)
            assert document["format_version"] == ("1.2" if result == "plan" else "1.0")
            assert shown.out.count("\n") == 1
    assert formats_of(result)[0] in ("text", "mermaid")


@pytest.mark.parametrize("result", COMMANDS)
def test_a_format_that_a_result_lacks_is_a_usage_error(
    workspace: MakeWorkspace, result: str
) -> None:
    """Exit 1, the formats that there are, and nothing on stdout."""
    here = workspace(MANIFEST)
    lacking = [name for name in (*FORMATS, "xml") if name not in formats_of(result)]
    assert "xml" in lacking
    for name in lacking:
        refused = here.run(*COMMANDS[result], "--format", name)
        assert (refused.code, refused.out) == (1, ""), refused
        for known in formats_of(result):
            assert f"'{known}'" in refused.err
    assert here.sandbox.journal("kobo-plm") == []


def test_a_row_cannot_show_what_it_leaves_out() -> None:
    """Also whoever does not come through the command line is told so."""
    with pytest.raises(Invalid, match="cannot show"):
        FORMATS["dot"].plan(Plan(()), lambda text, symbol: text)
