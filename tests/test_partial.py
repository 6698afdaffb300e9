"""A plan that has errors: it is applied only where that is allowed."""

from __future__ import annotations

import json
from typing import Any

import pytest

BAD = "provider: kobo-plm\nsuppliers: {S-9: {name: New}}\ncomponents: {C-1: {name: x%s}}\n"
DANGLING = BAD % ", supplier: NOBODY"


def codes(sandbox: Any) -> list[str]:
    """The codes of the suppliers at the vendor."""
    return [row["code"] for row in sandbox.state("kobo-plm")["suppliers"]]


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace in which one object can be planned and another cannot."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "components": []})
    return workspace(DANGLING)


def test_a_plan_with_errors_is_not_applied(here: Any, sandbox: Any) -> None:
    """Nothing is written, the exit code is that of an error, and the plan and what to do are
    shown; with `--allow-partial` the rest is applied, which is not complete."""
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 1
    assert "kobo-plm/suppliers/S-9" in shown.out
    assert "NOBODY" in shown.err
    assert "nothing was applied" in shown.err
    assert "--allow-partial" in shown.err
    assert "Apply" not in shown.out
    assert codes(sandbox) == []
    shown = here.run("apply", "--auto-approve", "--allow-partial")
    assert shown.code == 4
    assert shown.last == "Apply incomplete. Resources: 1 added, 0 changed, 0 destroyed."
    assert codes(sandbox) == ["S-9"]


@pytest.mark.parametrize("when", ["plan", "apply"])
def test_a_saved_plan_with_errors_is_applied_only_with_consent(
    here: Any, sandbox: Any, when: str
) -> None:
    """The plan is saved either way; consent is given when it is made or when it is applied."""
    saved = str(here.root / "saved.plan")
    shown = here.run("plan", "--out", saved)
    assert shown.code == 1
    assert "--allow-partial" in shown.err
    assert here.run("apply", saved).code == 1
    assert codes(sandbox) == []
    consent = ["--allow-partial"]
    if when == "plan":
        assert here.run("plan", "--out", saved, *consent).code == 1
        consent = []
    assert here.run("apply", saved, *consent).code == 4
    assert codes(sandbox) == ["S-9"]


def test_a_program_learns_that_nothing_was_applied(here: Any) -> None:
    """With `--format json` the result is JSON with the errors and the advice."""
    shown = here.run("apply", "--auto-approve", "--format", "json")
    assert shown.code == 1
    summaries = [finding["summary"] for finding in json.loads(shown.out)["diagnostics"]]
    assert len(summaries) == 2
    assert summaries[-1].startswith("nothing was applied")


@pytest.mark.parametrize(
    "options",
    [("--target", "kobo-plm/suppliers"), ("--exclude", "kobo-plm/components/C-1")],
)
def test_what_is_left_out_blocks_nothing(here: Any, sandbox: Any, options: tuple[str, str]) -> None:
    """Errors of what no target is about, or of what is excluded, are not errors of this run."""
    shown = here.run("apply", "--auto-approve", *options)
    assert shown.code == 0
    assert codes(sandbox) == ["S-9"]
    shown = here.run("apply", "--auto-approve", "--target", "kobo-plm/components/C-1")
    assert shown.code == 1
    assert "NOBODY" in shown.err


def test_every_object_that_could_not_be_planned_is_counted(here: Any) -> None:
    """One mistake in many objects is one finding, and all of them are left out."""
    bad = "".join(f"  C-{n}: {{name: x, supplier: NOBODY}}\n" for n in range(9))
    here.write(f"provider: kobo-plm\ncomponents:\n{bad}")
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 1
    assert "a part of the plan could not be made (9 errors)" in shown.err


def test_a_vendor_that_is_down_does_not_stop_the_others(here: Any, sandbox: Any) -> None:
    """What could not be read is deferred, and the rest is applied without consent."""
    here.write(BAD % "" + "---\nprovider: kibo\nlocation_types: {WH: {name: Warehouse}}\n")
    sandbox.faults([{"vendor": "kibo", "method": "GET", "path": "*", "fault": {"status": 403}}])
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4
    assert shown.last == "Apply incomplete. Resources: 2 added, 0 changed, 0 destroyed."
    assert codes(sandbox) == ["S-9"]


def test_a_removed_object_that_is_still_used_is_no_success(workspace: Any, sandbox: Any) -> None:
    """Whether it is the only change or not: plan and apply are errors, and it stays."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "components": []})
    used = "components: {C: {name: C, supplier: S}}\n"
    here = workspace(f"provider: kobo-plm\nsuppliers: {{S: {{name: S}}}}\n{used}")
    here.apply()
    here.write(f"provider: kobo-plm\nsuppliers: {{T: {{name: T}}}}\n{used}")
    for command in ("plan", "apply --auto-approve", "apply --auto-approve --allow-partial"):
        shown = here.run(*command.split())
        assert shown.code == (4 if "partial" in command else 1)
        assert "still refers to it" in shown.err
        assert "complete!" not in shown.out
    assert sorted(codes(sandbox)) == ["S", "T"]


def test_what_needs_something_excluded_is_excluded_too(workspace: Any, sandbox: Any) -> None:
    """Also where what is excluded could not be planned."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "components": []})
    here = workspace(
        "provider: kobo-plm\nsuppliers: {S-8: {}, S-9: {name: New}}\n"
        "components: {C-8: {name: A, supplier: S-8}, C-9: {name: B, supplier: S-9}}\n"
    )
    assert here.run("plan").code == 1
    here.apply("--exclude", "kobo-plm/suppliers/S-8")
    assert codes(sandbox) == ["S-9"]
    assert [row["code"] for row in sandbox.state("kobo-plm")["components"]] == ["C-9"]


CONFIG = {"active": True, "postProcessAction": 1, "ftpServer": "ftp.example"}
HIDDEN = {"path": "*/config/fetchfile*", "method": "GET", "fault": {"status": 200, "body": []}}


def test_what_is_held_back_does_not_stop_the_others(workspace: Any, sandbox: Any) -> None:
    """A creation with an unknown outcome waits, and what has nothing to do with it is applied."""
    sandbox.put_state("kibo", {"fetch_file_configs": [], "location_types": []})
    here = workspace("provider: kibo\n")
    kinds: dict[str, Any] = {"kibo/fetch_file_configs": {"nightly": CONFIG}}
    here.declare(kinds)
    sandbox.faults([HIDDEN])
    assert here.run("apply", "--auto-approve").code == 4
    here.declare({**kinds, "kibo/location_types": {"WH": {"name": "Warehouse"}}})
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4
    assert "held back" in shown.err
    assert shown.last == "Apply incomplete. Resources: 1 added, 0 changed, 0 destroyed."
    assert len(sandbox.state("kibo")["fetch_file_configs"]) == 1
