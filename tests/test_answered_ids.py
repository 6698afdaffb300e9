"""The answer to a creation names another object: nobody's object is taken for the new one."""

from __future__ import annotations

from typing import Any

import pytest

HOOK = {"events": ["style.created"], "is_active": True}
ROBOTS = {"id": 1, "name": "Robots", "url": "https://robots.example/hook", **HOOK}
MANIFEST = """provider: kobo-plm
webhooks: {a: {name: A, url: "https://x.example/%d", events: [style.created]}}
"""


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_the_id_of_another_object_is_not_believed(workspace: Any, sandbox: Any) -> None:
    """The new object is looked up by its name; the other one stays as it is, also when the new one
    is changed and deleted."""
    sandbox.put_state("kobo-plm", {"webhooks": [ROBOTS]})
    before = sandbox.state("kobo-plm")["webhooks"][0]
    here = workspace(MANIFEST % 1)
    fault = {"status": 201, "body": {"data": ROBOTS}}
    rule = {"path": "*/webhooks", "method": "POST", "fault": fault}
    sandbox.faults([rule])
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4  # nothing was made, and the answer proves nothing
    assert "no object with this key exists at the vendor; outcome unknown" in shown.err
    assert here.run("state", "list", "--format", "json").json["resources"] == []
    sandbox.faults()
    here.apply("--retry-unknown", "kobo-plm/webhooks/a")
    here.write(MANIFEST % 2)
    here.apply()
    here.write("provider: kobo-plm\nwebhooks: {}\n")
    here.apply()
    assert sandbox.state("kobo-plm")["webhooks"] == [before]


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_a_code_that_is_used_again_is_the_new_object(workspace: Any, sandbox: Any) -> None:
    """Where the id is part of what is declared, it may have been another object's."""
    manifest = "provider: kibo\nlocation_types: {{WH: {{code: {}, name: a}}}}\n"
    here = workspace(manifest.format("A"))
    here.apply()
    for code in ("B", "A"):
        here.write(manifest.format(code))
        here.apply()
    assert [one["code"] for one in sandbox.state("kibo")["location_types"]] == ["A"]
    assert here.settled()
