"""A saved plan: what it says, that it is carried out as it is, and when it is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler import planfile
from reconciler.errors import Diagnostic, Invalid, Refused, Severity, Source
from reconciler.model import (
    ABSENT,
    Action,
    Address,
    Budget,
    Cause,
    Change,
    FieldChange,
    Options,
    Plan,
    Pointer,
    Ref,
    Scope,
    Secret,
)

ONE = "provider: kobo-plm\nsuppliers: {S-9: {name: Yeni İplik}}\n"
HOOKS = Scope("kobo", "webhooks")
PLAN = Plan(
    changes=(
        Change(
            HOOKS.address("a/b"),
            Action.UPDATE,
            before={"name": "Çağrı", "events": ["x"], "map": {"a": None}},
            after={"name": "Çağrı", "events": ["x", "y"], "token": Secret("hunter2-hunter2")},
            fields=(
                FieldChange(("events", 1), ABSENT, "y"),
                FieldChange(("map", "a"), None, ABSENT, forces_replace=True),
                FieldChange(("token",), ABSENT, Secret("hunter2-hunter2"), sensitive=True),
            ),
            cause=Cause.BOTH,
            reason="because",
            needs=(Address("kobo", "suppliers", "S"),),
            source=Source("manifests/a.yaml", 3, 5),
            fingerprint="f",
            id="7",
            refs=((Ref(("supplier",), Scope("kobo", "suppliers"), "S"), Pointer("1", "S")),),
            options=Options(protect=True, ignore=("name",), on_remove="keep"),
        ),
        Change(HOOKS.address("gone"), Action.DELETE, before={"name": "x"}, id="8"),
        Change(HOOKS.address("same"), Action.NO_OP, after={"name": "y"}, id="9"),
    ),
    diagnostics=(Diagnostic("careful", "look", Severity.WARNING, "kobo/webhooks/x", Source("m")),),
    deferred=(Address("kobo", "webhooks", "later"),),
    unmanaged={HOOKS: ("stranger",)},
    budget=(Budget("kobo", 600, 500),),
    refusals=(Diagnostic("no"),),
    origin={"types": {"kobo": "kobo-plm"}, "choice": {}},
)


def test_a_plan_is_read_as_it_was_written() -> None:
    """Everything but secrets comes back, of what stays as it is the values, and writing it again
    gives the same text."""
    text = planfile.write(PLAN)
    read = planfile.read(text)
    assert planfile.write(read) == text
    assert read.changes[1] == PLAN.changes[1]
    same = PLAN.changes[2]
    assert read.changes[2] == Change(same.address, Action.NO_OP, after=same.after)
    first, wanted = read.changes[0], PLAN.changes[0]
    assert (first.address, first.needs, first.refs) == (wanted.address, wanted.needs, wanted.refs)
    assert (first.source, first.cause, first.options) == (
        wanted.source,
        wanted.cause,
        wanted.options,
    )
    assert first.fields[:2] == wanted.fields[:2]
    assert (read.diagnostics, read.refusals) == (PLAN.diagnostics, PLAN.refusals)
    assert (read.deferred, read.unmanaged, read.budget) == (
        PLAN.deferred,
        PLAN.unmanaged,
        PLAN.budget,
    )


def test_a_plan_is_one_line_without_secrets() -> None:
    """Tools that read one line find all of it there, and no secret."""
    text = planfile.write(PLAN)
    assert "\n" not in text
    assert "hunter2" not in text
    assert "(sensitive)" in text


def test_a_plan_speaks_terraform() -> None:
    """Policy tools find Terraform's words: versions, actions, names, values, configuration."""
    body = json.loads(planfile.write(PLAN))
    assert (body["format_version"], body["terraform_version"]) == ("1.2", "1.11.4")
    update, delete = body["resource_changes"]
    assert update["change"]["actions"] == ["update"]
    assert delete["change"] == {**delete["change"], "actions": ["delete"], "after": None}
    assert (update["address"], update["type"], update["name"], update["provider_name"]) == (
        "kobo/webhooks/a/b",
        "kobo_plm_webhooks",
        "a/b",
        "reconciler/kobo-plm",
    )
    assert update["change"]["after_sensitive"] == {"token": True}
    planned = body["planned_values"]["root_module"]["resources"]
    assert [resource["name"] for resource in planned] == ["a/b", "same"]
    assert body["configuration"]["root_module"]["resources"]
    assert set(body) >= {"applyable", "complete", "errored", "x_reconciler"}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"x_reconciler": 1}', "[" * 100000])
def test_what_is_no_plan_is_said_to_be_none(text: str) -> None:
    """Any other file is an error that says how plans are made."""
    with pytest.raises(Invalid, match="not a saved plan"):
        planfile.read(text)


def test_a_plan_of_another_version_is_not_guessed_at() -> None:
    """A plan that another version saved is refused, not misread."""
    body = json.loads(planfile.write(PLAN))
    body["x_reconciler"]["version"] = 999
    with pytest.raises(Invalid, match="another version"):
        planfile.read(json.dumps(body))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"x_id":"8"', '"x_id":"1"'),
        ('"actions":["delete"]', '"actions":["no-op"]'),
        ('"protect":true', '"protect":false'),
        ('"refusals":[{', '"refusals":[],"was":[{'),
    ],
)
def test_a_plan_that_was_changed_is_refused(old: str, new: str) -> None:
    """Whoever edits a saved plan has made another one, which nobody approved."""
    text = planfile.write(PLAN)
    assert old in text
    with pytest.raises(Refused, match="changed after it was saved"):
        planfile.read(text.replace(old, new))


def test_a_saved_plan_is_carried_out_as_it_is(workspace: Any, sandbox: Any) -> None:
    """Apply of a saved plan asks nothing and does what the plan says, and it can be shown."""
    here = workspace(ONE)
    file = str(here.root / "saved.plan")
    planned = here.run("plan", "--out", file)
    shown = here.run("show", file)
    assert shown.out == planned.out
    applied = here.run("apply", file)
    assert (applied.code, applied.last) == (
        0,
        "Apply complete! Resources: 1 added, 0 changed, 0 destroyed.",
    )
    assert (here.root / "saved.plan").stat().st_mode & 0o777 == 0o600
    assert here.settled()
    assert here.run("apply", file).code == 3


def other_manifest(here: Any, sandbox: Any) -> None:
    """The manifests change."""
    here.write(ONE.replace("Yeni", "Başka"))


def other_ledger(here: Any, sandbox: Any) -> None:
    """Another run writes."""
    here.write("provider: kobo-plm\nsuppliers: {S-8: {name: x}}\n", "more")
    here.apply("--target", "kobo-plm/suppliers/S-8")
    (here.root / "manifests" / "more.yaml").unlink()


def other_live(here: Any, sandbox: Any) -> None:
    """Somebody makes the object on screen."""
    sandbox.put_state("kobo-plm", {"suppliers": [{"code": "S-9", "name": "Elle"}]})


def other_workspace(here: Any, sandbox: Any) -> None:
    """The plan is of another workspace."""
    here.configure(name="other")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (other_manifest, "manifests changed"),
        (other_ledger, "ledger changed"),
        (other_live, "the live object changed"),
        (other_workspace, "workspace"),
    ],
)
def test_a_stale_plan_is_refused(workspace: Any, sandbox: Any, change: Any, word: str) -> None:
    """Where something that the plan was made from has changed, nothing is written: exit 3."""
    here = workspace(ONE)
    file = str(here.root / "saved.plan")
    here.run("plan", "--out", file)
    change(here, sandbox)
    sandbox.clear_journal()
    refused = here.run("apply", file)
    assert refused.code == 3
    assert "stale" in refused.err
    assert word in refused.err
    assert here.writes() == []


def test_what_came_up_since_is_left_for_the_next_plan(workspace: Any, sandbox: Any) -> None:
    """A saved plan is not stale because something else drifted; that is not touched either."""
    here = workspace("provider: kobo-plm\nsuppliers: {SUP-001: {phone: '1'}, S-9: {name: Yeni}}\n")
    here.apply("--target", "kobo-plm/suppliers/SUP-001", "--exclude", "kobo-plm/suppliers/S-9")
    file = str(here.root / "saved.plan")
    here.run("plan", "--out", file)
    suppliers = sandbox.state("kobo-plm")["suppliers"]
    sandbox.put_state("kobo-plm", {"suppliers": [{**suppliers[0], "phone": "2"}]})
    sandbox.clear_journal()
    applied = here.run("apply", file)
    assert applied.code == 0, applied
    assert [write.split()[0] for write in here.writes()] == ["POST"]
    assert sandbox.state("kobo-plm")["suppliers"][0]["phone"] == "2"


def test_a_saved_plan_takes_no_other_choice(workspace: Any) -> None:
    """Options about what to plan make no sense beside a saved plan, and that is a usage error."""
    here = workspace(ONE)
    file = str(here.root / "saved.plan")
    here.run("plan", "--out", file)
    assert here.run("apply", file, "--target", "kobo-plm").code == 1
