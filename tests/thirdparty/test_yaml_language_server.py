"""The language server that editors use for YAML knows the manifests that `init` begins.

The package is looked for in $RECONCILER_NODE_MODULES, or in node_modules beside this file; get it
with `npm ci --ignore-scripts --prefix tests/thirdparty`.
"""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.app.init import short
from reconciler.app.schema import title_of
from reconciler.kinds import Kind, Provider
from reconciler.kinds.options import OPTIONS
from reconciler.providers import PROVIDERS
from reconciler.values.fields import facts_of
from reconciler.workspace import schema

from ..conftest import Run, run
from .language_server import LanguageServer, Place, language_server

HERE = Path(__file__).parent
MODULES = Path(os.environ.get("RECONCILER_NODE_MODULES") or HERE / "node_modules")
PACKAGE = MODULES / "yaml-language-server" / "package.json"

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
    pytest.mark.skipif(
        not PACKAGE.exists(),
        reason=f"no {PACKAGE}: install yaml-language-server and set RECONCILER_NODE_MODULES",
    ),
]
EACH = pytest.mark.parametrize("provider", PROVIDERS.values(), ids=lambda provider: provider.type)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new workspace with all vendors."""
    folder = tmp_path_factory.mktemp("workspace")
    assert run("-C", str(folder), "init").code == 0
    return folder


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[LanguageServer]:
    """A server for a person whose editor has no settings: what is known is in the files."""
    with language_server(MODULES, root, {}) as started:
        yield started


def manifest(provider: Provider, body: str) -> str:
    """A manifest as `init` and `import` begin one."""
    line = f"# yaml-language-server: $schema=../schemas/{provider.type}.schema.json"
    return f"{line}\n---\n{body}"


def example(provider: Provider, kind: Kind) -> str:
    """The manifest that `explain` shows of a kind."""
    shown = run("explain", f"{provider.type}/{kind.name}", "--format", "json")
    return manifest(provider, str(shown.json["example"]))


def messages(found: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """The line of each finding, counted from 1, and what it says."""
    return [(one["range"]["start"]["line"] + 1, one["message"]) for one in found]


def first_kind(provider: Provider) -> Kind:
    """A kind of this provider with fields that may be declared."""
    return next(k for k in provider.kinds.values() if writable(provider, k))


def writable(provider: Provider, kind: Kind) -> list[str]:
    """The names of the fields that may be declared."""
    return [n for n, f in facts_of(provider.type, kind.name).fields.items() if not f.read_only]


@EACH
def test_what_init_wrote_is_right(provider: Provider, root: Path, server: LanguageServer) -> None:
    """Neither the settings nor a manifest has a finding, and the example of every kind neither."""
    for path in (root / "reconciler.yaml", root / "manifests" / f"{short(provider)}.yaml"):
        assert messages(server.open(path, path.read_text("utf-8"))) == []
    for kind in provider.kinds.values():
        path = root / "manifests" / f"{kind.name}.yaml"
        assert messages(server.open(path, example(provider, kind))) == []


@EACH
def test_a_wrong_value_and_a_wrong_name(
    provider: Provider, root: Path, server: LanguageServer
) -> None:
    """Both are marked at their lines, of the second document too."""
    kind = first_kind(provider)
    name = writable(provider, kind)[0]
    body = f"provider: p\n{kind.name}:\n  k:\n    {name}: {{a: 1}}\n    nonsense: 1\n"
    text = manifest(provider, body)
    found = messages(server.open(root / "manifests" / "a.yaml", text))
    assert (7, "Property nonsense is not allowed.") in found
    assert 6 in {line for line, _ in found}
    second = f"{manifest(provider, 'provider: p')}\n---\n{text.replace('---', '', 1)}"
    found = messages(server.open(root / "manifests" / "b.yaml", second))
    assert "Property nonsense is not allowed." in {message for _, message in found}


@EACH
def test_pointing_at_a_field_explains_it(
    provider: Provider, root: Path, server: LanguageServer
) -> None:
    """Of every field that may be declared the name, the description and an example are shown; of a
    kind and of the tool's own words too."""
    path = root / "manifests" / "hover.yaml"
    kind = first_kind(provider)
    facts = facts_of(provider.type, kind.name)
    names = writable(provider, kind)
    text = manifest(provider, f"provider: p\n{kind.name}:\n  k:\n")
    text += "".join(f"    {name}: null\n" for name in names) + "    $was: old\n"
    server.open(path, text)
    for name in names:
        line, end = Place.after(text, f"\n    {name}:")
        shown = plain(server.hover(path, Place(line, end - 2)))
        assert f"#### {title_of(name)}" in shown
        assert plain(facts.fields[name].description) in shown
        if examples := facts.schema["properties"][name].get("examples"):
            assert str(examples[0]).strip("[]{}'").partition("'")[0] in shown.replace('"', "")
        if facts.fields[name].immutable:
            assert "Cannot be changed" in shown
    assert OPTIONS["$was"]["description"] in server.hover(path, Place.after(text, "$wa"))
    shown = server.hover(path, Place.after(text, f"\n{kind.name[:-1]}"))
    assert kind.name.replace("_", " ") in shown


def plain(markdown: str) -> str:
    """Markdown without the signs that stand for themselves."""
    return markdown.replace("\\", "").replace("`", "").replace("&nbsp;", " ").replace("\n", " ")


@EACH
def test_names_and_values_are_completed(
    provider: Provider, root: Path, server: LanguageServer
) -> None:
    """After a provider come the kinds, in an object the fields and the tool's words, and after a
    field with a list of values those values."""
    path = root / "manifests" / "complete.yaml"
    text = manifest(provider, "provider: p\n\n")
    server.open(path, text)
    assert set(provider.kinds) <= set(server.complete(path, Place.after(text, "provider: p\n")))
    for kind in provider.kinds.values():
        names = writable(provider, kind)
        text = manifest(provider, f"provider: p\n{kind.name}:\n  k:\n    $protect: true\n    \n")
        server.open(path, text)
        offered = server.complete(path, Place.after(text, "true\n    "))
        assert {*names, *OPTIONS} - {"$protect"} <= set(offered), kind.name
        facts = facts_of(provider.type, kind.name)
        assert all(plain(facts.fields[n].description) in plain(offered[n]) for n in names)
        for name in (n for n in names if facts.fields[n].enum and not facts.fields[n].items):
            text = manifest(provider, f"provider: p\n{kind.name}:\n  k:\n    {name}: \n")
            server.open(path, text)
            offered = server.complete(path, Place.after(text, f"    {name}: "))
            wanted = {str(value) for value in facts.fields[name].enum if value is not None}
            assert wanted <= {label.strip("\"'") for label in offered}, name


def test_settings_are_known(root: Path, server: LanguageServer) -> None:
    """In reconciler.yaml a wrong setting is marked, a right one explained and completed."""
    path = root / "reconciler.yaml"
    line = "# yaml-language-server: $schema=schemas/workspace.schema.json\n---\n"
    text = (
        f"{line}name: acme\nproviders:\n  k:\n    type: kobo-plm\n    api_key: x\n    tier: gold\n"
    )
    text += "guard:\n  max_deletes: many\n  \nlegder: x\n"
    found = messages(server.open(path, text))
    assert {line for line, _ in found} == {8, 10, 12}
    guard = schema()["definitions"]["guard"]["properties"]
    shown = server.hover(path, Place.after(text, "max_del"))
    assert guard["max_deletes"]["description"] in shown
    offered = server.complete(path, Place.after(text, "many\n  "))
    assert set(guard) - {"max_deletes"} <= set(offered)
    text = text.replace("tier: gold", "tier: ")
    server.open(path, text)
    offered = server.complete(path, Place.after(text, "tier: "))
    assert {"basic", "professional", "enterprise"} <= set(offered)


@EACH
def test_files_without_a_line_for_editors_are_known_by_their_folder(
    provider: Provider, root: Path
) -> None:
    """The settings that `init` wrote for VS Code say which schema a manifest has, in each of its
    documents, also where somebody wrote it by hand."""
    settings = json.loads((root / ".vscode" / "settings.json").read_text("utf-8"))
    name = short(provider)
    text = f"provider: {name}\n---\nprovider: {name}\nnonsense: {{}}\n"
    with language_server(MODULES, root, settings["yaml.schemas"]) as started:
        for path in (f"{name}.yaml", f"{name}/by/hand.yml"):
            found = messages(started.open(root / "manifests" / path, text))
            assert found == [(4, "Property nonsense is not allowed.")]


def test_kept_editor_settings(run: Run, tmp_path: Path) -> None:
    """Settings that somebody has already stay as they are, and that is said."""
    kept = tmp_path / ".vscode" / "settings.json"
    kept.parent.mkdir()
    kept.write_text("{ // mine\n}\n", "utf-8")
    shown = run("-C", str(tmp_path), "init", "--provider", "kibo")
    assert shown.code == 0
    assert "kept" in shown.err
    assert "settings.json, which existed" in shown.err
    assert kept.read_text("utf-8") == "{ // mine\n}\n"
