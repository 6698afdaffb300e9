"""What the schemas promise to manifests, editors and the reference pages."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from reconciler.app.schema import umbrella, words
from reconciler.kinds import Provider
from reconciler.kinds.options import OPTIONS
from reconciler.model import Options
from reconciler.providers import PROVIDERS
from reconciler.values.fields import facts_of, schema_folder
from reconciler.values.keywords import WORDS
from reconciler.values.validate import gate
from tools.generate import ROOT, files
from tools.reference import capability_table

KINDS = [(provider.type, kind) for provider in PROVIDERS.values() for kind in provider.kinds]
STALE = "is stale: run `python -m tools.generate`"

MANIFEST: dict[str, Any] = {
    "provider": "kobo",
    "webhooks": {
        "erp-sync": {
            "name": "ERP Sync",
            "url": "https://erp.example.com/hooks/kobo",
            "events": ["style.created", "style.updated"],
            "is_active": True,
            "$protect": True,
            "$ignore": ["is_active"],
        },
        "old": {"$absent": True},
    },
    "suppliers": {"SUP-001": {"name": "Premium Textiles Ltd", "$was": "SUP-1", "$id": 42}},
    "currencies": {"EUR": None},
    "components": {"FAB-001": {"unit_price": "8.50", "supplier": "SUP-001", "unit": None}},
}


def schema_of(vendor: str, kind: str) -> dict[str, Any]:
    """A kind's schema as it lies in the repository."""
    loaded: dict[str, Any] = json.loads(
        (schema_folder() / vendor / f"{kind}.json").read_text("utf-8")
    )
    return loaded


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """Every map inside a schema, itself included."""
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from parts(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from parts(value)


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field a schema describes, members of members included."""
    for part in parts(schema):
        if isinstance(part.get("properties"), dict) and "type" in part:
            yield from part["properties"].items()


def test_every_kind_has_a_schema_and_every_schema_a_kind() -> None:
    """Nothing is declared without field facts, and no schema lies about unused."""
    found = {
        (path.parent.name, path.stem)
        for path in schema_folder().glob("*/*.json")
        if path.parent.name != "generated"
    }
    assert found == {*KINDS, *((vendor, "account") for vendor in PROVIDERS)}


@pytest.mark.parametrize(("vendor", "kind"), KINDS)
def test_a_kind_schema_is_draft_07_in_our_words_only(vendor: str, kind: str) -> None:
    """A kind's schema obeys the meta-schema, and so has no `x-` word that we do not know; what
    is said of the kind as a whole stands at the root."""
    schema = schema_of(vendor, kind)
    jsonschema.Draft7Validator(words()).validate(schema)
    fields = {key for part in parts(schema["properties"]) for key in part if key[:2] == "x-"}
    assert fields <= set(WORDS)
    assert {key for key in schema if key[:2] == "x-"} == {"x-kind"}
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["$id"] == f"{vendor}/{kind}.json"


@pytest.mark.parametrize(("vendor", "kind"), KINDS)
def test_a_kind_schema_describes_one_closed_object(vendor: str, kind: str) -> None:
    """A misspelled field is an error, every field says what it is, and the vendor's own
    book-keeping is no field."""
    schema = schema_of(vendor, kind)
    key = PROVIDERS[vendor].kinds[kind].natural_key
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert schema["title"]
    assert schema["description"]
    assert schema.get("required", []) == (list(key) if len(key) == 1 else [])
    assert set(key) <= set(schema["properties"])
    assert not ({"id", "created_at", "updated_at"} - set(key)) & set(schema["properties"])
    for name, part in properties(schema):
        assert part.get("description", "").endswith("."), f"{name} is not described"


@pytest.mark.parametrize(("vendor", "kind"), KINDS)
def test_facts_rest_on_types(vendor: str, kind: str) -> None:
    """Sets are lists, decimals take text and numbers, references are text to a kind there is."""
    for name, part in properties(schema_of(vendor, kind)):
        types = {part["type"]} if isinstance(part["type"], str) else set(part["type"])
        assert types == {"array"} or "x-set" not in part, name
        assert {"number", "string"} <= types or "x-decimal" not in part, name
        if "x-live" in part or "x-live" in part.get("items", {}):
            assert {part.get("x-live"), part.get("items", {}).get("x-live")} & set(
                PROVIDERS[vendor].enumerations
            ), name
        if "x-ref" in part:
            assert "string" in types, name
            assert part["x-ref"] in PROVIDERS[vendor].kinds, name


@pytest.mark.parametrize(("vendor", "kind"), KINDS)
def test_examples_are_valid(vendor: str, kind: str) -> None:
    """What a description offers as an example may be written as it stands."""
    for name, part in properties(schema_of(vendor, kind)):
        for example in part.get("examples", ()):
            assert jsonschema.Draft7Validator(part).is_valid(example), (name, example)


def test_nothing_stands_beside_a_reference() -> None:
    """Draft-07 ignores what stands beside `$ref`, and each `$ref` in a file leads somewhere."""
    schemas = [schema_of(*kind) for kind in KINDS]
    for schema in (*schemas, *map(umbrella, PROVIDERS.values()), words()):
        for part in parts(schema):
            if isinstance(part.get("$ref"), str):
                assert set(part) == {"$ref"}
                target: Any = schema
                for step in part["$ref"].partition("#")[2].split("/")[1:]:
                    target = target[step]
                assert target


def test_the_meta_schema_knows_exactly_our_words() -> None:
    """`words.schema.json` describes each of `keywords.WORDS`, and refuses any other `x-` word."""
    schema = words()
    described = {name: part for name, part in schema["properties"].items() if name[:2] == "x-"}
    del described["x-kind"], described["x-not-managed"]
    meant = {name: part["description"] for name, part in described.items()}
    assert meant == {name: word.meaning for name, word in WORDS.items()}
    for misspelled in ({"x-sett": True}, {"properties": {"a": {"x-": True}}}, {"x-set": "yes"}):
        assert not jsonschema.Draft7Validator(schema).is_valid(misspelled)
        assert not jsonschema_rs.validator_for(schema).is_valid(misspelled)


def test_what_is_generated_is_current() -> None:
    """The schemas that editors read, the reference pages and the table of the README are those
    made from the kinds as they are."""
    for name, text in files().items():
        assert (ROOT / name).is_file(), f"{name} {STALE}"
        assert (ROOT / name).read_text("utf-8") == text, f"{name} {STALE}"


@pytest.mark.parametrize("vendor", PROVIDERS)
def test_an_account_is_described_in_our_words(vendor: str) -> None:
    """The settings of an account obey the meta-schema, and each says what it is."""
    schema = schema_of(vendor, "account")
    jsonschema.Draft7Validator(words()).validate(schema)
    assert schema["$id"] == f"{vendor}/account.json"
    assert set(schema["required"]) <= set(schema["properties"])
    for name, part in properties(schema):
        assert part["description"].endswith("."), name


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=lambda provider: provider.type)
def test_an_umbrella_describes_all_that_a_manifest_may_say(provider: Provider) -> None:
    """Every kind is a section whose objects take the fields that may be declared, and the tool's
    words."""
    schema = umbrella(provider)
    jsonschema.Draft7Validator.check_schema(schema)
    assert set(schema["properties"]) == {"provider", *provider.kinds}
    for kind in provider.kinds:
        assert schema["properties"][kind]["additionalProperties"] == {
            "$ref": f"#/definitions/{kind}"
        }
        fields = facts_of(provider.type, kind).fields.items()
        declarable = {name for name, field in fields if not field.read_only}
        assert set(schema["definitions"][kind]["properties"]) == declarable | set(OPTIONS)


def test_the_words_of_a_resource_are_those_of_the_model() -> None:
    """Editors offer exactly the `$` words that the tool understands; `manages` is what a plan to
    undo a run says and no manifest can."""
    words = {f"${field.name}" for field in dataclasses.fields(Options)}
    assert set(OPTIONS) == words - {"$manages"}


def test_an_umbrella_takes_what_manifests_may_say() -> None:
    """Natural keys or all fields may be left out, prices be text, unset fields be null."""
    schema = umbrella(PROVIDERS["kobo-plm"])
    assert jsonschema.Draft7Validator(schema).is_valid(MANIFEST)
    assert gate(schema)(MANIFEST)


@pytest.mark.parametrize(
    "wrong",
    [
        {"webhooks": {}},
        {"provider": "kobo", "hooks": {}},
        {"provider": "kobo", "webhooks": {"a": {"urll": "https://x"}}},
        {"provider": "kobo", "webhooks": {"a": {"events": ["style created"]}}},
        {"provider": "kobo", "webhooks": {"a": {"secret": "s"}}},
        {"provider": "kobo", "webhooks": {"a": {"$keep": True}}},
        {"provider": "kobo", "suppliers": {"a": {"$on_remove": "forget"}}},
        {"provider": "kobo", "suppliers": {"a": {"rating": "good"}}},
        {"provider": "kobo", "components": {"a": {"unit_price": "8,50"}}},
        {"provider": "kobo", "components": {"a": {"currency": "usd"}}},
        {"provider": "kobo", "customers": {"a": {"type": "distributor"}}},
        {"provider": "kobo", "tasks": {"a": {"priority": "asap"}}},
        {"provider": "kobo", "tasks": {"a": {"due_date": "20.01.2024"}}},
        {"provider": "kobo", "projects": {"a": {"end_date": "2024-13-01"}}},
    ],
)
def test_an_umbrella_refuses_what_is_wrong(wrong: dict[str, Any]) -> None:
    """Misspellings, what can be no event, read-only fields and malformed values show at once."""
    schema = umbrella(PROVIDERS["kobo-plm"])
    assert not jsonschema.Draft7Validator(schema).is_valid(wrong)
    assert not gate(schema)(wrong)


def test_every_documented_event_can_be_subscribed_to() -> None:
    """The webhook events are the 44 of the documentation, each once; the vendor may have more."""
    items = schema_of("kobo-plm", "webhooks")["properties"]["events"]["items"]
    events = items["anyOf"][0]["enum"]
    assert gate(items)("style.published")
    assert len(events) == len(set(events)) == 44
    assert {"style.created", "inventory.low_stock", "stock_take.finalized"} <= set(events)


def test_the_capability_table_has_a_row_for_each_kind() -> None:
    """The table shows each kind with its mode, its verbs and its natural key."""
    lines = capability_table(PROVIDERS.values()).splitlines()
    assert lines[0] == "| provider | kind | mode | L | G | C | U | D | natural key |"
    assert len(lines) == 2 + len(KINDS)
    assert "| kobo-plm | `webhooks` | managed | ✓ | ✓ | ✓ | ✓ | ✓ | `name` |" in lines
    assert "| kobo-plm | `api_keys` | partial | ✓ | ✓ |  |  | ✓ | `name` |" in lines
    row = "| kobiks | `transaction_types` | observed | ✓ |  |  |  |  | `module` + `name` |"
    assert row in lines
