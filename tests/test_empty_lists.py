"""A list without what the ledger owns, of a kind whose objects can only be seen in lists."""

from __future__ import annotations

from typing import Any

import pytest

FETCH = "{active: true, postProcessAction: 1}"
KINDS = {
    "fetch_file_configs": (
        f"provider: kibo\nfetch_file_configs: {{n: {FETCH}}}\n",
        ("kibo", "*/config/fetchfile", []),
    ),
    "event_subscriptions": (
        "provider: kibo\n"
        "event_subscriptions: {n: {endpoint: 'https://x.example/h', topics: [order.created]}}\n",
        ("kibo", "*/push/subscriptions*", {"totalCount": 0, "items": []}),
    ),
    "skus": (
        "provider: kobo-plm\nstyles: {S: {name: s}}\nskus: {k: {style: S, sku: K1}}\n",
        ("kobo-plm", "*/styles/*/skus*", {"data": []}),
    ),
}


def empty(kind: str, **when: Any) -> list[dict[str, Any]]:
    """The vendor answers an empty list, always or only in the n-th request."""
    vendor, path, body = KINDS[kind][1]
    fault = {"status": 200, "body": body}
    return [{"vendor": vendor, "path": path, "method": "GET", "fault": fault, **when}]


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
@pytest.mark.parametrize("kind", KINDS)
def test_one_empty_list_is_read_again(workspace: Any, sandbox: Any, kind: str) -> None:
    """Nothing is made again and nothing forgotten, and the plan is empty."""
    here = workspace(KINDS[kind][0])
    here.apply()
    sandbox.faults(empty(kind, nth=[1]))
    assert here.settled()


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "removed"])
def test_a_list_that_stays_empty_proves_nothing(
    workspace: Any, sandbox: Any, kind: str, declared: bool
) -> None:
    """What is owned there is not made a second time, and stays owned also where it was removed from
    the manifests; the way out is named."""
    here = workspace(KINDS[kind][0])
    here.apply()
    vendor, before = KINDS[kind][1][0], here.run("state", "list").out
    count = len(sandbox.state(vendor)[kind])
    if not declared:
        here.write(KINDS[kind][0].partition(f"{kind}:")[0])
    sandbox.faults(empty(kind))
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 1
    assert "the list is empty, though the ledger has objects there" in shown.err
    assert len(sandbox.state(vendor)[kind]) == count
    assert here.run("state", "list").out == before
    sandbox.faults()
    here.apply()
    assert here.settled()


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_what_is_let_go_is_made_again(workspace: Any, sandbox: Any) -> None:
    """Where everything is really gone, `state forget` says so."""
    here = workspace(KINDS["fetch_file_configs"][0])
    here.apply()
    sandbox.put_state("kibo", {"fetch_file_configs": []})
    assert here.run("plan").code == 1
    assert here.run("state", "forget", "kibo/fetch_file_configs").code == 0
    here.apply()
    assert len(sandbox.state("kibo")["fetch_file_configs"]) == 1


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_a_shorter_list_is_read_again(workspace: Any, sandbox: Any) -> None:
    """One of two is missing in one list: it is not made a second time. Where two lists lack it, it
    was deleted at the vendor."""
    here = workspace(f"provider: kibo\nfetch_file_configs: {{a: {FETCH}, b: {FETCH}}}\n")
    here.apply()
    both = sandbox.state("kibo")["fetch_file_configs"]
    short = {"status": 200, "body": both[:1]}
    rule = {"path": "*/config/fetchfile", "method": "GET", "nth": [1], "fault": short}
    sandbox.faults([rule])
    assert here.settled()
    sandbox.faults()
    sandbox.put_state("kibo", {"fetch_file_configs": both[:1]})
    (entry,) = here.plan()
    assert entry["x_action"] == "create"


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_below_an_object_that_is_gone_there_is_nothing(workspace: Any, sandbox: Any) -> None:
    """Deleted together with their parent, they are gone with it."""
    here = workspace(KINDS["skus"][0])
    here.apply()
    sandbox.put_state("kobo-plm", {"skus": [], "styles": []})
    assert sorted(e["address"] for e in here.plan()) == ["kobo-plm/skus/k", "kobo-plm/styles/S"]
    here.apply()
    assert here.settled()
