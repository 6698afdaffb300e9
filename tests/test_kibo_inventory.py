"""What the declarations of Kibo's inventory family and of its events promise, answer by answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from reconciler.errors import Incomplete, NotFound, VendorError
from reconciler.kinds import Call, Paging, Raw, Requests, Verb
from reconciler.model import Live, Pointer, Scope
from reconciler.providers.kibo import KIBO, stock
from reconciler.values.fields import facts_of

from .naming import naming

FETCH = "/commerce/inventory/v1/config/fetchfile"
CATEGORIES = "/commerce/inventory/v1/tagCategory"
SUBSCRIPTION = "/platform/appdev/appsubscriptions"


@dataclass
class Vendor:
    """A vendor with these answers by path, that remembers what it was sent; a path without an
    answer is a 404."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    records: Mapping[str, list[Raw]] = field(default_factory=dict)
    sent: list[tuple[str, str, Any]] = field(default_factory=list)

    def read(self, path: str, query: Mapping[str, str | int] | None = None) -> Any:
        """GET."""
        if path not in self.answers:
            raise NotFound(f"{path} is not there", status=404)
        return self.answers[path]

    def query(self, path: str, body: Any) -> Any:
        """A page of the records of a location."""
        self.sent.append(("QUERY", path, body))
        records = self.records.get(body["requestLocation"]["locationCode"])
        if records is None:
            raise NotFound("no such location", status=404)
        size = body["pageSize"]
        return records[(body["pageNum"] - 1) * size : body["pageNum"] * size]

    def pages(self, call: Call, paging: Paging | None) -> list[Raw]:
        """A whole list."""
        return list(self.read(call.path))

    def write(self, method: str, path: str, body: Any = None) -> Any:
        """A write."""
        self.sent.append((method, path, body))
        return {}


def listed(kind: str, vendor: Requests, *parents: str) -> list[Raw]:
    """What the lister of a kind reads."""
    lister = KIBO.kinds[kind].lister
    assert lister is not None
    return list(lister(vendor, parents))


def test_every_kind_of_the_family_is_managed_as_far_as_kibo_lets_us() -> None:
    """Each kind has the verbs and the natural key of the contract, and there is no `jobs`."""
    kinds = {
        name: ("".join(verb.name[0] for verb in Verb if kind.can(verb)), kind.natural_key)
        for name, kind in KIBO.kinds.items()
    }
    assert kinds["export_settings"] == ("LGCUD", ("name",))
    assert kinds["fetch_file_configs"] == ("LCUD", ("lockName",))
    assert kinds["inventory_tag_categories"] == ("LGCUD", ("name",))
    assert kinds["inventory_tags"] == ("LGCUD", ("category", "tagValue"))
    assert kinds["stock_levels"] == ("LCU", ("locationCode", "upc", "partNumber"))
    assert kinds["event_subscriptions"] == ("LCUD", ("endpoint",))
    assert "jobs" not in kinds


def test_no_request_moves_stock_by_a_difference() -> None:
    """Nothing declared adjusts stock, runs an export, or deletes stock."""
    calls = [call for kind in KIBO.kinds.values() for call in kind.calls.values()]
    calls += [call for k in KIBO.kinds.values() if k.bulk for call in k.bulk.calls.values()]
    paths = {f"{call.method} {call.path}" for call in calls}
    assert "POST /commerce/inventory/v1/export" not in paths
    assert not [path for path in paths if "adjust" in path or path.endswith("/delete")]
    assert KIBO.queries == {"/commerce/inventory/v5/inventory"}


def test_export_settings_are_unwrapped_and_wrapped() -> None:
    """Lists hold each in `exportSettings`, and so do both writes."""
    kind = KIBO.kinds["export_settings"]
    settings = {"name": "nightly", "fileFormat": "CSV"}
    assert kind.collect
    assert kind.join
    assert kind.collect([{"exportSettings": settings}]) == [settings]
    assert kind.join([settings]) == {"exportSettings": settings}


@pytest.mark.parametrize(
    ("kind", "path"),
    [("export_settings", ("ftpInformation", 0, "ftpPassword")), ("fetch_file_configs", ())],
)
def test_passwords_are_sensitive(kind: str, path: tuple[str | int, ...]) -> None:
    """A password can only be filled with a secret, and is never shown."""
    found = facts_of("kibo", kind).field(path or ("ftpPassword",))
    assert found is not None
    assert found.sensitive
    assert found.writable


@pytest.mark.parametrize(
    "form",
    [
        {"items": [{"fetchFileConfigID": 1, "lockName": "a"}]},
        [{"fetchFileConfigID": 1, "lockName": "a"}],
        {"fetchFileConfigID": 1, "lockName": "a"},
    ],
)
def test_fetched_files_are_read_in_any_form(form: Any) -> None:
    """An envelope, an array or one object hold the same configuration."""
    assert listed("fetch_file_configs", Vendor({FETCH: form})) == [
        {"fetchFileConfigID": 1, "lockName": "a"}
    ]


@pytest.mark.parametrize("form", [{}, [], {"items": []}, {"success": True, "numResults": 0}])
def test_no_fetched_files_are_none(form: Any) -> None:
    """An answer that holds nothing is an empty list."""
    assert listed("fetch_file_configs", Vendor({FETCH: form})) == []


@pytest.mark.parametrize("form", ["ok", {"error": "busy"}, {"items": None}, [1], None])
def test_what_holds_no_fetched_files_is_no_empty_list(form: Any) -> None:
    """An answer of another form proves nothing absent."""
    with pytest.raises(Incomplete, match="something else"):
        listed("fetch_file_configs", Vendor({FETCH: form}))


def test_tags_come_with_the_list_of_categories() -> None:
    """One request reads them all; each points to its category, which stands in paths only."""
    names = naming("kibo", "inventory_tags")
    channel = {"name": "channel", "tags": [{"tagID": 1, "tagValue": "web", "percent": 80}]}
    vendor = Vendor({CATEGORIES: [channel, {"name": "empty"}]})
    (tag,) = listed("inventory_tags", vendor)
    fields = names.decode(tag)
    assert fields["category"] == Pointer(id="channel")
    assert names.encode(fields) == {"tagID": 1, "tagValue": "web", "percent": 80}
    assert channel["tags"] == [{"tagID": 1, "tagValue": "web", "percent": 80}]


@pytest.mark.parametrize("kind", ["inventory_tag_categories", "inventory_tags"])
def test_having_no_categories_is_a_404(kind: str) -> None:
    """The 404 for an empty list is an empty list; another form is none."""
    assert listed(kind, Vendor()) == []
    with pytest.raises(Incomplete):
        listed(kind, Vendor({CATEGORIES: {"error": "busy"}}))


def test_stock_is_read_to_the_first_short_page() -> None:
    """Each location is read page by page, with nothing filtered out; unknown ones have nothing."""
    many = [{"upc": f"P-{number}", "onHand": number} for number in range(400)]
    vendor = Vendor(records={"A": many, "B": [{"upc": "P-1", "onHand": 3}, {"partNumber": "7"}]})
    found = listed("stock_levels", vendor, "A", "B", "gone")
    assert len(found) == 402
    assert found[-2:] == [
        {"upc": "P-1", "onHand": 3, "locationCode": "B"},
        {"partNumber": "7", "locationCode": "B"},
    ]
    asked = [(body["requestLocation"]["locationCode"], body["pageNum"]) for *_, body in vendor.sent]
    assert asked == [("A", 1), ("A", 2), ("A", 3), ("B", 1), ("gone", 1)]
    for method, path, body in vendor.sent:
        assert (method, path) == ("QUERY", "/commerce/inventory/v5/inventory")
        assert body["ignoreSafetyStock"]
        assert body["includeNegativeInventory"]
        assert not {"items", "directShip", "pickup", "transferEnabled"} & set(body)


def test_stock_whose_pages_repeat_is_not_read() -> None:
    """A vendor that gives a page twice ends the reading instead of going on for ever."""

    class Deaf(Vendor):
        def query(self, path: str, body: Any) -> Any:
            return super().query(path, {**body, "pageNum": 1})

    many = [{"upc": f"P-{number}"} for number in range(stock.PER_PAGE)]
    with pytest.raises(Incomplete, match="page 2"):
        listed("stock_levels", Deaf(records={"A": many}), "A")


def test_a_stock_level_is_read_and_refreshed_under_two_names() -> None:
    """`onHand` is written as `quantity`, `ltd` as `LTD`, and the location stands outside."""
    kind = KIBO.kinds["stock_levels"]
    raw = {"locationCode": "ALB", "upc": "C", "onHand": 7, "safetyStock": 1, "floor": 2, "ltd": 3}
    names = naming("kibo", "stock_levels")
    fields = names.decode(raw)
    assert fields == {
        "locationCode": Pointer(id="ALB"),
        "upc": "C",
        "quantity": 7,
        "safetyStock": 1,
        "floor": 2,
        "ltd": 3,
    }
    assert kind.join
    assert kind.join([names.encode(fields)]) == {
        "locationCode": "ALB",
        "items": [{"upc": "C", "quantity": 7, "safetyStock": 1, "floor": 2, "LTD": 3}],
    }


def test_one_refresh_holds_the_items_of_one_location() -> None:
    """Refreshes are joined location by location, three thousand items at most."""
    bulk = KIBO.kinds["stock_levels"].bulk
    assert bulk is not None
    assert (bulk.apart, bulk.most) == (True, 3000)
    one, other = ({"locationCode": "A", "upc": upc, "quantity": 1} for upc in "bc")
    join = KIBO.kinds["stock_levels"].join
    assert join
    assert join([one, other]) == {
        "locationCode": "A",
        "items": [{"upc": "b", "quantity": 1}, {"upc": "c", "quantity": 1}],
    }


def subscription(**more: Any) -> Live:
    """A subscription in the event service's list."""
    return Live(Scope("kibo", "event_subscriptions"), "a/b", {"endpoint": "https://a", **more})


def test_a_subscription_is_written_in_the_words_of_the_application() -> None:
    """A create says `applicationEndPoint` and `events`, each by its name."""
    body = naming("kibo", "event_subscriptions").encode(
        {"endpoint": "https://a", "topics": ["order.opened"], "noCallback": True}
    )
    assert body == {
        "applicationEndPoint": "https://a",
        "events": [{"eventName": "order.opened"}],
        "noCallback": True,
    }


def test_a_subscription_is_changed_under_the_id_of_the_application() -> None:
    """What the application knows besides survives, also of events that stay."""
    opened = {"eventId": 1, "eventName": "order.opened"}
    there = {"applicationSubscriptionId": 9, "packageId": 4, "events": [opened], "noCallback": True}
    vendor = Vendor({f"{SUBSCRIPTION}/a%2Fb": there})
    kind = KIBO.kinds["event_subscriptions"]
    body = naming("kibo", "event_subscriptions").encode(
        {"topics": ["order.opened", "order.closed"], "noCallback": False}
    )
    kind.writers[Verb.UPDATE](vendor, subscription(), body)
    kind.writers[Verb.DELETE](vendor, subscription(), {})
    changed = {"events": [opened, {"eventName": "order.closed"}], "noCallback": False}
    assert vendor.sent == [
        ("PUT", f"{SUBSCRIPTION}/events", {**there, **changed}),
        ("DELETE", f"{SUBSCRIPTION}/events/9", None),
    ]


@pytest.mark.parametrize("answers", [{}, {f"{SUBSCRIPTION}/a%2Fb": {"events": []}}])
def test_a_subscription_of_somebody_else_is_not_taken_for_gone(answers: dict[str, Any]) -> None:
    """What the event service lists and the application does not know is an error, and nothing is
    written."""
    vendor = Vendor(answers)
    writers = KIBO.kinds["event_subscriptions"].writers
    for verb in (Verb.UPDATE, Verb.DELETE):
        with pytest.raises(VendorError, match="does not answer") as raised:
            writers[verb](vendor, subscription(), {})
        assert not isinstance(raised.value, NotFound)
    assert vendor.sent == []


def test_settings_keep_what_nobody_declares(driver: Any, sandbox: Any) -> None:
    """An update of export settings replaces them with all that was there, and reads no password."""
    exports = driver("kibo/export_settings", writable=True)
    (before,) = sandbox.state("kibo")["export_settings"]
    live = exports.get("nightly")
    assert exports.list().objects == (live,)
    assert "ftpPassword" not in str(live.fields)
    exports.update(live, {"fileFormat": "XML"}, ["fileFormat"])
    assert sandbox.state("kibo")["export_settings"] == [{**before, "fileFormat": "XML"}]
    assert exports.get("weekly") is None
    exports.delete("nightly")
    assert sandbox.state("kibo")["export_settings"] == []


def test_a_fetched_file_is_saved_under_its_id(driver: Any, sandbox: Any) -> None:
    """A save without an id makes a configuration, one with it changes that one and no other."""
    fetches = driver("kibo/fetch_file_configs", writable=True)
    (before,) = sandbox.state("kibo")["fetch_file_configs"]
    body = {"lockName": "hourly", "active": True, "postProcessAction": 1, "ftpPassword": "s"}
    id, shown_once = fetches.create(body, "k")
    assert (id, shown_once) == (None, {})
    one, other = fetches.list().objects
    assert (one.fields["lockName"], other.fields["lockName"]) == ("nightly-refresh", "hourly")
    assert "ftpPassword" not in other.fields
    fetches.update(other, {"lockName": "daily"}, ["lockName"])
    saved = sandbox.state("kibo")["fetch_file_configs"]
    assert saved[0] == before
    assert len(saved) == 2
    assert {"lockName": "daily", "ftpPassword": "s"}.items() <= saved[1].items()
    fetches.delete(other.id)
    assert fetches.list().objects == (one,)


def test_a_tag_is_written_beside_its_siblings(driver: Any, sandbox: Any) -> None:
    """A tag is made, changed and removed alone, also one whose value needs quoting."""
    tags = driver("kibo/inventory_tags", writable=True)
    before = sandbox.state("kibo")["inventory_tag_categories"]
    channel = Pointer("channel", "channel")
    id, _ = tags.create({"category": channel, "tagValue": "B2B / İ", "percent": 5}, "k")
    live = tags.get(id)
    assert live.fields["tagValue"] == "B2B / İ"
    assert live in tags.list(["channel"]).objects
    tags.update(live, {"percent": 6}, ["percent"])
    assert tags.get(id).fields["percent"] == 6
    tags.delete(id)
    assert sandbox.state("kibo")["inventory_tag_categories"] == before


def test_the_last_category_leaves_an_empty_list(driver: Any) -> None:
    """Where there are no categories any more, both lists are complete and empty."""
    categories = driver("kibo/inventory_tag_categories", writable=True)
    categories.delete("channel")
    assert categories.list().complete
    assert categories.list().objects == ()
    tags = driver("kibo/inventory_tags").list(["channel"])
    assert (tags.complete, tags.objects) == (True, ())


def test_a_subscription_is_found_under_its_other_id(driver: Any, sandbox: Any) -> None:
    """Changed and ended by the id of the list; its package stays."""
    subscriptions = driver("kibo/event_subscriptions", writable=True)
    (live,) = subscriptions.list().objects
    subscriptions.update(live, {"topics": ["order.opened"]}, ["topics"])
    (after,) = subscriptions.list().objects
    assert after.id == live.id
    assert after.fields == {**live.fields, "topics": ["order.opened"]}
    (state,) = sandbox.state("kibo")["event_subscriptions"]
    assert state["packageId"] == 1
    subscriptions.delete(live.id)
    assert subscriptions.list().objects == ()


def test_what_was_made_and_cannot_be_looked_for_is_unknown(workspace: Any, sandbox: Any) -> None:
    """A subscription whose making does not tell its id is looked for in the list; where that
    cannot be read, nobody says that it is not there, and the next run finds it."""
    here = workspace(
        "provider: kibo\n"
        "event_subscriptions:\n"
        "  erp: {endpoint: https://erp.example/kibo, topics: [pricelist.created]}\n"
    )
    listed = {"vendor": "kibo", "method": "GET", "path": "*/event/push/subscriptions*"}
    sandbox.faults([{**listed, "nth": list(range(2, 20)), "fault": {"status": 403}}])
    ended = here.run("apply", "--auto-approve")
    assert ended.code == 4, ended
    assert (
        "create was sent, but the object could not be looked up: kibo: GET" in ended.out + ended.err
    )
    sandbox.faults([])
    before = len(sandbox.state("kibo")["event_subscriptions"])
    here.apply()
    assert here.settled()
    assert len(sandbox.state("kibo")["event_subscriptions"]) == before
