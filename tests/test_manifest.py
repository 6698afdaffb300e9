"""What manifests become, and what is said about those that cannot be used."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.errors import Severity, Source
from reconciler.kinds import Call, Kind, Provider, Verb
from reconciler.kinds.resource_types import ResourceType, ResourceTypes
from reconciler.manifest import load
from reconciler.manifest.declaration import declare
from reconciler.manifest.rules import Rules, rules_of
from reconciler.manifest.substitution import Values
from reconciler.model import Address, Manifests, Options, Ref, Resource, Scope, Secret
from reconciler.providers import PROVIDERS
from reconciler.values.fields import facts_from
from reconciler.values.validate import Finding, gate

Reader = Callable[..., Manifests]
CONFIGURED: Mapping[str, Provider] = {
    "kobo": PROVIDERS["kobo-plm"],
    "kobiks": PROVIDERS["kobiks"],
}


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Write files into a workspace's manifests folder and load them."""

    def reader(*texts: str, variables: Mapping[str, Any] | None = None, **more: Any) -> Manifests:
        folder = tmp_path / "manifests"
        folder.mkdir(exist_ok=True)
        for number, text in enumerate(texts):
            (folder / f"{number}.yaml").write_text(text, "utf-8")
        providers = more.get("providers", CONFIGURED)
        return load(folder, tmp_path, providers, variables or {}, more.get("secrets", {}))

    return reader


def said(manifests: Manifests) -> list[str]:
    """The findings as `place address: summary → detail`, without the folder's name."""
    return [
        f"{str(p.source).removeprefix('manifests/')} {p.address or '-'}: {p.summary} → {p.detail}"
        for p in manifests.problems
    ]


def only(manifests: Manifests) -> Resource:
    """The one resource of manifests that have no findings."""
    assert said(manifests) == []
    (resource,) = manifests.resources
    return resource


def test_a_resource_is_what_is_declared(read: Reader) -> None:
    """Fields as written, the key as natural key, the place of the key, and no jsonschema."""
    resource = only(
        read("# suppliers\nprovider: kobo\nsuppliers:\n  00000001:\n    name: Premium\n")
    )
    assert resource.address == Address("kobo", "suppliers", "00000001")
    assert resource.fields == {"code": "00000001", "name": "Premium"}
    assert resource.source == Source("manifests/0.yaml", 4, 3)
    assert resource.options == Options()
    assert resource.refs == ()


def test_the_natural_key_may_differ_from_the_key(read: Reader) -> None:
    """What is declared for the natural key stays; the key is only the address then."""
    text = "provider: kobo\nwebhooks: {erp-sync: {name: ERP Sync}}\n"
    assert only(read(text)).fields == {"name": "ERP Sync"}


def test_an_empty_body_declares_the_natural_key_alone(read: Reader) -> None:
    """`SUP-1:` with nothing behind it is a resource; `$absent` needs no fields either."""
    manifests = read(
        "provider: kobo\nsuppliers:\n  SUP-1:\n  SUP-2: {$absent: true}\ncurrencies:\n"
    )
    assert said(manifests) == []
    assert [r.fields for r in manifests.resources] == [{"code": "SUP-1"}, {"code": "SUP-2"}]
    assert manifests.resources[1].options.absent


def test_valid_manifests_never_load_the_slow_validator(read: Reader) -> None:
    """jsonschema is for messages only."""
    before = sys.modules.pop("jsonschema", None)
    try:
        only(read("provider: kobo\nsuppliers: {SUP-1: {name: A}}\n"))
        assert "jsonschema" not in sys.modules
    finally:
        if before:
            sys.modules["jsonschema"] = before


def test_the_words_of_the_tool(read: Reader) -> None:
    """`$` words become options and never fields; a number as `$id` is text."""
    resource = only(
        read(
            "provider: kobo\nsuppliers:\n  S:\n    name: A\n    $protect: true\n    $was: R\n"
            "    $ignore: [name, phone]\n    $id: 42\n    $on_remove: keep\n"
        )
    )
    assert resource.fields == {"code": "S", "name": "A"}
    assert resource.options == Options(True, ("name", "phone"), "R", "42", False, "keep")


def test_wrong_words_are_told_with_the_right_ones(read: Reader) -> None:
    """An unknown word, a wrong type, a wrong choice, and a field nobody knows."""
    manifests = read(
        "provider: kobo\nsuppliers:\n  S:\n    $protekt: true\n    $protect: yes\n    $was: 5\n"
        "    $on_remove: forget\n    $ignore: [nmae]\n    $id: true\n    $absent: 1\n"
    )
    assert said(manifests) == [
        '0.yaml:4:5 kobo/suppliers/S: there is no option "$protekt" → Did you mean "$protect"?',
        '0.yaml:5:15 kobo/suppliers/S: $protect must be true or false, is text ("yes") → '
        "Write true, without quotes.",
        "0.yaml:6:11 kobo/suppliers/S: $was must be text, is a number (5) → "
        'Write it in quotes: "5".',
        '0.yaml:7:17 kobo/suppliers/S: $on_remove must be one of delete, keep, is "forget" → ',
        '0.yaml:8:15 kobo/suppliers/S: $ignore names "nmae", which is not a field of suppliers → '
        'Did you mean "name"?',
        "0.yaml:9:10 kobo/suppliers/S: $id must be text or a whole number, is true → "
        'Write it in quotes: "true".',
        "0.yaml:10:14 kobo/suppliers/S: $absent must be true or false, is a number (1) → ",
    ]


def test_all_that_is_wrong_at_one_place_is_told(read: Reader) -> None:
    """Each member that an entry lacks, though all have the place of the entry."""
    only = {"inventora": PROVIDERS["inventora"]}
    text = "provider: inventora\ntasks:\n  a: {items: [{product: S}]}\n"
    manifests = read(text, providers=only)
    assert said(manifests) == [
        '0.yaml:3:15 inventora/tasks/a: "quantity" is missing in items[0] → Add it.',
        '0.yaml:3:15 inventora/tasks/a: "unitType" is missing in items[0] → Add it.',
    ]


def test_everything_wrong_with_fields_is_told_at_once(read: Reader) -> None:
    """Place, address, path, what is wrong and what to do: for every field of every file."""
    manifests = read(
        "provider: kobo\nwebhooks:\n  a:\n    url: nowhere\n    events: style.created\n"
        "    is_active: yes\n    nmae: x\n  b:\n    events: [style updatd, 5]\n",
        "provider: kobo\nsuppliers:\n  S:\n    name: 5\n    rating: good\n"
        "    contacts: [{email: x, rol: y}]\n    address: [1]\n",
    )
    assert said(manifests) == [
        '0.yaml:4:10 kobo/webhooks/a: url has the wrong format, is "nowhere" → '
        'Example: "https://erp.example.com/hooks/kobo".',
        '0.yaml:5:13 kobo/webhooks/a: events must be a list of text, is text ("style.created") → '
        'Write it as a list: ["style.created"].',
        '0.yaml:6:16 kobo/webhooks/a: is_active must be true or false, is text ("yes") → '
        "Write true, without quotes.",
        '0.yaml:7:5 kobo/webhooks/a: there is no field "nmae" → Did you mean "name"?',
        "0.yaml:9:14 kobo/webhooks/b: events[0] is not one of the 44 possible values, "
        'is "style updatd" → Did you mean "style.updated"?',
        "0.yaml:9:28 kobo/webhooks/b: events[1] must be text, is a number (5) → ",
        "1.yaml:4:11 kobo/suppliers/S: name must be text, is a number (5) → "
        'Write it in quotes: "5".',
        '1.yaml:5:13 kobo/suppliers/S: rating must be a number or null, is text ("good") → ',
        '1.yaml:6:24 kobo/suppliers/S: contacts[0].email has the wrong format, is "x" → '
        'Example: "john@premiumtextiles.com".',
        '1.yaml:6:27 kobo/suppliers/S: there is no field "rol" in contacts[0] → '
        'Did you mean "role"?',
        "1.yaml:7:14 kobo/suppliers/S: address must be a mapping or null, "
        "is a list ([1 entries]) → ",
    ]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("- a\n", "0.yaml:1:1 -: a manifest must be a mapping, is a list ([1 entries])"),
        ("just text\n", '0.yaml:1:1 -: a manifest must be a mapping, is text ("just text")'),
        ("suppliers: {}\n", "0.yaml:1:1 -: the document does not say which provider it is for"),
        ("provider: kobbo\n", '0.yaml:1:11 -: there is no provider "kobbo" in reconciler.yaml'),
        ("provider: 5\n", "0.yaml:1:11 -: provider must be text, is a number (5)"),
        ("provider: kobo\nsuplliers: {}\n", '0.yaml:2:1 -: "kobo" has no kind "suplliers"'),
        ("provider: kobo\nunits: [a]\n", "0.yaml:2:8 -: units must be a mapping of keys"),
        ("provider: kobo\nunits: {a: 5}\n", '0.yaml:2:12 kobo/units/a: "a" must be a mapping'),
        ("provider: kobo\nunits: {'': {}}\n", "0.yaml:2:9 -: an object of units has an empty key"),
        ('provider: kobo\nunits: {"a\\nb": {}}\n', r'0.yaml:2:9 -: "a\nb" is not a valid key'),
        (
            "provider: kobo\nunits: {'${var.a}': {}}\n",
            '0.yaml:2:9 -: "${var.a}" is not a valid key',
        ),
        ("provider: kobo\nunits: {a: 1, a: 2}\n", '0.yaml:2:15 -: duplicate key "a"'),
    ],
)
def test_the_frame_of_a_manifest(read: Reader, text: str, finding: str) -> None:
    """Whatever stands where a provider, a kind, a key or fields should: one finding, its place."""
    assert said(read(text))[0].startswith(finding)


def test_a_near_miss_is_answered_with_the_word(read: Reader) -> None:
    """Providers and kinds are suggested like fields are."""
    found = said(read("provider: kobbo\n---\nprovider: kobo\nsuplliers: {}\n"))
    assert [line.rpartition("→ ")[2] for line in found] == [
        'Did you mean "kobo"?',
        'Did you mean "suppliers"?',
    ]


def test_an_address_is_declared_once(read: Reader) -> None:
    """Twice, in other documents or files, names both places."""
    text = "provider: kobo\nunits: {m: {name: Meter}}\n"
    manifests = read(text + "---\n" + text, text)
    assert said(manifests) == [
        f'{place} kobo/units/m: "kobo/units/m" is declared twice; first at '
        "manifests/0.yaml:2:9 → Remove one of them, or change its key."
        for place in ("0.yaml:5:9", "1.yaml:2:9")
    ]


def test_two_addresses_are_never_the_same_object(read: Reader) -> None:
    """The natural key is compared as text in NFC, and never in another case."""
    composed = unicodedata.normalize("NFC", "Ürün")
    manifests = read(
        f"provider: kobo\nwebhooks:\n  a: {{name: {unicodedata.normalize('NFD', composed)}}}\n"
        f"  b: {{name: {composed}, $absent: true}}\n  c: {{name: {composed.upper()}}}\n"
    )
    (line,) = said(manifests)
    assert line.startswith(
        '0.yaml:4:3 kobo/webhooks/b: "kobo/webhooks/b" and "kobo/webhooks/a" '
        f'(at manifests/0.yaml:3:3) are the same object: name "{composed}"'
    )


def test_what_no_object_is_without_is_part_of_the_same_object(read: Reader) -> None:
    """A part of the natural key that may be left out is the same left out as null; another that
    is left out is told before any vendor is asked, unless an id says which object is meant."""
    entry = "{priceListCode: P, productCode: X, currencyCode: USD"
    manifests = read(
        f"provider: kibo\nprice_list_entries:\n  a: {entry}}}\n  b: {entry}, startDate: null}}\n"
        f'  c: {entry}, startDate: "2026-01-01T00:00:00Z"}}\n',
        "provider: kibo\nprice_list_entries:\n  d: {priceListCode: P, productCode: X}\n"
        "  e: {priceListCode: P, productCode: X, $id: P/X/USD/}\n",
        providers={"kibo": PROVIDERS["kibo"]},
    )
    names = "priceListCode and productCode and currencyCode and startDate"
    assert said(manifests) == [
        '0.yaml:4:3 kibo/price_list_entries/b: "kibo/price_list_entries/b" and '
        '"kibo/price_list_entries/a" (at manifests/0.yaml:3:3) are the same object: '
        f'{names} "P/X/USD" → Remove one of them; to rename it, keep the new key and write '
        "`$was: old-key`.",
        f"1.yaml:3:6 kibo/price_list_entries/d: price_list_entries are found by {names}: "
        "currencyCode must be declared → Or give the object's id with $id.",
    ]


def test_references_carry_their_real_place(read: Reader) -> None:
    """A reference is the field's path, the kind it names and the name; `null` is none."""
    manifests = read(
        "provider: kobo\ncomponents:\n  F1: {supplier: SUP-1}\n  F2: {supplier: null}\n"
    )
    assert said(manifests) == []
    assert [r.refs for r in manifests.resources] == [
        (Ref(("supplier",), Scope("kobo", "suppliers"), "SUP-1"),),
        (),
    ]


def test_circles_are_named(read: Reader) -> None:
    """Objects that depend on each other are told as addresses, each circle once."""
    manifests = read(
        "provider: kobiks\ncategories:\n"
        "  a: {path: a, parent: b}\n  b: {path: b, parent: a}\n"
        "  c: {path: x/c, parent: x/c}\n  d: {path: d, parent: nowhere}\n"
    )
    found = [p.summary for p in manifests.problems]
    assert len(found) == 2
    assert "kobiks/categories/a → kobiks/categories/b → kobiks/categories/a" in found[0] or (
        "kobiks/categories/b → kobiks/categories/a → kobiks/categories/b" in found[0]
    )
    assert found[1].endswith("kobiks/categories/c → kobiks/categories/c")


def test_variables_keep_their_type_or_become_text(read: Reader) -> None:
    """The whole value takes the variable as it is; inside text it is written out."""
    text = (
        "provider: kobo\nwebhooks:\n  a:\n    is_active: ${var.on}\n    events: ${var.events}\n"
        "    url: https://${var.region}.example.com/${var.n}/$${x}\n"
    )
    variables = {"on": True, "events": ["style.created"], "region": "eu", "n": 5}
    fields = only(read(text, variables=variables)).fields
    assert fields == {
        "name": "a",
        "is_active": True,
        "events": ["style.created"],
        "url": "https://eu.example.com/5/${x}",
    }


def test_what_cannot_be_filled_in_is_told(read: Reader) -> None:
    """Unknown names, the environment, secrets, whole values inside text, and open ends."""
    manifests = read(
        "provider: kobo\nsuppliers:\n  S:\n    name: ${var.regoin}\n    phone: ${env.HOME}\n"
        "    email: a@${secret.s}\n    type: x${var.list}\n    website: ${var.region\n"
        "    payment_terms: ${file('x')}\n",
        variables={"region": "eu", "list": [1]},
        secrets={"s": Secret("hunter2")},
    )
    found = said(manifests)
    assert [line.partition(": ")[2].partition(" → ")[0] for line in found] == [
        'name: there is no variable "regoin"',
        'phone: "${env.HOME}" cannot be used here',
        "email: a secret cannot be used here: the field is not sensitive, so plans would "
        "show its value",
        'type: "${var.list}" is a list or a mapping, so it cannot be part of a longer text',
        'website: "${var.region" has no closing }',
        "payment_terms: \"${file('x')}\" cannot be used here",
    ]
    assert found[0].endswith('Did you mean "region"?')
    assert "Manifests support ${var.NAME} and, in sensitive fields, ${secret.NAME}" in found[1]
    assert "hunter2" not in str(found)


SFTP = facts_from(
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "password": {"type": "string", "x-sensitive": True, "pattern": "^never$"},
            "supplier": {"type": "string", "x-ref": "kobo-plm/suppliers"},
            "lines": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "unit": {"type": "string", "x-ref": "units"},
                        "made": {"type": "string", "readOnly": True},
                    },
                },
            },
        },
    }
)


def rules(**changes: Any) -> Rules:
    """The rules of a kind with a sensitive field and references within a list."""
    scope = Scope("kobo", "exports")
    calls = {Verb.LIST: Call("GET", "/exports")}
    kind = Kind("exports", "export", calls, ("name",), "Exports")
    targets = ((("lines", 0, "unit"), Scope("kobo", "units")),)
    made = Rules(
        resource_type=ResourceType(scope, kind, SFTP, targets),
        fits=gate(SFTP.schema),
        key_field="name",
        read_only=(("lines", 0, "made"),),
        sensitive=(("password",),),
        targets=targets,
        ambiguous=(),
    )
    return replace(made, **changes)


def declared(body: Any, **changes: Any) -> tuple[Resource, list[Finding]]:
    """What `declare` makes of a body, with one variable and one secret at hand."""
    values = Values({"v": "text"}, {"s": Secret("hunter2", "s")})
    return declare(rules(**changes), "key", body, Source("f", 1, 1), values)


def test_a_secret_fills_a_sensitive_field() -> None:
    """It stays a `Secret`, whatever form the schema wants of its text."""
    resource, findings = declared({"password": "${secret.s}"})
    assert findings == []
    assert resource.fields["password"] == Secret("hunter2")
    assert "hunter2" not in repr(resource)


@pytest.mark.parametrize("literal", ["hunter2", 5, "${var.v}", ["x"]])
def test_a_sensitive_field_takes_nothing_else(literal: Any) -> None:
    """A literal, of whatever type, is refused without being shown."""
    _, findings = declared({"password": literal})
    assert [f.summary for f in findings] == [
        "password is sensitive and must not be written in a manifest"
    ]
    assert "hunter2" not in str(findings)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"password": "x${secret.s}"}, "a secret must be the entire value"),
        ({"password": "${secret.S}"}, 'there is no secret "S"'),
        ({"name": "${secret.s}"}, "a secret cannot be used here"),
    ],
)
def test_a_secret_goes_nowhere_else(body: Any, what: str) -> None:
    """Neither into text, nor under another name, nor into a field that would show it."""
    _, findings = declared(body)
    assert what in findings[0].summary
    assert len(findings) == 1


def test_paths_within_lists() -> None:
    """References and read-only fields are found at every position of a list."""
    resource, findings = declared(
        {"lines": [{"unit": "m"}, {}, {"unit": "kg", "made": "today"}, {"unit": None}]}
    )
    units = Scope("kobo", "units")
    assert resource.refs == (
        Ref(("lines", 0, "unit"), units, "m"),
        Ref(("lines", 2, "unit"), units, "kg"),
    )
    assert [f.path for f in findings] == [("lines", 2, "made"), ("lines", 3, "unit")]


@pytest.mark.parametrize(
    ("names", "what"),
    [([], "has none"), (["a", "b"], "has 2 of that type: a, b")],
)
def test_a_reference_to_another_vendor_needs_exactly_one(names: list[str], what: str) -> None:
    """Which provider `kobo-plm/suppliers` means must be certain, where it is used."""
    ambiguous = ((("supplier",), f"names an object of kobo-plm, and the workspace {what}"),)
    _, findings = declared({"supplier": "S"}, ambiguous=ambiguous)
    assert [f.summary for f in findings] == [
        f"supplier names an object of kobo-plm, and the workspace {what}"
    ]


def test_an_observed_kind_may_declare_what_the_vendor_sets() -> None:
    """What can only be observed is declared to be compared: nothing of it is forbidden."""
    observed = rules_of(ResourceTypes(CONFIGURED), Scope("kobiks", "locations"))
    managed = rules_of(ResourceTypes(CONFIGURED), Scope("kobo", "webhooks"))
    assert observed.read_only == ()
    assert managed.read_only == (("secret",),)


def test_absent_needs_no_required_field() -> None:
    """What must not exist need not be described; what is described must still be right."""
    _, findings = declared({"$absent": True, "nmae": 1}, key_field=None)
    assert [f.summary for f in findings] == ['there is no field "nmae"']


def test_files_are_read_in_sorted_order(tmp_path: Path) -> None:
    """Every *.yaml and *.yml below the folder, by name; hidden ones and others are not."""
    folder = tmp_path / "manifests"
    for name in ("b.yaml", "a/z.yml", "a.yaml", ".hidden.yaml", ".git/x.yaml", "notes.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        key = name.replace("/", "-").replace(".", "-")
        (folder / name).write_text(f"provider: kobo\nunits: {{{key}: {{}}}}\n")
    manifests = load(folder, tmp_path, CONFIGURED, {}, {})
    assert said(manifests) == []
    assert [r.address.key for r in manifests.resources] == ["a-yaml", "a-z-yml", "b-yaml"]
    assert manifests.resources[1].source.file == "manifests/a/z.yml"


def test_what_lies_outside_is_never_read(tmp_path: Path) -> None:
    """Links that leave, links to folders, pipes and dead links are refused, each with its name."""
    root = tmp_path / "root"
    folder = root / "manifests"
    folder.mkdir(parents=True)
    (tmp_path / "outside.yaml").write_text("provider: kobo\nunits: {secret: {}}\n")
    (root / "inside.yaml").write_text("provider: kobo\nunits: {m: {}}\n")
    (folder / "a.yaml").symlink_to(tmp_path / "outside.yaml")
    (folder / "b.yaml").symlink_to(root / "inside.yaml")
    (folder / "c.yaml").symlink_to(folder / "nowhere.yaml")
    (folder / "d").symlink_to(folder)
    os.mkfifo(folder / "e.yaml")
    (folder / "f.yaml").symlink_to("/proc/self/environ")
    manifests = load(folder, root, CONFIGURED, {}, {})
    assert [line.partition(" →")[0] for line in said(manifests)] == [
        "a.yaml -: the file is a link to a place outside the workspace",
        "c.yaml -: cannot be read: No such file or directory",
        "d -: links to folders are not followed",
        "e.yaml -: is a pipe, a device or a folder, not a file",
        "f.yaml -: the file is a link to a place outside the workspace",
    ]
    assert [r.address.key for r in manifests.resources] == ["m"]


def test_folders_that_nobody_nests_so_deeply_are_told(tmp_path: Path) -> None:
    """What is in them is not read, and one finding says so."""
    folder = tmp_path.joinpath("manifests", *["a"] * 70)
    folder.mkdir(parents=True)
    (folder / "x.yaml").write_text("provider: kobo\nunits: {m: {}}\n")
    manifests = load(tmp_path / "manifests", tmp_path, CONFIGURED, {}, {})
    assert manifests.resources == ()
    (problem,) = manifests.problems
    assert problem.summary == "it is in more than 64 folders"


def test_a_missing_folder_is_an_error_and_an_empty_one_a_warning(tmp_path: Path) -> None:
    """Nothing declared by mistake is not the same as nothing declared."""
    missing = load(tmp_path / "manifests", tmp_path, CONFIGURED, {}, {})
    (tmp_path / "manifests").mkdir()
    empty = load(tmp_path / "manifests", tmp_path, CONFIGURED, {}, {})
    assert [(p.severity, str(p.source)) for p in missing.problems + empty.problems] == [
        (Severity.ERROR, "manifests"),
        (Severity.WARNING, "manifests"),
    ]
    assert "reconciler import" in empty.problems[0].detail


def test_one_bad_file_does_not_hide_the_others(read: Reader) -> None:
    """A file that is not YAML is one finding among all the others."""
    manifests = read("a: [\n", "provider: nobody\n", "provider: kobo\nunits: {m: {}}\n")
    assert [str(p.source) for p in manifests.problems] == [
        "manifests/0.yaml:2:1",
        "manifests/1.yaml:1:11",
    ]
    assert len(manifests.resources) == 1


def test_the_digest_is_of_everything_that_was_read(read: Reader) -> None:
    """The same files and variables give the same digest; any other byte another."""
    text = "provider: kobo\nunits: {m: {}}\n"
    first = read(text).digest
    assert read(text).digest == first
    assert len({first, read(text + "\n").digest, read(text, variables={"a": 1}).digest}) == 3


def test_what_is_shown_cannot_play_tricks(read: Reader) -> None:
    """Control and bidi characters of a value are escaped, and long values are cut."""
    manifests = read(
        'provider: kobo\nwebhooks:\n  a: {url: "x\\e[2J\u202e"}\n  b: {url: "' + "x" * 9999 + '"}\n'
    )
    first, second = (p.summary for p in manifests.problems)
    assert first.endswith(r'is "x\x1b[2J\u202e"')
    assert len(second) < 120


BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab${}.var\x1b", max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "url", "events", "secret", "$was", "$ignore", "$x", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(BODIES)
@settings(deadline=None)
def test_no_body_breaks_the_reader(body: Any) -> None:
    """Any JSON as an object's fields gives findings or a resource, never a traceback."""
    webhooks = rules_of(ResourceTypes(CONFIGURED), Scope("kobo", "webhooks"))
    values = Values({"a": 1}, {})
    resource, findings = declare(webhooks, "k", body, Source("f", 1, 1), values)
    assert resource.address.key == "k"
    assert all(finding.summary.isprintable() for finding in findings)


def test_keys_that_only_look_alike_are_called_so(read: Reader) -> None:
    """The same letters composed in two ways are one object, and nobody has to guess why."""
    manifests = read('provider: kobo\nsuppliers:\n  "\\u00e9": {}\n  "e\\u0301": {}\n')
    assert said(manifests)[-1].endswith(
        "The keys are the same text in two Unicode forms: remove one of them."
    )
