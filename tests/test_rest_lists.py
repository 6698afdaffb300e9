"""Lists in pages: read whole, or known not to be."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds import Verb
from reconciler.providers import PROVIDERS
from reconciler.rest.paging import read_list

MANY = pytest.mark.parametrize("sandbox", ["250"], indirect=True)
ALL = "The pages of both vendors, with a total and without one."
KINDS = pytest.mark.parametrize("kind", ["kobo-plm/suppliers", "kobiks/brands"])


def rule(kind: str, page: int | list[int], **fault: Any) -> list[dict[str, Any]]:
    """A fault at the n-th request of a list."""
    rule: dict[str, Any] = {"path": f"*/{kind.split('/')[1]}", "fault": fault}
    return [{**rule, "nth": page} if page else rule]


@MANY
@KINDS
def test_a_list_is_read_to_its_end(sandbox: Any, driver: Any, kind: str) -> None:
    """Every object comes once, and it takes no more requests than there are pages."""
    listing = driver(kind).list()
    assert listing.complete
    assert len({live.id for live in listing.objects}) == len(listing.objects) == 250
    served = sandbox.journal(kind.split("/")[0])
    assert sum(entry["method"] == "GET" for entry in served) == 3


@pytest.mark.parametrize("sandbox", ["200"], indirect=True)
@KINDS
def test_the_last_page_may_be_full(driver: Any, kind: str) -> None:
    """A list whose last page is full has neither less nor more."""
    assert len(driver(kind).list().objects) == 200


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
@KINDS
def test_an_empty_list_is_whole(driver: Any, kind: str) -> None:
    """Nothing there is something known."""
    listing = driver(kind).list()
    assert (listing.complete, listing.objects) == (True, ())


@MANY
@KINDS
def test_a_page_that_repeats_proves_nothing(sandbox: Any, driver: Any, kind: str) -> None:
    """Where pages contradict each other every time, the list is incomplete and says why."""
    sandbox.faults(rule(kind, 0, repeat_page=True))
    listing = driver(kind).list()
    assert (listing.complete, listing.objects) == (False, ())
    assert "came twice" in listing.problem.summary
    assert "could not be read whole" in listing.problem.summary


@MANY
def test_a_list_that_changes_is_read_again(sandbox: Any, driver: Any) -> None:
    """An object that slipped between two pages is noticed by the count, and the list read anew."""
    kind = "kobo-plm/suppliers"
    sandbox.faults(rule(kind, [2, 3], shift=True))
    listing = driver(kind).list()
    assert (listing.complete, len(listing.objects)) == (True, 250)
    assert len(sandbox.journal("kobo-plm")) == 6


@MANY
def test_a_list_that_grows_is_read_till_it_rests(client: Any) -> None:
    """While objects are made between its pages a list is read anew, and nothing is amiss."""
    kind, writing = PROVIDERS["kobo-plm"].kinds["suppliers"], client(writable=True)
    seen: list[int] = []

    def keep(raw: dict[str, Any]) -> int:
        id = int(raw["id"])
        seen.append(id)
        # Only the first page has this object, and it is read before the others begin side by side.
        if id == seen[0] and (reading := seen.count(id)) <= 5:
            writing.write("POST", "/suppliers", {"code": f"NEW-{reading}", "name": "Yeni"})
        return id

    found = read_list(client(), kind.calls[Verb.LIST], kind.paging, keep, kind.id_in)
    assert len(set(found)) == len(found) == 255
    assert seen.count(seen[0]) == 6


@MANY
@pytest.mark.parametrize(
    "fault", [{"truncate": True}, {"html": True}, {"status": 400}, {"redirect": "http://x.example"}]
)
@pytest.mark.parametrize("page", [1, 2])
@KINDS
def test_a_page_that_fails_fails_the_list(
    sandbox: Any, driver: Any, kind: str, page: int, fault: dict[str, Any]
) -> None:
    """A list without one of its pages is no list, also after the page was asked for again."""
    sandbox.faults(rule(kind, list(range(page, 20)), **fault))
    listing = driver(kind).list()
    assert (listing.complete, listing.objects) == (False, ())
    assert listing.problem is not None


@MANY
def test_nothing_is_planned_from_half_a_list(sandbox: Any, workspace: Any) -> None:
    """What a list does not show might be there: neither created nor deleted, and said so."""
    here = workspace("provider: kobo-plm\nsuppliers: {SUP-X: {name: Ayşe}}\nwebhooks: {}\n")
    here.apply()
    here.write("provider: kobo-plm\nsuppliers: {SUP-Y: {name: Yeni}}\nwebhooks:\n  W: {}\n")
    sandbox.faults(rule("kobo-plm/suppliers", [2], status=400))
    sandbox.clear_journal()
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 1
    assert "Deferred, because their vendor could not be read" in shown.out
    assert "suppliers" in shown.err
    assert here.writes() == []


def test_one_vendor_down_defers_only_its_own(sandbox: Any, workspace: Any) -> None:
    """A vendor that is away defers its own resources; the others go on."""
    here = workspace(
        "provider: kobiks\nlocations: {Merkez Mağaza: {}}\n---\n"
        "provider: kobo-plm\nsuppliers: {SUP-X: {name: Ayşe}}\n"
    )
    sandbox.faults([{"vendor": "kobiks", "path": "*", "fault": {"status": 400}}])
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4
    assert "kobo-plm/suppliers/SUP-X: created" in shown.out
    assert "Deferred, because their vendor could not be read: kobiks/locations/Merkez Mağaza" in (
        shown.out
    )
