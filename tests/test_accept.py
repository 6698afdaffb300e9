"""`drift --accept` writes what is live where it is declared; `--revert` plans to put it back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reconciler.app.workspace import Workspace
from reconciler.errors import Invalid, Refused

FILE = """\
# Who is told of what
provider: kobo-plm
webhooks:
  a:   # the first
    name: A
    url: 'https://x.example/1'   # where
    events: [style.created, style.updated]
    is_active: true
  # about b
  b:
    name: B
    url: ${var.hooks}/b
    events:
      # all of them
      - style.created
suppliers:
  S-1: {name: "Şükrü Çağlayan", payment_terms: Net 30}
"""


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace whose two webhooks and supplier are live as declared."""
    sandbox.put_state("kobo-plm", {"webhooks": [], "suppliers": [], "components": []})
    made = workspace(FILE, variables={"hooks": "https://h.example"})
    made.apply()
    return made


def manifest(here: Any) -> Path:
    """The manifest of the workspace."""
    path: Path = here.root / "manifests" / "main.yaml"
    return path


def change(sandbox: Any, **fields: dict[str, Any]) -> None:
    """Change webhooks at the vendor, by name; one with no fields is deleted."""
    rows = sandbox.state("kobo-plm")["webhooks"]
    kept = [row for row in rows if fields.get(row["name"], row)]
    changed = [{**row, **fields.get(row["name"], {})} for row in kept]
    sandbox.put_state("kobo-plm", {"webhooks": changed})


def changes(here: Any) -> list[str]:
    """The addresses that a plan would write."""
    return [e["address"] for e in here.plan() if e["x_action"] not in ("adopt", "forget")]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_is_live_is_written_where_it_is_declared(here: Any, sandbox: Any, end: str) -> None:
    """The lines that differ change and no other byte; then a plan changes nothing, and the next
    apply makes it what was last applied."""
    manifest(here).write_bytes(b"\xef\xbb\xbf" + FILE.replace("\n", end).encode())
    change(sandbox, A={"url": "https://x.example/2", "events": ["style.updated"]})
    shown = here.run("drift", "--accept", "kobo-plm/webhooks/a")
    assert (shown.code, shown.last) == (0, "Accepted: 2 fields of 1 object, in 1 file.")
    assert "+    url: 'https://x.example/2'   # where" in shown.out
    text = FILE.replace("example/1", "example/2").replace("style.created, style.u", "style.u")
    assert manifest(here).read_bytes() == b"\xef\xbb\xbf" + text.replace("\n", end).encode()
    assert changes(here) == []
    here.apply()
    assert here.run("drift").last == "No drift. Your vendors are as they were last applied."


def test_a_dry_run_writes_nothing(here: Any, sandbox: Any) -> None:
    """It shows the same lines."""
    change(sandbox, A={"url": "https://x.example/2"})
    shown = here.run("drift", "--accept", "--all", "--dry-run")
    assert (shown.code, shown.last) == (0, "Would accept: 1 field of 1 object, in 1 file.")
    assert "-    url: 'https://x.example/1'   # where" in shown.out
    assert manifest(here).read_text() == FILE


def test_only_what_is_named_is_accepted(here: Any, sandbox: Any) -> None:
    """Names are those of targets, also with wildcards; one of nothing is an error."""
    change(sandbox, A={"is_active": False}, B={"events": ["style.updated"]})
    assert here.run("drift", "--accept", "kobo-plm/webhooks/[b-z]").code == 0
    assert "is_active: true" in manifest(here).read_text()
    assert "      # all of them\n      - style.updated\n" in manifest(here).read_text()
    assert changes(here) == ["kobo-plm/webhooks/a"]
    assert here.run("drift", "--accept", "kobo-plm/webhooks/z").code == 1
    nothing = here.run("drift", "--accept", "kobo-plm/suppliers")
    assert (nothing.code, nothing.last) == (0, "Nothing was accepted.")


def test_a_value_that_stands_elsewhere_is_refused(here: Any, sandbox: Any) -> None:
    """With its place; what else drifted is accepted, and what is left is said by field."""
    change(sandbox, B={"url": "https://h.example/c", "events": ["style.created", "style.updated"]})
    shown = here.run("drift", "--accept", "kobo-plm")
    assert shown.code == 1
    assert "url is not accepted: the value comes from ${var.hooks}" in shown.err
    assert "manifests/main.yaml:12:10" in shown.err
    assert "Still to be changed by a plan: kobo-plm/webhooks/b: url" in shown.out
    assert "      - style.created\n      - style.updated\n" in manifest(here).read_text()


def test_what_was_edited_since_stays(here: Any, sandbox: Any) -> None:
    """A field that only the manifest changed is no drift, and is left to the next apply."""
    manifest(here).write_text(FILE.replace("style.created, style.updated", "style.deleted"))
    change(sandbox, A={"url": "https://x.example/2"})
    shown = here.run("drift", "--accept", "--all")
    assert shown.code == 0
    assert "Still to be changed by a plan: kobo-plm/webhooks/a: events" in shown.out
    assert "[style.deleted]" in manifest(here).read_text()
    assert "example/2" in manifest(here).read_text()


def test_what_was_deleted_loses_its_declaration_only_by_name(here: Any, sandbox: Any) -> None:
    """With the comment above it, and every line shown."""
    change(sandbox, B={})
    for names in (("--all",), ("kobo-plm/webhooks/?",)):
        shown = here.run("drift", "--accept", *names)
        assert (shown.code, shown.last) == (1, "Nothing was accepted.")
        assert "reconciler drift --accept 'kobo-plm/webhooks/b'" in shown.err
    shown = here.run("drift", "--accept", "kobo-plm/webhooks/b")
    assert shown.code == 0
    assert shown.last.startswith("Accepted: 0 fields of 0 objects, 1 object no longer declared")
    assert "-    url: ${var.hooks}/b" in shown.out
    start, _, rest = FILE.partition("  # about b\n")
    assert manifest(here).read_text() == start + rest[rest.index("suppliers:") :]
    assert changes(here) == []


def test_the_key_of_an_object_stays(here: Any, sandbox: Any) -> None:
    """An object that was renamed at the vendor keeps its address: its name is written."""
    rows = sandbox.state("kobo-plm")["suppliers"]
    sandbox.put_state("kobo-plm", {"suppliers": [{**row, "code": "S-9"} for row in rows]})
    shown = here.run("drift", "--accept", "kobo-plm/suppliers")
    assert shown.code == 0, shown
    assert '  S-1: {code: S-9, name: "Şükrü Çağlayan", payment_terms: Net 30}\n' in (
        manifest(here).read_text()
    )
    assert changes(here) == []


def test_hostile_text_is_text(here: Any, sandbox: Any) -> None:
    """What a vendor has is quoted, escaped and never filled in."""
    name = 'x" # ${var.hooks}\n::error::a\u202e'
    rows = sandbox.state("kobo-plm")["suppliers"]
    sandbox.put_state("kobo-plm", {"suppliers": [{**row, "name": name} for row in rows]})
    shown = here.run("drift", "--accept", "kobo-plm/suppliers")
    assert shown.code == 0, shown
    assert "\u202e" not in shown.out
    assert "\n::error" not in shown.out
    assert changes(here) == []
    assert here.run("drift", "--accept", "kobo-plm/suppliers").last == "Nothing was accepted."


class Meddler:
    """Somebody who does something while the vendors are read."""

    def __init__(self, act: Any) -> None:
        self.act = act

    def request(self, *_: object) -> None:
        """A request was answered."""
        self.act()

    def hold(self, *_: object) -> None:
        """Nothing."""

    def notice(self, *_: object) -> None:
        """Nothing."""


def test_a_file_that_changes_meanwhile_is_left_alone(here: Any, sandbox: Any) -> None:
    """Whoever edits a manifest while the vendors are read keeps their edit."""
    change(sandbox, A={"url": "https://x.example/2"})
    theirs = FILE.replace("Net 30", "Net 60")
    meddler = Meddler(lambda: manifest(here).write_text(theirs))
    with pytest.raises(Refused, match="the manifests changed while the vendors were read"):
        Workspace.open(here.root, observer=meddler).accept("kobo-plm/webhooks/a")
    assert manifest(here).read_text() == theirs


def test_two_at_once_lose_nothing(here: Any, sandbox: Any) -> None:
    """Each that ends well has its change in the file."""
    change(sandbox, A={"is_active": False}, B={"events": ["style.updated"]})
    started = [here.start("drift", "--accept", f"kobo-plm/webhooks/{key}") for key in "ab"]
    ends = [process.communicate(timeout=60) for process in started]
    text = manifest(here).read_text()
    written = ["is_active: false" in text, "- style.updated" in text]
    assert any(written)
    for process, is_written, end in zip(started, written, ends, strict=True):
        assert (process.returncode == 0) == is_written, end


def test_a_read_only_file_and_a_link_out_are_refused(
    here: Any, sandbox: Any, tmp_path: Path
) -> None:
    """Nothing is written to either."""
    change(sandbox, A={"url": "https://x.example/2"})
    manifest(here).chmod(0o444)
    shown = here.run("drift", "--accept", "--all")
    assert shown.code == 1
    assert "it is read-only" in shown.err
    assert manifest(here).read_text() == FILE
    outside = tmp_path / "outside.yaml"
    outside.write_text(FILE)
    manifest(here).unlink()
    manifest(here).symlink_to(outside)
    assert here.run("drift", "--accept", "--all").code == 1
    assert outside.read_text() == FILE


def test_a_link_inside_stays_a_link(here: Any, sandbox: Any) -> None:
    """What it leads to is edited."""
    shared = here.root / "shared.yaml"
    manifest(here).rename(shared)
    manifest(here).symlink_to("../shared.yaml")
    change(sandbox, A={"url": "https://x.example/2"})
    assert here.run("drift", "--accept", "--all").code == 0
    assert manifest(here).is_symlink()
    assert "example/2" in shared.read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--accept",), "Name what to accept"),
        (("--accept", "--all", "kobo-plm"), "Name what to accept"),
        (("--accept", "--revert", "kobo-plm"), "cannot be combined"),
        (("kobo-plm",), "Addresses go with --accept or --revert"),
        (("--accept", "--all", "--target", "kobo-plm"), "not --target or --exclude"),
        (("--dry-run",), "--dry-run goes with --accept"),
        (("--out", "x"), "--out goes with --revert"),
        (("--all",), "--all goes with --accept"),
    ],
)
def test_words_that_contradict_each_other(here: Any, words: tuple[str, ...], message: str) -> None:
    """Are a usage error, before a vendor is asked."""
    shown = here.run("drift", *words)
    assert shown.code == 1
    assert message in shown.err


def test_revert_plans_what_drifted_and_nothing_else(here: Any, sandbox: Any) -> None:
    """Edits of the manifests wait, also those of an object that drifted; the plan is saved, shown
    and applied like any other."""
    edited = FILE.replace("style.created, style.updated", "style.deleted")
    manifest(here).write_text(edited.replace("Net 30", "Net 60"))
    change(sandbox, A={"url": "https://x.example/2"}, B={})
    saved = here.root / "revert.plan"
    shown = here.run("drift", "--revert", "--out", str(saved))
    assert (shown.code, shown.last) == (0, "Plan: 1 to add, 1 to change, 0 to destroy.")
    (entry,) = [e for e in json.loads(saved.read_text())["resource_changes"] if e["name"] == "a"]
    assert [field["path"] for field in entry["x_fields"]] == [["url"]]
    assert here.run("apply", str(saved), "--auto-approve").code == 0
    rows = {row["name"]: row for row in sandbox.state("kobo-plm")["webhooks"]}
    assert rows["A"]["url"] == "https://x.example/1"
    assert sorted(rows["A"]["events"]) == ["style.created", "style.updated"]
    assert rows["B"]["url"] == "https://h.example/b"
    assert here.run("drift").last.startswith("No drift.")
    assert changes(here) == ["kobo-plm/suppliers/S-1", "kobo-plm/webhooks/a"]


def test_revert_of_one_address(here: Any, sandbox: Any) -> None:
    """The others stay as they are; without drift the plan is empty."""
    change(sandbox, A={"is_active": False}, B={"events": ["style.updated"]})
    shown = here.run("drift", "--revert", "kobo-plm/webhooks/b")
    assert shown.last == "Plan: 0 to add, 1 to change, 0 to destroy."
    here.apply()
    assert here.run("drift", "--revert").last.startswith("No changes.")


def test_a_plan_and_a_report_need_two_files(here: Any) -> None:
    """The report would be written over the plan that was just saved."""
    saved = str(here.root / "revert.plan")
    shown = here.run("drift", "--revert", "--out", saved, "--report", f"json={saved}")
    assert shown.code == 1
    assert "is named twice" in shown.err


def test_the_python_api(here: Any, sandbox: Any) -> None:
    """The same two as methods."""
    change(sandbox, A={"url": "https://x.example/2"})
    opened = Workspace.open(here.root)
    assert [str(c.address) for c in opened.plan_put_back().changes if c.fields] == [
        "kobo-plm/webhooks/a"
    ]
    accepted = opened.accept(dry_run=True)
    assert {str(a): names for a, names in accepted.fields.items()} == {
        "kobo-plm/webhooks/a": ("url",)
    }
    with pytest.raises(Invalid):
        opened.accept("kobo-plm/webhooks/none")


def test_a_value_that_no_manifest_may_have_is_refused(here: Any, sandbox: Any) -> None:
    """By its field and with the schema's reason; the rest is accepted."""
    change(sandbox, A={"url": "no address", "is_active": False})
    shown = here.run("drift", "--accept", "kobo-plm/webhooks/a")
    assert shown.code == 1
    assert "url is not accepted: no manifest may have it" in shown.err
    assert "    is_active: false\n" in manifest(here).read_text()
    assert "    url: 'https://x.example/1'   # where\n" in manifest(here).read_text()
    assert here.run("validate").code == 0


@pytest.mark.parametrize("vendor", ["kobo-plm", "kibo"])
def test_every_kind_can_be_accepted(workspace: Any, sandbox: Any, vendor: str) -> None:
    """Numbers and booleans of everything that is imported change at the vendor: accepted, a plan
    changes none of it, and the files are still in canonical form."""

    def moved(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {n: v if n.lower().endswith("id") else moved(v, n) for n, v in value.items()}
        if isinstance(value, bool):
            return not value
        return value + 1 if isinstance(value, float) else value

    here = workspace()
    manifest(here).unlink()
    assert here.run("import", "--all").code == 0
    state = sandbox.state(vendor)
    rows = {n: [moved(r) for r in v] if isinstance(v, list) else v for n, v in state.items()}
    sandbox.put_state(vendor, rows)
    drifted = {e["address"] for e in here.run("drift", "--format", "json").json["resources"]}
    assert len(drifted) > 3
    shown = here.run("drift", "--accept", "--all")
    assert shown.last.startswith(f"Accepted: {shown.last.split()[1]} fields of "), shown
    assert not [a for a in changes(here) if a in drifted and a not in shown.err]
    assert here.run("fmt", "--check", "manifests").code == 0
