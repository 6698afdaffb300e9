"""An object that was renamed at the vendor is known by its time of creation, however spelled."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.values.dates import same_second

SUPPLIER = (
    "provider: kobo-plm\n"
    "suppliers: {S: {code: S1, name: Acme, email: a@acme.example, phone: '1'}}\n"
)


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
@pytest.mark.parametrize(
    "spelled", ["2026-11-25T09:30:00.000000Z", "2026-11-25 09:30:00", "2026-11-25T12:30:00+03:00"]
)
def test_another_spelling_is_the_same_object(workspace: Any, sandbox: Any, spelled: str) -> None:
    """Renamed on screen, with another field changed, and its time written in another way."""
    here = workspace(SUPPLIER)
    created = {"created_at": "2026-11-25T09:30:00Z"}
    first = {"id": 1, "code": "S1", "name": "Acme", "email": "a@acme.example", "phone": "1"}
    sandbox.put_state("kobo-plm", {"suppliers": [first | created]})
    here.apply()
    renamed = first | {"code": "S9", "created_at": spelled}
    sandbox.put_state("kobo-plm", {"suppliers": [renamed | {"email": "b@acme.example"}]})
    (entry,) = here.plan()
    assert entry["x_action"] == "update"
    here.apply()
    assert here.settled()


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_another_time_is_another_object(workspace: Any, sandbox: Any) -> None:
    """The same id, made a second later: nothing is written to it."""
    here = workspace(SUPPLIER)
    row = {"id": 1, "code": "S1", "name": "Acme", "created_at": "2026-11-25T09:30:00Z"}
    sandbox.put_state("kobo-plm", {"suppliers": [row]})
    here.apply()
    other = row | {"code": "S9", "created_at": "2026-11-25T09:30:01Z"}
    sandbox.put_state("kobo-plm", {"suppliers": [other]})
    assert here.run("apply", "--auto-approve").code == 3


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("2026-11-25T09:30:00Z", "2026-11-25T09:30:00.668Z", True),
        ("2026-11-25T09:30:00Z", "2026-11-25T09:30:01Z", False),
        ("yesterday", "yesterday", True),
        ("yesterday", "2026-11-25T09:30:00Z", False),
    ],
)
def test_to_the_second(left: str, right: str, same: bool) -> None:
    """A fraction that only one of two answers has says nothing; other texts must be equal."""
    assert same_second(left, right) is same
