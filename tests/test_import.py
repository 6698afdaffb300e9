"""`import` adds to files without touching what is there, and what it writes is accepted."""

from __future__ import annotations

import json
import os
import re
import stat
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from reconciler.app import new_documents as module
from reconciler.yaml12 import parse

SUPPLIER = {"name": "Anadolu", "payment_terms": "Net 30"}


def live(sandbox: Any, **objects: list[dict[str, Any]]) -> None:
    """Make these the only objects at Kobo PLM."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "components": [], "webhooks": [], **objects})


def suppliers(*codes: str, **more: Any) -> list[dict[str, Any]]:
    """Suppliers with these codes, and ids from 1."""
    return [{"id": n, "code": code, **SUPPLIER, **more} for n, code in enumerate(codes, 1)]


def section(path: Path, kind: str) -> dict[str, Any]:
    """The last document of a manifest: its objects of one kind."""
    found: dict[str, Any] = parse(path.read_bytes(), path.name)[-1].value[kind]
    return found


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that declares one supplier in the file that import writes to."""
    live(sandbox, suppliers=suppliers("S-1", "S-2"))
    return workspace("")


def target(here: Any, data: bytes) -> Path:
    """The file that suppliers are imported into, with these bytes."""
    path: Path = here.root / "manifests" / "kobo-plm" / "suppliers.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


FILES = [
    b"provider: kobo-plm\nsuppliers:\n  S-1: {name: Anadolu}\n",
    b"# mine\r\nprovider: kobo-plm\r\nsuppliers:\r\n  S-1:\r\n    name: Anadolu  # x\r\n",
    b"provider: kobo-plm\r\nsuppliers:\r\n  S-1: {name: Anadolu}",
    b"\xef\xbb\xbfprovider: kobo-plm\nsuppliers: {S-1: {name: Anadolu}}\n...\n# end",
    b'{"provider": "kobo-plm", "suppliers": {"S-1": {"name": "Anadolu"}}}',
    b"provider: kobo-plm\nsuppliers:\n  S-1:\n    name: |+\n      Anadolu\n\n",
    b"",
]


@pytest.mark.parametrize("before", FILES)
@pytest.mark.parametrize("mode", [0o600, 0o644, 0o660])
def test_import_only_adds_bytes(here: Any, before: bytes, mode: int) -> None:
    """What was in the file stays byte for byte, as do its permissions and its line ends."""
    path = target(here, before)
    path.chmod(mode)
    node = path.stat().st_ino
    assert here.run("import", "--kind", "suppliers").code == 0
    after = path.read_bytes()
    assert after.startswith(before)
    added = after[len(before) :]
    windows = b"\r\n" in before
    assert (added.count(b"\r\n") == added.count(b"\n")) is windows
    assert (b"\r" in added) is windows
    assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_ino) == (mode, node)
    assert set(section(path, "suppliers")) == ({"S-2"} if before else {"S-1", "S-2"})
    assert here.run("plan", "--detailed-exitcode").code == (2 if b"|+" in before else 0)


@pytest.mark.parametrize(
    "end", [b"payment_terms: |\n      Net 30", b"payment_terms: >\n      Net\n      30"]
)
def test_a_value_that_a_line_break_would_change_is_kept(here: Any, end: bytes) -> None:
    """Nothing can be added after it, so the new objects get a file of their own."""
    before = b"provider: kobo-plm\nsuppliers:\n  S-1:\n    name: Anadolu\n    " + end
    path = target(here, before)
    assert here.run("import", "--kind", "suppliers").code == 0
    assert path.read_bytes() == before
    assert set(section(path.with_name("suppliers-2.yaml"), "suppliers")) == {"S-2"}
    assert here.run("plan", "--detailed-exitcode").code == 0


def test_a_link_stays_a_link(here: Any) -> None:
    """The file that it leads to gets the new document."""
    real = here.root / "manifests" / "all.yaml"
    path = target(here, b"")
    path.unlink()
    real.write_bytes(FILES[0])
    (here.root / "manifests" / "main.yaml").unlink()
    path.symlink_to(Path("..") / "all.yaml")
    real.rename(here.root / "all.txt")
    path.unlink()
    path.symlink_to(Path("..") / ".." / "all.txt")
    assert here.run("import", "--kind", "suppliers").code == 0
    assert path.is_symlink()
    assert set(section(here.root / "all.txt", "suppliers")) == {"S-2"}


def test_a_hard_link_stays_one(here: Any) -> None:
    """Both names show the new document."""
    path = target(here, FILES[0])
    os.link(path, here.root / "second")
    assert here.run("import", "--kind", "suppliers").code == 0
    assert (here.root / "second").read_bytes() == path.read_bytes() != FILES[0]


def test_a_read_only_file_is_refused(here: Any) -> None:
    """It stays as it is, nothing is owned, and the exit code says so."""
    path = target(here, FILES[0])
    path.chmod(0o444)
    shown = here.run("import", "--kind", "suppliers")
    assert shown.code == 1
    assert "suppliers.yaml: it is read-only" in shown.err
    assert path.read_bytes() == FILES[0]
    assert here.run("state", "list").out == ""


@pytest.mark.parametrize("folder", ["manifests", "config/live", "a/b/c"])
def test_the_schema_of_a_new_file_is_where_it_says(
    workspace: Any, sandbox: Any, folder: str
) -> None:
    """The line for editors leads to the workspace's schemas, wherever the manifests are."""
    live(sandbox, suppliers=suppliers("S-1"))
    made = workspace("", manifests=folder)
    (made.root / folder).mkdir(parents=True, exist_ok=True)
    assert made.run("import", "--kind", "suppliers").code == 0
    path = made.root / folder / "kobo-plm" / "suppliers.yaml"
    named = re.search(r"^# yaml-language-server: \$schema=(\S+)$", path.read_text("utf-8"), re.M)
    assert named
    schema = os.path.normpath(path.parent / named[1])
    assert Path(schema) == made.root / "schemas" / "kobo-plm.schema.json"


def test_many_objects_are_split_into_files(
    here: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file becomes larger than what is read; all are read, and nothing is left to do."""
    live(sandbox, suppliers=suppliers(*(f"S-{n:03}" for n in range(300)), address={"city": "x"}))
    monkeypatch.setattr(module, "LARGEST", 20_000)
    assert here.run("import", "--kind", "suppliers").code == 0
    files = sorted((here.root / "manifests" / "kobo-plm").iterdir())
    assert len(files) > 2
    assert all(path.stat().st_size < 20_000 for path in files)
    assert sum(len(section(path, "suppliers")) for path in files) == 300
    assert here.run("plan", "--detailed-exitcode").code == 0
    assert here.run("import", "--kind", "suppliers").err.startswith("Nothing to import")


def test_what_a_manifest_cannot_hold_is_left_out(here: Any, sandbox: Any) -> None:
    """Numbers that cannot be stored exactly: with a warning, and the rest is imported."""
    parts = [
        {"id": 1, "code": "C-1", "name": "A", "lead_time_days": 2**63, "currency": "EUR"},
        {"id": 2, "code": "C-2", "name": "B", "specifications": {"gsm": 2**64}},
        {"id": 3, "code": "C-3", "name": "C", "lead_time_days": 2**63 - 1},
    ]
    live(sandbox, components=parts)
    shown = here.run("import", "--kind", "components")
    assert shown.code == 0
    assert "lead_time_days is left out: a manifest cannot hold 9223372036854775808" in shown.err
    assert "specifications is left out: a manifest cannot hold" in shown.err
    written = section(here.root / "manifests" / "kobo-plm" / "components.yaml", "components")
    assert written["C-1"] == {"name": "A", "currency": "EUR"}
    assert written["C-2"] == {"name": "B"}
    assert written["C-3"]["lead_time_days"] == 2**63 - 1
    assert here.run("validate").code == 0
    assert here.run("plan", "--detailed-exitcode").code == 0


def test_a_field_that_is_left_out_is_named_with_all_that_is_in_it(here: Any, sandbox: Any) -> None:
    """The warning says what was dropped, not only why."""
    specifications = {"count": "Ne 30/1", "weight_gsm": 180}
    contacts = [{"name": "Ayşe", "email": "a@b.example"}, {"name": "Can", "email": "nowhere"}]
    live(
        sandbox,
        components=[{"id": 1, "code": "C", "name": "C", "specifications": specifications}],
        suppliers=suppliers("S", contacts=contacts),
    )
    shown = here.run("import", "--kind", "components", "--kind", "suppliers")
    assert "contacts is left out: contacts[1].email has the wrong format" in shown.err
    assert "all 2 entries are left out" in shown.err
    assert "specifications is left out: specifications.weight_gsm must be text" in shown.err
    assert "all of it is left out: count, weight_gsm" in shown.err
    assert here.run("plan", "--detailed-exitcode").code == 0


def test_texts_that_others_take_for_numbers_are_quoted(here: Any, sandbox: Any) -> None:
    """So that every reader of the file finds text."""
    texts = ["0o17", "06082", "0x1F", "1e3", "NO", "12:30", "1_000", "2024-01-15", "~", "-.5"]
    live(sandbox, suppliers=[{"id": n, "code": t, "name": t} for n, t in enumerate(texts, 1)])
    assert here.run("import", "--kind", "suppliers").code == 0
    text = (here.root / "manifests" / "kobo-plm" / "suppliers.yaml").read_text("utf-8")
    for written in texts:
        assert re.search(rf"""name: ['"]{re.escape(written)}['"]\n""", text)
    shown = here.run("validate")
    assert (shown.code, shown.err) == (0, "")


def test_references_name_the_right_one_of_two(here: Any, sandbox: Any) -> None:
    """Two suppliers with one code: each component names its own, and the next plan is empty."""
    live(
        sandbox,
        suppliers=suppliers("SUP", "SUP"),
        components=[
            {"id": 1, "code": "C-1", "name": "A", "supplier_id": 1},
            {"id": 2, "code": "C-2", "name": "B", "supplier_id": 2},
        ],
    )
    assert here.run("import", "--kind", "components", "--kind", "suppliers").code == 0
    folder = here.root / "manifests" / "kobo-plm"
    keys = {
        body["$id"]: key for key, body in section(folder / "suppliers.yaml", "suppliers").items()
    }
    components = section(folder / "components.yaml", "components")
    assert {name: body["supplier"] for name, body in components.items()} == {
        "C-1": keys["1"],
        "C-2": keys["2"],
    }
    assert here.run("plan", "--detailed-exitcode").code == 0
    (here.root / ".reconciler" / "ledger.jsonl").unlink()
    again = [(entry["x_action"], entry["x_fields"]) for entry in here.plan()]
    assert again == [("adopt", [])] * 4


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_two_categories_of_one_name_and_parent(workspace: Any, sandbox: Any) -> None:
    """Each keeps a key of its own; what the vendor names by a name that two have is left out."""
    branch = [{"id": n, "name": "A", "parent_id": None} for n in (1, 2)]
    twigs = [{"id": n, "name": f"X{n}", "parent_id": n - 2} for n in (3, 4)]
    twins = [{"id": n, "name": "T", "parent_id": 3} for n in (5, 6)]
    sandbox.put_state("kobiks", {"categories": [*branch, *twigs, *twins]})
    here = workspace("")
    shown = here.run("import", "--kind", "categories")
    assert shown.code == 0
    assert 'parent is left out: it refers to "A", and several objects have that name' in shown.err
    written = section(here.root / "manifests" / "kobiks" / "categories.yaml", "categories")
    assert {body.get("$id") for body in written.values()} == {"1", "2", "5", "6", None}
    assert {body.get("parent") for body in written.values()} == {None, "A/X3"}
    assert here.run("validate", "--online").code == 0
    assert here.run("plan", "--detailed-exitcode").code == 0


def test_a_reference_that_could_mean_two_is_left_out(here: Any, sandbox: Any) -> None:
    """Where only the components are imported, no name tells the suppliers apart."""
    live(
        sandbox,
        suppliers=suppliers("SUP", "SUP", "ONE"),
        components=[
            {"id": 1, "code": "C-1", "name": "A", "supplier_id": 2},
            {"id": 2, "code": "C-2", "name": "B", "supplier_id": 3},
        ],
    )
    shown = here.run("import", "--kind", "components")
    assert "supplier is left out: it refers to" in shown.err
    assert "Import kobo-plm/suppliers too" in shown.err
    written = section(here.root / "manifests" / "kobo-plm" / "components.yaml", "components")
    assert written == {"C-1": {"name": "A"}, "C-2": {"name": "B", "supplier": "ONE"}}
    assert here.run("plan", "--detailed-exitcode").code == 0


def test_a_double_of_what_is_declared_is_left_out(here: Any, sandbox: Any) -> None:
    """It would make the manifests invalid; the warning says how it can be imported."""
    here.write("provider: kobo-plm\nsuppliers: {S-1: {name: Anadolu}}\n")
    here.apply()
    live(sandbox, suppliers=[*suppliers("S-1"), {"id": 2, "code": "S-1", "name": "Other"}])
    shown = here.run("import", "--kind", "suppliers")
    assert shown.code == 0
    assert "the object with id 2 is left out" in shown.err
    assert "`$id: 1`" in shown.err
    assert here.run("validate").code == 0
    here.write("provider: kobo-plm\nsuppliers: {S-1: {name: Anadolu, $id: 1}}\n")
    assert here.run("import", "--kind", "suppliers").code == 0
    assert here.run("plan", "--detailed-exitcode").code == 0
    assert set(section(here.root / "manifests/kobo-plm/suppliers.yaml", "suppliers")) == {"S-1 (2)"}


def test_a_kind_that_refers_to_what_could_not_be_read_is_named(here: Any, sandbox: Any) -> None:
    """It is not left out in silence."""
    live(sandbox, components=[{"id": 1, "code": "C", "name": "A"}])
    sandbox.faults([{"path": "*/suppliers", "method": "GET", "fault": {"status": 403}}])
    shown = here.run("import", "--kind", "components")
    assert shown.code == 1
    assert "kobo-plm/components is left out: it refers to kobo-plm/suppliers" in shown.err


def problems_of(text: str) -> list[str]:
    """What yamllint's default rules would say about a text, as far as a generator can go wrong."""
    found = []
    lines = text.split("\n")
    if lines[-1] or (len(lines) > 1 and not lines[-2]):
        found.append("no line break, or an empty line, at the end")
    long = "# yamllint disable rule:line-length" not in text
    content = [line for line in lines if line and not line.startswith("#")]
    if content[0] != "---":
        found.append("no document start")
    for number, line in enumerate(lines, 1):
        if long and len(line) > 80:
            found.append(f"{number}: longer than 80")
        if line != line.rstrip():
            found.append(f"{number}: blanks at the end")
        if re.match(r" *#[^ ]", line) or re.search(r"[^ ] #", line):
            found.append(f"{number}: a comment without its spaces")
        if re.search(r"[\[{] | [\]}]", re.sub(r"'[^']*'|\"[^\"]*\"", "", line)):
            found.append(f"{number}: blanks inside brackets")
    for key, entry in pairwise(lines):
        indents = [len(line) - len(line.lstrip()) for line in (key, entry)]
        in_list = key.endswith(":") and entry.lstrip().startswith("- ")
        if in_list and indents[1] != indents[0] + 2:
            found.append(f"{entry}: a list that is not indented")
    if re.search(r"\n\n\n\n", text):
        found.append("three empty lines")
    return found


def test_generated_files_please_a_linter(run: Any, sandbox: Any, tmp_path: Path) -> None:
    """What `init` and `import --all` write has nothing that yamllint complains about by default."""
    from reconciler.providers import PROVIDERS

    hook = {"id": 900, "name": "long", "url": "https://h.example/" + "x" * 90, "events": []}
    lines = {"id": 901, "code": "T", "name": "t", "payment_terms": "a\n\n\n\n\nb\n\n\n"}
    state = sandbox.state("kobo-plm")
    sandbox.put_state(
        "kobo-plm",
        {"webhooks": [*state["webhooks"], hook], "suppliers": [*state["suppliers"], lines]},
    )
    assert run("-C", str(tmp_path), "init").code == 0
    path = tmp_path / "reconciler.yaml"
    assert problems_of(path.read_text("utf-8")) == []
    text = re.sub(r" +base_url: .*\n", "", path.read_text("utf-8"))
    for vendor in PROVIDERS:
        line = f"    type: {vendor}\n"
        text = text.replace(line, f"{line}    base_url: {sandbox.urls[vendor]}\n")
    path.write_text(text, "utf-8")
    assert run("-C", str(tmp_path), "import", "--all").code == 0
    files = list(tmp_path.rglob("*.yaml"))
    assert len(files) > 20
    assert {p.name: problems_of(p.read_text("utf-8")) for p in files} == {p.name: [] for p in files}
    assert run("-C", str(tmp_path), "import", "--all", "--dry-run").code == 0


def test_a_dry_run_shows_what_would_be_written(here: Any) -> None:
    """And writes nothing."""
    shown = here.run("import", "--kind", "suppliers", "--dry-run")
    documents = parse(shown.out.encode(), "out")
    shown_section = next(d.value for d in documents if d.value)["suppliers"]
    assert {**shown_section["S-1"], **SUPPLIER} == shown_section["S-1"]
    assert not (here.root / "manifests" / "kobo-plm").exists()
    assert json.loads(here.run("state", "list", "--format", "json").out)["resources"] == []
