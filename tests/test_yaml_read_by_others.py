"""What a file says is what an editor shows and what other readers of YAML 1.2 read."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from reconciler.errors import Diagnostic, Invalid, Severity
from reconciler.yaml12 import parse, parse_with_warnings

EMOJI = "\N{GRINNING FACE}"


@pytest.fixture(params=["libyaml", "pure"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both parsers of PyYAML; the pure one refuses more, with errors of its own."""
    if request.param == "pure":
        monkeypatch.setitem(sys.modules, "yaml.cyaml", None)
    return str(request.param)


def value_of(text: str) -> Any:
    """The value of the one document that `text` is."""
    (document,) = parse(text.encode(), "f.yaml")
    return document.value


def errors(text: str) -> list[str]:
    """The errors with which `text` is refused: place and summary."""
    with pytest.raises(Invalid) as caught:
        parse(text.encode(), "f.yaml")
    assert all(d.detail and d.severity is Severity.ERROR for d in caught.value.diagnostics)
    return [f"{d.source}: {d.summary}" for d in caught.value.diagnostics]


def warnings(text: str) -> tuple[Diagnostic, ...]:
    """The warnings about `text`, which is read."""
    return parse_with_warnings(text.encode(), "f.yaml").warnings


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("a: [GOTS,#BCI\n OEKO]\n", "1:10", "no space before this #"),
        ("a: [#BCI\n OEKO]\n", "1:5", "no space before this #"),
        ("a: {#b\n c: 1}\n", "1:5", "no space before this #"),
        ("a: [b]#c\n", "1:7", "no space before this #"),
        ('a: "b"#c\n', "1:7", "no space before this #"),
        ("a: 'b'#c\n", "1:7", "no space before this #"),
        ("a: >-#c\n  b\n", "1:6", "no space before this #"),
        ("a: |2#c\n  b\n", "1:6", "no space before this #"),
        ("a: &a:b x\n", "1:4", "the name in &a:b"),
        ("a: [&a:b x, c]\n", "1:5", "the name in &a:b"),
        ("a: &a?b x\n", "1:4", "the name in &a?b"),
        ("a: [?b, c]\n", "1:5", "begins with ?"),
        ("a: {?b: c}\n", "1:5", "begins with ?"),
        ("a: [-]\n", "1:5", "- alone"),
        ("a: [b, -, c]\n", "1:8", "- alone"),
        ("a: 1\n%YAML 1.2\n---\nb: 2\n", "2:1", "a directive"),
        ('k:\n  a: "b\nc"\n', "3:1", "not indented"),
        ("k:\n  a: 'b\n  c'\n", "3:1", "not indented"),
        ('k:\n  - "b\n\tc"\n', "3:1", "not indented"),
        ("k:\n  a: [b,\nc]\n", "3:1", "not indented"),
        ("k:\n  a: {b: 1,\n  c: 2}\n", "3:3", "not indented"),
    ],
)
def test_what_yaml_1_2_refuses_is_refused(parser: str, text: str, place: str, what: str) -> None:
    """What libyaml accepts and reads otherwise, or drops, is an error at its place."""
    found = errors(text)[0]
    assert found.startswith(f"f.yaml:{place}: ")
    assert what in found or (parser == "pure" and "not valid YAML" in found)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: [GOTS, OEKO] # both\n", {"a": ["GOTS", "OEKO"]}),
        ("a: b#c\nd: '#e'\nf: \"x#y\"\ng: [h#i, '#j']\n", None),
        ("a: |\n  # b\n  [c,#d]\n", {"a": "# b\n[c,#d]\n"}),
        ("a: &x [b]\nc: [*x, *x]\nd: {e: *x}\n", None),
        ("u: http://h/?a=b&c=d\nv: [http://h/?a]\nw: R&D:x\n", None),
        ("a: ['-', -1, -b]\n", {"a": ["-", -1, "-b"]}),
        ('a:\n  b: "c\n\n    d"\n  e: [\n    f,\n  ]\n', {"a": {"b": "c\nd", "e": ["f"]}}),
        ('{\n"a": [\n1\n], "b":\n"c"}\n', {"a": [1], "b": "c"}),
        ('"a\nb"\n', "a b"),
        ("[a,\nb]\n", ["a", "b"]),
        ("a: 1\n...\n%YAML 1.2\n---\nb: 2\n", None),
        ("a: x\n  y\n", {"a": "x y"}),
    ],
)
def test_what_yaml_1_2_allows_is_read(text: str, value: Any) -> None:
    """The same signs where they are harmless are no error and no warning."""
    parsed = parse_with_warnings(text.encode(), "f.yaml")
    assert parsed.warnings == ()
    assert value is None or parsed.documents[0].value == value


@pytest.mark.parametrize("sign", ["\u0085", "\u2028", "\u2029", "\r"])
@pytest.mark.usefixtures("parser")
def test_an_invisible_line_break_is_named(sign: str) -> None:
    """A break that most editors do not show is refused, wherever it is."""
    for text in (f"a: 1 # x{sign}b: 2\n", f"a: 'x{sign}y'\n", f"a: |\n  x{sign}y\n"):
        assert f"U+{ord(sign):04X}" in errors(text)[0]


@pytest.mark.parametrize(
    "marker",
    ["<<<<<<< HEAD", "=======", ">>>>>>> main", "||||||| 1a2b3c", "<<<<<<<", ">>>>>>>>> Temporary"],
)
@pytest.mark.parametrize("text", ["a: 1\n{}\nb: 2\n", "a: 'x\n{}\n  y'\n", "a: |\n  x\n{}\n", "{}"])
def test_a_conflict_marker_is_named(marker: str, text: str) -> None:
    """Wherever a line begins with one, it is called what it is."""
    (found,) = errors(text.format(marker))
    assert found.endswith("there is a merge conflict marker here")


def test_what_only_looks_like_a_conflict_marker_is_text() -> None:
    """Lines under a heading, arrows and quotations."""
    assert parse(b"a: |\n  Title\n  =======\n  <<< x\n  >>>>>>>>\n", "f") != ()


@pytest.mark.parametrize(
    "text",
    [
        '{"provider":"kobo","suppliers":{"S1":{"name":"Acme \\ud83d\\ude00"}}}',
        '{"\\ud83d\\ude00": ["\\uD83D\\uDE00\\ud83d\\ude00", "\\\\ud83d\\\\ude00", "\\/\\t"]}',
        '{\n\t"a": 1.5E+2,\n\t"b": [true, null, -0, "\\u00e9"]\n}\n',
        '{"a"\n: [{"b" \n :"c\\n\\": d"}]\n}',
        json.dumps({"a": "\N{ROCKET}\\\N{ROCKET}", "b": {"\N{ROCKET}": "x"}}),
    ],
)
def test_json_is_yaml(text: str) -> None:
    """What a JSON library writes is read, characters beyond U+FFFF included."""
    assert value_of(text) == json.loads(text)


@pytest.mark.usefixtures("parser")
def test_the_escapes_of_json_are_those_of_double_quotes_only() -> None:
    """Elsewhere a backslash is a backslash, also in a file that has such escapes."""
    pair = r"\ud83d\ude00"
    read = value_of(f"a: \"{pair}\"\nb: '{pair}'\nc: {pair}\nd: |\n  {pair}\n")
    assert read == {"a": EMOJI, "b": pair, "c": pair, "d": f"{pair}\n"}
    assert errors('a: "\\ud83d x"\n')
    assert errors('a: "\\ude00\\ud83d"\n')


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("S1:\n  name:\u00a0Acme\n  code: X\n", "2:8", "U+00A0 (no-break space)"),
        ("S1:\n  name:\u00a0Acme\n", "2:8", "U+00A0"),
        ("S1:\n  code: X\n  name:\u202fAcme\n", "3:8", "U+202F"),
        ("S1:\n  code: X\n\u00a0 name: Acme\n", "3:1", "U+00A0"),
        ("S1:\n  name\uff1aAcme\n  code: X\n", "2:7", "U+FF1A (fullwidth colon)"),
        ("S1:\n  code: X\n  name\uff1aAcme\n", "3:7", "U+FF1A"),
        ("e:\n  -\u00a0a\n  -\u00a0b\n", "2:4", "U+00A0"),
        ("e:\n  - a\n  -\u3000b\n", "3:4", "U+3000"),
        ("a: 1\n\u200bb: 2\n", "2:1", "U+200B (zero width space)"),
        ("a: 1\nb\u00a0: 2\n", "2:2", "U+00A0"),
        ("a: 1\n---\n\ufeffb: 1\nc: 2\n", "3:1", "U+FEFF (byte order mark)"),
        ("a: 1\n\ufeff---\nb: 1\n", "2:1", "U+FEFF"),
        ("S1: {name:\u00a0Acme, phone: x}\n", "1:11", "U+00A0"),
        ("S: {S1\uff1a{name: x}}\n", "1:7", "U+FF1A"),
        ("S1:\n  name:Acme\n  code: X\n", "2:7", "no space after this :"),
    ],
)
@pytest.mark.usefixtures("parser")
def test_a_character_that_only_looks_right_is_named(text: str, place: str, what: str) -> None:
    """The error is at the character and names it, not at a line further down."""
    found = errors(text)[0]
    assert found.startswith(f"f.yaml:{place}: there is {what}") or (
        found.startswith(f"f.yaml:{place}: the key") and what in found
    )


@pytest.mark.usefixtures("parser")
def test_an_error_that_has_nothing_to_do_with_a_blank_stays_what_it_is() -> None:
    """A no-break space in a text above is not blamed."""
    found = errors("a: Prix\u00a0: 5 # x\n")
    assert "no-break" not in found[0]
    assert "could not find" in errors("a: 'x\u00a0y'\nb: c\nd\n")[0]


@pytest.mark.usefixtures("parser")
def test_lookalikes_in_texts_are_left_alone() -> None:
    """Typography in a text is the text, and only its invisible ends are warned about."""
    assert value_of("a: Größe:\u00a042 \u2013 ok\nb: 尺寸：大\n")["a"] == "Größe:\u00a042 \u2013 ok"
    assert warnings("a: 'x\u00a0'\nb: x\u00a0y\nc: \u2018x\u2019 y\n") == ()
    (warning,) = warnings("a: x\u00a0\n")
    assert (str(warning.source), warning.summary) == (
        "f.yaml:1:5",
        "the text ends with U+00A0 (no-break space)",
    )


def test_a_sign_that_may_be_text_is_warned_about() -> None:
    """It may be text, so the schema decides; the warning says why it is not a key."""
    (warning,) = warnings("S1:\n  name\uff1aAcme\n")
    assert (str(warning.source), warning.summary) == (
        "f.yaml:2:7",
        "there is U+FF1A (fullwidth colon) here, which does not end a key",
    )
    (warning,) = warnings("events:\n  \u2013 a\n")
    assert "U+2013 (en dash)" in warning.summary
    (warning,) = warnings("name: \u201cAcme\u201d\n")
    assert "U+201C (left double quotation mark)" in warning.summary
    assert warnings('name: \u201cAcme\u201d Ltd\nmotto: "\u201cx\u201d"\n') == ()


@pytest.mark.parametrize("text", ["06082", "0x1F", "0o17", "-007", "00.5", "007.50", "01e3"])
@pytest.mark.usefixtures("parser")
def test_text_that_others_read_as_a_number_is_warned_about(text: str) -> None:
    """It stays text, and the warning has the form that everybody reads alike."""
    assert value_of(f"a: {text}\n") == {"a": text}
    (warning,) = warnings(f"a: {text}\n")
    assert (str(warning.source), warning.severity) == ("f.yaml:1:4", Severity.WARNING)
    assert warning.detail == f'Write it in quotes: "{text}".'
    assert warnings(f'a: "{text}"\n{text}: b\n') == ()


@pytest.mark.parametrize(
    "text", ["NO", "12:30", "2024-01-15", "1_000", "+1-555-0100", "0b1", "1.2.3", "10%", "0x", "-"]
)
def test_text_that_everybody_reads_as_text_is_not_warned_about(text: str) -> None:
    """Editors read YAML 1.2 too."""
    assert warnings(f"a: {text if text != '-' else 'x-'}\n") == ()


@pytest.mark.parametrize(
    ("text", "place", "kept"),
    [
        ("a: 39 WEST 8TH STREET #49\n", "1:23", '"39 WEST 8TH STREET #49"'),
        ("a: 100 MAIN ST # 5B\n", "1:16", '"100 MAIN ST # 5B"'),
        ("a: #FF0000\nb: 1\n", "1:4", '"#FF0000"'),
        ("a: 5551234 #12\n", "1:12", '"5551234 #12"'),
        ("a:\n  - #red\n  - blue\n", "2:5", '"#red"'),
        ("a: [GOTS, #BCI\n  OEKO]\n", "1:11", '"#BCI"'),
        ("a: [x #BCI, y\n  ]\n", "1:7", '"x #BCI, y"'),
    ],
)
@pytest.mark.usefixtures("parser")
def test_a_comment_that_cuts_a_text_is_warned_about(text: str, place: str, kept: str) -> None:
    """A # that probably belongs to the value, with the text that would keep it."""
    (warning,) = warnings(text)
    assert (str(warning.source), warning.severity) == (f"f.yaml:{place}", Severity.WARNING)
    assert kept in warning.detail


@pytest.mark.parametrize(
    "text",
    [
        "a: b # the colour\n",
        "a: #all of them\n  b: 1\n",
        "a: 'b' #c\n",
        "#a: b\nc: d\n#e\n",
        "a: true #was false\n",
        "a: [b] #c\n",
        "a: 5 #pieces\n",
        "a: b  # see wiki\n#x\n",
        "a: |\n  b #c\n",
    ],
)
@pytest.mark.usefixtures("parser")
def test_an_ordinary_comment_is_not_warned_about(text: str) -> None:
    """Comments that cannot be meant as text."""
    assert warnings(text) == ()
