"""An apply of very many changes is read by a person: what went well is counted, the rest named."""

from __future__ import annotations

from typing import Any

import pytest

MANY = 201
KINDS = {
    "kobo-plm/suppliers": {f"S-{n:03}": {"name": "s"} for n in range(MANY)},
    "kibo/location_types": {"WH": {"name": "w"}},
}
REFUSED = {"status": 422, "body": {"message": "no more suppliers"}}


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_what_was_applied_is_counted_by_kind(workspace: Any, sandbox: Any) -> None:
    """One line a kind instead of one an object; what failed is named in full, with its reason."""
    here = workspace()
    here.declare(KINDS)
    sandbox.faults([{"path": "*/suppliers", "method": "POST", "nth": [7], "fault": REFUSED}])
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4
    *_, first, second, blank, outcomes, last = shown.out.splitlines()
    assert first == "kibo/location_types: 1 created"
    assert second == f"kobo-plm/suppliers: {MANY - 1} created, 1 failed"
    assert blank == ""
    assert outcomes.startswith(f"Outcomes: {MANY} applied, 1 failed")
    assert last == f"Apply incomplete. Resources: {MANY} added, 0 changed, 0 destroyed."
    (failed,) = (line for line in shown.out.splitlines() if line.endswith(": failed"))
    assert failed.startswith("kobo-plm/suppliers/S-")
    assert f"kobo-plm/suppliers/{failed.split('/')[2].split(':')[0]}" in shown.err
    assert "no more suppliers" in shown.err
    assert ": created in " not in shown.out


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_in_full_each_is_a_line(workspace: Any) -> None:
    """`--full` shows every one, and so does an apply of few changes."""
    here = workspace()
    here.declare(KINDS)
    shown = here.apply("--full")
    assert shown.out.count(": created in ") == MANY + 1
    assert f"{MANY} created" not in shown.out
    here.declare(KINDS | {"kibo/location_types": {"WH": {"name": "x"}}})
    assert here.apply().out.count(": updated in ") == 1
