"""`import` takes one object, one kind or some fields, and what it wrote leaves nothing to plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from yamllint import linter
from yamllint.config import YamlLintConfig

from reconciler.kinds.resource_types import ResourceTypes
from reconciler.providers import PROVIDERS
from reconciler.yaml12 import parse

SUPPLIERS = [
    {"id": 1, "code": "S-1", "name": "Anadolu", "currency": "EUR", "address": {"country": "TR"}},
    {"id": 2, "code": "S-2", "name": "Bursa", "currency": "TRY", "address": {"country": "TR"}},
    {"id": 3, "code": "T-1", "name": "Porto", "currency": "EUR", "address": {"country": "PT"}},
    {"id": 4, "code": "T-2", "name": "Nobody", "currency": "EUR"},
]
COMPONENTS = [{"id": 7, "code": "C-1", "name": "Jersey", "supplier": {"id": 1}}]


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace without manifests, and four suppliers at Kobo PLM."""
    sandbox.put_state("kobo-plm", {"suppliers": SUPPLIERS, "components": [], "webhooks": []})
    made = workspace("")
    (made.root / "manifests" / "main.yaml").unlink()
    return made


def declared(here: Any) -> dict[str, Any]:
    """All declared objects by kind and key."""
    objects: dict[str, Any] = {}
    for path in sorted((here.root / "manifests").rglob("*.yaml")):
        for document in parse(path.read_bytes(), path.name):
            for kind, section in document.value.items():
                if kind != "provider":
                    objects.setdefault(kind, {}).update(section)
    return objects


def test_one_object_by_its_address(here: Any) -> None:
    """That object is declared and owned, no other, and nothing is left to do."""
    shown = here.run("import", "kobo-plm/suppliers/S-2")
    assert (shown.code, shown.out) == (0, "wrote manifests/kobo-plm/suppliers.yaml: 1 suppliers\n")
    assert set(declared(here)["suppliers"]) == {"S-2"}
    assert here.run("state", "list").out.split()[0] == "kobo-plm/suppliers/S-2"
    assert here.run("plan").last == "No changes. Your vendors match the manifests."


def test_addresses_have_wildcards(here: Any) -> None:
    """A pattern takes what it matches; several take all of theirs, in the order of keys."""
    assert here.run("import", "kobo-plm/suppliers/T-*", "*/suppliers/S-1").code == 0
    assert list(declared(here)["suppliers"]) == ["S-1", "T-1", "T-2"]


@pytest.mark.parametrize(
    ("conditions", "keys"),
    [
        (["currency=EUR"], ["S-1", "T-1", "T-2"]),
        (["currency=EUR", "address.country=TR"], ["S-1"]),
        (["address.country!=T*"], ["T-1", "T-2"]),
        (["address.country="], ["T-2"]),
        (["name=*o*"], ["S-1", "T-1", "T-2"]),
    ],
)
def test_conditions_on_fields(here: Any, conditions: list[str], keys: list[str]) -> None:
    """All conditions hold for what is imported; nothing stands for a field that is not set."""
    options = [word for condition in conditions for word in ("--where", condition)]
    assert here.run("import", "--kind", "suppliers", *options).code == 0
    assert list(declared(here)["suppliers"]) == keys
    assert here.run("plan").last == "No changes. Your vendors match the manifests."


def test_conditions_on_lists_and_booleans(here: Any, sandbox: Any) -> None:
    """It is enough that one item of a list is like the pattern; a boolean is true or false."""
    hook = {"url": "https://h.example/a", "is_active": True, "events": ["style.created"]}
    other = {**hook, "events": ["sku.updated", "style.updated"], "is_active": False}
    hooks = [{"id": 1, "name": "a", **hook}, {"id": 2, "name": "b", **other}]
    sandbox.put_state("kobo-plm", {"webhooks": hooks})
    chosen = here.run("import", "--kind", "webhooks", "--where", "events=sku.*", "--dry-run")
    assert "\n  b:\n" in chosen.out
    assert "\n  a:\n" not in chosen.out
    chosen = here.run("import", "--kind", "webhooks", "--where", "is_active=true", "--dry-run")
    assert "\n  b:\n" not in chosen.out
    assert "\n  a:\n" in chosen.out


def test_only_some_fields(here: Any) -> None:
    """Those are declared and no others; of a map only the parts that are named."""
    fields = ("--fields", "currency, address.country")
    assert here.run("import", "kobo-plm/suppliers/S-1", *fields).code == 0
    entry = declared(here)["suppliers"]["S-1"]
    assert entry == {"currency": "EUR", "address": {"country": "TR"}}
    assert here.run("plan").last == "No changes. Your vendors match the manifests."


def test_what_was_not_chosen_can_still_be_referred_to(here: Any, sandbox: Any) -> None:
    """A reference to an object that is not imported has its natural key."""
    sandbox.put_state("kobo-plm", {"components": COMPONENTS})
    assert here.run("import", "kobo-plm/components/C-1").code == 0
    assert declared(here)["components"]["C-1"]["supplier"] == "S-1"
    assert here.run("plan").last == "No changes. Your vendors match the manifests."


def test_one_of_two_objects_with_one_name(here: Any, sandbox: Any) -> None:
    """The natural key means both; the key that import gives means one."""
    twins = [{"id": n, "code": "D", "name": "Double"} for n in (8, 9)]
    sandbox.put_state("kobo-plm", {"suppliers": twins})
    assert here.run("import", "kobo-plm/suppliers/D (9)").code == 0
    assert declared(here)["suppliers"]["D (9)"]["$id"] == "9"
    both = here.run("import", "kobo-plm/suppliers/D", "--dry-run")
    assert "D (8):" in both.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["kobo-plm/suppliers/S-3"], 'no live object has the address "kobo-plm/suppliers/S-3"'),
        (["kobo-plm/supplier/S-1"], 'Did you mean "kobo-plm/suppliers"?'),
        (["--kind", "suppliers", "--where", "adress.country=TR"], 'Did you mean "address.country"'),
        (["--kind", "suppliers", "--where", "currency"], "Write FIELD=PATTERN"),
        (["--kind", "suppliers", "--fields", "currenci"], 'Did you mean "currency"'),
        (["--kind", "suppliers", "--fields", "contacts.email"], "Name the list: --fields contacts"),
        (["--kind", "webhooks", "--where", "secret=a*"], "it is sensitive"),
    ],
)
def test_what_cannot_be_chosen_is_said(here: Any, arguments: list[str], message: str) -> None:
    """A wrong name is an error with a hint, and nothing is written."""
    shown = here.run("import", *arguments)
    assert shown.code == 1
    assert message in shown.err
    assert declared(here) == {}


def test_an_address_that_is_declared_is_said(here: Any) -> None:
    """Its manifest is named and stays; with wildcards what is declared is passed over."""
    assert here.run("import", "kobo-plm/suppliers/S-1").code == 0
    path = here.root / "manifests" / "kobo-plm" / "suppliers.yaml"
    before = path.read_bytes()
    shown = here.run("import", "kobo-plm/suppliers/S-1", "kobo-plm/suppliers/S-2")
    assert shown.code == 1
    assert "kobo-plm/suppliers/S-1 is declared already" in shown.err
    assert "suppliers.yaml:" in shown.err
    assert path.read_bytes() == before
    assert here.run("import", "kobo-plm/suppliers/S-*").code == 0
    assert path.read_bytes().startswith(before)
    assert set(declared(here)["suppliers"]) == {"S-1", "S-2"}


def test_a_kind_that_is_not_listed_is_an_error_by_address(workspace: Any) -> None:
    """What was asked for by name and cannot be done is no success."""
    shown = workspace("").run("import", "kibo/stock_levels/WH-01/SKU-1")
    assert shown.code == 1
    assert "declare the object by hand" in shown.err


def test_comments_of_a_file_stay(here: Any) -> None:
    """What is in the file stays byte for byte when one more object is added."""
    text = "# ours\nprovider: kobo-plm  # the account\nsuppliers:\n  S-1:  # one\n    name: A\n"
    path: Path = here.root / "manifests" / "kobo-plm" / "suppliers.yaml"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    assert here.run("import", "kobo-plm/suppliers/T-1").code == 0
    assert path.read_text("utf-8").startswith(text)


def complaints(folder: Path, rules: str) -> list[str]:
    """What yamllint says of all manifests with these rules."""
    config = YamlLintConfig(f"extends: {rules}")
    return [
        f"{path.name}:{problem}"
        for path in sorted(folder.rglob("*.yaml"))
        for problem in linter.run(path.read_text("utf-8"), config, str(path))
    ]


@pytest.mark.parametrize("sandbox", ["docs", "5"], indirect=True)
def test_all_kinds_of_all_vendors(workspace: Any, sandbox: Any) -> None:
    """All that is listed is imported, the plan after it is empty, linters are content, and an
    import into an empty folder writes the same again."""
    made = workspace("")
    (made.root / "manifests" / "main.yaml").unlink()
    assert made.run("import", "--all").code == 0
    listed = {kind.name for p in PROVIDERS.values() for kind in p.kinds.values()}
    assert len(set(declared(made))) > len(listed) * 2 // 3
    shown = made.run("plan", "--detailed-exitcode")
    assert (shown.code, shown.last) == (0, "No changes. Your vendors match the manifests.")
    assert complaints(made.root / "manifests", "default") == []
    assert complaints(made.root / "manifests", "relaxed") == []
    again = workspace("", "again")
    (again.root / "manifests" / "main.yaml").unlink()
    assert again.run("import", "--all").code == 0
    files = [p.relative_to(made.root) for p in sorted((made.root / "manifests").rglob("*.yaml"))]
    assert [(again.root / name).read_bytes() for name in files] == [
        (made.root / name).read_bytes() for name in files
    ]


def kinds_to_import() -> list[Any]:
    """Every kind of every vendor that `import` can take objects of."""
    types = ResourceTypes(PROVIDERS)
    return [pytest.param(str(s), id=str(s)) for s in types.scopes() if not types.of(s).moving]


@pytest.mark.parametrize("scope", kinds_to_import())
def test_one_object_of_each_kind(scope: str, workspace: Any) -> None:
    """The first object of a kind, taken by its address, leaves nothing to plan."""
    made = workspace("")
    (made.root / "manifests" / "main.yaml").unlink()
    names = _keys(made, scope)
    if not names:
        pytest.skip("the vendor has no list of this kind")
    chosen = made.run("import", f"{scope}/{names[0]}")
    assert chosen.code == 0, chosen.err
    assert list(declared(made)[scope.split("/")[1]]) == [names[0]]
    shown = made.run("plan", "--detailed-exitcode")
    assert (shown.code, shown.last) == (0, "No changes. Your vendors match the manifests.")


def _keys(made: Any, scope: str) -> list[str]:
    """The keys that `import` would give to the objects of a kind."""
    text = made.run("import", "--kind", scope, "--dry-run").out
    documents = [document.value for document in parse(text.encode(), "shown")]
    return [key for one in documents if one for key in one[scope.split("/")[1]]]
