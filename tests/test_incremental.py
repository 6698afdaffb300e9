"""A list that was read whole is not read again: only what the vendor says changed since, and the
number of its objects. What that leaves open is asked for before anything is planned from it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.parametrize("sandbox", ["250"], indirect=True)

COUNT = 250
PAGES = 3
SOON = {"from_requests": 0}


def suppliers(sandbox: Any) -> list[dict[str, Any]]:
    """The suppliers at the vendor."""
    found: list[dict[str, Any]] = sandbox.state("kobo-plm")["suppliers"]
    return found


def declared(sandbox: Any) -> dict[str, dict[str, Any]]:
    """All suppliers at the vendor, as manifests declare them."""
    return {
        each["code"]: {"code": each["code"], "name": each["name"]} for each in suppliers(sandbox)
    }


def lists(sandbox: Any) -> list[str]:
    """The queries of the requests for the list of suppliers since the journal was cleared."""
    served = sandbox.journal("kobo-plm")
    return [e["query"] for e in served if e["method"] == "GET" and e["path"].endswith("/suppliers")]


def gets(sandbox: Any) -> int:
    """How often single suppliers were asked for since the journal was cleared."""
    served = sandbox.journal("kobo-plm")
    return sum(e["method"] == "GET" and "/suppliers/" in e["path"] for e in served)


def cold(here: Any, *arguments: str) -> Any:
    """What a command shows that reads everything; what is kept stays as it is."""
    result = here.run(*arguments, "--full")
    assert "as read at" not in result.err
    return result


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that owns all suppliers and has read them whole; the journal is empty, and
    nothing else is at the vendor."""
    others = [kind for kind in sandbox.state("kobo-plm") if kind != "suppliers"]
    sandbox.put_state("kobo-plm", {kind: [] for kind in others})
    made = workspace(cache=SOON)
    made.declare({"kobo-plm/suppliers": declared(sandbox)})
    made.apply()
    sandbox.clock(advance=3600)
    assert made.run("plan", "--full").code == 0
    sandbox.clock(advance=120)
    sandbox.clear_journal()
    return made


@pytest.fixture
def vendor(client: Any) -> Callable[..., Any]:
    """Changes something at the vendor, as somebody else does."""
    somebody = client(writable=True)

    def write(method: str, path: str, body: Any = None) -> Any:
        return somebody.write(method, path, body).data

    return write


def agrees(here: Any, sandbox: Any) -> Any:
    """The plan after what changed, which must be the one that reading everything gives."""
    sandbox.clear_journal()
    warm = here.run("plan", "--format", "json")
    requests = lists(sandbox)
    assert json.loads(warm.out) == json.loads(cold(here, "plan", "--format", "json").out)
    return warm, requests


def test_two_requests_say_that_nothing_changed(here: Any, sandbox: Any) -> None:
    """One asks for what changed and one for the number of objects; the plan is the same to the
    byte, and says on which reading it rests."""
    warm = here.run("plan")
    assert len(lists(sandbox)) == 2
    assert gets(sandbox) == 0
    assert any("updated_since=" in query for query in lists(sandbox))
    assert f"kobo-plm/suppliers: {COUNT} objects as read at" in warm.err
    assert "--full reads all" in warm.err
    assert warm.out == cold(here, "plan").out


def test_full_reads_everything(here: Any, sandbox: Any) -> None:
    """`--full` asks for every page, whatever was kept, in a plan, a drift report and an apply."""
    for command in (["plan"], ["drift"], ["apply", "--auto-approve"]):
        sandbox.clear_journal()
        assert here.run(*command, "--full").code == 0
        assert len(lists(sandbox)) == PAGES


@pytest.mark.parametrize("kept", [{}, {"from_requests": 4}, {"max_age_hours": 0}])
def test_what_takes_few_requests_is_always_read(
    workspace: Any, sandbox: Any, kept: dict[str, int]
) -> None:
    """A list with fewer pages than the setting says is not kept, nor is any where nothing is to
    be."""
    made = workspace(cache=kept)
    made.declare({"kobo-plm/suppliers": declared(sandbox)})
    for _ in range(2):
        sandbox.clear_journal()
        assert made.run("plan").code == 0
        assert len(lists(sandbox)) == PAGES


def test_a_change_at_the_vendor_is_seen(here: Any, sandbox: Any, vendor: Any) -> None:
    """What somebody changed is in the answer about changes, and is asked for once more by id."""
    first = suppliers(sandbox)[0]
    vendor("PUT", f"/suppliers/{first['id']}", {"name": "Somebody"})
    warm, requests = agrees(here, sandbox)
    assert len(requests) == 2
    assert [e["x_action"] for e in warm.json["resource_changes"]].count("update") == 1
    drift = here.run("drift")
    assert "Somebody" in drift.out
    assert drift.out == cold(here, "drift").out


def test_a_deletion_is_seen(here: Any, sandbox: Any, vendor: Any) -> None:
    """The vendor counts fewer objects: all of them are read."""
    vendor("DELETE", f"/suppliers/{suppliers(sandbox)[-1]['id']}")
    warm, requests = agrees(here, sandbox)
    assert len(requests) == 2 + PAGES
    assert [e["x_action"] for e in warm.json["resource_changes"]].count("create") == 1


def test_an_addition_is_seen(here: Any, sandbox: Any, vendor: Any) -> None:
    """A new object is among the changes, and the number of objects fits."""
    vendor("POST", "/suppliers", {"code": "NEW-1", "name": "New"})
    warm, requests = agrees(here, sandbox)
    assert len(requests) == 2
    assert "NEW-1" in warm.out


def test_a_create_is_planned_from_the_whole_list(here: Any, sandbox: Any) -> None:
    """That nothing has a name, only the whole list says; what changed is not asked for then."""
    wanted = declared(sandbox)
    wanted["new"] = {"code": "NEW-1", "name": "New"}
    here.declare({"kobo-plm/suppliers": wanted})
    _, requests = agrees(here, sandbox)
    assert len(requests) == PAGES
    here.apply()
    assert here.settled()


def test_a_delete_is_planned_from_the_whole_list(here: Any, sandbox: Any) -> None:
    """What left the manifests is looked for in the whole list before it is deleted."""
    wanted = declared(sandbox)
    wanted.popitem()
    here.declare({"kobo-plm/suppliers": wanted})
    _, requests = agrees(here, sandbox)
    assert len(requests) == PAGES
    here.apply()
    assert len(suppliers(sandbox)) == COUNT - 1
    assert here.settled()


def test_an_update_asks_for_its_object_alone(here: Any, sandbox: Any) -> None:
    """Few objects that are to be updated are asked for, and not the pages that show them; they are
    not asked for again before the write, since that was just now."""
    wanted = declared(sandbox)
    first = next(iter(wanted))
    wanted[first]["name"] = "Renamed"
    here.declare({"kobo-plm/suppliers": wanted})
    sandbox.clear_journal()
    here.apply()
    assert len([query for query in lists(sandbox) if "per_page=100" in query]) == 1
    assert next(e for e in suppliers(sandbox) if e["code"] == first)["name"] == "Renamed"
    assert here.settled()


def test_many_updates_read_the_whole_list(here: Any, sandbox: Any) -> None:
    """Where more objects are to be updated than the list has pages, the pages are read."""
    wanted = {
        code: {**fields, "name": f"{code} renamed"} for code, fields in declared(sandbox).items()
    }
    here.declare({"kobo-plm/suppliers": wanted})
    _, requests = agrees(here, sandbox)
    assert len(requests) == 2 + PAGES
    here.apply()
    assert here.settled()


def damage(here: Any, how: str) -> None:
    """Do something to what is kept."""
    entries = [path for path in here.root.rglob("list-*") if path.is_file()]
    assert entries
    for entry in entries:
        data = entry.read_bytes()
        if how == "gone":
            entry.unlink()
        elif how == "cut":
            entry.write_bytes(data[: len(data) // 2])
        elif how == "changed":
            entry.write_bytes(data.replace(b"Supplier", b"supplier"))
        else:
            entry.write_bytes(b"")


@pytest.mark.parametrize("how", ["gone", "cut", "changed", "empty"])
def test_what_is_damaged_is_not_used(here: Any, sandbox: Any, how: str) -> None:
    """Where an entry is not as it was written, or missing, all is read and the plan is the same."""
    expected = here.run("plan").out
    damage(here, how)
    sandbox.clear_journal()
    assert here.run("plan").out == expected
    assert len(lists(sandbox)) == PAGES
    assert here.run("plan").out == expected
    assert len(lists(sandbox)) == PAGES + 2


def test_no_secret_is_kept(here: Any) -> None:
    """Neither a credential nor what names the account is in a file, and only the user reads it."""
    kept = [path for path in here.root.rglob("list-*") if path.is_file()]
    assert kept
    for path in kept:
        assert b"sandbox" not in path.read_bytes().lower()
        assert path.stat().st_mode & 0o077 == 0


def test_environments_do_not_share(workspace: Any, sandbox: Any) -> None:
    """What one environment has read is not known in another, whose account may be another."""
    made = workspace(cache=SOON, environments={"a": {}, "b": {}})
    made.declare({"kobo-plm/suppliers": declared(sandbox)})
    for environment in ("a", "b"):
        sandbox.clear_journal()
        assert made.run("--env", environment, "apply", "--auto-approve").code == 0
        assert len(lists(sandbox)) == PAGES
        sandbox.clear_journal()
        assert made.run("--env", environment, "plan").code == 0
        assert len(lists(sandbox)) == 2


def test_a_saved_plan_is_applied_from_what_is_kept(here: Any, sandbox: Any) -> None:
    """`--full` is no part of a plan: one that read everything is applied after one that did not,
    and the other way round."""
    wanted = declared(sandbox)
    for number, (saving, applying) in enumerate([(["--full"], []), ([], ["--full"])]):
        next(iter(wanted.values()))["name"] = f"Renamed {number}"
        here.declare({"kobo-plm/suppliers": wanted})
        saved = str(here.root / f"{number}.plan")
        assert here.run("plan", "--out", saved, *saving).code == 0
        applied = here.run("apply", saved, *applying)
        assert applied.code == 0, applied
    assert here.settled()


def swapped(sandbox: Any, vendor: Any) -> tuple[str, str]:
    """The code of an object that somebody deleted, and that of one that was made beside it and has
    a time of change that is long ago: as many as before, and nothing changed."""
    victim = suppliers(sandbox)[-1]
    vendor("DELETE", f"/suppliers/{victim['id']}")
    sandbox.faults([{"path": "*/suppliers", "method": "POST", "fault": {"late": 86_400}}])
    vendor("POST", "/suppliers", {"code": "HIDDEN", "name": "Hidden"})
    sandbox.faults()
    return victim["code"], "HIDDEN"


def actions(result: Any) -> dict[str, str]:
    """What a plan would do, by address."""
    changes = result.json["resource_changes"]
    return {e["address"]: e["x_action"] for e in changes if e["x_action"] != "no-op"}


def test_what_the_vendor_does_not_report_is_seen_in_full(
    here: Any, sandbox: Any, vendor: Any
) -> None:
    """A deletion beside a creation with a wrong time stays unseen, which the plan's note allows
    for, until all is read; nothing wrong is planned because of it."""
    gone, _ = swapped(sandbox, vendor)
    warm = here.run("plan", "--format", "json")
    assert "as read at" in warm.err
    assert actions(warm) == {}
    full = here.run("plan", "--format", "json", "--full")
    assert actions(full) == {f"kobo-plm/suppliers/{gone}": "create"}
    assert actions(here.run("plan", "--format", "json")) == actions(full)


def test_an_object_that_the_kept_list_lacks_is_not_made_again(
    here: Any, sandbox: Any, vendor: Any
) -> None:
    """It is declared now: the whole list is read, which has it."""
    gone, hidden = swapped(sandbox, vendor)
    wanted = declared(sandbox)
    wanted[gone] = {"code": gone, "name": "Again"}
    here.declare({"kobo-plm/suppliers": wanted})
    found = actions(here.run("plan", "--format", "json"))
    assert found[f"kobo-plm/suppliers/{hidden}"] == "adopt"
    here.apply()
    assert sum(each["code"] == hidden for each in suppliers(sandbox)) == 1
    assert here.settled()


def test_an_object_that_the_kept_list_still_has_is_asked_for(
    here: Any, sandbox: Any, vendor: Any
) -> None:
    """It is to be updated, and is gone: it is created, and no other object is changed."""
    wanted = declared(sandbox)
    gone, _ = swapped(sandbox, vendor)
    wanted[gone]["name"] = "Edited"
    here.declare({"kobo-plm/suppliers": wanted})
    found = actions(here.run("plan", "--format", "json"))
    assert found == {f"kobo-plm/suppliers/{gone}": "create"}
    here.apply()
    assert here.settled()


def test_a_change_with_a_wrong_time_is_not_overwritten_unseen(
    here: Any, sandbox: Any, vendor: Any
) -> None:
    """What is to be updated is planned from what it is now, and not from what was kept."""
    wanted = declared(sandbox)
    first = suppliers(sandbox)[0]
    sandbox.faults([{"path": "*/suppliers/*", "method": "PUT", "fault": {"late": True}}])
    vendor("PUT", f"/suppliers/{first['id']}", {"name": "Somebody", "email": "a@example.com"})
    sandbox.faults()
    wanted[first["code"]]["email"] = "b@example.com"
    here.declare({"kobo-plm/suppliers": wanted})
    _, requests = agrees(here, sandbox)
    assert len(requests) == 2
