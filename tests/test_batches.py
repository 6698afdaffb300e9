"""Many changes in one request: whatever the vendor makes of them, each has its own true end."""

from __future__ import annotations

import signal
from collections import Counter
from threading import Event
from typing import Any

import pytest

from reconciler.errors import Unknown
from reconciler.kinds import Verb
from reconciler.ledger import open_ledger
from reconciler.model import Pointer, Status, Write
from reconciler.sandbox.server import Running

ENTRIES = "kibo/price_list_entries"
REFUSED = "the vendor refused it: Item already exists:"
LISTS = {"kibo/price_lists": {"L": {"name": "L"}, "M": {"name": "M"}}}
EMPTY = {"data": "empty", "job_seconds": 1.0}
pytestmark = pytest.mark.parametrize("sandbox", [EMPTY], indirect=True)


def entry(code: str, number: int, price: float = 1, **more: Any) -> dict[str, Any]:
    """A price list entry as manifests have it."""
    prices = [{"minQty": 1, "listPriceMode": "Overridden", "listPrice": price}]
    key = {"priceListCode": code, "productCode": f"P{number}", "currencyCode": "TRY"}
    return {**key, "priceEntries": prices, **more}


def shop(price: float, codes: str = "LM", many: int = 4, **more: Any) -> dict[str, dict[str, Any]]:
    """Two price lists with entries."""
    entries = {f"{c}{n}": entry(c, n, price, **more) for c in codes for n in range(many)}
    return {**LISTS, ENTRIES: entries}


SHOPS = {"add": shop(1), "update": shop(2), "delete": LISTS}


def rows(sandbox: Running) -> Counter[tuple[str, str]]:
    """How often each entry is there."""
    found = sandbox.state("kibo")["price_list_entries"]
    return Counter((one["priceListCode"], one["productCode"]) for one in found)


def ends(here: Any) -> Counter[Status | None]:
    """How the entries' writes of the last run ended, as the ledger has it."""
    run = open_ledger(".reconciler/ledger.jsonl", here.root, "acme").history()[-1]
    ours = (one for one in run.operations if one.intent.address.kind == "price_list_entries")
    return Counter(one.status for one in ours)


def begun(workspace: Any, verb: str) -> Any:
    """A workspace whose next apply sends eight entries in one request."""
    here = workspace()
    here.declare(SHOPS["delete"] if verb == "add" else SHOPS["add"])
    here.apply()
    here.declare(SHOPS[verb])
    return here


def settles(here: Any, sandbox: Running, verb: str) -> None:
    """One more run brings about what is declared, and the ledger says just that."""
    sandbox.faults()
    here.apply()
    assert here.settled()
    state = open_ledger(".reconciler/ledger.jsonl", here.root, "acme").read()
    assert state.open_intents == ()
    wanted = SHOPS[verb].get(ENTRIES, {})
    assert {a.key for a in state.owned if a.kind == "price_list_entries"} == set(wanted)
    assert rows(sandbox) == Counter((e["priceListCode"], e["productCode"]) for e in wanted.values())


@pytest.mark.parametrize("verb", SHOPS)
@pytest.mark.parametrize(
    ("fault", "code", "end"),
    [
        ({"reset": "before"}, 4, Status.UNKNOWN),
        ({"reset": "after"}, 0, Status.APPLIED),
        ({"truncate": True}, 0, Status.APPLIED),
        ({"html": True}, 4, Status.UNKNOWN),
        ({"status": 500}, 4, Status.UNKNOWN),
        ({"status": 404}, 1, Status.FAILED),
        ({"status": 409, "body": {"message": "no"}}, 1, Status.FAILED),
        ({"status": 206, "body": {"successCount": 0}}, 1, Status.FAILED),
        ({"status": 429, "retry_after": 0, "body": None}, 0, Status.APPLIED),
    ],
)
def test_a_fault_of_the_request_is_no_lie_about_its_changes(
    workspace: Any, sandbox: Running, verb: str, fault: Any, code: int, end: Status
) -> None:
    """What was made is made, though its answer was lost; what was refused failed; what was sent
    and is not to be seen is unknown. The next run knows the rest."""
    here = begun(workspace, verb)
    sandbox.faults([{"method": "POST", "path": f"*/bulk{verb}entries", "nth": 1, "fault": fault}])
    shown = here.run("apply", "--auto-approve")
    assert shown.code == code, shown
    assert ends(here) == {end: 8}
    settles(here, sandbox, verb)


def behind_our_back(workspace: Any, sandbox: Running, entries: dict[str, Any]) -> None:
    """Another workspace makes the entries be these, after ours has looked at them: the first
    look at each of the two lists is an hour old."""
    sandbox.clock(advance=7200)
    other = workspace(name="other")
    other.declare({**LISTS, ENTRIES: entries})
    other.apply()
    stale = {"method": "GET", "path": "*/entries", "nth": [1, 2], "fault": {"stale": 3600}}
    sandbox.faults([stale])


def test_what_the_vendor_refuses_fails_alone_and_for_its_own_reason(
    workspace: Any, sandbox: Running
) -> None:
    """Two of eight entries were made on screen since the plan: six are made, and of the two each
    is told what the vendor says of it; the next plan takes them over as they are."""
    here = workspace()
    here.declare(LISTS)
    here.apply()
    behind_our_back(workspace, sandbox, {str(n): entry("L", n, 9) for n in (1, 3)})
    here.declare(shop(1))
    shown = here.run("apply", "--auto-approve", "--format", "json")
    assert shown.code == 4, shown
    assert ends(here) == {Status.APPLIED: 6, Status.FAILED: 2}
    failed = [one for one in shown.json["outcomes"] if one["status"] == "failed"]
    assert [(one["address"], one["diagnostic"]["summary"]) for one in failed] == [
        (f"{ENTRIES}/L{n}", f"{REFUSED} price_list_entries P{n} TRY") for n in (1, 3)
    ]
    settles(here, sandbox, "add")


def test_what_is_gone_keeps_nothing_back(workspace: Any, sandbox: Running) -> None:
    """An entry deleted on screen since the plan is stale; the others of its request are changed,
    and so is all that is declared by the next run."""
    here = begun(workspace, "update")
    gone = {k: v for k, v in shop(1)[ENTRIES].items() if k != "L2"}
    other = workspace(name="other")
    other.declare(shop(1))
    other.apply()
    behind_our_back(workspace, sandbox, gone)
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4, shown
    assert "stale: it was deleted since the plan was made" in shown.err
    assert f"{ENTRIES}/L2" in shown.err
    assert ends(here) == {Status.APPLIED: 7, Status.FAILED: 1}
    settles(here, sandbox, "update")


def test_a_refusal_is_not_hidden_by_what_was_unset(workspace: Any, sandbox: Running) -> None:
    """A field that nobody had set and that the vendor refuses to set is not taken for set,
    though the vendor leaves it out of its answers."""
    here = begun(workspace, "update")
    here.declare({**LISTS, ENTRIES: shop(1, endDate="2030-01-01T00:00:00Z")[ENTRIES]})
    refused = {"status": 206, "body": {"successCount": 0}}
    sandbox.faults([{"method": "POST", "path": "*/bulkupdateentries", "fault": refused}])
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 1, shown
    assert ends(here) == {Status.FAILED: 8}


@pytest.mark.parametrize("effect", ["before", "after"])
@pytest.mark.parametrize("verb", SHOPS)
def test_killed_in_a_batch_nothing_is_lost_or_doubled(
    workspace: Any, sandbox: Running, verb: str, effect: str
) -> None:
    """Killed while the vendor works on eight entries, or has done so: the ledger has an intent for
    each, and the next run does what is left and knows what is ours."""
    here = begun(workspace, verb)
    fault = {"delay": 30.0} if effect == "after" else {"status": 503, "retry_after": 30}
    sandbox.faults([{"method": "POST", "path": f"*/bulk{verb}entries", "fault": fault}])
    sandbox.clear_journal()
    run = here.start("apply", "--auto-approve", "--parallelism", "1")
    pause = Event()
    while run.poll() is None and not here.writes():
        pause.wait(0.01)
    run.kill()
    run.communicate()
    assert ends(here) == {None: 8}
    settles(here, sandbox, verb)
    owned = open_ledger(".reconciler/ledger.jsonl", here.root, "acme").read().owned
    assert {row.origin for row in owned.values()} == {"created"}


def test_asked_to_stop_a_batch_is_ended_and_no_other_begun(
    workspace: Any, sandbox: Running
) -> None:
    """Ctrl-C while the entries are deleted: the request is answered, but the job that it began is
    not waited for; what needs the entries gone is left, and the next run knows how it ended."""
    here = begun(workspace, "delete")
    here.declare({})
    path = "*/bulkdeleteentries"
    sandbox.faults([{"method": "POST", "path": path, "fault": {"delay": 1.0}}])
    sandbox.clear_journal()
    run = here.start("apply", "--auto-approve", "--parallelism", "1")
    pause = Event()
    while run.poll() is None and not here.writes():
        pause.wait(0.01)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate()
    assert run.returncode == 4, (out, err)
    assert "Outcomes: 0 applied, 0 failed, 8 unknown, 2 skipped, 0 not attempted." in out
    assert ends(here) == {Status.UNKNOWN: 8}
    sandbox.faults()
    here.apply()
    assert here.settled()
    assert sandbox.state("kibo")["price_lists"] == []


def test_on_error_fail_begins_no_second_batch(workspace: Any, sandbox: Running) -> None:
    """With `--on-error fail`, what does not need the refused entries is not attempted either."""
    here = begun(workspace, "add")
    many = {f"S-{n}": {"name": f"N {n}"} for n in range(3)}
    here.declare({**SHOPS["add"], "kobo-plm/suppliers": many})
    sandbox.faults([{"method": "POST", "path": "*/bulkaddentries", "fault": {"status": 409}}])
    shown = here.run("apply", "--auto-approve", "--parallelism", "1", "--on-error", "fail")
    assert shown.code == 1, shown
    assert "0 applied, 8 failed, 0 unknown, 0 skipped, 3 not attempted" in shown.out


PLACES = {code: {"name": code} for code in "AB"}
LEVELS = {
    f"{place}{n}": {"locationCode": place, "upc": f"U{n}", "quantity": n}
    for place in PLACES
    for n in range(3)
}


@pytest.mark.parametrize(
    ("fault", "end", "said"),
    [
        ({"status": 404}, Status.UNKNOWN, "its end is not known"),
        ({"status": 200, "body": {"status": "FAILED", "messages": ["ay"]}}, Status.FAILED, "ay"),
    ],
)
def test_a_job_whose_end_is_not_known_is_unknown(
    workspace: Any, sandbox: Running, fault: Any, end: Status, said: str
) -> None:
    """A refresh was begun: where its job cannot be asked for, nobody knows; where it failed, it
    failed. The other location's refresh is its own."""
    here = workspace()
    here.declare({"kibo/locations": PLACES})
    here.apply()
    here.declare({"kibo/locations": PLACES, "kibo/stock_levels": LEVELS})
    sandbox.faults([{"method": "GET", "path": "*/queue/1", "fault": fault}])
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4, shown
    assert said in shown.err
    run = open_ledger(".reconciler/ledger.jsonl", here.root, "acme").history()[-1]
    assert Counter(one.status for one in run.operations) == {Status.APPLIED: 3, end: 3}
    sandbox.faults()
    sandbox.clock(advance=5)
    here.apply()
    assert here.settled()
    found = {
        (r["locationCode"], r["upc"]): r["onHand"] for r in sandbox.state("kibo")["stock_levels"]
    }
    assert found == {(r["locationCode"], r["upc"]): r["quantity"] for r in LEVELS.values()}


def test_a_job_that_never_ends_is_given_up(driver: Any, sandbox: Running) -> None:
    """After a quarter of an hour, and nobody knows what comes of it."""
    sandbox.faults(
        [
            {
                "method": "GET",
                "path": "*/queue/*",
                "fault": {"status": 200, "body": {"status": "WORKING"}},
            }
        ]
    )
    driver("kibo/locations", writable=True).create({"code": "A", "name": "A"}, "")
    levels = driver("kibo/stock_levels", writable=True)
    work = Write(None, {"locationCode": Pointer("A", "A"), "upc": "U", "quantity": 1})
    with pytest.raises(Unknown, match="still WORKING"):
        levels.write_many(Verb.CREATE, [work])


@pytest.mark.parametrize("many", [1000, pytest.param(10_000, marks=pytest.mark.campaign)])
def test_thousands_of_entries_are_few_requests(workspace: Any, sandbox: Running, many: int) -> None:
    """One request for each five thousand, and for each look at them the pages that there are: by
    the plan, before a change and after it."""
    pages, batches = many // 200, -(-many // 5000)
    here = workspace()
    one = {"kibo/price_lists": {"L": {"name": "L"}}}

    def sent(declared: dict[str, Any], *arguments: str) -> dict[str, int]:
        here.declare({**one, **declared})
        sandbox.clear_journal()
        shown = here.run(*arguments)
        assert shown.code == 0, shown
        ends = (e["path"].rpartition("/")[2] for e in sandbox.journal("kibo"))
        return {end: count for end, count in Counter(ends).items() if "entries" in end}

    def entries(price: int) -> dict[str, Any]:
        return {ENTRIES: {f"e{n}": entry("L", n, price) for n in range(many)}}

    apply = ("apply", "--auto-approve")
    assert sent({}, *apply) == {}
    assert sent(entries(1), *apply) == {"entries": 1 + pages, "bulkaddentries": batches}
    assert sent(entries(1), "plan", "--detailed-exitcode") == {"entries": pages}
    again = {"entries": pages * (2 + batches), "bulkupdateentries": batches}
    assert sent(entries(2), *apply) == again
    # Each batch of deletes is followed by a look whether the entries are gone.
    assert sent({}, *apply) == {"entries": pages + batches, "bulkdeleteentries": batches}
    assert here.settled()
