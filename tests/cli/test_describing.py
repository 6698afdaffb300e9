"""`providers`, `explain`, `schema` and `graph`: true, complete, and of use without a workspace."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import jsonschema
import pytest

from reconciler.app.explain import explain
from reconciler.app.schema import umbrella
from reconciler.errors import Invalid
from reconciler.model import Address
from reconciler.providers import PROVIDERS
from reconciler.report.columns import columns
from reconciler.report.graph import dot, mermaid
from reconciler.values.fields import facts_of, schema_folder
from reconciler.values.validate import gate
from reconciler.yaml12 import parse
from tools import generate

from ..conftest import MakeWorkspace, Run

ROOT = Path(__file__).parents[2]

KINDS = [(provider.type, kind) for provider in PROVIDERS.values() for kind in provider.kinds]

SHOP = """
provider: kobo-plm
suppliers:
  Anadolu "İplik" [A.Ş.]/2:
    name: Anadolu
  lonely:
    name: Lonely
components:
  FAB-001:
    name: Jersey
    supplier: Anadolu "İplik" [A.Ş.]/2
  FAB-002:
    name: Twill
    supplier: SUP-LIVE
"""


@pytest.fixture
def here(run: Run, tmp_path: Path) -> Run:
    """Runs a command in an empty folder, where there is no workspace."""
    return lambda *arguments: run("-C", str(tmp_path), *arguments)


def test_the_table_names_every_kind_in_full_without_a_workspace(here: Run) -> None:
    """Each kind of each vendor is a row with its mode, its five verbs and its natural key."""
    result = here("providers")
    lines = result.out.splitlines()
    assert (result.code, result.err) == (0, "")
    assert len(lines) == 1 + len(KINDS)
    cells = {tuple(line.split()[:2]): line.split()[2:] for line in lines[1:]}
    assert set(cells) == set(KINDS)
    assert cells["kobo-plm", "api_keys"] == ["partial", "yes", "yes", "-", "-", "yes", "name"]
    assert cells["kobiks", "transaction_types"][-3:] == ["module", "+", "name"]


def test_a_table_is_aligned_and_cuts_nothing() -> None:
    """Cells stand below each other whatever letters they are made of, and are whole."""
    rows = [("Mağaza", "a" * 300, "x"), ("i\u0307plik", "b", "y"), ("漢字", "c", "")]
    first, second, third = columns(rows)
    assert first == f"Mağaza  {'a' * 300}  x"
    assert second.startswith("i\u0307plik   b")
    assert third == "漢字    c"


def test_the_table_says_what_the_workspace_calls_its_providers(
    workspace: MakeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Inside a workspace the configured names are shown; no credential is needed for that."""
    made = workspace()
    document = {
        "name": "acme",
        "providers": {
            "plm-eu": {"type": "kobo-plm", "api_key": "${env.NOT_SET}"},
            "plm-us": {"type": "kobo-plm", "api_key": "${env.NOT_SET}"},
        },
    }
    (made.root / "reconciler.yaml").write_text(json.dumps(document), "utf-8")
    assert made.run("providers").out.endswith("  plm-eu  kobo-plm\n  plm-us  kobo-plm\n")
    found = {
        one["type"]: one for one in made.run("providers", "--format", "json").json["providers"]
    }
    assert found["kobo-plm"]["names"] == ["plm-eu", "plm-us"]
    assert found["kobiks"]["names"] == []
    hooks = next(kind for kind in found["kobo-plm"]["kinds"] if kind["name"] == "webhooks")
    assert hooks["verbs"] == ["list", "get", "create", "update", "delete"]
    assert (hooks["mode"], hooks["natural_key"]) == ("managed", ["name"])


def test_a_broken_workspace_does_not_hide_the_documentation(workspace: MakeWorkspace) -> None:
    """Whoever is mending reconciler.yaml can still look things up, and is told it is broken."""
    made = workspace()
    (made.root / "reconciler.yaml").write_text("name: [", "utf-8")
    for command in (("providers",), ("explain", "webhooks"), ("schema", "kobo-plm")):
        assert made.run(*command).code == 0
    assert "reconciler validate" in made.run("providers").err


def test_a_folder_that_is_not_there_is_an_error(run: Run, tmp_path: Path) -> None:
    """A misspelled -C is not taken for a folder without a workspace."""
    assert run("-C", str(tmp_path / "nowhere"), "providers").code == 1


def test_a_kind_is_explained_with_all_that_is_known(here: Run) -> None:
    """Type, constraints, what a create needs, who writes a field, key, verbs, notes, example."""
    result = here("explain", "webhooks")
    assert result.code == 0
    for words in (
        "managed (list, get, create, update, delete)",
        "Natural key:",
        "webhooks:write",
        "url: text; needed to create; an http or https URL",
        "order does not matter",
        "secret: text; read-only; sensitive",
        "$protect",
        "Notes",
        "provider: kobo-plm",
    ):
        assert words in result.out, words
    components = here("explain", "components").out
    assert "names one of `suppliers`" in components
    assert "unit_price: decimal; may be null; compared as a number" in components
    assert "cut" not in components


@pytest.mark.parametrize(
    "what", ["webhooks.events", "kobo-plm/webhooks.events", "webhooks.events[0]"]
)
def test_a_field_is_explained_with_all_its_values(here: Run, what: str) -> None:
    """A long list of values is complete where the field is asked for."""
    found = here("explain", what).out
    events = facts_of("kobo-plm", "webhooks").fields["events"].items
    assert events
    assert set(events.enum) <= set(re.findall(r"[\w.]+", found))
    assert "Example:" in found


def test_members_and_our_own_words_are_explained(here: Run) -> None:
    """A path leads through lists and maps, and the words of the tool are fields as well."""
    email = here("explain", "kobo-plm/suppliers.contacts.email").out
    assert email.startswith("kobo-plm/suppliers.contacts[].email\nThe person's e-mail address.\n")
    assert "  name: text" in here("explain", "suppliers.contacts").out
    assert "by default false" in here("explain", "suppliers.$protect").out


def test_a_provider_may_be_said_as_the_workspace_calls_it(workspace: MakeWorkspace) -> None:
    """A configured name, a type and an address all lead to the kind; the example uses the name."""
    made = workspace()
    made.configure(providers={"plm": {"type": "kobo-plm", "api_key": "${env.KOBO_API_KEY}"}})
    for what in ("plm/webhooks", "kobo-plm/webhooks", "webhooks", "plm/webhooks/ERP v1.2"):
        assert "  provider: plm\n" in made.run("explain", what).out


@pytest.mark.parametrize(
    ("what", "hint"),
    [
        ("webhoks", 'Did you mean "webhooks"?'),
        ("webhooks.evnts", 'Did you mean "events"?'),
        ("suppliers.contacts.emial", 'Did you mean "email"?'),
        ("suppliers.name.first", "no fields inside it"),
        ("kobo-pml/webhooks", 'Did you mean "kobo-plm"?'),
        ("kobiks/webhooks", "Kobiks has no kind"),
        ("kobo-plm", "reconciler explain kobo-plm/webhooks"),
    ],
)
def test_what_is_unknown_leads_to_what_is_known(here: Run, what: str, hint: str) -> None:
    """A near miss is named; the exit code is 1 and nothing is on stdout."""
    result = here("explain", what)
    assert (result.code, result.out) == (1, "")
    assert hint in result.err


def test_a_kind_of_several_vendors_must_be_said_with_its_vendor() -> None:
    """Nothing is guessed: the vendors are named, and how to ask for each."""
    kobiks, inventora = PROVIDERS["kobiks"], PROVIDERS["inventora"]
    types = {"kobiks": kobiks, "inventora": inventora}
    with pytest.raises(Invalid) as refused:
        explain("products.sku", types, {})
    finding = refused.value.diagnostics[0]
    assert finding.summary == "products is a kind of Kobiks and of Inventora"
    assert "kobiks/products.sku or inventora/products.sku" in finding.detail
    assert explain("inventora/products", types, {}).provider is inventora
    assert explain("eu/products", types, {"eu": inventora}).provider is inventora


@pytest.mark.parametrize(("vendor", "kind"), KINDS)
def test_every_example_may_be_declared_as_it_stands(here: Run, vendor: str, kind: str) -> None:
    """The example of each kind is a manifest that the schema accepts, with what a create needs."""
    found = here("explain", f"{vendor}/{kind}", "--format", "json").json
    manifest = parse(found["example"].encode(), "example")[0].value
    assert gate(umbrella(PROVIDERS[vendor]))(manifest), manifest
    (body,) = manifest[kind].values()
    needed = {
        f["name"] for f in found["fields"] if f["required_to_create"] and "." not in f["name"]
    }
    assert needed - set(found["natural_key"]) <= set(body or {})


def test_a_field_is_explained_to_programs(here: Run) -> None:
    """JSON has the facts one by one."""
    found = here("explain", "components.supplier", "--format", "json").json
    assert (found["kind"], found["name"], found["refers_to"]) == (
        "components",
        "supplier",
        "suppliers",
    )
    assert found["read_only"] is False


def test_schemas_are_listed_and_printed(here: Run) -> None:
    """Every type has its schema, valid draft-07 and the same as the one that is checked in."""
    names = [line.split()[0] for line in here("schema").out.splitlines()]
    assert names == [*PROVIDERS, "workspace", "words"]
    for name in names:
        printed = here("schema", name).json
        jsonschema.Draft7Validator.check_schema(printed)
        kept = (schema_folder() / "generated" / f"{name}.schema.json").read_text("utf-8")
        assert printed == json.loads(kept)
    assert 'Did you mean "kobo-plm"?' in here("schema", "kobo-pml").err


def test_a_checkout_gets_its_schemas_and_pages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that is generated is written anew, byte for byte, and then there is nothing to do."""
    for name in ("README.md", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "docs").mkdir()
    for name in ("reports.md", "workspace.md", "manifests.md"):
        shutil.copy(ROOT / "docs" / name, tmp_path / "docs")
    generate.main(tmp_path)
    assert "wrote docs/providers/kibo.md" in capsys.readouterr().out
    for name, text in generate.files().items():
        assert (tmp_path / name).read_text("utf-8") == text
    generate.main(tmp_path)
    assert capsys.readouterr().out == ""


def test_a_workspace_gets_the_schemas_that_its_files_point_at(workspace: MakeWorkspace) -> None:
    """The schemas of the configured types and of reconciler.yaml, and nothing of a checkout."""
    made = workspace()
    result = made.run("schema", "--write")
    assert result.code == 0
    written = {path.name for path in (made.root / "schemas").iterdir()}
    assert written == {f"{name}.schema.json" for name in (*PROVIDERS, "workspace")}
    assert not (made.root / "docs").exists()
    assert made.run("schema", "kobiks", "--write").code == 1


def test_nothing_is_written_where_there_is_neither(here: Run, tmp_path: Path) -> None:
    """A folder that is no workspace and no checkout stays as it is."""
    assert here("schema", "--write").code == 1
    assert list(tmp_path.iterdir()) == []


def test_the_graph_has_what_refers_and_is_referred_to(workspace: MakeWorkspace) -> None:
    """Arrows lead to what is needed; without --all the others are left out; nobody is asked."""
    made = workspace(SHOP)
    result = made.run("graph")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("flowchart LR\n")
    assert result.out.count('-->|"supplier"|') == 2
    assert "lonely" not in result.out
    assert "lonely" in made.run("graph", "--all").out
    assert "FAB-002" in result.out
    assert '(["kobo-plm/suppliers/SUP-LIVE"])' in result.out
    assert made.sandbox.journal("kobo-plm") == []
    assert made.run("graph").out == result.out


def test_a_graph_without_edges_says_so(workspace: MakeWorkspace) -> None:
    """An empty drawing is no riddle."""
    result = workspace("provider: kobo-plm\nsuppliers: {a: {name: A}}\n").run("graph")
    assert result.out == "flowchart LR\n"
    assert "--all" in result.err


def test_the_graph_needs_manifests_without_errors(workspace: MakeWorkspace) -> None:
    """What cannot be planned is not drawn either."""
    assert workspace("provider: kobo-plm\nwebhoks: {}\n").run("graph").code == 1


NAMES = [
    'a"b',
    "a]b[c",
    "İğüşöç ı",
    "x/y/z",
    "end",
    "a;b|c`d",
    "%%{init: {}}%%",
    "<script>&#35;",
    "back\\slash",
    "a\nb\u202ec",
    "style:x#1;",
    "{}()",
]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_breaks_out_of_a_drawing(name: str) -> None:
    """Whatever a key is made of stays inside its label, and ids are plain words."""
    one, two = Address("p", "k", name), Address("p", "k", "other")
    lines = list(mermaid([one, two], [(one, two, "field")], {one, two}))
    assert len(lines) == 4
    assert re.fullmatch(r'  n[0-9a-f]{12}\["[^"`\\;<>{}|%]*(?:#\d+;[^"`\\;<>{}|%]*)*"\]', lines[1])
    assert all(line.isprintable() for line in lines)
    drawn = list(dot([one, two], [(one, two, "field")], {one, two}))
    label = re.fullmatch(r'  n[0-9a-f]{12} \[label="((?:[^"\\]|\\.)*)"\];', drawn[3])
    assert label
    assert all(line.isprintable() for line in drawn)


def test_ids_stay_when_other_resources_come(workspace: MakeWorkspace) -> None:
    """A drawing in version control changes only where the manifests do."""
    made = workspace(SHOP)
    before = made.run("graph", "--format", "dot").out.splitlines()
    made.write("provider: kobo-plm\ncomponents: {AAA: {name: A, supplier: lonely}}\n", "more")
    after = made.run("graph", "--format", "dot").out.splitlines()
    assert set(before) <= set(after)
    assert len(after) == len(before) + 3
