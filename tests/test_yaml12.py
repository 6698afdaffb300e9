"""What YAML becomes: YAML 1.2 core typing, exact places, and one calm error for everything else."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import Diagnostic, Invalid
from reconciler.yaml12 import MAX_BYTES, locate, parse, places
from reconciler.yaml12.events import events

CORE: list[tuple[str, Any]] = [
    ("true", True),
    ("True", True),
    ("TRUE", True),
    ("false", False),
    ("False", False),
    ("null", None),
    ("Null", None),
    ("~", None),
    ("", None),
    ("0", 0),
    ("-0", 0),
    ("7", 7),
    ("-12", -12),
    ("+5", 5),
    ("9223372036854775807", 2**63 - 1),
    ("-9223372036854775808", -(2**63)),
    ("0.5", 0.5),
    (".5", 0.5),
    ("5.", 5.0),
    ("1.10", 1.1),
    ("-1.25", -1.25),
    ("1e3", 1000.0),
    ("1.5E-2", 0.015),
    ("0.0", 0.0),
    *(
        (text, text)
        for text in (
            "NO", "no", "yes", "on", "off", "y", "n", "tRUE", "nULL", "12:30", "190:20:30",
            "2024-01-15", "00000001", "017", "09", "-01", "00.5", "1_000", "0x1F", "0o17", "0b1",
            "1,020", "1e", "e3", "+", "-.", ".", "..", "1.2.3", "+1-555-0100", "SUP-001", "inf",
            "nan", ".infinity", "1e3x", "10%", "\N{ARABIC-INDIC DIGIT FIVE}",
        )
    ),
]  # fmt: skip

fragments = st.lists(
    st.sampled_from(
        [
            "a: ", "b: 1\n", "- ", "  ", "\n", "[", "]", "{", "}", ", ", ": ", "? ", "&x ", "*x",
            "!!str ", "<<: ", '"', "'", "|\n", ">-\n", "---\n", "...\n", "%YAML 1.1\n",
            "%TAG ! x\n", "#", "\t", "\\u0000", "1e999", ".nan", "\x01", "\ufeff", "é",
            "\U0001f600", "\u2028",
        ]
    ),
    max_size=30,
).map("".join)  # fmt: skip


def value_of(text: str) -> Any:
    """The value of the one document that `text` is."""
    (document,) = parse(text.encode(), "f.yaml")
    return document.value


def findings(data: bytes | str) -> list[tuple[str, str]]:
    """The (place, summary) of each finding that `data` is refused with."""
    with pytest.raises(Invalid) as caught:
        parse(data if isinstance(data, bytes) else data.encode("utf-8"), "f.yaml")
    assert all(d.detail for d in caught.value.diagnostics)
    return [(str(d.source), d.summary) for d in caught.value.diagnostics]


@pytest.fixture(params=["libyaml", "pure"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both parsers of PyYAML: the pure one is what remains where libyaml is missing."""
    if request.param == "pure":
        monkeypatch.setitem(sys.modules, "yaml.cyaml", None)
    return str(request.param)


@pytest.mark.parametrize(("text", "value"), CORE)
def test_plain_text_is_typed_as_yaml_1_2_says(parser: str, text: str, value: Any) -> None:
    """Only true, false, null, integers and decimals are not text, and keep their very type."""
    found = value_of(f"a: {text}\n")["a"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(("text", "value"), CORE)
def test_what_is_quoted_is_text(text: str, value: Any) -> None:
    """Quotes make text of anything."""
    assert value_of(f"a: '{text}'\nb: \"{text}\"\n") == {"a": text, "b": text}


@pytest.mark.parametrize("text", [".inf", "-.Inf", ".NAN", "1e400", "-1e999999999999"])
def test_numbers_that_are_not_finite_are_refused(text: str) -> None:
    """What no JSON can carry is refused, with its place and the way out."""
    ((place, summary),) = findings(f"a: {text}\n")
    assert place == "f.yaml:1:4"
    assert summary.startswith("the number is ")


@pytest.mark.parametrize(
    "text",
    ["9223372036854775808", "-9223372036854775809", "1" * 5000, "0.12345678901234567890", "1e-999"],
)
def test_numbers_are_never_rounded(text: str) -> None:
    """A number that a float or 64 bits cannot hold as written is refused."""
    ((place, _),) = findings(f"a: {text}\n")
    assert place == "f.yaml:1:4"


def test_a_key_is_its_text() -> None:
    """Keys are never typed: three spellings of one are three keys."""
    assert value_of("00000001: a\n1: b\ntrue: c\n1.0: d\nnull: e\n") == {
        "00000001": "a",
        "1": "b",
        "true": "c",
        "1.0": "d",
        "null": "e",
    }


def test_every_duplicate_and_tag_is_told_at_once(parser: str) -> None:
    """One pass tells all of them; a duplicate names both places."""
    found = findings("a: 1\nb: !!str 2\na: 3\nc:\n  - {x: 1, 'x': 2}\nd: !foo {y: 1}\n")
    assert [place for place, _ in found] == [f"f.yaml:{at}" for at in ("2:4", "3:1", "5:12", "6:4")]
    assert "first at f.yaml:1:1" in found[1][1]
    assert "first at f.yaml:5:6" in found[2][1]
    assert '"!foo"' in found[3][1]


def test_equal_keys_in_different_mappings_are_fine() -> None:
    """A duplicate is one within a mapping, not in a file."""
    assert value_of("a: {x: 1}\nb: {x: 1, a: 2}\n") == {"a": {"x": 1}, "b": {"x": 1, "a": 2}}


@pytest.mark.parametrize(
    "text",
    [
        f"a: &e [{', '.join(['x'] * 44)}]\n" + "".join(f"b{i}: *e\n" for i in range(10_000)),
        "a: &a [x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(600)),
    ],
)
def test_values_may_be_repeated_in_every_object(text: str) -> None:
    """What many objects share is written once: only growth upon growth is refused."""
    assert len(value_of(text)) > 600


def test_aliases_stand_for_what_they_name() -> None:
    """A few aliases are welcome; they begin anew with each document."""
    assert value_of("a: &x [1, {b: 2}]\nc: *x\n")["c"] == [1, {"b": 2}]
    ((place, summary),) = findings("a: &x 1\n---\nb: *x\n")
    assert (place, summary) == ("f.yaml:3:4", "*x repeats a value, but none above is named &x")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            "a0: &a0 [x]\n"
            + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30)),
            "more than 1,000,000",
        ),
        ("&a [*a]", "contains itself"),
        ("a: &a " + "[" * 40 + "]" * 40 + "\nb: " + "[" * 40 + "*a" + "]" * 40, "levels deep"),
        ("[" * 100_000, "levels deep"),
        ("{a: " * 100_000, "levels deep"),
        ("- " * 100_000, "levels deep"),
        ("? " * 100_000, "a key must be text"),
    ],
)
def test_bombs_are_refused(text: str, what: str) -> None:
    """Small files that would become large ones, or crash a recursive reader, are one error."""
    assert what in findings(text)[0][1]


@pytest.mark.parametrize("count", [65, 1001, 30_000])
@pytest.mark.parametrize("rest", ["", "@", "'", "\n@"])
@pytest.mark.parametrize(
    ("start", "level", "place"),
    [
        ("", "[", "1:65"),
        ("é: ", "[", "1:67"),
        ("é:\n  ", "[", "2:66"),
        ("", "{a: ", "1:257"),
        ("", "[\n", "65:1"),
        ("a: 1\nb: ", "{a: [", "2:163"),
    ],
)
def test_too_deep_is_the_same_message_whatever_the_parser_says(
    parser: str, start: str, level: str, place: str, rest: str, count: int
) -> None:
    """Our limit comes before the parser's own, and before an error further on in the line."""
    found = findings(start + level * count + rest)
    assert found == [(f"f.yaml:{place}", "nested more than 64 levels deep")]


def test_what_is_wrong_before_too_deep_nesting_is_reported_with_it() -> None:
    """Findings that were collected are kept when the parser gives up further on."""
    found = findings("a: 1\na: 2\nb: " + "[" * 30_000 + "@")
    assert [place for place, _ in found] == ["f.yaml:2:1", "f.yaml:3:67"]


def test_nesting_that_no_event_shows_is_too_deep_or_bad_syntax() -> None:
    """A list where a key belongs: the parser gives up before it yields an event of the list.

    From 6.0.4 on it is PyYAML that finds the nesting, up to 6.0.3 it looks for a key's colon.
    """
    ((_, summary),) = findings("a: 1\n" + "[" * 30_000)
    colon = "not valid YAML: could not find expected ':'"
    assert summary in (colon, "nested more than 64 levels deep")


def test_many_findings_end_with_a_word_about_the_rest() -> None:
    """A file that is wrong everywhere does not fill the screen or the memory."""
    found = findings("a: 1\n" * 100_000)
    assert len(found) == 1001
    assert found[-1][1] == "only the first 1000 findings in this file are shown"


@pytest.mark.parametrize(
    ("data", "place", "what"),
    [
        (b"<<: {a: 1}\n", "1:1", "the merge key <<"),
        (b"[a, b]: 1\n", "1:1", "a key must be text"),
        (b"a: \xc3\xa9\xff\n", "1:5", "not UTF-8"),
        (b"\n\nb: \xed\xa0\x80\n", "3:4", "not UTF-8"),
        ("a: b\n".encode("utf-16"), "1:1", "UTF-16"),
        (b"a: \0\n", "1:4", "NUL"),
        (b"x: 1\na: \x1b[2J\n", "2:4", r'a control character here: "\x1b"'),
        (b'a: "\\0"\n', "1:4", "NUL"),
        (b'"\\0": a\n', "1:1", "NUL"),
        (b'a: "\\ud800"\n', "1:7", ""),
        (b"%TAG ! x\n---\na: 1\n", "1:1", "%TAG"),
        (b"a:\n\tb: 1\n", "2:1", "cannot start any token"),
        (b"a: [1\nb: 2\n", "2:2", "expected ',' or ']'"),
        (b'a: 1\nb: "x\n', "2:4", "unexpected end of stream"),
        (b"a: b: c\n", "1:5", "mapping values are not allowed"),
        (b"k: {a: ${env.X}}\n", "1:9", "expected ',' or '}'"),
        (b"x" * (MAX_BYTES + 1), "1:1", "16 MB"),
    ],
)
def test_what_cannot_be_read_is_one_error_with_its_place(
    data: bytes, place: str, what: str
) -> None:
    """Every unusable file says where and what, and what to do."""
    ((where, summary),) = findings(data)
    assert (where, what in summary) == (f"f.yaml:{place}", True)


def test_a_surrogate_is_refused_by_the_pure_parser_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without libyaml, half of a surrogate pair gets as far as us, and no further."""
    monkeypatch.setitem(sys.modules, "yaml.cyaml", None)
    assert findings(b'a: "\\ud800"\n')[0][0] == "f.yaml:1:4"


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    """A file from an editor that writes a UTF-8 byte order mark reads like any other."""
    (document,) = parse(b"\xef\xbb\xbfa:\n  b: 1\n", "f")
    assert (document.value, document.marks) == ({"a": {"b": 1}}, {("a", "b"): (2, 3)})
    assert locate(b"\xef\xbb\xbfa: 1\n", 0, ("a",)) == (1, 4)


def test_documents_come_with_their_lines_and_marks() -> None:
    """Every document counts, also an empty one; marks are the keys at the second level."""
    first, second, third = parse(b"a: {b: 1}\n---\n---\nk:\n  x: {y: 1}\n  z: [1]\n", "f")
    assert (first.value, first.line, first.marks) == ({"a": {"b": 1}}, 1, {("a", "b"): (1, 5)})
    assert second.value is None
    assert (third.line, third.marks) == (4, {("k", "x"): (5, 3), ("k", "z"): (6, 3)})
    assert parse(b"# nothing\n", "f") == ()


def test_marks_are_not_taken_from_somewhere_else() -> None:
    """Keys of a list's entries or of an alias are not the second level of their neighbour."""
    (document,) = parse(b"a: &x {b: 1}\nc: *x\nd: [{e: 1}]\nf: {g: [{h: 1}]}\n", "f")
    assert set(document.marks) == {("a", "b"), ("f", "g")}


def test_places_are_those_an_editor_shows() -> None:
    """Lines and columns count characters from 1; what is missing is at what is around it."""
    data = "ä: 1\n---\nk:\n  'ö': {c: [x, {d: 5}]}\n  z: &a [1]\n  w: *a\n".encode()
    assert locate(data, 0, ("ä",)) == (1, 4)
    assert locate(data, 1, ("k", "ö", "c", 1, "d")) == (4, 20)
    assert locate(data, 1, ("k", "ö", "c", 1, "d"), key=True) == (4, 17)
    assert locate(data, 1, ("k", "ö", "c", 7)) == (4, 9)
    assert locate(data, 1, ("k", "w", 0)) == (6, 3)
    assert locate(data, 5, ("k",)) == (1, 1)
    both = places(data, [(1, ("k", "z", 0)), (0, ())])
    assert both[1, ("k", "z", 0)].value == (5, 10)


@given(st.binary(max_size=200) | fragments.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_nothing_but_invalid_is_ever_raised(data: bytes) -> None:
    """Whatever the bytes: a value, or an error that has a place and says what to do."""
    found: tuple[Diagnostic, ...] = ()
    try:
        parse(data, "f")
    except Invalid as error:
        found = error.diagnostics
    for one in found:
        assert one.source is not None
        assert min(one.source.line, one.source.column) >= 1
        assert one.detail
        assert one.summary.isprintable()
    assert locate(data, 0, ("a", 0, "b")) >= (1, 1)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcß1 ", max_size=3), inner)
    ),
    max_leaves=20,
)


@given(json_values)
def test_what_is_written_is_what_is_read(value: Any) -> None:
    """JSON is YAML 1.2: every value comes back with the same types and the same keys."""
    text = _json(value)
    (document,) = parse(text.encode(), "f")
    assert repr(document.value) == repr(value)


def _json(value: Any) -> str:
    """Flow YAML of a JSON value; a long key is written with `?`, as YAML wants it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"? {_json(k)} : {_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_json(v) for v in value) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\x85", "\\N") + '"'
    return {None: "null", True: "true", False: "false"}[value] if _word(value) else repr(value)


def _word(value: Any) -> bool:
    return value is None or isinstance(value, bool)


def test_both_parsers_are_tested() -> None:
    """The tests that name a parser really switch: libyaml is there, and can be taken away."""
    get = events(b"a: 1\n")
    assert type(getattr(get, "__self__", None)).__name__ == "CParser"
