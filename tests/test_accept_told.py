"""`drift --accept`: what one object is like does not keep others from being accepted, and what is
not accepted is said truly."""

from __future__ import annotations

from typing import Any

import pytest

from .test_accept import manifest

TWO = """\
provider: kobo-plm
suppliers:
  S-1: {name: One}
  S-2: {name: Two}
"""


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace whose two suppliers are live as declared."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "components": []})
    made = workspace(TWO)
    made.apply()
    return made


def rename(sandbox: Any, **names: str) -> None:
    """Give suppliers these names at the vendor, by their names."""
    rows = sandbox.state("kobo-plm")["suppliers"]
    changed = [{**row, "name": names.get(row["name"], row["name"])} for row in rows]
    sandbox.put_state("kobo-plm", {"suppliers": changed})


def test_what_no_manifest_may_declare_is_left_out(here: Any, sandbox: Any) -> None:
    """It is named with the reason and its place; the rest is accepted."""
    rename(sandbox, One="", Two="Zwei")
    shown = here.run("drift", "--accept", "--all")
    assert (shown.code, shown.last) == (1, "Accepted: 1 field of 1 object, in 1 file.")
    assert "no manifest may have it: name must have at least 1 characters" in shown.err
    assert "kobo-plm/suppliers/S-1\n" in shown.err
    assert manifest(here).read_text() == TWO.replace("Two", "Zwei")
    shown = here.run("drift", "--accept", "--all")
    assert (shown.code, shown.last) == (1, "Nothing was accepted.")


@pytest.mark.parametrize("name", ["S-1", "S-3"])
def test_what_is_to_be_renamed_is_accepted(here: Any, sandbox: Any, name: str) -> None:
    """By its old address or its new one, where its declaration stands with `$was`."""
    renamed = TWO.replace("S-1: {name: One", "S-3: {code: S-1, $was: S-1, name: One")
    manifest(here).write_text(renamed)
    rename(sandbox, One="Eins")
    shown = here.run("drift", "--accept", f"kobo-plm/suppliers/{name}")
    assert (shown.code, shown.last) == (0, "Accepted: 1 field of 1 object, in 1 file."), shown
    assert manifest(here).read_text() == renamed.replace("One", "Eins")


def test_what_another_run_has_accepted_meanwhile_is_not_accepted_again(here: Any) -> None:
    """Of several at once each writes what it says, or is refused."""
    rename(here.sandbox, One="Eins", Two="Zwei")
    runs = [here.start("drift", "--accept", "--all") for _ in range(3)]
    ends = [(*run.communicate(), run.returncode) for run in runs]
    assert {code for *_, code in ends} <= {0, 1, 3}
    said = {out.splitlines()[-1] for out, _, code in ends if code == 0}
    assert "Accepted: 2 fields of 2 objects, in 1 file." in said
    assert said <= {"Accepted: 2 fields of 2 objects, in 1 file.", "Nothing was accepted."}
    assert manifest(here).read_text() == TWO.replace("One", "Eins").replace("Two", "Zwei")


def test_a_file_that_cannot_be_written_is_not_counted(here: Any, sandbox: Any) -> None:
    """The others are written, and said to be."""
    one, two = TWO.replace("  S-2: {name: Two}\n", ""), TWO.replace("  S-1: {name: One}\n", "")
    manifest(here).write_text(one)
    here.write(two, "more")
    rename(sandbox, One="Eins", Two="Zwei")
    manifest(here).chmod(0o444)
    shown = here.run("drift", "--accept", "--all")
    assert (shown.code, shown.last) == (1, "Accepted: 1 field of 1 object, in 1 file.")
    assert "manifests/main.yaml: it is read-only" in shown.err
    assert manifest(here).read_text() == one
    assert (manifest(here).parent / "more.yaml").read_text() == two.replace("Two", "Zwei")
