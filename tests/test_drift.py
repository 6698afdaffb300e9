"""What a drift report counts, what it looks at, and how it ends."""

from __future__ import annotations

import json
from typing import Any

import pytest

FIELDS = {"url": "https://x.example/1", "events": ["style.created"]}
HOOK = "url: 'https://x.example/1', events: [style.created]"
TWO = f"provider: kobo-plm\nwebhooks: {{a: {{name: A, {HOOK}}}, b: {{name: B, {HOOK}}}}}\n"


def change(sandbox: Any, *rows: dict[str, Any], **urls: str) -> None:
    """Change the URLs of webhooks by name, and add some."""
    live = sandbox.state("kobo-plm")["webhooks"]
    changed = [{**row, "url": urls.get(row["name"], row["url"])} for row in live]
    sandbox.put_state("kobo-plm", {"webhooks": [*changed, *rows]})


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that owns two webhooks, and nothing else of that kind is live."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    made = workspace(TWO)
    made.apply()
    return made


def rogue(count: int) -> list[dict[str, Any]]:
    """Webhooks that nobody declared."""
    return [{"id": 90 + n, "name": f"rogue-{n}", **FIELDS} for n in range(count)]


def test_what_an_exclusive_kind_would_destroy_is_drift(here: Any, sandbox: Any) -> None:
    """It is counted and named, save what is excepted; what a guard would refuse counts too."""
    exclusive = [{"kind": "kobo-plm/webhooks", "except": ["rogue-5"]}]
    here.configure(exclusive=exclusive, guard={"max_deletes": 2})
    assert here.run("drift", "--detailed-exitcode").code == 0
    change(sandbox, *rogue(6))
    shown = here.run("drift", "--detailed-exitcode")
    assert shown.code == 2
    assert shown.last == "Drift: 0 changed at the vendor since the last apply, 5 not declared."
    assert "all that may exist is: kobo-plm/webhooks: rogue-0, rogue-1" in shown.out
    assert "Not managed: kobo-plm/webhooks: rogue-5" in shown.out
    document = here.run("drift", "--format", "json").json
    assert document["drift"] is True
    assert document["undeclared"] == {"kobo-plm/webhooks": [f"rogue-{n}" for n in range(5)]}
    assert document["unmanaged"] == {"kobo-plm/webhooks": ["rogue-5"]}


@pytest.mark.parametrize(
    ("options", "last"),
    [
        ((), "Drift: 2 changed at the vendor since the last apply."),
        (("--target", "kobo-plm/webhooks/a"), "Drift: 1 changed at the vendor since"),
        (("--exclude", "kobo-plm/webhooks/a"), "Drift: 1 changed at the vendor since"),
        (("--exclude", "kobo-plm/webhooks"), "No drift. Your vendors are as they were last"),
        (("--target", "kobo-plm/webhooks/[cd]", "--target", "kobo-plm/webhooks/b"), "typo"),
    ],
)
def test_drift_can_be_about_a_part(
    here: Any, sandbox: Any, options: tuple[str, ...], last: str
) -> None:
    """Targets and excludes mean what they mean in a plan, and a name of nothing is an error."""
    change(sandbox, A="https://x.example/2", B="https://x.example/3")
    shown = here.run("drift", "--detailed-exitcode", *options)
    if last == "typo":
        assert shown.code == 1
        assert "nothing declared or owned has this address" in shown.err
        return
    assert shown.last.startswith(last)
    assert shown.code == (0 if last.startswith("No") else 2)


def test_a_target_reads_only_what_it_needs(here: Any, sandbox: Any) -> None:
    """What no target is about is neither read nor reported."""
    here.write(TWO + "---\nprovider: kobo-plm\nsuppliers: {S-1: {name: Firma}}\n")
    here.apply()
    sandbox.clear_journal()
    shown = here.run("drift", "--target", "kobo-plm/webhooks")
    assert shown.last == "No drift. Your vendors are as they were last applied."
    assert not [e for e in sandbox.journal("kobo-plm") if "webhooks" not in e["path"]]
    assert "Not managed: kobo-plm/suppliers" not in shown.out
    assert "Not looked at" not in shown.out


@pytest.mark.parametrize("command", ["plan", "drift"])
def test_unmanaged_objects_fail_on_request(here: Any, sandbox: Any, command: str) -> None:
    """Only with `--fail-on unmanaged`, and only those that the command is about."""
    assert here.run(command, "--fail-on", "unmanaged").code == 0
    change(sandbox, *rogue(1))
    assert here.run(command, "--detailed-exitcode").code == 0
    assert here.run(command, "--fail-on", "unmanaged").code == 2
    assert here.run(command, "--fail-on", "unmanaged", "--exclude", "kobo-plm/webhooks").code == 0


@pytest.mark.parametrize("command", ["plan", "drift"])
def test_work_by_hand_fails_on_request(workspace: Any, command: str) -> None:
    """A difference that only a person can resolve leaves a plan 0 unless `--fail-on by-hand`."""
    here = workspace("provider: inventora\nlocations: {Depo: {}}\n")
    assert here.run(command).code == 0
    assert here.run(command, "--fail-on", "by-hand").code == 2
    assert here.run("plan", "--detailed-exitcode").code == 0


def test_an_error_comes_before_what_was_asked_to_fail(here: Any, sandbox: Any) -> None:
    """A vendor that could not be read is an error, whatever else there is."""
    change(sandbox, *rogue(1))
    sandbox.faults([{"path": "*/webhooks", "method": "GET", "fault": {"status": 403}}])
    shown = here.run("drift", "--fail-on", "unmanaged")
    assert (shown.code, shown.last) == (1, "No drift in what could be read.")


def test_kinds_that_nobody_looked_at_are_listed(here: Any) -> None:
    """A plan says that there are kinds in which nothing is declared or owned and a report names
    them, so that nobody takes `no drift` for them; what was read is not among them."""
    plan = here.run("plan")
    assert plan.last == "No changes. Your vendors match the manifests."
    assert "Kinds in which nothing is declared or owned were not looked at" in plan.out
    (line,) = [line for line in here.run("drift").out.splitlines() if "kobo-plm: " in line]
    assert line.startswith("Not looked at, because nothing is declared there: kobo-plm: ")
    kinds = line.rpartition(": ")[2].split(", ")
    assert "suppliers" in kinds
    assert "webhooks" not in kinds
    document = here.run("drift", "--format", "json").json
    assert "kobo-plm/suppliers" in document["not_read"]
    saved = here.root / "saved.plan"
    here.run("plan", "--out", str(saved))
    assert here.run("show", str(saved)).out == plan.out
    assert json.loads(saved.read_text("utf-8"))["x_reconciler"]["not_read"] == document["not_read"]


def test_what_cannot_be_deleted_yet_is_drift_too(workspace: Any, sandbox: Any) -> None:
    """Undeclared objects of an exclusive kind that are still in use count one by one, although the
    plan says why it keeps them as one finding."""
    rows = [{"id": 90 + n, "code": f"X-{n}", "name": f"Stranger {n}"} for n in range(7)]
    sandbox.put_state("kobo-plm", {"suppliers": rows, "components": []})
    used = "".join(f"  C-{n}: {{name: C, supplier: X-{n}}}\n" for n in range(7))
    here = workspace(f"provider: kobo-plm\ncomponents:\n{used}")
    here.apply()
    here.configure(exclusive=["kobo-plm/suppliers"])
    shown = here.run("drift", "--format", "json")
    assert shown.code == 1
    assert shown.json["undeclared"] == {"kobo-plm/suppliers": [f"X-{n}" for n in range(7)]}
