"""What nobody declares and no schema knows goes through an update as it was, at every depth."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from reconciler.errors import Incomplete
from reconciler.kinds import Verb
from reconciler.model import Live, Pointer, Write
from reconciler.rest.driver import Driver

AUDIT = {"createDate": "2026-01-01T00:00:00Z", "createBy": "ayşe"}


class Vendor:
    """A Kibo that answers reads with `told`, by the end of the path, and keeps what it is sent."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        self.sent: list[Any] = []
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if path.startswith("/platform/tenants/"):
                    self._answer({"domain": self.headers["Host"]})
                    return
                found = [told for end, told in vendor.told.items() if path.endswith(end)]
                self._answer(found[0] if found else {"message": "none"}, 200 if found else 404)

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path.endswith("/oauth"):
                    self._answer({"access_token": "t", "expires_in": 3600})
                    return
                vendor.sent.append(body)
                self._answer({})

            do_PUT = do_POST

            def _answer(self, body: Any, status: int = 200) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    """A vendor of this kind."""
    one = Vendor()
    thread = threading.Thread(target=one.server.serve_forever, args=(0.01,))
    thread.start()
    yield one
    one.server.shutdown()
    thread.join()
    one.server.server_close()


@pytest.fixture
def drive(vendor: Vendor, driver: Callable[..., Driver]) -> Callable[[str], Driver]:
    """Drivers that write to it."""
    return lambda kind: driver(f"kibo/{kind}", writable=True, base_url=vendor.address)


ENTRY: dict[str, Any] = {
    "priceListCode": "L",
    "productCode": "P",
    "currencyCode": "TRY",
    "productName": "Çadır",
    "priceListEntrySequence": 7,
    "isVariation": False,
    "auditInfo": AUDIT,
    "neuralPrice": {"since": "2026-13-01", "by": [1, None, {"a": 1e30}]},
    "priceEntries": [
        {"minQty": 1, "listPrice": 10, "listPriceMode": "Overridden", "neural": [3]},
        {"minQty": 5, "listPrice": 8, "listPriceMode": "Overridden", "neural": [4]},
    ],
}
DECLARED = {
    "priceListCode": Pointer("L", "L"),
    "productCode": "P",
    "currencyCode": "TRY",
    "priceEntries": [{"minQty": 5, "listPrice": 9}, {"minQty": 9, "listPrice": 1}],
}
WANTED = {
    **{n: v for n, v in ENTRY.items() if n not in ("productName", "priceListEntrySequence")},
    "priceEntries": [
        {"minQty": 5, "listPrice": 9, "listPriceMode": "Overridden", "neural": [4]},
        {"minQty": 9, "listPrice": 1},
    ],
}


def test_an_entry_alone(vendor: Vendor, drive: Callable[[str], Driver]) -> None:
    """Members that no schema knows survive beside the changed one and inside list entries that
    stay; what is read-only is not written, and an entry that is not declared goes."""
    vendor.told["/P/TRY"] = ENTRY
    entries = drive("price_list_entries")
    live = entries.get("L/P/TRY/")
    assert live is not None
    entries.update(live, DECLARED, ["priceEntries"])
    assert vendor.sent == [WANTED]


def test_entries_in_one_request(vendor: Vendor, drive: Callable[[str], Driver]) -> None:
    """The same of each one, read anew together."""
    other = {**ENTRY, "productCode": "Q", "neuralPrice": None}
    vendor.told["/L/entries"] = {"totalCount": 2, "items": [ENTRY, other]}
    entries = drive("price_list_entries")
    works = [
        Write(live, {**DECLARED, "productCode": code}, ["priceEntries"])
        for live, code in zip(entries.list(["L"]).objects, "PQ", strict=True)
    ]
    entries.write_many(Verb.UPDATE, works)
    assert vendor.sent == [[WANTED, {**WANTED, "productCode": "Q", "neuralPrice": None}]]


def test_deep_inside_a_location(vendor: Vendor, drive: Callable[[str], Driver]) -> None:
    """Of an object inside a list entry inside an object only the declared member changes; a
    location that is put away is sent whole, but for that it is disabled."""
    location: dict[str, Any] = {
        "code": "WH",
        "name": "Depo",
        "warmth": 21,
        "locationTypes": [{"code": "W", "name": "Warehouse", "auditInfo": AUDIT}],
        "attributes": [{"fullyQualifiedName": "t~a", "values": ["x"], "attributeDefinitionId": 4}],
        "cutoffTimes": {
            "zone": {"is": "new"},
            "schedules": [
                {"fulfillmentType": "SP", "strict": True, "times": {"monday": {"at": 1, "new": 2}}},
                {"fulfillmentType": "DS", "strict": False},
            ],
        },
        "auditInfo": AUDIT,
    }
    vendor.told["/locations/WH"] = location
    locations = drive("locations")
    live = locations.get("WH")
    assert live is not None
    times = [{"fulfillmentType": "DS"}, {"fulfillmentType": "SP", "times": {"monday": {"at": 3}}}]
    declared = {"code": "WH", "name": "Depo 2", "cutoffTimes": {"schedules": times}}
    locations.update(live, declared, ["name", "cutoffTimes"])
    (sent,) = vendor.sent
    assert {n: v for n, v in sent.items() if n not in ("name", "cutoffTimes")} == {
        n: v for n, v in location.items() if n not in ("name", "cutoffTimes")
    }
    monday = sent["cutoffTimes"]["schedules"][1]["times"]["monday"]
    assert (sent["name"], monday["at"]) == ("Depo 2", 3)
    assert sent["cutoffTimes"]["zone"] == {"is": "new"}
    assert [one["strict"] for one in sent["cutoffTimes"]["schedules"]] == [False, True]
    locations.delete("WH")
    assert vendor.sent[1] == {**location, "isDisabled": True}


def test_no_other_object_is_taken_for_the_one_asked_for(
    vendor: Vendor, drive: Callable[[str], Driver]
) -> None:
    """A GET that answers another object, and a list below a parent that answers another one's:
    nothing is concluded, and nothing is written over either of them."""
    vendor.told["/locations/WH"] = {"code": "OTHER", "name": "x"}
    vendor.told["/L/entries"] = {"totalCount": 1, "items": [{**ENTRY, "priceListCode": "M"}]}
    locations, entries = drive("locations"), drive("price_list_entries")
    live = Live(locations.resource_type.scope, "WH", {"code": "WH"})
    with pytest.raises(Incomplete, match="something else than location WH"):
        locations.get("WH")
    with pytest.raises(Incomplete, match="something else than location WH"):
        locations.update(live, {"code": "WH", "name": "y"}, ["name"])
    with pytest.raises(Incomplete, match="something else"):
        locations.delete("WH")
    listing = entries.list(["L"])
    assert not listing.complete
    assert listing.problem is not None
    assert "belong elsewhere" in listing.problem.summary
    assert vendor.sent == []


@pytest.mark.parametrize("kind", ["price_lists", "price_list_entries", "currencies"])
def test_a_list_that_has_an_object_twice_proves_nothing(
    kind: str, vendor: Vendor, drive: Callable[[str], Driver]
) -> None:
    """Of parents as of what lies below one, also where a part of what tells them apart is unset."""
    item = ENTRY if kind == "price_list_entries" else {"priceListCode": "L", "currencyCode": "TRY"}
    for path in ("/pricelists", "/L/entries", "/currency"):
        vendor.told[path] = {"totalCount": 2, "items": [item, item]}
    listing = drive(kind).list(["L"])
    assert not listing.complete
    assert listing.problem is not None
    assert "came twice" in listing.problem.summary
