"""`import --csv` makes manifests of spreadsheets, and says of each bad cell where it is."""

from __future__ import annotations

import csv
import json
import unicodedata
from io import BytesIO, StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from yamllint import linter
from yamllint.config import YamlLintConfig

from reconciler.kinds.resource_types import ResourceTypes
from reconciler.providers import PROVIDERS
from reconciler.values.compare import equal
from reconciler.yaml12 import parse


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace without manifests, and no suppliers at Kobo PLM."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "components": []})
    made = workspace("")
    (made.root / "manifests" / "main.yaml").unlink()
    return made


def take(here: Any, text: str | bytes, kind: str, *options: str) -> Any:
    """Import a file with this text."""
    data = text if isinstance(text, bytes) else text.encode()
    (here.root / "list.csv").write_bytes(data)
    return here.run("import", "--csv", str(here.root / "list.csv"), "--kind", kind, *options)


def entries(here: Any, scope: str) -> dict[str, Any]:
    """The declared objects of a kind."""
    path = here.root / "manifests" / f"{scope}.yaml"
    objects: dict[str, Any] = {}
    for document in parse(path.read_bytes(), path.name) if path.exists() else ():
        objects |= document.value[path.stem]
    return objects


SUPPLIERS = "kobo-plm/suppliers"


def test_rows_become_resources_that_are_planned(here: Any, sandbox: Any) -> None:
    """No vendor is asked for the import; the plan after it creates them, and after an apply there
    is nothing left to do."""
    text = "code,name,address.city,Vendor mail\n002,Bursa,Bursa,b@b.example\n001,Anadolu,,\n"
    sandbox.clear_journal()
    shown = take(here, text, "suppliers", "--map", "Vendor mail=email")
    assert (shown.code, shown.out) == (0, "wrote manifests/kobo-plm/suppliers.yaml: 2 suppliers\n")
    assert sandbox.journal("kobo-plm") == []
    assert entries(here, SUPPLIERS) == {
        "001": {"name": "Anadolu"},
        "002": {"name": "Bursa", "email": "b@b.example", "address": {"city": "Bursa"}},
    }
    assert list(entries(here, SUPPLIERS)) == ["001", "002"]
    assert here.run("plan").last == "Plan: 2 to add, 0 to change, 0 to destroy."
    here.apply()
    assert here.run("plan").last == "No changes. Your vendors match the manifests."


@pytest.mark.parametrize(
    ("data", "options"),
    [
        ("code;name\r\nİ-1;Çağrı, Ltd\r\n".encode("windows-1254"), ["--encoding", "windows-1254"]),
        ("code;name\r\nİ-1;Çağrı, Ltd\r\n".encode("utf-8-sig"), []),
        ("code\tname\r\nİ-1\tÇağrı, Ltd\r\n".encode("utf-16"), []),
        ("sep=|\r\ncode|name\r\nİ-1|Çağrı, Ltd\r\n".encode(), []),
        ('"code","name"\nİ-1,"Çağrı, Ltd"'.encode(), []),
        ("code|name\nİ-1|Çağrı, Ltd\n".encode(), ["--delimiter", "|"]),
        ("code\tname\nİ-1\tÇağrı, Ltd\n".encode(), ["--delimiter", "tab"]),
    ],
)
def test_what_spreadsheets_write(here: Any, data: bytes, options: list[str]) -> None:
    """Encodings, byte order marks, delimiters, quotes and line ends of several programs."""
    assert take(here, data, "suppliers", *options).code == 0
    assert entries(here, SUPPLIERS) == {"İ-1": {"name": "Çağrı, Ltd"}}


def test_a_column_may_be_read_from_stdin(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was copied from a spreadsheet is columns with tabs between them."""
    pasted = SimpleNamespace(buffer=BytesIO(b"code\tname\nA\tb\n"))
    monkeypatch.setattr("sys.stdin", pasted)
    assert here.run("import", "--csv", "-", "--kind", "suppliers").code == 0
    assert entries(here, SUPPLIERS) == {"A": {"name": "b"}}


def test_values_follow_the_schema(here: Any) -> None:
    """Yes and no, lists, and numbers become what their fields want; an empty cell declares
    nothing."""
    text = "name;url;events;is_active\n"
    text += 'a;https://h.example/a;"style.created; style.updated";EVET\n'
    text += "b;https://h.example/b;style.created;Hayır\n"
    text += 'c;https://h.example/c;"[""style.created""]";\n'
    assert take(here, text, "webhooks").code == 0
    hooks = entries(here, "kobo-plm/webhooks")
    assert hooks["a"]["events"] == ["style.created", "style.updated"]
    assert hooks["c"]["events"] == ["style.created"]
    assert [hooks[key].get("is_active") for key in "abc"] == [True, False, None]


def test_parts_of_lists_and_the_same_value_everywhere(here: Any) -> None:
    """A column may be a member of the first or second entry of a list, entries without any cell
    are left out, and --set gives every row the same value."""
    text = "code,name,m1,r1,m2\nA,a,x@a.example,buyer,y@a.example\nB,b,,,z@b.example\nC,c,,,\n"
    maps = ["m1=contacts[0].email", "r1=contacts[0].role", "m2=contacts[1].email"]
    options = [word for text in maps for word in ("--map", text)]
    shown = take(here, text, "suppliers", *options, "--set", "currency=TRY", "--set", "$protect=1")
    assert shown.code == 0, shown.err
    fixed = {"currency": "TRY", "$protect": True}
    first, second = {"role": "buyer", "email": "x@a.example"}, {"email": "y@a.example"}
    assert entries(here, SUPPLIERS) == {
        "A": {"name": "a", "contacts": [first, second], **fixed},
        "B": {"name": "b", "contacts": [{"email": "z@b.example"}], **fixed},
        "C": {"name": "c", **fixed},
    }


@pytest.mark.parametrize(
    ("cell", "options", "value"),
    [
        ("1234.50", [], "1234.50"),
        ('"1.234,50"', ["--decimal-comma"], "1234.50"),
        ('"1234,5"', ["--decimal-comma"], "1234.5"),
        ("1.234", ["--decimal-comma"], "1234"),
    ],
)
def test_decimal_points_and_commas(here: Any, cell: str, options: list[str], value: str) -> None:
    """A comma is decimal only where that is said, and then a point divides thousands."""
    assert take(here, f"style_code,name,retail_price\nA,a,{cell}\n", "styles", *options).code == 0
    assert entries(here, "kobo-plm/styles")["A"]["retail_price"] in (value, float(value))


@pytest.mark.parametrize(
    ("cell", "options"),
    [("2027-03-01", []), ("01.03.2027", ["--date-format", "%d.%m.%Y"])],
)
def test_days(here: Any, cell: str, options: list[str]) -> None:
    """A day is ISO 8601, or in the format that is given."""
    field = next(n for n, f in _fields("kobo-plm/projects").items() if f.format == "date")
    assert take(here, f"name,{field}\nA,{cell}\n", "projects", *options).code == 0
    assert entries(here, "kobo-plm/projects")["A"][field] == "2027-03-01"


def _fields(scope: str) -> Any:
    types = ResourceTypes(PROVIDERS)
    return next(types.of(s) for s in types.scopes() if str(s) == scope).facts.fields


def test_formulas_are_text(here: Any) -> None:
    """What a spreadsheet would run is text like any other, and so is what looks like a variable."""
    text = 'code,name\nA,=cmd()\nB,"=HYPERLINK(""https://a.example"",""x"")"\nC,@SUM(1)\nD,${env.HOME}\n'
    assert take(here, text, "suppliers").code == 0
    assert here.run("validate").code == 0
    names = [entry["name"] for entry in entries(here, SUPPLIERS).values()]
    assert names == ["=cmd()", '=HYPERLINK("https://a.example","x")', "@SUM(1)", "$${env.HOME}"]


BAD = [
    (
        "styles",
        "style_code,name,retail_price\nA,a,12\nB,b,abc",
        'row 3, column C "retail_price": "abc" is not a number',
    ),
    (
        "styles",
        'style_code,name,retail_price\nA,a,"12,5"',
        "If the comma is a decimal comma: --decimal-comma.",
    ),
    (
        "styles",
        "style_code,name,category_id\nA,a,1.5",
        'row 2, column C "category_id": "1.5" is not a whole number',
    ),
    ("styles", "style_code,name,currency\nA,a,euro", 'row 2, column C "currency": '),
    (
        "suppliers",
        "code,name\n8.69E+12,a",
        'row 2, column A "code": "8.69E+12" is a number that the spreadsheet has shortened',
    ),
    ("suppliers", "code;name\nA;8,69012E+12", "digits are lost"),
    ("suppliers", "code,name\nA,#N/A", "is an error of the spreadsheet"),
    ("suppliers", "code,name\nA,#YOK", "is an error of the spreadsheet"),
    (
        "webhooks",
        "name,url,events,is_active\na,https://a.example,x.y,maybe",
        '"maybe" is neither yes nor no',
    ),
    ("webhooks", "name,url,events\na,ftp://a.example,style.created", 'row 2, column B "url": '),
    (
        "suppliers",
        "code,name\nA,a\nB,b\nA,c",
        'row 4: "kobo-plm/suppliers/A" is declared twice; first at',
    ),
    ("suppliers", "code,name\n,a", "row 2: it has no code"),
    ("suppliers", "no,name\nA,a", "has no column for code of suppliers"),
    ("suppliers", "code,name,name\nA,a,b", "the columns B and C have the same heading"),
    ("suppliers", "code,name\nA,a\ncode,name\nB,b", "row 3 repeats the headings"),
    ("suppliers", "code,name\nA", "row 2 has 1 cells, the first row has 2"),
    ("suppliers", "code,name\nA,b,c", "row 2 has 3 cells, the first row has 2"),
    ("suppliers", "code,name\nA,b\0c", "it contains a NUL"),
    (
        "suppliers",
        "code,name\nA," + "x" * 1_000_000,
        "row 2: a cell has more than 131,072 characters",
    ),
    ("suppliers", 'code,name\nA,"b\nB,c\n', "row 2: a quote is opened and never closed"),
    ("suppliers", "PK\x03\x04", "is a spreadsheet, not a CSV file"),
    ("suppliers", "", "is empty"),
    ("nothing", "code\nA", "no provider of this workspace has this kind"),
    ("locations", "code\nA", "providers have this kind"),
]


@pytest.mark.parametrize(("kind", "text", "message"), BAD)
def test_what_is_wrong_is_said_with_its_place(
    here: Any, kind: str, text: str, message: str
) -> None:
    """The message names row and column, it is no success, and nothing is written."""
    shown = take(here, text, kind)
    assert shown.code == 1
    assert message in shown.err
    assert not (here.root / "manifests" / "kobo-plm").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--map", "Nme=name"], 'Did you mean "Name"?'),
        (["--map", "Name=nmae"], 'Did you mean "name"?'),
        (["--map", "Name"], "Write COLUMN=FIELD"),
        (["--map", "Name=name", "--map", "code=name"], "are both for name"),
        (["--map", "Name=rating"], "is set by the vendor"),
        (["--set", "name"], "Write FIELD=VALUE"),
        (["--encoding", "utf-99"], "there is no such encoding"),
        (["--delimiter", "ab"], "must be one character"),
        (["--all"], "--csv takes exactly one --kind"),
    ],
)
def test_wrong_options_are_said(here: Any, options: list[str], message: str) -> None:
    """A wrong column, field or form is an error with a hint."""
    shown = take(here, "code,Name\nA,a\n", "suppliers", *options)
    assert shown.code == 1
    assert message in shown.err


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("[" * 900 + "]" * 900, "nested"),
        ("[" * 100_000, "nested"),
        ("[1e999]", "too large"),
        (f"[{'9' * 5000}]", "too large"),
        ("[1.00000000000000000001]", "more digits"),
        ('[{"a": 1, "a": 2}]', "duplicate key"),
        ("[a", "is not"),
        ("[]\n---\n[]", "is not"),
    ],
)
def test_json_in_a_cell_is_read_as_a_manifest_is(here: Any, cell: str, reason: str) -> None:
    """What no manifest may hold is a bad cell with its place, and never a traceback."""
    quoted = cell.replace('"', '""')
    text = f'name,url,events\na,https://h.example,"{quoted}"\n'
    shown = take(here, text, "webhooks")
    assert shown.code == 1
    assert 'Error: row 2, column C "events": ' in shown.err
    assert reason in shown.err


def test_headings_are_the_same_in_both_forms_of_unicode(here: Any) -> None:
    """Some systems write an umlaut as two characters; it is the same heading."""
    decomposed = unicodedata.normalize("NFD", "Çözüm")
    assert decomposed != "Çözüm"
    assert take(here, f"code,{decomposed}\nA,a\n", "suppliers", "--map", "Çözüm=name").code == 0
    assert entries(here, SUPPLIERS) == {"A": {"name": "a"}}


def test_hostile_headings_are_shown_escaped(here: Any) -> None:
    """Nothing in a heading is obeyed by a terminal or a CI runner."""
    shown = take(here, "code,name,\x1b[31mred,::error::x\nA,a,b,c\n", "suppliers")
    assert shown.code == 0
    assert "\x1b" not in shown.err
    assert not any(line.lstrip().startswith("::") for line in shown.err.splitlines())


def test_a_file_of_very_many_columns_is_refused(here: Any) -> None:
    """A wrong delimiter or file does not take minutes."""
    shown = take(here, ",".join(f"c{n}" for n in range(5000)) + "\n", "suppliers")
    assert shown.code == 1
    assert "there are more than 1,000 columns" in shown.err


def test_a_sensitive_field_cannot_come_from_a_file(here: Any) -> None:
    """A password in a file is not copied into a manifest; a secret may be set for all rows."""
    field = next(
        (str(s), name)
        for s in ResourceTypes(PROVIDERS).scopes()
        for name, f in ResourceTypes(PROVIDERS).of(s).facts.fields.items()
        if f.sensitive and f.writable
    )
    scope, name = field
    key = ResourceTypes(PROVIDERS).of
    natural = next(
        key(s).kind.natural_key for s in ResourceTypes(PROVIDERS).scopes() if str(s) == scope
    )
    text = ",".join((*natural, name)) + "\n" + "A," * len(natural) + "hunter2\n"
    shown = take(here, text, scope, "--map", f"{name}={name}")
    assert shown.code == 1
    assert f"--set '{name}=${{secret.NAME}}'" in shown.err
    assert "hunter2" not in shown.err + shown.out


def test_every_bad_cell_is_said_once(here: Any) -> None:
    """Two bad cells in one row and one in another are three errors."""
    text = "style_code,name,retail_price,cost_price\nA,a,x,y\nB,b,1,1\nC,c,1,z\n"
    shown = take(here, text, "styles")
    assert [line.partition(" is not")[0] for line in shown.err.splitlines() if "row" in line] == [
        'Error: row 2, column C "retail_price": "x"',
        'Error: row 2, column D "cost_price": "y"',
        'Error: row 4, column D "cost_price": "z"',
    ]


def test_a_second_import_adds_what_is_new(here: Any) -> None:
    """Rows that are declared with the same values are counted and left; with other values they
    are errors that name the manifest."""
    assert take(here, "code,name\nA,a\n", "suppliers").code == 0
    path = here.root / "manifests" / "kobo-plm" / "suppliers.yaml"
    before = path.read_bytes()
    shown = take(here, "code,name\nA,a\nB,b\n", "suppliers")
    assert shown.code == 0
    assert "Declared already, with the same values: 1." in shown.err
    assert path.read_bytes().startswith(before)
    assert set(entries(here, SUPPLIERS)) == {"A", "B"}
    shown = take(here, "code,name\nA,other\nC,c\n", "suppliers")
    assert shown.code == 1
    assert "row 2: kobo-plm/suppliers/A is declared with another name" in shown.err
    assert "suppliers.yaml:" in shown.err
    assert set(entries(here, SUPPLIERS)) == {"A", "B"}


def test_a_long_number_that_was_rounded_is_a_warning(here: Any) -> None:
    """Spreadsheets keep 15 digits of a number and write zeros for the others."""
    shown = take(here, "code,name\nA,340123450000012000\n", "suppliers")
    assert shown.code == 0
    assert 'row 2, column B "name": "340123450000012000" may be a longer number' in shown.err


def test_ten_thousand_rows_are_read_in_one_pass(here: Any) -> None:
    """They are all declared, in the order of their keys, and valid for linters and editors."""
    rows = "".join(f"{n:06},Supplier {n},Bursa\n" for n in reversed(range(10_000)))
    assert take(here, f"code,name,address.city\n{rows}", "suppliers").code == 0
    found = entries(here, SUPPLIERS)
    assert list(found) == [f"{n:06}" for n in range(10_000)]
    assert found["000007"] == {"name": "Supplier 7", "address": {"city": "Bursa"}}


def flat(field: Any, value: Any, name: str) -> dict[str, str]:
    """The cells of a value, by the names of their columns."""
    if isinstance(value, dict) and field is not None and field.fields:
        parts = [flat(field.fields.get(n), v, f"{name}.{n}") for n, v in value.items()]
    elif value and field is not None and field.items is not None and field.items.fields:
        items = field.items
        parts = [flat(items, item, f"{name}[{n}]") for n, item in enumerate(value)]
    else:
        plain = value if isinstance(value, str) else json.dumps(value)
        return {name: plain}
    return {key: text for part in parts for key, text in part.items()}


def _by_id(field: Any, value: Any) -> bool:
    """Whether a reference holds the vendor's id, which in a cell would be a name."""
    return field.ref is not None and isinstance(value, int)


def objects_to_flatten() -> list[Any]:
    """The kinds that a spreadsheet may hold: whose objects have a key."""
    types = ResourceTypes(PROVIDERS)
    chosen = [types.of(s) for s in types.scopes() if not types.of(s).moving]
    return [pytest.param(t, id=str(t.scope)) for t in chosen if t.kind.natural_key]


@pytest.mark.parametrize("resource_type", objects_to_flatten())
def test_objects_of_every_kind_survive_a_spreadsheet(resource_type: Any, workspace: Any) -> None:
    """What `import` wrote of a kind, put into columns and imported from there, is the same, but
    for empty texts: an empty cell declares nothing."""
    made, scope = workspace(""), resource_type.scope
    (made.root / "manifests" / "main.yaml").unlink()
    made.run("import", "--kind", str(scope))
    before = {
        key: {name: value for name, value in entry.items() if value != ""}
        for key, entry in entries(made, str(scope)).items()
    }
    if not before:
        pytest.skip("the vendor has no list of this kind")
    facts = resource_type.facts.fields
    rows = [
        {"$key": key}
        | {
            n: t
            for name, value in entry.items()
            for n, t in flat(facts.get(name), value, name).items()
        }
        for key, entry in before.items()
    ]
    head = list(dict.fromkeys(name for row in rows for name in row))
    out = StringIO()
    table = csv.DictWriter(out, head, restval="")
    table.writeheader()
    table.writerows(rows)
    again = workspace("", "again")
    (again.root / "manifests" / "main.yaml").unlink()
    shown = take(again, out.getvalue(), str(scope), "--list-separator", "|")
    assert shown.code == 0, shown.err
    assert "Not used" not in shown.err
    after = entries(again, str(scope))
    assert {key: list(entry) for key, entry in after.items()} == {
        key: list(entry) for key, entry in before.items()
    }
    for key, entry in before.items():
        for name, value in entry.items():
            assert equal(facts.get(name), after[key][name], value) or _by_id(facts[name], value)
    path = again.root / "manifests" / scope.provider / f"{scope.kind}.yaml"
    for rules in ("default", "relaxed"):
        assert list(linter.run(path.read_text("utf-8"), YamlLintConfig(f"extends: {rules}"))) == []
