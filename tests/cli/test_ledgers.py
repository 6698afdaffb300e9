"""`state` and `history`: true to the ledger, harmless, and without credentials."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reconciler.ledger import Ledger, open_ledger
from reconciler.model import Action, Address, Owned, Status

from ..conftest import MakeWorkspace, Workspace

PLACE = ".reconciler/ledger.jsonl"
HOOK = Address("kobo-plm", "webhooks", "erp-sync")
SHOP = """
provider: kobo-plm
suppliers:
  SUP-100: {name: Anadolu İplik, certifications: [GOTS]}
  SUP-101: {name: Second, $protect: true, $on_remove: keep}
"""


def owned(address: Address, **fields: Any) -> Owned:
    """A row of the ledger."""
    return Owned(address, "7", fields, "created", "2026-01-02T03:04:05Z")


@pytest.fixture
def made(workspace: MakeWorkspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace without credentials."""
    for name in [name for name in os.environ if name.startswith(("KOBO", "KOBIKS"))]:
        monkeypatch.delenv(name)
    return workspace()


def ledger(made: Workspace) -> Ledger:
    """The ledger of a workspace."""
    return open_ledger(PLACE, made.root, "acme")


def test_what_was_applied_is_listed_and_shown(workspace: MakeWorkspace) -> None:
    """Addresses, ids and origin on a line each; the fields as they were applied."""
    made = workspace(SHOP)
    made.apply()
    listed = made.run("state", "list").out.splitlines()
    assert [line.split()[0] for line in listed] == [
        "kobo-plm/suppliers/SUP-100",
        "kobo-plm/suppliers/SUP-101",
    ]
    assert all(line.endswith("created") and "id=" in line for line in listed)
    shown = made.run("state", "show", "kobo-plm/suppliers/SUP-100").out
    assert "    name: Anadolu İplik\n    certifications: [GOTS]\n" in shown
    assert "protected:" in made.run("state", "show", "kobo-plm/suppliers/SUP-101").out
    found = made.run("state", "list", "--format", "json").json
    assert [one["on_remove"] for one in found["resources"]] == ["delete", "keep"]
    assert found["unknown_outcomes"] == []
    one = made.run("state", "show", "kobo-plm/suppliers/SUP-101", "--format", "json").json
    assert (one["protect"], one["fields"]["name"]) == (True, "Second")


def test_an_empty_ledger_is_no_error(made: Workspace) -> None:
    """Before the first apply there is nothing to show, nothing is created, and that is said."""
    for command in (("state", "list"), ("history",), ("state", "unlock")):
        assert made.run(*command).code == 0
    assert made.run("state", "list").err == "Nothing is owned yet.\n"
    assert made.run("history", "--format", "json").json["runs"] == []
    assert made.run("state", "show", str(HOOK)).code == 1
    assert not (made.root / ".reconciler").exists()


def test_a_prefix_counts_in_whole_parts(made: Workspace) -> None:
    """`kobo/web` is no prefix of `kobo/webhooks`; keys with slashes have parts as well."""
    with ledger(made).lock("test") as session:
        session.own(*(owned(Address("kobiks", "categories", key)) for key in ("A", "A/b", "Ab")))
    assert len(made.run("state", "list", "kobiks/categories/A").out.splitlines()) == 2
    assert len(made.run("state", "list", "kobiks").out.splitlines()) == 3
    missed = made.run("state", "list", "kobiks/categoris")
    assert (missed.code, missed.out) == (0, "")
    assert 'Did you mean "kobiks/categories"?' in missed.err


def test_an_unknown_address_leads_to_a_known_one(made: Workspace) -> None:
    """A near miss is named."""
    with ledger(made).lock("test") as session:
        session.own(owned(HOOK))
    missed = made.run("state", "show", "kobo-plm/webhooks/erp-sinc")
    assert (missed.code, missed.out) == (1, "")
    assert 'Did you mean "kobo-plm/webhooks/erp-sync"?' in missed.err


def test_what_a_vendor_wrote_cannot_play_tricks(made: Workspace) -> None:
    """Control and bidi characters in names, ids and values are escaped, and stay on their line."""
    address = Address("kobo-plm", "webhooks", "x\u202ey")
    row = Owned(address, "7\x1b[2J", {"name": "a\nb\u202e\x1b"}, "created", "now")
    with ledger(made).lock("test") as session:
        session.begin("plan")
        op = session.intend(address, Action.CREATE, "POST", "x", None)
        session.settle(op, Status.FAILED, None, "evil\x1b]0;title\x07\nAll is well.", row)
    for command in (
        ("state", "list"),
        ("state", "show", "kobo-plm/webhooks/x\u202ey"),
        ("history", "--details"),
    ):
        result = made.run(*command)
        assert result.code == 0
        assert all(line.isprintable() for line in result.out.splitlines())
        assert "\nAll is well" not in result.out


def test_a_secret_is_not_shown_as_its_fingerprint(made: Workspace) -> None:
    """Of a secret field one sees that it is there, and nothing else."""
    from reconciler.model import FINGERPRINT

    with ledger(made).lock("test") as session:
        session.own(owned(HOOK, password={FINGERPRINT: "c0ffee"}))
    for form in ("text", "json"):
        out = made.run("state", "show", str(HOOK), "--format", form).out
        assert "(sensitive)" in out
        assert "c0ffee" not in out


def test_history_has_every_run_newest_last(workspace: MakeWorkspace) -> None:
    """When, what, who and how the writes ended; the writes themselves with --details."""
    made = workspace(SHOP)
    made.apply()
    made.write(SHOP.replace("Second", "Zweite"))
    made.apply()
    lines = made.run("history").out.splitlines()
    assert [line.partition(": ")[2] for line in lines] == ["2 applied", "1 applied"]
    assert "apply" in lines[0]
    assert made.run("history", "--last", "1").out.splitlines() == lines[1:]
    details = made.run("history", "--details").out
    assert details.count("create  applied [id=") == 2
    assert "~  kobo-plm/suppliers/SUP-101  update  applied" in details
    runs = made.run("history", "--format", "json").json["runs"]
    assert [run["counts"] for run in runs] == [{"applied": 2}, {"applied": 1}]
    assert all(run["complete"] and not run["running"] for run in runs)


def test_a_run_that_was_cut_off_is_said_plainly(made: Workspace) -> None:
    """No end and no answer: the run was cut off, the outcome is unknown, for both formats."""
    with ledger(made).lock("apply") as session:
        session.begin("plan")
        session.intend(HOOK, Action.CREATE, "POST", "ERP", None)
    text = made.run("history", "--details").out
    assert "1 with unknown outcome; cut off: it never reached its end" in text
    assert "outcome unknown: the write may have taken effect" in text
    (run,) = made.run("history", "--format", "json").json["runs"]
    assert (run["complete"], run["ended"], run["running"]) == (False, None, False)
    assert [one["status"] for one in run["operations"]] == ["unknown"]
    listed = made.run("state", "list", "--format", "json").json
    assert listed["unknown_outcomes"] == [str(HOOK)]
    assert "Writes with unknown outcome: 1." in made.run("state", "list").err


def test_a_run_under_way_is_not_called_cut_off(made: Workspace) -> None:
    """While the lock is held, the last run may still end."""
    with ledger(made).lock("apply") as session:
        session.begin("plan")
        session.intend(HOOK, Action.CREATE, "POST", "ERP", None)
        text = made.run("history").out
        assert "under way" in text
        assert "cut off" not in text
        assert made.run("history", "--format", "json").json["runs"][0]["running"] is True


def test_unlock_refuses_while_the_holder_lives(made: Workspace) -> None:
    """Exit 3, and the holder is named; its lock is not touched."""
    with ledger(made).lock("apply") as session:
        refused = made.run("state", "unlock")
        assert (refused.code, refused.out) == (3, "")
        assert f"pid {os.getpid()}" in refused.err
        session.own(owned(HOOK))
    assert str(HOOK) in made.run("state", "list").out


def test_unlock_clears_what_a_crash_left(made: Workspace) -> None:
    """The name of the process that died goes, once."""
    crash = (
        "import os, sys; from pathlib import Path; from reconciler.ledger import open_ledger\n"
        f"with open_ledger({PLACE!r}, Path(sys.argv[1]), 'acme').lock('apply'): os._exit(1)"
    )
    root = Path(__file__).parents[2]
    subprocess.run(
        [sys.executable, "-c", crash, str(made.root)],
        env={**os.environ, "PYTHONPATH": str(root)},
        check=False,
    )
    cleared = made.run("state", "unlock")
    assert cleared.code == 0
    assert cleared.out.startswith("Cleared the lock that ")
    assert "`apply`" in cleared.out
    assert made.run("state", "unlock").out == "Nothing to clear: nobody holds the lock.\n"


def test_a_damaged_ledger_is_an_error(made: Workspace) -> None:
    """What cannot be trusted is not shown."""
    with ledger(made).lock("test") as session:
        session.own(owned(HOOK), owned(HOOK))
    path = made.root / PLACE
    path.write_text(path.read_text("utf-8").replace("created", "adopted", 1), "utf-8")
    for command in (("state", "list"), ("history",)):
        assert made.run(*command).code == 1


def test_a_nearly_right_subcommand_is_named() -> None:
    """`state lst` is a usage error with a hint, and never exit 2."""
    from reconciler.cli import run as cli

    assert cli(["state", "lst"]) == 1
