"""What a newcomer gets wrong first is answered with what to write."""

from __future__ import annotations

import pytest

from ..conftest import MakeWorkspace


@pytest.mark.parametrize(
    ("field", "hint"),
    [
        ("country: TR", "Write it inside address, which has such a member."),
        ("role: buyer", "Write it inside contacts, which has such a member."),
        ("emial: a@b.example", 'Did you mean "email"?'),
        ("zzz: 1", "Choose one of these: address, certifications, code, contacts, "),
    ],
)
def test_a_field_that_is_not_there_is_answered_with_one_that_is(
    workspace: MakeWorkspace, field: str, hint: str
) -> None:
    """Also where it is a part of another field."""
    shop = workspace(f"provider: kobo-plm\nsuppliers:\n  SUP-1:\n    {field}\n")
    told = shop.run("validate")
    assert told.code == 1
    assert f"\n  {hint}" in told.err
