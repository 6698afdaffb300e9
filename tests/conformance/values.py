"""Hypothesis strategies for the values that a field's JSON schema allows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reconciler.values.fields import Schema
from reconciler.values.scalars import text_form
from reconciler.values.validate import gate

LONG = 3_000
"""Characters of a text that is long: several times what a usual column of a database holds."""

# The two Turkish i's, letters composed and decomposed, and what YAML 1.1 took for something else.
WORDS = (
    "İğdır Şubesi",
    "Çözümü ÖĞÜT ışık",
    "I\u0307g\u0306du\u0308z Kumas\u0327",
    "iIıİ",
    "no",
    "on",
    "null",
    "true",
    "~",
    "007",
    "1e3",
    "-0.0",
    "0x1F",
    "12:30",
    "2024-01-15",
    "31.12.2023",
    " space ",
    "two\nlines\n",
    "tab\tand 'quotes' \"too\"",
    "a: b # c",
    "- x",
    "{}",
    "$5 & <b>%s</b> \\n",
    "a/b?c=d&e#f",
    "🧵 ∞ 中文 العربية",
    "\u00a0",
)
LETTERS = "abczABCZ ğüşıöçĞÜŞİÖÇâîû 0189 .,;:!?-_/\\'\"()[]{}<>&%$#@*+=~|^`\n\t"
TEXTS = st.one_of(
    st.just(""),
    st.sampled_from(WORDS),
    st.text(LETTERS, max_size=40),
    st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=20),
    st.builds(lambda word: (word * LONG)[:LONG], st.sampled_from(WORDS)),
).filter(lambda text: "${" not in text)
DAYS = st.dates(date(1970, 1, 2), date(2037, 12, 31))
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2037, 12, 31))
PLACES = 4
NUMBERS = st.one_of(
    st.sampled_from([0, 1, -1, 0.1, 1.10, 1e3, 45.0]),
    st.integers(-(10**9), 10**9),
    st.builds(lambda number: number / 10**PLACES, st.integers(-(10**9), 10**9)),
)
INTEGERS = st.integers(-(2**31), 2**31 - 1)
DECIMALS = st.one_of(
    st.sampled_from(["0", "45", "45.0", "45.00", "0.10", "007.50", "-0.00", "-1.10"]),
    st.builds(
        lambda number, places: f"{Decimal(number).scaleb(-places):f}",
        st.integers(-(10**12), 10**12),
        st.integers(0, PLACES),
    ),
)
FORMATS: Mapping[str, st.SearchStrategy[str]] = {
    "date": DAYS.map(date.isoformat),
    "date-time": MOMENTS.map(lambda moment: f"{moment:%Y-%m-%dT%H:%M:%SZ}"),
    "time": MOMENTS.map(lambda moment: f"{moment:%H:%M:%S}"),
    "email": st.builds("{}@{}.example".format, st.text("abz09.+-", min_size=1), st.just("a")),
    "uri": st.builds("https://{}.example/{}".format, st.just("a"), st.text("abz09/-?=&")),
}
Refer = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Values:
    """Makes strategies for the parts of one schema.

    `refer` gives the names that a reference to a kind may hold. With `known`, a part whose schema
    has several examples takes no others: it may be the id of something that must be there.
    """

    root: Schema
    refer: Refer
    known: bool = False

    def of(self, part: Schema) -> st.SearchStrategy[Any]:
        """Every sort of value that this part of the schema allows."""
        part = resolved(part, self.root)
        found = self._some(part)
        if "x-ref" not in part and not self._picked(part):
            fits = gate({**part, "definitions": self.root.get("definitions", {})})
            found = found.filter(fits)
        return st.one_of(found, st.none()) if "null" in types(part) else found

    def _some(self, part: Schema) -> st.SearchStrategy[Any]:
        branches = (*part.get("oneOf", ()), *part.get("anyOf", ()))
        if "x-live" in part:  # the first branch is what is documented, the others may not exist
            branches = branches[:1]
        if branches:
            return st.one_of([self.of(branch) for branch in branches])
        if "x-ref" in part:
            return st.sampled_from(list(self.refer(part["x-ref"])))
        if "enum" in part or "const" in part:
            return st.sampled_from(
                [v for v in part.get("enum", [part.get("const")]) if v is not None]
            )
        if self._picked(part):
            return st.sampled_from(part["examples"])
        return st.one_of([MAKERS[sort](self, part) for sort in types(part) if sort != "null"])

    def _picked(self, part: Schema) -> bool:
        return self.known and len(part.get("examples", ())) > 1 and "x-ref" not in part

    def text(self, part: Schema) -> st.SearchStrategy[str]:
        """Text; a day or a moment where the format or the examples say so."""
        if part.get("x-decimal"):
            return DECIMALS
        if "x-date" in part:
            form: str = part["x-date"]
            return st.one_of(DAYS.map(lambda day: day.strftime(form)), DAYS.map(date.isoformat))
        if part.get("format") in FORMATS:
            return FORMATS[part["format"]]
        if "pattern" in part:
            return _patterned(part)
        most = part.get("maxLength")
        return TEXTS if most is None else TEXTS.map(lambda text: text[:most])

    def number(self, part: Schema) -> st.SearchStrategy[Any]:
        """A number of no more than PLACES places, within the bounds that there are."""
        return _bounded(part, NUMBERS, st.floats if "multipleOf" not in part else st.integers)

    def integer(self, part: Schema) -> st.SearchStrategy[Any]:
        """A whole number."""
        return _bounded(part, INTEGERS, st.integers)

    def boolean(self, part: Schema) -> st.SearchStrategy[bool]:
        """Both."""
        return st.booleans()

    def array(self, part: Schema) -> st.SearchStrategy[list[Any]]:
        """Lists, without repetition where it would mean nothing."""
        items = self.of(part.get("items", {"type": "string"}))
        entry = resolved(part.get("items", {}), self.root)
        key = part.get("x-key")
        unique = None
        if key and types(entry)[0] == "object":
            unique = lambda one: repr(_form(one.get(key)))  # noqa: E731
        elif part.get("uniqueItems") or part.get("x-set"):
            unique = lambda one: repr(_form(one))  # noqa: E731
        most = min(part.get("maxItems", 4), 4)
        return st.lists(items, min_size=part.get("minItems", 0), max_size=most, unique_by=unique)

    def object(self, part: Schema) -> st.SearchStrategy[dict[str, Any]]:
        """Objects with all that is required and any of the rest; maps of anything."""
        members = part.get("properties")
        if members:
            open_ = {n: p for n, p in members.items() if not self._closed(p)}
            needed = {
                name
                for name, inner in open_.items()
                if name in part.get("required", ()) or resolved(inner, self.root).get("x-required")
            }
            return st.fixed_dictionaries(
                {name: self.of(open_[name]) for name in open_ if name in needed},
                optional={name: self.of(open_[name]) for name in open_ if name not in needed},
            )
        more = part.get("additionalProperties")
        inner = self.of(more) if isinstance(more, Mapping) else TEXTS | st.booleans() | INTEGERS
        names = st.sampled_from(["en", "boy", "Renk", "İçindekiler", "a b", "7"])
        return st.dictionaries(names, inner, max_size=3)

    def _closed(self, part: Schema) -> bool:
        part = resolved(part, self.root)
        return bool(part.get("readOnly") or part.get("x-sensitive"))


MAKERS: Mapping[str, Callable[[Values, Schema], st.SearchStrategy[Any]]] = {
    "string": Values.text,
    "number": Values.number,
    "integer": Values.integer,
    "boolean": Values.boolean,
    "array": Values.array,
    "object": Values.object,
}


def _patterned(part: Schema) -> st.SearchStrategy[str]:
    """Texts of a pattern; where the examples are days or moments, those that there are."""
    for example in part.get("examples", ()):
        for form in ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ"):
            try:
                datetime.strptime(str(example), form)
            except ValueError:
                continue
            return MOMENTS.map(lambda moment, form=form: moment.strftime(form))
    pattern: str = part["pattern"]
    if pattern.startswith("^https?://") and part.get("examples"):
        # What follows the host is free.
        return st.builds("{}{}".format, st.sampled_from(part["examples"]), st.text("abz09/-"))
    return st.from_regex(
        pattern, alphabet=st.characters(codec="latin-1", categories=("L", "N", "P", "S", "Zs"))
    )


def _bounded(part: Schema, free: st.SearchStrategy[Any], ranged: Any) -> st.SearchStrategy[Any]:
    least = part.get("minimum", part.get("exclusiveMinimum"))
    most = part.get("maximum", part.get("exclusiveMaximum"))
    if least is None and most is None:
        return free
    least = most - 10**6 if least is None else least
    most = least + 10**6 if most is None else most
    if ranged is st.integers:
        return st.integers(int(least), int(most))
    steps = st.integers(int(least * 10**PLACES), int(most * 10**PLACES))
    return st.one_of(st.integers(int(least), int(most)), steps.map(lambda n: n / 10**PLACES))


def _form(value: Any) -> Any:
    return text_form(value) if isinstance(value, str) else value


def types(part: Schema) -> list[str]:
    """The types that a part may have."""
    said = part.get("type", "object" if "properties" in part else "string")
    return [said] if isinstance(said, str) else list(said)


def resolved(part: Schema, root: Schema) -> Schema:
    """The part that a `$ref` means."""
    while "$ref" in part:
        target: Any = root
        for step in part["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        part = target
    return part


def drawn(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """So many values, the same ones every time; where there are fewer, they come again."""
    found: list[Any] = []

    @settings(
        max_examples=count,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def note(value: Any) -> None:
        found.append(value)

    note()
    return [found[number % len(found)] for number in range(count)]


PLAIN = re.compile(
    r"[0-9A-Za-zÇĞİÖŞÜçğıöşü]([0-9A-Za-zÇĞİÖŞÜçğıöşü:./_-]*[0-9A-Za-zÇĞİÖŞÜçğıöşü])?"
)
TYPED = re.compile(
    r"null|Null|NULL|true|True|TRUE|false|False|FALSE"
    r"|(0|[1-9][0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?"
)


def written(value: Any) -> str:
    """A value on one line of YAML, without quotes where a person would leave them out: only
    null, booleans and numbers are anything but text."""
    if isinstance(value, str) and PLAIN.fullmatch(value) and not TYPED.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)
