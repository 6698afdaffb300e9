"""`explain` knows all that files can hold, from the schemas by which they are checked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.app.explain_files import find_setting
from reconciler.kinds.options import MARKS, OPTIONS
from reconciler.providers import PROVIDERS
from reconciler.values.validate import gate
from reconciler.workspace import schema
from reconciler.yaml12 import parse


@pytest.fixture
def ask(run: Any, tmp_path: Any) -> Any:
    """Explains a name in a folder without a workspace."""
    return lambda *words: run("-C", str(tmp_path), "explain", *words)


def settings(part: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting that the schema of reconciler.yaml allows, with its part of the schema."""
    while "$ref" in part:
        part = schema()["definitions"][part["$ref"].rpartition("/")[2]]
    if name:
        yield name, part
    part = part.get("items", part)
    for own, inner in part.get("properties", {}).items():
        yield from settings(inner, f"{name}.{own}".lstrip("."))
    if isinstance(part.get("additionalProperties"), dict) and name.count("NAME") < 2:
        yield from settings(part["additionalProperties"], f"{name}.NAME")


SETTINGS = dict(settings(schema()))
ACCOUNTS = {
    f"providers.{name}.{setting}": part
    for name in PROVIDERS
    for setting, part in schema()["definitions"][name]["properties"].items()
}


def test_there_are_settings_to_explain() -> None:
    """The walk finds what is deep in the file."""
    assert "environments.NAME.guard.max_deletes" in SETTINGS
    assert "exclusive.except" in SETTINGS
    assert len(SETTINGS) + len(ACCOUNTS) > 60


@pytest.mark.parametrize(("name", "part"), [*SETTINGS.items(), *ACCOUNTS.items()])
def test_every_setting_is_explained(name: str, part: Any, ask: Any) -> None:
    """With what it means, its type, its default and an example, as the schema has them."""
    found = ask(name, "--format", "json")
    assert found.code == 0, found.err
    assert found.json["name"] == name
    assert found.json["description"] == part["description"]
    assert found.json["default"] == part.get("default")
    text = ask(name).out
    assert "Type:" in text
    assert "Example" in text or part.get("type") == "boolean" or name.endswith("parallelism")
    if "enum" in part:
        assert all(str(value) in text for value in part["enum"])


@pytest.mark.parametrize("word", [*OPTIONS, *MARKS])
def test_every_word_of_manifests_is_explained(word: str, ask: Any) -> None:
    """Those that begin with `$`, and what may stand in a text."""
    found = ask(word).out
    assert found.startswith(f"{word}\n")
    assert " ".join(found.split()).find((OPTIONS | MARKS)[word]["description"]) > 0


def test_examples_are_valid(ask: Any) -> None:
    """The example of the file is one that the tool takes, and so is that of each setting."""
    text = ask("reconciler.yaml").out.partition("\nExample\n")[2].partition("\n\n")[0]
    example = parse(text.encode(), "example")[0].value
    assert gate(schema())(example)
    for name in schema()["properties"]:
        value = ask(name, "--format", "json").json["example"]
        assert gate(schema())(example | {name: value}), name


def test_a_provider_may_be_called_as_in_the_workspace(workspace: Any) -> None:
    """`providers.NAME` shows the settings of the type that it has there."""
    made = workspace()
    made.configure(providers={"plm": {"type": "kobo-plm", "api_key": "${env.KOBO_API_KEY}"}})
    assert "providers.plm.tier" in made.run("explain", "providers.plm").out


def test_the_words_of_a_manifest_together(ask: Any) -> None:
    """`manifest` and `$` list all of them."""
    for name in ("manifest", "$"):
        assert all(f"\n  {word}: " in ask(name).out for word in OPTIONS)
    assert "\n  provider: text; required" in ask("manifest").out


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("environment", 'Did you mean "environments"?'),
        ("guard.max_delets", 'Did you mean "max_deletes"?'),
        ("reconciler.yaml.gaurd", 'Did you mean "guard"?'),
        ("$wass", 'Did you mean "$was"?'),
        ("providers.kibo.tennant", 'Did you mean "tenant"?'),
        ("ledger.file", "ledger has nothing inside it"),
        ("webhoks", 'Did you mean "webhooks"?'),
    ],
)
def test_what_is_unknown_leads_to_what_is_known(ask: Any, name: str, hint: str) -> None:
    """A near miss is named, and the exit code is 1."""
    result = ask(name)
    assert (result.code, result.out) == (1, "")
    assert hint in result.err


def test_no_kind_has_the_name_of_a_setting() -> None:
    """Otherwise one could not be asked for."""
    kinds = {kind for provider in PROVIDERS.values() for kind in provider.kinds}
    assert [kind for kind in kinds if find_setting(kind, {})] == []


def test_it_is_one_document_for_programs(ask: Any) -> None:
    """A setting with those inside it."""
    found = json.loads(ask("guard", "--format", "json").out)
    names = [f"guard.{name}" for name in schema()["definitions"]["guard"]["properties"]]
    assert [member["name"] for member in found["members"]] == names
