"""Objects about which nothing is to be decided: what is said of them at once is what comparing and
deciding would say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.errors import Source
from reconciler.identity import index_live
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.model import (
    Action,
    BegunCreate,
    Change,
    Listing,
    Live,
    Options,
    Owned,
    Resource,
    Scope,
    Snapshot,
)
from reconciler.planner import Rules, plan
from reconciler.planner.context import Context
from reconciler.planner.decide import decide
from reconciler.planner.settled import Settled
from reconciler.planner.subject import compare_declared
from reconciler.providers import PROVIDERS
from reconciler.values.fingerprints import Fingerprints

SUPPLIERS = Scope("kobo-plm", "suppliers")
TYPES = ResourceTypes(PROVIDERS)
NONE = Options()
SOURCE = Source("m", 1)
# Values that are easily taken for each other: numbers and their texts, spellings of one letter,
# what is unset and what is empty.
VALUES = st.sampled_from(
    [None, "", "1", 1, 1.0, True, "Kumaş", "Kumas\u0327", [], {}, ["GOTS"], [{"name": "A"}]]
)
FIELDS = st.dictionaries(
    st.sampled_from(["name", "currency", "certifications", "contacts", "rating"]),
    VALUES,
    max_size=3,
)
OPTIONS = st.builds(
    Options,
    protect=st.booleans(),
    ignore=st.sampled_from([(), ("currency",)]),
    on_remove=st.sampled_from(["delete", "keep"]),
    rotate=st.sampled_from([None, "1"]),
)


def decided(declared: Resource, row: Owned | None, live: Live, **rules: Any) -> Change | None:
    """The entry for an object that is known at once, which must be the one that is decided."""
    owned = {} if row is None else {row.address: row}
    indexes = index_live([TYPES.of(SUPPLIERS)], {SUPPLIERS: [live]}, [declared], owned)
    context = Context(indexes, owned, Fingerprints(), **rules)
    slow = decide(compare_declared(context, indexes[SUPPLIERS], declared, live, ()), declared)
    entry = Settled(context).entry(indexes[SUPPLIERS], declared, live)
    assert entry is None or repr(entry) == repr(slow)
    return entry


def parts(fields: Any, options: Options = NONE) -> tuple[Resource, Owned, Live]:
    """A declared object, its row and the live object, which agree."""
    fields = {"code": "A", **fields}
    address, source = SUPPLIERS.address("A"), Source("m", 1)
    row = Owned(address, "1", fields, "created", "", options.protect, options.on_remove)
    row = replace(row, rotate=options.rotate)
    return Resource(address, fields, (), options, source), row, Live(SUPPLIERS, "1", {**fields})


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(FIELDS, FIELDS, FIELDS, OPTIONS, OPTIONS, st.sampled_from(["1", "2", None]), st.booleans())
def test_what_is_settled_is_decided_alike_when_it_is_compared(
    declared: Any, recorded: Any, read: Any, options: Options, last: Options, id: Any, alike: bool
) -> None:
    """Whatever is declared, recorded and live: an object that counts as settled gets the very entry
    that comparing and deciding make."""
    resource, row, live = parts(declared, options)
    if not alike:
        row = replace(parts(recorded, last)[1], id=id or "1")
        live = replace(live, fields={"code": "A", **read})
    decided(resource, row if id else None, live)


@given(FIELDS)
def test_an_object_that_agrees_is_settled(fields: Any) -> None:
    """Nothing is compared twice of an object that is live as it is declared."""
    resource, row, live = parts(fields)
    for recorded, action in ((row, Action.NO_OP), (None, Action.ADOPT)):
        entry = decided(resource, recorded, live)
        assert entry is not None
        assert entry.action is action


def test_whatever_could_need_a_decision_is_compared() -> None:
    """An object is not settled where anything else than its fields may matter."""
    resource, row, live = parts({"name": "Bir", "currency": "EUR"})
    assert decided(resource, row, live)
    for other in (
        (resource, replace(row, stored={"name": "bir"}), live),
        (resource, replace(row, protect=True), live),
        (resource, replace(row, fields={**row.fields, "currency": "TRY"}), live),
        (resource, row, replace(live, archived=True)),
        (resource, row, replace(live, fields={**live.fields, "currency": None})),
        (replace(resource, options=Options(ignore=("currency",))), row, live),
    ):
        assert not decided(*other)
    assert not decided(resource, row, live, vanished={SUPPLIERS: frozenset(["currency"])})
    assert not decided(resource, None, live, begun={resource.address: BegunCreate("")})


def test_only_the_first_of_two_resources_has_an_object() -> None:
    """Two resources that mean one object, live or still to be created: the second is refused, also
    where the first agrees in everything."""
    fields = {"code": "A", "name": "Bir"}
    row = Owned(SUPPLIERS.address("A"), "1", fields, "created", "")
    chosen = Options(id="1")
    for live, options in ((Live(SUPPLIERS, "1", fields), chosen), (None, NONE)):
        pair = [
            Resource(SUPPLIERS.address(key), fields, (), options if key == "B" else NONE, SOURCE)
            for key in ("A", "B")
        ]
        snapshot = Snapshot({SUPPLIERS: Listing((live,) if live else ())})
        made = plan(pair, snapshot, {row.address: row} if live else {}, TYPES, Rules())
        assert [change.address.key for change in made.changes] == ["A"]
        assert [finding.address for finding in made.diagnostics] == ["kobo-plm/suppliers/B"]
        assert "it is the same" in made.diagnostics[0].summary
