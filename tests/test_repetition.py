"""Writes whose answer does not say what became of them: none is sent again before its effect was
looked for, whatever status came back."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

LATER: list[dict[str, Any]] = [
    {"status": 503, "retry_after": 0},
    {"status": 503},
    {"status": 429, "retry_after": 0},
    {"status": 500},
]
EFFECT = pytest.mark.parametrize("after", [True, False], ids=["took-effect", "did-not"])
EACH = pytest.mark.parametrize("later", LATER, ids=["503-retry", "503", "429-retry", "500"])
EMPTY = pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
TASK = (
    "provider: inventora\n"
    "tasks: {t: {name: Produce, items: [{product: CANDLE, quantity: 10, unitType: pieces}]}}\n"
)
BRAND = "provider: kobo-plm\nsuppliers: {S: {name: %s}}\n"
LISTS = "provider: kibo\nprice_lists: {L: {name: L}}\n"
PRICE = "{minQty: 1, listPriceMode: Overridden, listPrice: 1}"
ENTRIES = "price_list_entries:\n" + "".join(
    f"  e{n}: {{priceListCode: L, productCode: P{n}, currencyCode: TRY, priceEntries: [{PRICE}]}}\n"
    for n in range(3)
)


def sent(sandbox: Any, vendor: str, path: str) -> list[str]:
    """The methods of the requests to a path that ends so."""
    return [e["method"] for e in sandbox.journal(vendor) if e["path"].endswith(path)]


@EMPTY
@EFFECT
@EACH
def test_a_create_is_looked_for_before_it_is_sent_again(
    workspace: Any, sandbox: Any, later: dict[str, Any], after: bool
) -> None:
    """In a kind without idempotency keys there is one object, and between two POSTs there is a
    list; what is neither there nor certain to be unprocessed is not sent again."""
    product = {"id": "p1", "sku": "CANDLE", "name": "Candle"}
    sandbox.put_state("inventora", {"products": [product], "tasks": []})
    here = workspace(TASK)
    rule = {"path": "*/tasks", "method": "POST", "nth": 1, "fault": {**later, "after": after}}
    sandbox.faults([rule])
    shown = here.run("apply", "--auto-approve")
    tasks = Counter(each["name"] for each in sandbox.state("inventora").get("tasks", []))
    promised = "retry_after" in later
    assert tasks == ({"Produce": 1} if after or promised else {})
    assert shown.code == (0 if after or promised else 4)
    requests = sent(sandbox, "inventora", "/tasks")
    assert requests.count("POST") == (2 if promised and not after else 1)
    assert "POSTPOST" not in "".join(requests)
    sandbox.faults()
    if after or promised:
        assert here.settled()


@EFFECT
@EACH
def test_an_update_is_looked_for_before_it_is_sent_again(
    workspace: Any, sandbox: Any, later: dict[str, Any], after: bool
) -> None:
    """An update that took effect is not sent a second time; one that did not is."""
    here = workspace(BRAND % "Eski")
    here.apply()
    here.write(BRAND % "Yeni")
    rule = {"path": "*/suppliers/*", "method": "PUT", "nth": 1, "fault": {**later, "after": after}}
    sandbox.faults([rule])
    sandbox.clear_journal()
    here.apply()
    methods = [entry["method"] for entry in sandbox.journal("kobo-plm")]
    assert methods.count("PUT") == (1 if after else 2)
    assert "PUTPUT" not in "".join(methods)
    assert here.settled()


def test_an_update_is_not_sent_over_what_somebody_else_wrote(workspace: Any, sandbox: Any) -> None:
    """After a lost answer the object is neither as before nor as declared: it is left alone."""
    here = workspace(BRAND % "Eski")
    here.apply()
    here.write(BRAND % "Yeni")
    sandbox.faults(
        [
            {"path": "*/suppliers/*", "method": "PUT", "fault": {"status": 500}},
            {
                "path": "*/suppliers/*",
                "method": "GET",
                "nth": [2, 3],
                "fault": {"status": 200, "body": other(sandbox)},
            },
        ]
    )
    sandbox.clear_journal()
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4
    assert [e["method"] for e in sandbox.journal("kobo-plm")].count("PUT") == 1


def other(sandbox: Any) -> dict[str, Any]:
    """The last supplier as somebody else has changed it."""
    return {"data": {**sandbox.state("kobo-plm")["suppliers"][-1], "name": "Başka"}}


@EFFECT
@EACH
def test_a_delete_is_looked_for_before_it_is_sent_again(
    workspace: Any, sandbox: Any, later: dict[str, Any], after: bool
) -> None:
    """An object that is gone is not deleted once more; one that is there is."""
    here = workspace(BRAND % "Eski")
    here.apply()
    here.write("provider: kobo-plm\n")
    path = "*/suppliers/*"
    rule = {"path": path, "method": "DELETE", "nth": 1, "fault": {**later, "after": after}}
    sandbox.faults([rule])
    sandbox.clear_journal()
    here.apply()
    methods = [entry["method"] for entry in sandbox.journal("kobo-plm")]
    assert methods.count("DELETE") == (1 if after else 2)
    assert "DELETEDELETE" not in "".join(methods)
    assert here.settled()


@EMPTY
@EFFECT
def test_many_in_one_request_are_looked_for_before_they_are_sent_again(
    workspace: Any, sandbox: Any, after: bool
) -> None:
    """Of a request for many objects, those that are not there are sent again, once each."""
    here = workspace(LISTS)
    here.apply()
    here.write(LISTS + ENTRIES)
    fault = {"status": 503, "retry_after": 0, "after": after}
    sandbox.faults([{"path": "*/bulkaddentries", "method": "POST", "nth": 1, "fault": fault}])
    sandbox.clear_journal()
    here.apply()
    assert len(sent(sandbox, "kibo", "/bulkaddentries")) == (1 if after else 2)
    assert len(sandbox.state("kibo")["price_list_entries"]) == 3
    assert here.settled()
