"""Live objects and rows of the ledger that are as they are declared: they have their fields in
common with the manifest, and are in every respect what they are when they are read alone."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.errors import Source
from reconciler.http.client import Client
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.ledger.records import own_record
from reconciler.ledger.state import state_of
from reconciler.manifest.rules import rules_of
from reconciler.model import Live, LiveAsDeclared, Options, Owned, Resource, Scope
from reconciler.providers import PROVIDERS
from reconciler.rest.decoder import Decoder
from reconciler.rest.naming import Naming
from reconciler.rest.other_names import OtherNames

TYPES = ResourceTypes(PROVIDERS)
SUPPLIERS = Scope("kobo-plm", "suppliers")
LINESHEETS = Scope("kobo-plm", "linesheets")
SCOPES = [SUPPLIERS, LINESHEETS, Scope("kibo", "channels"), Scope("inventora", "products")]
OTHERS = [Scope("kobo-plm", "components"), Scope("kibo", "fetch_file_configs")]
SCALARS = st.none() | st.booleans() | st.sampled_from([0, 1, 1.0, 0.5, "1", "", "Kumaş", "x"])
PERSON = st.dictionaries(st.sampled_from(["name", "email", "phone", "unknown"]), SCALARS)
VALUES = SCALARS | st.lists(SCALARS | PERSON, max_size=2) | PERSON
SUPPLIER = {
    "id": 7,
    "code": "A",
    "name": "Kumaş",
    "email": "a@b.example",
    "contacts": [{"name": "İpek", "email": None, "id": 3}],
    "address": {"city": "Bursa", "country": "TR"},
    "rating": 1,
    "certifications": ["GOTS"],
    "created_at": "2024-01-01T00:00:00Z",
    "updated_at": "2024-01-02T00:00:00Z",
    "links": {"self": "/suppliers/7"},
}


def decoder(scope: Scope, *declared: Any) -> Decoder:
    """A decoder of a kind of which these objects are declared."""
    resource_type = TYPES.of(scope)
    kind, facts = resource_type.kind, resource_type.facts
    naming = Naming(kind, facts)
    made = Decoder(resource_type, naming, OtherNames(kind, facts, cast(Client, None), naming))
    made.expect(declared)
    return made


def both(scope: Scope, raw: Any, declared: Any) -> tuple[Live, Live]:
    """An object as it is read where something is declared, and where nothing is."""
    return decoder(scope, declared).live(raw), decoder(scope).live(raw)


def assert_equal(shared: Live, plain: Live) -> None:
    """The two are the same in every respect."""
    assert repr(shared) == repr(plain)
    assert shared == plain
    assert plain == shared
    for name in ("scope", "id", "fields", "archived", "created", "updated"):
        assert repr(getattr(shared, name)) == repr(getattr(plain, name))
    assert repr(shared.with_fields({"a": 1})) == repr(plain.with_fields({"a": 1}))
    assert all(repr(shared.fields[n]) == repr(value) for n, value in shared.at_hand.items())


@pytest.mark.parametrize("scope", SCOPES, ids=str)
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_an_object_is_what_it_is_without_a_manifest(scope: Scope, data: st.DataObject) -> None:
    """Whatever is declared and live, alike or not: the same object, field by field."""
    rules = rules_of(TYPES, scope)
    names = [*rules.resource_type.facts.fields, "unknown", "created_at", "updated_at"]
    key = rules.key_field or ""
    raw = {**data.draw(st.dictionaries(st.sampled_from(names), VALUES)), "id": 1, key: "A"}
    chosen = data.draw(st.sets(st.sampled_from(sorted(raw))))
    declared = {name: raw[name] for name in raw if name in chosen} | {key: "A"}
    declared |= data.draw(st.dictionaries(st.sampled_from(names), VALUES, max_size=1))
    if rules.fits(declared):  # what a manifest cannot declare is never expected
        assert_equal(*both(scope, raw, declared))


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_a_row_is_what_it_is_without_a_manifest(data: st.DataObject) -> None:
    """Whatever is declared and recorded, alike or not: the same rows, member by member."""
    fields = data.draw(st.dictionaries(st.sampled_from("abc"), VALUES))
    declared = data.draw(st.just(fields) | st.dictionaries(st.sampled_from("abc"), VALUES))
    address = SUPPLIERS.address("A")
    owned = Owned(address, "7", fields, "adopted", "2024-01-01T00:00:00Z", created="2023")
    header = {"t": "header", "lineage": "l", "workspace": "w", "created": "c"}
    written = [json.loads(json.dumps(record)) for record in (header, own_record(owned))]
    resource = Resource(address, declared, (), Options(), Source("m", 1))
    shared = state_of(deepcopy(written), [resource])
    assert repr(shared) == repr(state_of(deepcopy(written)))
    row = shared.owned[address]
    assert (row.fields is declared) == (json.dumps(fields) == json.dumps(declared))


def test_what_is_alike_is_kept_once() -> None:
    """The declared fields are the very ones of the manifest, also inside, and the rest is there
    when it is asked for."""
    declared = {"code": "A", "name": "Kumaş", "certifications": ["GOTS"], "rating": 1}
    shared, plain = both(SUPPLIERS, SUPPLIER, declared)
    assert isinstance(shared, LiveAsDeclared)
    assert shared.at_hand is declared
    assert shared.fields["certifications"] is declared["certifications"]
    assert shared.created == "2024-01-01T00:00:00Z"
    assert_equal(shared, plain)
    assert shared == both(SUPPLIERS, SUPPLIER, declared)[0]
    assert shared != both(SUPPLIERS, {**SUPPLIER, "email": "c@d.example"}, declared)[0]


@pytest.mark.parametrize(
    "declared",
    [
        {"name": "Kumas\u0327"},
        {"rating": 1.0},
        {"rating": True},
        {"rating": "1"},
        {"phone": None},
        {"code": "B"},
        {"certifications": []},
        {"address": {"country": "TR", "city": "Bursa"}},
        {"address": {"city": "Bursa"}},
    ],
)
def test_what_is_not_written_alike_is_kept_as_it_came(declared: Any) -> None:
    """Another spelling, another type, another order, something unset: such an object is decoded at
    once, and compared as ever."""
    shared, plain = both(SUPPLIERS, SUPPLIER, {"code": "A", **declared})
    assert type(shared) is Live
    assert_equal(shared, plain)


def test_an_archived_object_is_decoded_at_once() -> None:
    """An archived object is never taken for one that is as it is declared."""
    raw = {"id": 1, "code": "A", "name": "x"}
    kind = TYPES.of(LINESHEETS).kind
    assert kind.archive is not None
    key = kind.natural_key[0]
    declared = {key: raw.get(key, "A")}
    raw = {**raw, **declared}
    assert isinstance(decoder(LINESHEETS, declared).live(raw), LiveAsDeclared)
    archived = decoder(LINESHEETS, declared).live({**raw, kind.archive.member: True})
    assert type(archived) is Live
    assert archived.archived


@pytest.mark.parametrize("scope", OTHERS, ids=str)
def test_kinds_whose_answers_need_decoding_are_decoded(scope: Scope) -> None:
    """References, secrets and other names are never compared with what an answer has."""
    key = TYPES.of(scope).kind.natural_key[0]
    raw = {"id": 1, "fetchFileConfigID": 1, key: "A"}
    assert type(decoder(scope, {key: "A"}).live(raw)) is Live
