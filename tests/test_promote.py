"""`promote`: a plan to have in one environment what is live in another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from reconciler import PlanOptions, Workspace
from reconciler.model import Action
from reconciler.planfile.document import digest
from reconciler.sandbox import Options

from .vendors import running

MANIFEST = """provider: kobo-plm
suppliers:
  S-1: {name: Firma}
webhooks:
  erp: {name: ERP, url: 'https://erp.example.com/hook', events: [style.created]}
"""
MORE = """provider: kobo-plm
suppliers:
  S-2: {name: Second, phone: '123'}
components:
  C-1: {name: Cotton, supplier: S-2}
"""
HOOK = "kobo-plm/webhooks/erp"
KINDS = ("suppliers", "components", "webhooks", "quotations")


class Two(NamedTuple):
    """A workspace whose environments staging and production are two sandboxes, with manifests of
    their own."""

    here: Any
    staging: Any
    production: Any

    @property
    def plan(self) -> Path:
        """Where a plan is saved."""
        return self.here.root / "a.plan"

    def promote(self, *words: str) -> Any:
        """Plan to carry these over to production, and save the plan."""
        return self.here.run("promote", "staging", "production", *words, "--out", str(self.plan))

    def apply(self) -> Any:
        """Apply the saved plan."""
        return self.here.run("--env", "production", "apply", str(self.plan))

    def row(self, sandbox: Any, kind: str, name: str) -> Any:
        """An object at a vendor, by its name; None where there is none."""
        rows = sandbox.state("kobo-plm")[kind]
        return next((row for row in rows if row["name"] == name), None)

    def put(self, sandbox: Any, kind: str, named: str, **changes: Any) -> None:
        """Change an object in the vendor's screens."""
        rows = sandbox.state("kobo-plm")[kind]
        sandbox.put_state(
            "kobo-plm", {kind: [row | (changes if row["name"] == named else {}) for row in rows]}
        )


@pytest.fixture
def two(workspace: Any, sandbox: Any) -> Iterator[Two]:
    """Staging has applied both manifests, production the first, with other ids."""
    with running(Options(port=0, rate=0, job_seconds=0)) as other:
        environments = {
            name: {
                "manifests": name,
                "providers": {
                    vendor: {"base_url": url, "requests_per_minute": 0}
                    for vendor, url in account.urls.items()
                },
            }
            for name, account in (("staging", sandbox), ("production", other))
        }
        sandbox.put_state("kobo-plm", {kind: [] for kind in KINDS})
        other.put_state("kobo-plm", {kind: [] for kind in KINDS} | {"suppliers": [OLD]})
        made = workspace(environments=environments)
        for name in environments:
            (made.root / name).mkdir()
            (made.root / name / "main.yaml").write_text(MANIFEST)
        (made.root / "staging" / "more.yaml").write_text(MORE)
        for name in environments:
            assert made.run("--env", name, "apply", "--auto-approve").code == 0
        yield Two(made, sandbox, other)


OLD = {"id": 50, "code": "OLD", "name": "Old"}


def test_a_changed_field_is_carried_over(two: Two) -> None:
    """The plan updates it, nothing else is planned, and apply does exactly that; the report says
    that the manifest would put it back."""
    two.put(two.staging, "webhooks", "ERP", url="https://new.example.com/hook")
    two.put(two.staging, "suppliers", "Firma", name="Firma 2")
    for account in (two.staging, two.production):
        account.clear_journal()
    shown = two.promote(HOOK)
    assert shown.code == 0, shown
    assert shown.last == "Plan: 0 to add, 1 to change, 0 to destroy."
    assert "the manifest says something else about url" in shown.err
    assert "at production/main.yaml:5:3, kobo-plm/webhooks/erp" in shown.err
    for account in (two.staging, two.production):
        assert {entry["method"] for entry in account.journal("kobo-plm")} == {"GET"}
    done = two.apply()
    assert done.code == 0, done
    assert two.row(two.production, "webhooks", "ERP")["url"] == "https://new.example.com/hook"
    assert two.row(two.production, "suppliers", "Firma") is not None
    assert two.promote(HOOK).last.startswith("No changes")
    plan = two.here.run("--env", "production", "plan")
    assert plan.last == "Plan: 0 to add, 1 to change, 0 to destroy."
    assert "https://new.example.com/hook" in plan.out


def test_only_managed_fields_are_carried_over(two: Two) -> None:
    """What nobody declares in staging stays as it is in production; what is declared and unset is
    unset."""
    two.put(two.staging, "suppliers", "Firma", phone="staging", website="https://staging.example")
    two.put(two.production, "suppliers", "Firma", phone="production")
    assert two.promote("kobo-plm/suppliers/S-1").last.startswith("No changes")
    two.put(two.staging, "suppliers", "Second", phone=None)
    assert two.promote("kobo-plm/suppliers/S-2").code == 0
    assert two.apply().code == 0
    assert not two.row(two.production, "suppliers", "Second").get("phone")


def test_what_refers_to_something_missing_is_refused(two: Two) -> None:
    """It is named, nothing is saved as applicable; and with its reference both are created, with
    the id that the object has there."""
    shown = two.promote("kobo-plm/components/C-1")
    assert shown.code == 3
    assert (
        "supplier refers to kobo-plm/suppliers/S-2, which staging has and production lacks"
        in shown.err
    )
    assert not two.plan.exists()
    for words in (
        ("kobo-plm/components/C-1", "--with-references"),
        ("kobo-plm/components/C-1", "kobo-plm/suppliers/S-2"),
    ):
        shown = two.promote(*words)
        assert shown.code == 0, shown
        assert shown.last == "Plan: 2 to add, 0 to change, 0 to destroy."
    assert two.apply().code == 0
    supplier = two.row(two.production, "suppliers", "Second")
    ids = [
        two.row(account, "suppliers", "Second")["id"] for account in (two.staging, two.production)
    ]
    assert ids[0] != ids[1]
    assert two.row(two.production, "components", "Cotton")["supplier"]["id"] == supplier["id"]


def test_a_reference_that_is_there_is_translated(two: Two) -> None:
    """By its natural key, whatever the manifests call it."""
    two.production.put_state(
        "kobo-plm",
        {
            "suppliers": [
                *two.production.state("kobo-plm")["suppliers"],
                OLD | {"id": 77, "code": "S-2"},
            ]
        },
    )
    shown = two.promote("kobo-plm/components/C-1")
    assert shown.code == 0, shown
    assert shown.last == "Plan: 1 to add, 0 to change, 0 to destroy."
    assert two.apply().code == 0
    assert two.row(two.production, "components", "Cotton")["supplier"]["id"] == 77


def test_what_no_manifest_declares_there_is_let_go_and_not_destroyed(two: Two) -> None:
    """The next plan of the environment says so, and an import declares it."""
    shown = two.promote("kobo-plm/suppliers/S-2")
    assert "no manifest declares it in production: the next plan there lets it go" in shown.err
    assert "reconciler --env production import --kind kobo-plm/suppliers" in shown.err
    assert two.apply().code == 0
    plan = two.here.run("--env", "production", "plan", "--format", "json")
    actions = {e["address"]: e["x_action"] for e in plan.json["resource_changes"]}
    assert actions["kobo-plm/suppliers/S-2"] == "forget"
    done = two.here.run("--env", "production", "import", "--kind", "kobo-plm/suppliers")
    assert done.code == 0, done
    plan = two.here.run("--env", "production", "plan")
    assert plan.last == "No changes. Your vendors match the manifests."
    assert "forgotten" not in plan.out


def test_what_nobody_declares_in_staging_either(two: Two) -> None:
    """All that a manifest could declare is carried over, by its natural key."""
    rows = two.staging.state("kobo-plm")["suppliers"]
    new = {"id": 60, "code": "X-9", "name": "Extra", "phone": "9", "currency": "EUR"}
    two.staging.put_state("kobo-plm", {"suppliers": [*rows, new]})
    assert two.promote("kobo-plm/suppliers/X-9").code == 0
    assert two.apply().code == 0
    row = two.row(two.production, "suppliers", "Extra")
    assert (row["code"], row["phone"], row["currency"]) == ("X-9", "9", "EUR")


def test_a_saved_promotion_is_stale_once_either_side_changes(two: Two) -> None:
    """The plan is made anew from both environments, so that a forged file has nothing written that
    neither says."""
    two.put(two.staging, "webhooks", "ERP", url="https://new.example.com/hook")
    assert two.promote(HOOK).code == 0
    two.production.clear_journal()
    for account in (two.staging, two.production):
        two.put(account, "webhooks", "ERP", url="https://newer.example.com/hook")
        shown = two.apply()
        assert shown.code == 3
        assert "stale" in shown.err
    assert {entry["method"] for entry in two.production.journal("kobo-plm")} == {"GET"}
    assert two.here.run("--env", "staging", "apply", str(two.plan)).code == 3


@pytest.mark.parametrize(
    ("choice", "code", "words"),
    [
        ({"promote": 5}, 1, "options of a wrong type"),
        ({"promote": [5]}, 1, "options of a wrong type"),
        ({"promote_from": ["staging"]}, 1, "options of a wrong type"),
        ({"targets": "kobo-plm"}, 1, "options of a wrong type"),
        ({"promote_from": "nowhere"}, 1, "there is no environment"),
        ({"promote_from": "production"}, 3, "stale"),
        ({"promote": ["kobo-plm/suppliers/S-2"]}, 3, "stale"),
        ({"promote": []}, 3, "stale"),
    ],
)
def test_a_forged_choice_has_nothing_written(
    two: Two, choice: dict[str, Any], code: int, words: str
) -> None:
    """Another environment, other objects or no options at all: it is refused with a message."""
    two.put(two.staging, "webhooks", "ERP", url="https://new.example.com/hook")
    assert two.promote(HOOK).code == 0
    body = json.loads(two.plan.read_text("utf-8"))
    body["x_reconciler"]["origin"]["choice"] |= choice
    del body["x_reconciler"]["fingerprint"]
    body["x_reconciler"]["fingerprint"] = digest(body)
    two.plan.write_text(json.dumps(body), "utf-8")
    two.production.clear_journal()
    shown = two.apply()
    assert shown.code == code, shown
    assert words in shown.err
    assert {entry["method"] for entry in two.production.journal("kobo-plm")} <= {"GET"}


def test_guards_and_policies_are_those_of_the_second_environment(two: Two) -> None:
    """A rule of production refuses what is carried over to it."""
    path = two.here.root / "reconciler.yaml"
    document = json.loads(path.read_text("utf-8"))
    document["environments"]["production"]["policies"] = {"none": {"deny": ["update"]}}
    path.write_text(json.dumps(document), "utf-8")
    two.put(two.staging, "webhooks", "ERP", url="https://new.example.com/hook")
    shown = two.promote(HOOK)
    assert shown.code == 3
    assert "policy none: update is denied" in shown.err
    assert "Apply will refuse it" in shown.err
    assert two.apply().code == 3


def test_options_of_the_second_environment_stay(two: Two) -> None:
    """What is protected there stays so, what must not exist there is refused, and what is ignored
    there is left alone."""
    main = two.here.root / "production" / "main.yaml"
    two.put(two.staging, "webhooks", "ERP", url="https://new.example.com/hook")
    main.write_text(MANIFEST.replace("{name: ERP", "{$ignore: [url], name: ERP"))
    assert two.here.run("--env", "production", "apply", "--auto-approve").code == 0
    assert two.promote(HOOK).last.startswith("No changes")
    main.write_text(MANIFEST.replace("{name: ERP", "{$absent: true, name: ERP"))
    shown = two.promote(HOOK)
    assert shown.code == 3
    assert "must not exist ($absent)" in shown.err


def test_several_at_once(two: Two) -> None:
    """A kind, or a pattern of addresses."""
    two.put(two.staging, "webhooks", "ERP", url="https://new.example.com/hook")
    assert two.promote("kobo-plm/suppliers").last == "Plan: 1 to add, 0 to change, 0 to destroy."
    shown = two.promote("kobo-plm/suppliers/S-*", "kobo-plm/webhooks/*")
    assert shown.last == "Plan: 1 to add, 1 to change, 0 to destroy."


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("kobo-plm/webhooks/erpp",), 1, "staging has no such object"),
        (("kobo-plm/webhoks/erp",), 1, "there is no kind"),
        (("webhooks",), 1, "there is no kind"),
        (("nobody/webhooks/erp",), 1, "there is no kind"),
    ],
)
def test_what_cannot_be_carried_over(two: Two, words: Any, code: int, told: str) -> None:
    """It is told, and nothing is saved."""
    shown = two.promote(*words)
    assert shown.code == code
    assert told in shown.err
    assert not two.plan.exists()


def test_what_no_key_tells_apart(two: Two) -> None:
    """Neither an object nor a reference to one is taken for another, on either side."""
    rows = two.staging.state("kobo-plm")["suppliers"]
    twins = [OLD | {"id": number, "code": "T-1", "name": f"T {number}"} for number in (70, 71)]
    two.staging.put_state("kobo-plm", {"suppliers": [*rows, *twins]})
    assert two.promote("kobo-plm/suppliers/T-1").code == 1
    shown = two.promote("kobo-plm/suppliers/T-1*")
    assert shown.code == 3
    assert "staging has several objects with this natural key" in shown.err
    two.put(two.staging, "components", "Cotton", supplier={"id": 70, "name": "T 70"})
    shown = two.promote("kobo-plm/components/C-1", "--with-references")
    assert shown.code == 3
    assert 'refers to one of several objects with the natural key "T-1"' in shown.err
    two.staging.put_state("kobo-plm", {"suppliers": [*rows, twins[0]]})
    others = two.production.state("kobo-plm")["suppliers"]
    two.production.put_state("kobo-plm", {"suppliers": [*others, *twins]})
    shown = two.promote("kobo-plm/components/C-1")
    assert shown.code == 1
    assert "2 objects of kobo-plm/suppliers have that name" in shown.err
    assert two.apply().code == 1


def test_an_environment_that_cannot_be_read(two: Two) -> None:
    """No plan is made from half of it."""
    rule = {"vendor": "kobo-plm", "path": "*/webhooks*", "fault": {"status": 403}}
    two.staging.faults([rule])
    assert two.promote(HOOK).code == 1
    assert not two.plan.exists()


SECRET = "a-password-of-these-tests"
CONFIG = {
    "active": True, "postProcessAction": 1, "ftpServer": "f", "ftpPassword": "${secret.sftp}",
}  # fmt: skip


@pytest.fixture
def with_secret(two: Two, monkeypatch: pytest.MonkeyPatch) -> Two:
    """Both have applied an export with a password, which staging has changed by hand."""
    monkeypatch.setenv("SFTP", SECRET)
    path = two.here.root / "reconciler.yaml"
    document = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(document | {"secrets": {"sftp": "${env.SFTP}"}}), "utf-8")
    manifest = json.dumps({"provider": "kibo", "fetch_file_configs": {"nightly": CONFIG}})
    for name in ("staging", "production"):
        (two.here.root / name / "kibo.yaml").write_text(manifest)
        assert two.here.run("--env", name, "apply", "--auto-approve").code == 0
    rows = two.staging.state("kibo")["fetch_file_configs"]
    changed = [r | ({"ftpServer": "new"} if r.get("ftpServer") == "f" else {}) for r in rows]
    two.staging.put_state("kibo", {"fetch_file_configs": changed})
    return two


def test_a_secret_stays_as_it_is(with_secret: Two) -> None:
    """It is said that it is not carried over, it is in no output and no file, and the vendor still
    has it."""
    two = with_secret
    shown = two.promote("kibo/fetch_file_configs/nightly")
    assert shown.code == 0, shown
    assert shown.last == "Plan: 0 to add, 1 to change, 0 to destroy."
    assert "ftpPassword cannot be read from staging and is not carried over" in shown.err
    done = two.apply()
    assert done.code == 0, done
    rows = two.production.state("kibo")["fetch_file_configs"]
    (row,) = [row for row in rows if row.get("ftpServer") == "new"]
    assert row["ftpPassword"] == SECRET
    assert SECRET not in shown.out + shown.err + done.out + done.err + two.plan.read_text()


def test_what_is_created_needs_its_secret(with_secret: Two) -> None:
    """Where production does not declare it, it is refused, and where it does, it is created with
    the secret that production declares."""
    two = with_secret
    path = two.here.root / "production" / "kibo.yaml"
    manifest = path.read_text()
    path.write_text("provider: kibo\n")
    assert two.here.run("--env", "production", "apply", "--auto-approve").code == 0
    shown = two.promote("kibo/fetch_file_configs/nightly")
    assert shown.code == 3
    assert "it is to be created and needs ftpPassword, which cannot be read" in shown.err
    path.write_text(manifest)
    assert two.promote("kibo/fetch_file_configs/nightly").code == 0
    assert two.apply().code == 0
    rows = two.production.state("kibo")["fetch_file_configs"]
    (row,) = [row for row in rows if row.get("ftpServer") == "new"]
    assert row["ftpPassword"] == SECRET


def test_what_changes_there_is_seen_also_where_nothing_has_changed_here(two: Two) -> None:
    """The plan is made anew each time: what it was made from last time is not all that counts."""
    here = two.here
    here.configure(**here.settings, cache={"from_requests": 0})
    choice = PlanOptions(promote=("kobo-plm/suppliers/S-1",), promote_from="staging")

    def changes() -> list[Any]:
        plan = Workspace.open(here.root, "production").plan(choice, whole=False)
        return [change for change in plan.changes if change.action is not Action.NO_OP]

    assert [changes(), changes()] == [[], []]
    two.put(two.staging, "suppliers", "Firma", name="Başka")
    assert [change.address.key for change in changes()] == ["S-1"]
