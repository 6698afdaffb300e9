"""A run is undone by a plan that is reviewed and applied as any other; what cannot be undone is
said, and what others have done since is left alone."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import MakeWorkspace, Result, Workspace
from .test_history import SFTP as SFTP_OF_ONE
from .test_interrupted_writes import killed
from .test_recorded import Command, command  # noqa: F401

HOOK = "url: 'https://x.example/1', events: [style.created]"
SFTP = SFTP_OF_ONE.replace("secret.sftp", "secret.old")


def hooks(**urls: str) -> str:
    """A manifest with webhooks of these names and the ends of their URLs."""
    entries = ", ".join(
        f"{key}: {{name: {key.upper()}, {HOOK.replace('/1', '/' + end)}}}"
        for key, end in urls.items()
    )
    return f"provider: kobo-plm\nwebhooks: {{{entries}}}\n"


@pytest.fixture
def here(workspace: MakeWorkspace, sandbox: Any) -> Workspace:
    """A workspace that owns two webhooks."""
    sandbox.put_state("kobo-plm", {"webhooks": [], "suppliers": []})
    made = workspace(hooks(a="1", b="1"))
    made.apply()
    return made


def live(here: Workspace) -> dict[str, str]:
    """The webhooks at the vendor, by name: the ends of their URLs."""
    found = here.sandbox.state("kobo-plm")["webhooks"]
    return {one["name"]: one["url"].rpartition("/")[2] for one in found}


def last_run(here: Workspace) -> str:
    """The id of the newest run."""
    (run,) = here.run("history", "--last", "1", "--format", "json").json["runs"]
    return str(run["run"])


def undo(here: Workspace, run: str = "", *options: str, code: int = 0) -> Result:
    """Plan to undo a run, by default the newest, and apply that plan."""
    planned = here.run("revert", run or last_run(here), "--out", str(here.root / "p"), *options)
    assert planned.code == code, planned
    applied = here.run("apply", str(here.root / "p"))
    assert applied.code == (4 if code else 0), applied
    return planned


def test_what_was_created_changed_and_destroyed_is_as_before(here: Workspace) -> None:
    """In one plan: the new one goes, the changed one has its old value, and the destroyed one is
    there again with a new id. With the old manifests nothing is left to do."""
    before = live(here)
    here.write(hooks(a="2", c="1"))
    here.apply()
    assert live(here) == {"A": "2", "C": "1"}
    planned = undo(here)
    assert planned.out.splitlines()[-1] == "Plan: 1 to add, 1 to change, 1 to destroy."
    assert "created it" in planned.out
    assert "it gets a new id" in planned.out
    assert "the manifest changed" not in planned.out
    for name in "abc":
        assert f"kobo-plm/webhooks/{name}" in planned.err
    assert "does it again" in planned.err
    assert live(here) == before
    here.write(hooks(a="1", b="1"))
    assert here.settled()
    assert "No changes." in here.run("plan").out


def test_a_revert_is_reverted(here: Workspace) -> None:
    """The undoing run is a run as any other; history says which one it undoes."""
    here.write(hooks(a="2", c="1"))
    here.apply()
    first = last_run(here)
    after = live(here)
    undo(here)
    undone = here.run("history", "--last", "1", "--format", "json").json["runs"][0]
    assert undone["reverts"] == first
    undo(here)
    assert live(here) == after
    assert here.settled()
    undo(here)
    here.write(hooks(a="1", b="1"))
    assert here.settled()


def test_only_the_fields_of_the_run_are_written(here: Workspace, sandbox: Any) -> None:
    """What somebody else changed beside them stays, and counts as drift as before."""
    here.write(hooks(a="2", b="1"))
    here.apply()
    state = sandbox.state("kobo-plm")["webhooks"]
    for one in state:
        one["events"] = ["style.updated"] if one["name"] == "A" else one["events"]
    sandbox.put_state("kobo-plm", {"webhooks": state})
    undo(here)
    (found,) = (w for w in sandbox.state("kobo-plm")["webhooks"] if w["name"] == "A")
    assert found["url"].endswith("/1")
    assert found["events"] == ["style.updated"]
    assert here.run("drift", "--detailed-exitcode").code == 2
    here.write(hooks(a="1", b="1"))
    (entry,) = here.plan()
    assert entry["x_cause"] == "drift"
    assert [field["path"][0] for field in entry["x_fields"]] == ["events"]


def test_what_changed_again_is_a_conflict(here: Workspace, sandbox: Any) -> None:
    """At the vendor or by a later run: it is named, nothing is applied without consent, and the
    rest is undone with it."""
    here.write(hooks(a="2", b="2"))
    here.apply()
    run = last_run(here)
    here.write(hooks(a="3", b="2"))
    here.apply()
    later = last_run(here)
    planned = here.run("revert", run, "--out", str(here.root / "p"))
    assert planned.code == 1
    assert f"its url has changed again since, by run {later}" in planned.err
    assert here.run("apply", str(here.root / "p")).code == 1
    assert live(here) == {"A": "3", "B": "2"}
    undo(here, run, "--allow-partial", code=1)
    assert live(here) == {"A": "3", "B": "1"}
    here.write(hooks(a="3", b="5"))
    here.apply()
    state = sandbox.state("kobo-plm")["webhooks"]
    for one in state:
        one["url"] = "https://x.example/9" if one["name"] == "B" else one["url"]
    sandbox.put_state("kobo-plm", {"webhooks": state})
    planned = here.run("revert", last_run(here))
    assert planned.code == 1
    assert "not undone: its url changed at the vendor since it was applied" in planned.err


def test_a_created_object_that_others_changed_is_kept(here: Workspace, sandbox: Any) -> None:
    """It is not destroyed: neither where the vendor has other values, nor where a later run wrote
    to it."""
    here.write(hooks(a="1", b="1", c="1"))
    here.apply()
    run = last_run(here)
    here.write(hooks(a="1", b="1", c="2"))
    here.apply()
    planned = here.run("revert", run)
    assert planned.code == 1
    assert f"reconciler revert {last_run(here)}" in planned.err
    undo(here)
    state = sandbox.state("kobo-plm")["webhooks"]
    for one in state:
        one["url"] = "https://x.example/9"
    sandbox.put_state("kobo-plm", {"webhooks": state})
    planned = here.run("revert", run)
    assert planned.code == 1
    assert "will be destroyed" not in planned.out


def test_a_plan_that_undoes_goes_stale(here: Workspace, sandbox: Any) -> None:
    """When the ledger or the live object has changed since it was made."""
    here.write(hooks(a="2", b="1"))
    here.apply()
    plan = str(here.root / "p")
    assert here.run("revert", last_run(here), "--out", plan).code == 0
    state = sandbox.state("kobo-plm")["webhooks"]
    for one in state:
        one["url"] = "https://x.example/9"
    sandbox.put_state("kobo-plm", {"webhooks": state})
    assert here.run("apply", plan).code == 3
    for one in state:
        one["url"] = "https://x.example/2" if one["name"] == "A" else "https://x.example/1"
    sandbox.put_state("kobo-plm", {"webhooks": state})
    here.write(hooks(a="2", b="1", c="1"))
    here.apply()
    refused = here.run("apply", plan)
    assert refused.code == 3
    assert "stale" in refused.err


def test_guards_and_protections_hold(here: Workspace) -> None:
    """A protected object is not destroyed by undoing its creation, nor more than the guard
    allows."""
    here.write(hooks(a="1", b="1", c="1").replace("name: C", "name: C, $protect: true"))
    here.apply()
    planned = here.run("revert", last_run(here), "--out", str(here.root / "p"))
    assert planned.code == 3
    assert "protected" in planned.err
    assert here.run("apply", str(here.root / "p")).code == 3
    here.write(hooks(a="1", b="1", c="1"))
    here.apply()
    here.write(hooks(a="1", b="1", c="1", d="1", e="1"))
    here.apply()
    here.configure(guard={"max_deletes": 1})
    planned = here.run("revert", last_run(here))
    assert planned.code == 3
    assert here.run("revert", last_run(here), "--allow-deletes", "2").code == 0


def test_ledger_only_entries_are_undone(here: Workspace, sandbox: Any) -> None:
    """Adopted is let go, let go is adopted, renamed gets its name back, and nothing is written to
    the vendor."""
    here.write(hooks(x="1", b="1").replace("name: X", "name: A, $was: a, $on_remove: keep"))
    here.apply()
    renamed = last_run(here)
    writes = here.writes()
    planned = undo(here, renamed)
    assert "Nothing of the run is to be undone at a vendor." in planned.out
    assert "1 object will be recorded in the ledger" in planned.out
    assert "kobo-plm/webhooks/a " in here.run("state", "list").out
    undo(here)
    here.write(hooks(b="1"))
    here.apply()
    undo(here)
    listed = here.run("state", "list").out
    assert "kobo-plm/webhooks/x" in listed
    here.run("state", "forget", "kobo-plm/webhooks/b")
    here.write(hooks(x="1", b="1").replace("name: X", "name: A, $on_remove: keep"))
    here.apply()
    assert "kobo-plm/webhooks/b" in here.run("state", "list").out
    undo(here)
    assert "kobo-plm/webhooks/b" not in here.run("state", "list").out
    assert here.writes() == writes


def test_a_run_that_failed_in_part_is_undone_in_part(here: Workspace, sandbox: Any) -> None:
    """Only what it did is undone."""
    rule = {"vendor": "kobo-plm", "path": "*/webhooks", "method": "POST", "nth": 2}
    sandbox.faults([{**rule, "fault": {"status": 422}}])
    here.write(hooks(a="2", b="1", c="1", d="1"))
    assert here.run("apply", "--auto-approve", "--parallelism", "1").code == 4
    sandbox.faults([])
    assert len(live(here)) == 3
    planned = undo(here)
    assert planned.out.splitlines()[-1] == "Plan: 0 to add, 1 to change, 1 to destroy."
    assert live(here) == {"A": "1", "B": "1"}


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_a_replacement_is_undone_by_a_replacement(workspace: MakeWorkspace, sandbox: Any) -> None:
    """The new object goes and one like the old comes, with a new id; that is said."""
    old = "provider: kibo\nlocation_types: {WH: {name: Depo}}\n"
    made = workspace(old)
    made.apply()
    made.write("provider: kibo\nlocation_types: {WH: {code: WH2, name: Depo İki}}\n")
    made.apply()
    planned = undo(made)
    assert "it gets a new id" in planned.out
    made.write(old)
    assert made.settled()
    undo(made)
    made.write("provider: kibo\nlocation_types: {WH: {code: WH2, name: Depo İki}}\n")
    assert made.settled()


def test_references_lead_to_what_is_created_again(workspace: MakeWorkspace, sandbox: Any) -> None:
    """Objects that refer to each other and were destroyed by one run come back in order."""
    text = """
provider: kobo-plm
suppliers: {S-1: {name: Şişli}}
components: {C-1: {name: İplik, supplier: S-1}}
"""
    made = workspace(text)
    result = made.run("apply", "--auto-approve")
    if result.code:
        pytest.skip(result.err)
    made.write("")
    made.apply("--confirm-removed", "manifests/main.yaml")
    undo(made)
    made.write(text)
    assert made.settled()


def test_commands_that_only_change_the_ledger_say_how_to_undo_them(here: Workspace) -> None:
    """And a run that is not there is named."""
    here.run("state", "forget", "kobo-plm/webhooks/b")
    shown = here.run("revert", last_run(here))
    assert shown.code == 1
    assert "reconciler adopt ADDRESS" in shown.err
    shown = here.run("revert", "nonsense")
    assert (shown.code, shown.out) == (1, "")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_an_interrupted_run_is_undone(here: Workspace, sandbox: Any, method: str) -> None:
    """Killed while the answer to a write was on its way: whether it took effect is found out, and
    what it did is undone, and nothing is there twice."""
    before = live(here)
    here.write(hooks(a="2", c="1"))
    killed(here, sandbox, method, "/webhooks")
    run = last_run(here)
    undo(here, run)
    assert live(here) == before
    here.write(hooks(a="1", b="1"))
    assert here.settled()
    assert here.run("state", "list", "--format", "json").json["unknown_outcomes"] == []


def test_a_run_that_was_interrupted_and_completed_is_undone(here: Workspace, sandbox: Any) -> None:
    """The next run found out what it did; both are undone, the newer one first."""
    before = live(here)
    here.write(hooks(a="2", c="1"))
    killed(here, sandbox, "POST", "/webhooks")
    first = last_run(here)
    here.apply()
    undo(here)
    undo(here, first)
    assert live(here) == before


@pytest.fixture
def sftp(workspace: MakeWorkspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace whose object has a secret, of which there are two."""
    monkeypatch.setenv("SFTP_OLD", "eski-kanarya-0123456789")
    monkeypatch.setenv("SFTP_NEW", "yeni-kanarya-0123456789")
    made = workspace(SFTP, secrets={"old": "${env.SFTP_OLD}", "new": "${env.SFTP_NEW}"})
    made.apply()
    return made


def test_a_secret_is_put_back_where_it_is_known(sftp: Workspace) -> None:
    """The secret of the workspace with the recorded fingerprint is written again: of a changed
    object, and of one that was destroyed."""
    sftp.write(SFTP.replace("secret.old", "secret.new"))
    sftp.apply()
    planned = undo(sftp)
    assert "(sensitive)" in planned.out
    sftp.write(SFTP)
    assert sftp.settled()
    sftp.write("provider: kibo\n")
    sftp.apply()
    undo(sftp)
    sftp.write(SFTP)
    assert sftp.settled()
    plan = (sftp.root / "p").read_text("utf-8")
    assert "kanarya" not in plan


def test_a_secret_that_is_not_kept_cannot_be_put_back(
    sftp: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is said, and nothing of the object is written."""
    sftp.write(SFTP.replace("secret.old", "secret.new"))
    sftp.apply()
    monkeypatch.setenv("SFTP_OLD", "baska-kanarya-0123456789")
    planned = sftp.run("revert", last_run(sftp))
    assert planned.code == 1
    assert "ftpPassword: its old value is a secret" in planned.err
    assert "No changes" in planned.out


def test_all_of_a_destroyed_object_comes_back(workspace: MakeWorkspace, sandbox: Any) -> None:
    """Also the fields that no manifest declared."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "components": []})
    made = workspace("provider: kobo-plm\nsuppliers: {S-1: {name: Şişli}}\n")
    made.apply()
    (supplier,) = sandbox.state("kobo-plm")["suppliers"]
    theirs = {**supplier, "email": "iplik@şişli.example", "type": "Fabric"}
    sandbox.put_state("kobo-plm", {"suppliers": [theirs]})
    made.write("provider: kobo-plm\n")
    made.apply()
    assert sandbox.state("kobo-plm")["suppliers"] == []
    undo(made)
    (found,) = sandbox.state("kobo-plm")["suppliers"]
    assert (found["email"], found["type"]) == (theirs["email"], "Fabric")
    assert found["id"] != supplier["id"]
    made.write("provider: kobo-plm\nsuppliers: {S-1: {name: Şişli}}\n")
    assert made.settled()


def test_what_an_exclusive_kind_lost_comes_back(workspace: MakeWorkspace, sandbox: Any) -> None:
    """An object that was neither declared nor owned, and was destroyed for that, is made again, and
    is not destroyed by the plan that does so."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    made = workspace(hooks(a="1", b="1"))
    made.apply()
    made.run("state", "forget", "kobo-plm/webhooks/b")
    (made.root / ".reconciler" / "ledger.jsonl").unlink()
    made.write(hooks(a="1"))
    made.apply()
    made.configure(exclusive=["kobo-plm/webhooks"])
    made.apply()
    assert live(made) == {"A": "1"}
    undo(made)
    assert live(made) == {"A": "1", "B": "1"}


def test_what_was_taken_under_management_is_not_destroyed_later(
    workspace: MakeWorkspace, sandbox: Any
) -> None:
    """A run that adopted an object and changed it is undone: its old value is back, and without a
    declaration it is let go and not destroyed."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    made = workspace(hooks(a="1", b="1"))
    made.apply()
    made.run("state", "forget", "kobo-plm/webhooks/b")
    made.write(hooks(a="1", b="2"))
    made.apply()
    planned = undo(made)
    assert "it stays owned, with $on_remove: keep" in planned.err
    assert live(made) == {"A": "1", "B": "1"}
    made.write(hooks(a="1"))
    made.apply()
    assert live(made) == {"A": "1", "B": "1"}
    assert "webhooks/b" not in made.run("state", "list").out


def test_what_is_undone_already_is_left_alone(here: Workspace) -> None:
    """A run that was undone once is undone no second time; where only a part was, the rest is."""
    here.write(hooks(a="2", c="1"))
    here.apply()
    run = last_run(here)
    undo(here)
    after = live(here)
    planned = here.run("revert", run)
    assert planned.code == 0
    assert f"run {last_run(here)} has undone this already" in planned.err
    assert "it is not owned any more, so it is left alone" in planned.err
    assert planned.out.startswith("No changes")
    assert live(here) == after


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_an_interrupted_revert_is_completed(here: Workspace, sandbox: Any, method: str) -> None:
    """By undoing the same run again: nothing is there twice, and nothing is left."""
    before = live(here)
    here.write(hooks(a="2", c="1"))
    here.apply()
    run = last_run(here)
    plan = str(here.root / "p")
    assert here.run("revert", run, "--out", plan).code == 0
    killed(here, sandbox, method, "/webhooks", words=("apply", plan, "--parallelism", "1"))
    undo(here, run)
    assert live(here) == before
    here.write(hooks(a="1", b="1"))
    here.apply()
    assert live(here) == before
    assert here.settled()


def test_journals_of_earlier_versions_say_too_little(command: Command) -> None:  # noqa: F811
    """What they do not say is not guessed; what their runs created can still be destroyed."""
    first, second, _ = command("history", "--format", "json").json["runs"]
    shown = command("revert", first["run"])
    assert shown.code == 1  # one of them is to be kept
    assert "stays at the vendor, because it was applied with $on_remove: keep" in shown.err
    assert "what it adopted or let go is not undone" in shown.err
    assert "created it" in shown.out
    shown = command("revert", second["run"])
    assert shown.code == 1
    assert "an older version wrote it" in shown.err


def test_a_plan_that_undoes_is_shown_and_saved_as_any_other(here: Workspace) -> None:
    """In each format, and by `show`; without changes the exit code is 0."""
    here.write(hooks(a="2", b="1"))
    here.apply()
    run = last_run(here)
    shown = here.run("revert", run[:6], "--format", "json")
    assert shown.json["x_reconciler"]["origin"]["choice"]["revert"] == run
    assert "To apply it, save it first" in here.run("revert", run).err
    report = here.root / "plan.md"
    assert here.run("revert", run, "--report", f"markdown={report}").code == 0
    assert "webhooks/a" in report.read_text("utf-8")
    here.run("revert", run, "--out", str(here.root / "p"))
    assert "1 to change" in here.run("show", str(here.root / "p")).out
    refused = here.run("apply", str(here.root / "p"), "--no-prune")
    assert refused.code == 1
