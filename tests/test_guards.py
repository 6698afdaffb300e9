"""Guards and protections: what one run may destroy or change, and how that is allowed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from reconciler.ledger import open_ledger
from reconciler.model import Address, Owned

HOOK = "url: 'https://x.example/1', events: [style.created]"


def suppliers(names: Iterable[int], word: str = "Supplier", also: str = "") -> str:
    """A manifest that declares these suppliers."""
    lines = "".join(f"  S-{n}: {{name: {word} {n}{also}}}\n" for n in names)
    return f"provider: kobo-plm\nsuppliers:\n{lines}"


def live_codes(sandbox: Any) -> list[str]:
    """The codes of the suppliers at the vendor."""
    return sorted(row["code"] for row in sandbox.state("kobo-plm")["suppliers"])


def strangers(sandbox: Any, count: int) -> None:
    """Add suppliers that nobody here declared."""
    rows = sandbox.state("kobo-plm")["suppliers"]
    made = [{"id": 500 + n, "code": f"X-{n}", "name": f"Stranger {n}"} for n in range(count)]
    sandbox.put_state("kobo-plm", {"suppliers": [*rows, *made]})


@pytest.fixture
def empty(sandbox: Any) -> Any:
    """A vendor without suppliers and webhooks."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "webhooks": [], "components": []})
    return sandbox


def webhook(options: str = "") -> str:
    """A manifest with one webhook that has these options."""
    return f"provider: kobo-plm\nwebhooks: {{a: {{name: A, {HOOK}{options}}}}}\n"


@pytest.mark.parametrize(
    ("applied", "edit"),
    [
        (", $protect: true", ", $absent: true"),
        (", $protect: true", ", $absent: true, $protect: false"),
        (", $on_remove: keep", ", $absent: true"),
        (", $protect: true", None),
        ("", ", $absent: true, $protect: true"),
    ],
)
def test_a_protection_is_lifted_by_an_apply_of_its_own(
    workspace: Any, empty: Any, applied: str, edit: str | None
) -> None:
    """The edit that lifts the protection cannot also destroy the object: that is refused, nothing
    is written, and the message says what to apply first."""
    here = workspace(webhook(applied))
    here.apply()
    empty.clear_journal()
    here.write("provider: kobo-plm\n" if edit is None else webhook(edit))
    for command in ("plan", "apply --auto-approve"):
        shown = here.run(*command.split())
        assert shown.code == 3
        assert "kobo-plm/webhooks/a" in shown.err
        assert "first" in shown.err or "alone" in shown.err
    assert here.writes() == []


def test_an_unprotected_object_can_be_destroyed_after_its_apply(workspace: Any, empty: Any) -> None:
    """Two applies do it: the first records that the protection is gone, the second destroys."""
    here = workspace(webhook(", $protect: true"))
    here.apply()
    here.write(webhook())
    assert here.run("plan", "--detailed-exitcode").code == 2
    here.apply()
    here.write(webhook(", $absent: true"))
    here.apply()
    assert empty.state("kobo-plm")["webhooks"] == []


LOCATION_TYPES = "provider: kibo\nlocation_types: {WH: {%sname: Warehouse%s}}\n"


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_a_replacement_does_not_lift_a_protection(workspace: Any, sandbox: Any) -> None:
    """`$protect` dropped in the edit that replaces the object does not let it be destroyed."""
    here = workspace(LOCATION_TYPES % ("", ", $protect: true"))
    here.apply()
    here.write(LOCATION_TYPES % ("code: WHS, ", ""))
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 3
    assert "protected" in shown.err
    assert [row["code"] for row in sandbox.state("kibo")["location_types"]] == ["WH"]


def test_a_protection_that_is_only_declared_is_in_force(workspace: Any, empty: Any) -> None:
    """`--destroy` refuses what the manifest protects, though no apply has recorded that yet."""
    here = workspace(webhook())
    here.apply()
    here.write(webhook(", $protect: true"))
    shown = here.run("apply", "--destroy", "--auto-approve")
    assert shown.code == 3
    assert "protected" in shown.err
    assert len(empty.state("kobo-plm")["webhooks"]) == 1


def test_a_share_is_one_of_what_is_owned(workspace: Any, empty: Any) -> None:
    """Ten of ten owned objects are all of them, however many others are live beside them."""
    here = workspace(suppliers(range(11)), guard={"max_deletes": 50})
    here.apply()
    strangers(empty, 100)
    here.write(suppliers([10]))
    shown = here.run("plan")
    assert shown.code == 3
    assert "10 of 11 would be destroyed, and max_delete_percent is 30" in shown.err
    here.write(suppliers(range(11), "Firma"))
    shown = here.run("plan")
    assert shown.code == 3
    assert "11 of 11 would be updated, and max_update_percent is 50" in shown.err


@pytest.mark.parametrize("options", [{}, {"percent_from": 3}])
def test_percentages_count_from_a_number_of_owned_objects(
    workspace: Any, empty: Any, options: dict[str, int]
) -> None:
    """Two of three owned objects are too few for a share, unless the workspace says otherwise;
    how many strangers are live does not matter."""
    here = workspace(suppliers(range(3)), guard=options)
    here.apply()
    strangers(empty, 40)
    here.write(suppliers([0]))
    assert here.run("plan").code == (3 if options else 0)


@pytest.mark.parametrize(("rogue", "code"), [(4, 0), (5, 3)])
def test_undeclared_objects_are_a_share_of_the_live_ones(
    workspace: Any, empty: Any, rogue: int, code: int
) -> None:
    """In an exclusive kind what nobody owns is counted against all that is live."""
    here = workspace(
        suppliers(range(10)), guard={"max_deletes": 50}, exclusive=["kobo-plm/suppliers"]
    )
    here.apply()
    strangers(empty, rogue)
    assert here.run("plan").code == code


def test_a_number_on_the_command_line_passes_one_run(workspace: Any, empty: Any) -> None:
    """Exactly so many deletes pass the guards; one more does not; the next run is guarded again."""
    here = workspace(suppliers(range(14)), guard={"max_deletes": 3})
    here.apply()
    here.write(suppliers(range(4)))
    shown = here.run("plan")
    assert shown.code == 3
    assert "--allow-deletes 10" in shown.err
    assert here.run("plan", "--allow-deletes", "9").code == 3
    assert here.run("apply", "--auto-approve", "--allow-deletes", "10").code == 0
    assert live_codes(empty) == [f"S-{n}" for n in range(4)]


def test_a_saved_plan_keeps_what_it_was_allowed(workspace: Any, empty: Any) -> None:
    """The number is part of the plan, so that what was approved is what is applied."""
    here = workspace(suppliers(range(12)))
    here.configure(guard={})
    here.apply()
    here.write(suppliers(range(12), "Firma"))
    saved = str(here.root / "saved.plan")
    assert here.run("plan", "--out", saved).code == 3
    assert here.run("apply", saved, "--allow-updates", "12").code == 1
    assert here.run("plan", "--out", saved, "--allow-updates", "12").code == 0
    origin = json.loads((here.root / "saved.plan").read_text("utf-8"))["x_reconciler"]["origin"]
    assert origin["choice"]["allow_updates"] == 12
    assert here.run("apply", saved).code == 0
    assert {row["name"] for row in empty.state("kobo-plm")["suppliers"]} == {
        f"Firma {n}" for n in range(12)
    }


THREE = ", ".join(f"b{n}: {{name: B{n}, {HOOK}}}" for n in range(3))
B = f"provider: kobo-plm\nwebhooks: {{{THREE}}}\n"


@pytest.fixture
def two_files(workspace: Any, empty: Any) -> Any:
    """A workspace that owns the objects of two manifests."""
    here = workspace(webhook())
    here.write(B, "b")
    here.apply()
    return here


def hooks(sandbox: Any) -> list[str]:
    """The names of the webhooks at the vendor."""
    return sorted(row["name"] for row in sandbox.state("kobo-plm")["webhooks"])


ALL = ["A", "B0", "B1", "B2"]


@pytest.mark.parametrize("how", ["missing", "renamed", "empty", "comments", "folder"])
def test_a_manifest_that_is_gone_destroys_nothing_by_itself(
    two_files: Any, empty: Any, how: str
) -> None:
    """Its name and the number of its objects are said, and nothing is destroyed until that file is
    confirmed; then exactly its objects are."""
    path = two_files.root / "manifests" / "b.yaml"
    if how in ("empty", "comments"):
        path.write_text("" if how == "empty" else "# nothing\n---\n", "utf-8")
    elif how == "renamed":
        path.rename(path.with_suffix(".yaml.bak"))
    else:
        path.unlink()
    if how == "folder":
        path.mkdir()
    for command in ("plan", "apply --auto-approve", "apply --auto-approve --allow-deletes 3"):
        shown = two_files.run(*command.split())
        assert shown.code == 3
        assert "manifests/b.yaml is gone since the last apply: 3 objects" in shown.err
        assert "--confirm-removed manifests/b.yaml" in shown.err
    assert hooks(empty) == ALL
    wrong = two_files.run("apply", "--auto-approve", "--confirm-removed", "manifests/c.yaml")
    assert wrong.code == 3
    two_files.apply("--confirm-removed", "manifests/b.yaml")
    assert hooks(empty) == ["A"]
    assert two_files.settled()


def test_a_confirmation_is_part_of_a_saved_plan(two_files: Any, empty: Any) -> None:
    """The plan that was confirmed is applied without saying so again."""
    (two_files.root / "manifests" / "b.yaml").unlink()
    saved = str(two_files.root / "saved.plan")
    assert two_files.run("plan", "--out", saved).code == 3
    assert two_files.run("apply", saved).code == 3
    assert two_files.run("plan", "--out", saved, "--confirm-removed", "b.yaml").code == 0
    assert two_files.run("apply", saved).code == 0
    assert hooks(empty) == ["A"]


def test_objects_that_move_to_another_file_are_not_removed(two_files: Any, empty: Any) -> None:
    """A file that is split or renamed is no removal, and where its objects are now is remembered,
    also by an apply that has nothing else to do."""
    (two_files.root / "manifests" / "b.yaml").rename(two_files.root / "manifests" / "c.yaml")
    assert two_files.settled()
    assert two_files.run("plan", "--detailed-exitcode").code == 0
    two_files.apply()
    (two_files.root / "manifests" / "c.yaml").unlink()
    shown = two_files.run("plan")
    assert shown.code == 3
    assert "manifests/c.yaml is gone since the last apply: 3 objects" in shown.err


def test_an_apply_with_nothing_to_do_leaves_the_ledger_as_it_is(two_files: Any) -> None:
    """What is recorded already is not recorded again."""
    ledger = two_files.root / ".reconciler" / "ledger.jsonl"
    before = ledger.read_bytes()
    two_files.apply()
    assert ledger.read_bytes() == before


def test_what_is_taken_out_of_a_file_is_an_edit(two_files: Any, empty: Any) -> None:
    """A file that is still there, also with nothing in it but its provider, says what it means."""
    two_files.write("provider: kobo-plm\n", "b")
    two_files.apply()
    assert hooks(empty) == ["A"]


def test_a_manifest_whose_objects_are_kept_is_named_as_gone(workspace: Any, empty: Any) -> None:
    """Nothing is destroyed, so nothing has to be confirmed; that the file is gone is said."""
    here = workspace("provider: kobo-plm\n")
    here.write(webhook(", $on_remove: keep"), "b")
    here.apply()
    (here.root / "manifests" / "b.yaml").unlink()
    shown = here.apply()
    assert "manifests/b.yaml is gone since the last apply: 1 object" in shown.err
    assert hooks(empty) == ["A"]


def test_a_ledger_that_does_not_know_files_is_read(two_files: Any, empty: Any) -> None:
    """An older ledger has no files: its objects are removed as before, and the next apply records
    where the others are."""
    rows = two_files.run("state", "list", "--format", "json").json["resources"]
    ledger = two_files.root / ".reconciler" / "ledger.jsonl"
    ledger.unlink()
    with open_ledger(".reconciler/ledger.jsonl", two_files.root, "acme").lock("apply") as session:
        fields = {"url": "https://x.example/1", "events": ["style.created"]}
        for row in rows:
            address = Address.parse(row["address"])
            named = {"name": address.key.upper(), **fields}
            session.own(Owned(address, row["id"], named, "created", row["at"]))
    assert b'"file"' not in ledger.read_bytes()
    assert two_files.settled()
    two_files.apply()
    (two_files.root / "manifests" / "b.yaml").unlink()
    assert "b.yaml is gone since the last apply: 3 objects" in two_files.run("plan").err
