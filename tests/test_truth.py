"""What is said is so: absence, deletes, half replacements, names on the command line, accounts."""

from __future__ import annotations

import json
from typing import Any

import pytest

HOOK = "url: 'https://x.example/1', events: [style.created]"
TWO = f"provider: kobo-plm\nwebhooks: {{a: {{name: A, {HOOK}}}, b: {{name: B, {HOOK}}}}}\n"
ONE = f"provider: kobo-plm\nwebhooks: {{a: {{name: A, {HOOK}}}}}\n"
SETTINGS = {"webhooks": []}


def names(sandbox: Any) -> list[str]:
    """The webhooks at the vendor."""
    return sorted(each["name"] for each in sandbox.state("kobo-plm")["webhooks"])


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that owns two webhooks, and nothing else is live."""
    sandbox.put_state("kobo-plm", SETTINGS)
    made = workspace(TWO)
    made.apply()
    return made


@pytest.mark.parametrize(
    "body",
    [
        {"data": [], "meta": {"total": 0}},
        {"data": [], "meta": {"total": 0}, "success": False, "message": "index is rebuilt"},
        {"data": [], "meta": {"total": 0}, "error": "index is rebuilt"},
    ],
)
def test_a_list_that_lacks_what_we_own_proves_nothing(
    here: Any, sandbox: Any, body: dict[str, Any]
) -> None:
    """An owned object is asked for by its id before it counts as gone: nothing is made twice."""
    sandbox.faults(
        [{"path": "*/webhooks", "method": "GET", "fault": {"status": 200, "body": body}}]
    )
    shown = here.run("apply", "--auto-approve")
    assert "will be created" not in shown.out
    assert names(sandbox) == ["A", "B"]
    drift = here.run("drift", "--detailed-exitcode")
    assert "deleted at the vendor" not in drift.out
    if "error" in body or "message" in body:
        assert drift.code == 1
        assert "index is rebuilt" in drift.err
    else:
        assert drift.code == 0


def test_what_is_gone_is_known_to_be_gone(here: Any, sandbox: Any) -> None:
    """An object that neither the list nor its id shows was deleted, and is created again."""
    kept = [each for each in sandbox.state("kobo-plm")["webhooks"] if each["name"] == "A"]
    sandbox.put_state("kobo-plm", {"webhooks": kept})
    assert "it was deleted at the vendor" in here.run("plan").out
    here.apply()
    assert names(sandbox) == ["A", "B"]


@pytest.mark.parametrize("status", [204, 404])
def test_a_delete_that_did_nothing_is_found_out(here: Any, sandbox: Any, status: int) -> None:
    """Whatever the vendor answered, the object is looked for: it stays owned and is reported."""
    here.write(ONE)
    sandbox.faults([{"path": "*/webhooks/*", "method": "DELETE", "fault": {"status": status}}])
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 1
    assert "it still exists" in shown.err
    assert "Apply complete!" not in shown.out
    sandbox.faults([])
    assert "kobo-plm/webhooks/b" in here.run("state", "list").out
    here.apply()
    assert names(sandbox) == ["A"]


def test_a_write_that_failed_inside_a_200_is_no_success(workspace: Any, sandbox: Any) -> None:
    """`success: false` in the answer to a create is a refusal, in the vendor's words."""
    sandbox.put_state("kobo-plm", SETTINGS)
    body = {"success": False, "message": "quota exceeded"}
    sandbox.faults(
        [{"path": "*/webhooks", "method": "POST", "fault": {"status": 200, "body": body}}]
    )
    shown = workspace(ONE).run("apply", "--auto-approve")
    assert shown.code == 1
    assert "quota exceeded" in shown.err


def test_a_create_over_the_limit_is_waited_for(workspace: Any, sandbox: Any) -> None:
    """A 429 that does not say how long to wait was not processed: the create is sent again."""
    sandbox.put_state("kobo-plm", SETTINGS)
    sandbox.faults([{"path": "*/webhooks", "method": "POST", "nth": 1, "fault": {"status": 429}}])
    workspace(ONE).apply()
    assert names(sandbox) == ["A"]


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_half_a_replacement_is_told(workspace: Any, sandbox: Any) -> None:
    """Where the new object is refused, the old one is counted as destroyed, and the exit code is
    that of a part that was applied."""
    here = workspace("provider: kibo\nlocation_types: {WH: {name: Depo}}\n")
    here.apply()
    here.write("provider: kibo\nlocation_types: {WH: {code: WH2, name: Depo}}\n")
    rule = {"vendor": "kibo", "path": "*/locationtypes", "method": "POST"}
    sandbox.faults([{**rule, "fault": {"status": 422}}])
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4
    assert "kibo/location_types/WH: failed, after the old object was destroyed" in shown.out
    assert "0 added, 0 changed, 1 destroyed." in shown.out


@pytest.mark.parametrize("option", ["--target", "--exclude"])
def test_a_name_that_nothing_has_is_an_error(here: Any, option: str) -> None:
    """A typo leaves nothing out and takes nothing in by accident."""
    shown = here.run("plan", option, "kobo-plm/webhooks/aa")
    assert shown.code == 1
    assert "nothing declared or owned has this address" in shown.err
    assert 'Did you mean "kobo-plm/webhooks/a"?' in shown.err


def test_an_address_means_one_object(workspace: Any, sandbox: Any) -> None:
    """A key that another one begins with is exact; `/**` and signs of a shell mean several."""
    sandbox.put_state("kobo-plm", {"suppliers": []})
    here = workspace(
        "provider: kobo-plm\nsuppliers: {A: {name: A}, A/B: {name: AB}, Ç: {name: C}}\n"
    )

    def planned(name: str) -> list[str]:
        shown = here.run("plan", "--format", "json", "--target", name)
        return [entry["name"] for entry in json.loads(shown.out)["resource_changes"]]

    assert planned("kobo-plm/suppliers/A") == ["A"]
    assert planned("kobo-plm/suppliers/A/**") == ["A/B"]
    assert planned("kobo-plm/suppliers/A*") == ["A", "A/B"]
    assert planned("*/suppliers/A/**") == ["A/B"]
    assert planned("*-plm/supp*s") == ["A", "A/B", "Ç"]
    assert planned("kobo-plm/suppliers/C\u0327") == ["Ç"]


def test_a_provider_that_is_gone_is_not_passed_over(here: Any) -> None:
    """What the ledger has of a provider or kind that the workspace lacks is an error with two ways
    out, and both lead out."""
    with_other = json.loads((here.root / "reconciler.yaml").read_text("utf-8"))
    with_other["providers"]["kobo"] = with_other["providers"].pop("kobo-plm")
    (here.root / "reconciler.yaml").write_text(json.dumps(with_other), "utf-8")
    here.write(TWO.replace("provider: kobo-plm", "provider: kobo"))
    for words in (["plan"], ["plan", "--destroy"], ["drift"]):
        shown = here.run(*words)
        assert shown.code == 1
        assert "the ledger has 2 of kobo-plm/webhooks" in shown.err
    moved = here.run("state", "mv", "kobo-plm", "kobo")
    assert moved.out.splitlines()[0] == "kobo-plm/webhooks/a -> kobo/webhooks/a"
    assert here.run("plan", "--detailed-exitcode").code == 0
    assert moved.code == 0
    assert "state mv" in here.run("history").out


def test_forgetting_leaves_the_vendor_alone(here: Any, sandbox: Any) -> None:
    """What is let go stays at the vendor, and is adopted again while it is declared."""
    assert here.run("state", "forget", "kobo-plm/webhooks/b").code == 0
    here.write(ONE)
    here.apply()
    assert names(sandbox) == ["A", "B"]
    missed = here.run("state", "forget", "kobo-plm/webhooks/zz")
    assert missed.code == 1
    assert "the ledger has nothing at" in missed.err


def test_moving_onto_an_owned_address_is_refused(here: Any) -> None:
    """Nothing that is owned is overwritten."""
    shown = here.run("state", "mv", "kobo-plm/webhooks/a", "kobo-plm/webhooks/b")
    assert shown.code == 1
    assert "kobo-plm/webhooks/b is owned already" in shown.err


def test_each_environment_has_its_own_ledger(here: Any) -> None:
    """What one environment owns, another does not: its ledger is another file by default."""
    settings = json.loads((here.root / "reconciler.yaml").read_text("utf-8"))
    settings["environments"] = {"staging": {"variables": {}}}
    (here.root / "reconciler.yaml").write_text(json.dumps(settings), "utf-8")
    assert here.run("--env", "staging", "state", "list").out == ""
    here.run("--env", "staging", "apply", "--auto-approve")
    assert (here.root / ".reconciler" / "staging.jsonl").exists()


@pytest.mark.parametrize("sign", ["\u0085", "\u2028", "\u2029"])
def test_an_invisible_line_break_is_refused_by_name(here: Any, sandbox: Any, sign: str) -> None:
    """What an editor shows as one line is one line: nothing is destroyed by what nobody sees."""
    here.write(f"provider: kobo-plm\nwebhooks:\n  a:\n    name: A # wiki{sign}    $absent: true\n")
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 1
    assert f"U+{ord(sign):04X}" in shown.err
    assert "manifests/main.yaml:4:19" in shown.err
    assert names(sandbox) == ["A", "B"]


def test_a_conflict_marker_is_named_as_one(here: Any) -> None:
    """Also inside a quoted text, where YAML would read it."""
    here.write("provider: kobo-plm\nwebhooks:\n  a:\n    name: 'A\n<<<<<<< HEAD\n  B'\n")
    shown = here.run("validate")
    assert shown.code == 1
    assert "conflict marker" in shown.err


def test_a_share_of_few_is_no_share(workspace: Any, sandbox: Any) -> None:
    """Percentages count from ten objects on, unless the workspace says otherwise."""
    sandbox.put_state("kobo-plm", SETTINGS)
    here = workspace(TWO)
    here.apply()
    here.write(TWO.replace("x.example", "y.example"))
    assert here.run("plan").code == 0


def test_an_object_of_somebody_else_is_not_replaced(workspace: Any, sandbox: Any) -> None:
    """What is live and not owned is never destroyed to become as declared: it is adopted first."""
    live = {"products": [{"id": "p1", "sku": "CANDLE", "name": "Candle"}]}
    task = {"id": "t1", "name": "Produce", "Items": [{"ResourceId": "p1", "quantity": 50}]}
    sandbox.put_state("inventora", {**live, "tasks": [task]})
    here = workspace(
        "provider: inventora\n"
        "tasks: {t: {name: Produce, items: [{product: CANDLE, quantity: 10, unitType: pieces}]}}\n"
    )
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 1
    assert "it exists and is not owned, so it is not replaced" in shown.err
    assert here.writes() == []


def test_what_was_only_imported_is_released(workspace: Any, sandbox: Any) -> None:
    """An import that is thrown away destroys nothing: what was never applied is let go."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    before = workspace(TWO)
    before.apply()
    before.run("state", "forget", "kobo-plm")
    before.write("provider: kobo-plm\n")
    assert before.run("import", "--kind", "webhooks").code == 0
    (before.root / "manifests" / "kobo-plm" / "webhooks.yaml").unlink()
    shown = before.run("apply", "--auto-approve")
    assert shown.code == 0
    assert "0 destroyed" in shown.out
    assert names(sandbox) == ["A", "B"]
    assert before.run("state", "list").out == ""


def test_a_delete_that_is_held_back_is_not_complete(workspace: Any, sandbox: Any) -> None:
    """What was asked for and could not be planned is neither 0 nor complete."""
    used = "components: {C: {name: C, supplier: S}}\n"
    here = workspace(f"provider: kobo-plm\nsuppliers: {{S: {{name: S}}}}\n{used}")
    here.apply()
    here.write(f"provider: kobo-plm\n{used}")
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 1
    assert "still refers to it" in shown.err
    assert "Apply complete!" not in shown.out


@pytest.mark.parametrize("command", ["plan", "drift", "apply"])
def test_json_is_json_for_errors_too(workspace: Any, command: str) -> None:
    """A program that asked for JSON gets the findings as JSON on stdout."""
    here = workspace("provider: kobo-plm\nwebhooks: {a: {nme: A}}\n")
    shown = here.run(command, "--format", "json")
    assert shown.code == 1
    (finding,) = json.loads(shown.out)["diagnostics"]
    assert finding["summary"] == 'there is no field "nme"'
    assert (finding["file"], finding["line"]) == ("manifests/main.yaml", 2)


def test_without_a_ledger_no_drift_can_be_seen(here: Any) -> None:
    """A fresh clone says so, and with --detailed-exitcode it is not 0."""
    (here.root / ".reconciler" / "ledger.jsonl").unlink()
    shown = here.run("drift", "--detailed-exitcode")
    assert shown.code == 1
    assert "No drift can be seen" in shown.out
    assert here.run("drift", "--format", "json").json["complete"] is False


@pytest.mark.parametrize(
    "becomes",
    [
        TWO.replace("a: {", "a: {$protect: true, "),
        TWO.replace("a: {", "a: {$on_remove: keep, "),
        TWO.replace("a: {", "c: {$was: a, "),
    ],
)
def test_a_change_of_the_ledger_alone_is_a_change(here: Any, becomes: str) -> None:
    """Protection, $on_remove and a new key wait for an apply, and --detailed-exitcode says so."""
    here.write(becomes)
    assert here.run("plan", "--detailed-exitcode").code == 2
    here.apply()
    assert here.run("plan", "--detailed-exitcode").code == 0


def test_a_plan_without_a_ledger_says_first_what_it_cannot_see(here: Any) -> None:
    """With a ledger the line is gone; without one it comes before everything else."""
    line = "No ledger yet: neither drift nor what was removed from the manifests can be seen."
    assert line not in here.run("plan").out
    (here.root / ".reconciler" / "ledger.jsonl").unlink()
    assert here.run("plan").out.splitlines()[0] == line


def test_no_drift_is_not_claimed_of_what_could_not_be_read(here: Any, sandbox: Any) -> None:
    """The last line is about what was read, and the exit code is that of an error."""
    assert "No drift. " in here.run("drift").out
    assert here.run("drift", "--format", "json").json["complete"] is True
    sandbox.faults([{"path": "*/webhooks", "method": "GET", "fault": {"status": 403}}])
    shown = here.run("drift", "--detailed-exitcode")
    assert shown.out.splitlines()[-1] == "No drift in what could be read."
    assert shown.code == 1
    assert here.run("drift", "--format", "json").json["complete"] is False


def test_a_plan_without_a_ledger_does_not_deny_what_it_destroys(here: Any) -> None:
    """What is declared absent is destroyed without a ledger too, and no line says otherwise."""
    (here.root / ".reconciler" / "ledger.jsonl").unlink()
    here.write(TWO.replace("a: {", "a: {$absent: true, "))
    shown = here.run("plan")
    assert shown.last == "Plan: 0 to add, 0 to change, 1 to destroy."
    assert "nothing can be destroyed" not in shown.out
