"""A list whose order does not matter contains each entry once."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("entries", ["[GOTS, OEKO-TEX, GOTS]", '["Çevre", "C\\u0327evre"]'])
def test_a_duplicate_in_a_set_is_an_error(workspace: Any, entries: str) -> None:
    """It is found by validate, where it stands, also in another spelling; the vendor would keep
    one of them, and every plan would show a difference."""
    here = workspace(
        f"provider: kobo-plm\nsuppliers:\n  S1: {{name: S, certifications: {entries}}}\n"
    )
    result = here.run("validate")
    assert result.code == 1
    assert "certifications contains " in result.err
    assert " twice" in result.err
    assert "main.yaml:3:" in result.err
    assert "1 error found." in result.err


def test_one_duplicate_is_one_finding(workspace: Any) -> None:
    """Where the schema forbids duplicates too, it is said once."""
    here = workspace(
        "provider: kobo-plm\nwebhooks:\n  a:\n    url: https://x.example/1\n"
        "    events: [style.created, style.updated, style.created]\n"
    )
    result = here.run("validate")
    assert result.code == 1
    assert result.err.count("Error:") == 1
    assert 'events contains "style.created" twice' in result.err


def test_different_entries_are_valid(workspace: Any) -> None:
    """Text in another case, and duplicates in a list whose order counts, are fine."""
    here = workspace(
        "provider: kobo-plm\nsuppliers:\n  S1:\n    name: S\n    certifications: [GOTS, gots]\n"
        "    contacts: [{name: A}, {name: A}]\n"
    )
    assert here.run("validate").code == 0
