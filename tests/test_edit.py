"""Editing a value in a file changes that value, and no other byte than it must."""

from __future__ import annotations

import difflib
from copy import deepcopy
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.errors import Invalid
from reconciler.model import ABSENT
from reconciler.yaml12.edit import Edit, edited
from tests.yaml_texts import DOCUMENTS, commented, exact, values, written

FILE = """\
# Who
provider: kobo   # p
webhooks:
    a:
        name: "A"   # quoted
        url: 'https://x/1'
        tags:
            - x # the x
            # about y
            - y
        more: {a: 1, b: 2} # o
        note: |
            line one
            line two

        empty:
        $protect: true
    # about b
    b: {name: B}
    # end of b
"""
OBJECT = values(FILE.encode())[0]["webhooks"]["a"]


def difference(before: bytes, after: bytes) -> list[str]:
    """The lines that differ, each after `-` or `+`."""
    lines = difflib.unified_diff(before.decode().split("\n"), after.decode().split("\n"), n=0)
    return [line for line in lines if line[:2] not in ("@@", "--", "++")]


def edit(new: Any, *path: str, after: tuple[str, ...] = ()) -> Edit:
    """An edit of a field of the object `a`."""
    old = OBJECT
    for part in path:
        old = old.get(part, ABSENT)
    return Edit(0, ("webhooks", "a", *path), old, new, after)


@pytest.mark.parametrize(
    ("wanted", "lines"),
    [
        (edit("A, B", "name"), ['-        name: "A"   # quoted',
                                '+        name: "A, B"   # quoted']),
        (edit("https://x/2", "url"), ["-        url: 'https://x/1'", "+        url: 'https://x/2'"]),
        (edit(["x", "z"], "tags"), ["-            - y", "+            - z"]),
        (edit(["w", "x", "y", "z: 1"], "tags"), ["+            - w", "+            - 'z: 1'"]),
        (edit(["y"], "tags"), ["-            - x # the x"]),
        (edit([], "tags"), ["-        tags:", "-            - x # the x", "-            # about y",
                            "-            - y", "+        tags: []"]),
        (edit({"a": 1, "b": 3, "c": []}, "more"), ["-        more: {a: 1, b: 2} # o",
                                                   "+        more: {a: 1, b: 3, c: []} # o"]),
        (edit(5, "more", "b"), ["-        more: {a: 1, b: 2} # o",
                                "+        more: {a: 1, b: 5} # o"]),
        (edit({"b": 2}, "more"), ["-        more: {a: 1, b: 2} # o", "+        more: {b: 2} # o"]),
        (edit("one\nline two\n", "note"), ["-            line one", "+            one"]),
        (edit("one", "note"), ["-        note: |", "-            line one",
                               "-            line two", "+        note: one"]),
        (edit({"k": True}, "empty"), ["-        empty:", "+        empty: {k: true}"]),
        (edit(ABSENT, "url"), ["-        url: 'https://x/1'"]),
        (edit("on", "new", after=("name", "url")), ["+        new: 'on'"]),
        (Edit(0, ("webhooks", "b"), {"name": "B"}, ABSENT), ["-    # about b",
                                                             "-    b: {name: B}"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("windows", [False, True])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_the_smallest_patch(wanted: Edit, lines: list[str], windows: bool, mark: bytes) -> None:
    """Comments, quotes, line ends and a byte order mark stay."""
    text = FILE.replace("\n", "\r\n") if windows else FILE
    before = mark + text.encode()
    after = edited(before, "a file", [wanted])
    assert not after.refused
    assert after.data.startswith(mark)
    found = difference(before, after.data)
    if windows:
        assert b"\n" not in after.data.replace(b"\r\n", b"")
        found = [line.removesuffix("\r") for line in found]
    assert [line for line in found if "# about y" not in line or line in lines] == sorted(
        lines, key=found.index
    )


@pytest.mark.parametrize(
    ("text", "path", "reason", "place"),
    [
        ("a: &x 1\nb: *x\n", ("b",), "*x repeats it", (2, 4)),
        ("a: &x 1\nb: *x\n", ("a",), "is named &x", (1, 4)),
        ("a: &x {b: 1}\nc: *x\n", ("a", "b"), "is named &x", (1, 4)),
        ("a: {b: 'https://${var.host}/1'}\n", ("a", "b"), "comes from ${var.host}", (1, 8)),
        ("a: ${secret.s}\n", ("a",), "comes from ${secret.s}", (1, 4)),
    ],
)
def test_a_value_from_elsewhere_is_refused(
    text: str, path: tuple[str, ...], reason: str, place: tuple[int, int]
) -> None:
    """With the reason and the place; the other edits of the file are made."""
    text += "last: 1\n"
    old = values(text.encode())[0]
    for part in path:
        old = old[part]
    result = edited(text.encode(), "a file", [Edit(0, path, old, "new"), Edit(0, ("last",), 1, 2)])
    (finding,) = result.refused.values()
    assert reason in finding.summary
    assert finding.source is not None
    assert (finding.source.line, finding.source.column) == place
    assert result.data.decode() == text.replace("last: 1", "last: 2")


def test_an_escaped_mark_is_text() -> None:
    """`$${` stands for itself."""
    data = b"a: $${x}/1\n"
    assert edited(data, "f", [Edit(0, ("a",), "${x}/1", "b")]).data == b"a: b\n"


def test_a_long_value() -> None:
    """A megabyte is a value like any other."""
    data = f"a: 1 # one\nb: {'x y' * 400_000}\nc: 3\n".encode()
    long = "ş" * 1_000_000
    old = values(data)[0]
    after = edited(data, "f", [Edit(0, ("a",), 1, long), Edit(0, ("b",), old["b"], "short")]).data
    assert after == f"a: {long} # one\nb: short\nc: 3\n".encode()


def changed(value: Any, random: Random, depth: int = 0) -> Any:
    """Another value that is like this one in parts."""
    pick = random.choice
    if isinstance(value, dict) and (not depth or random.random() < 0.8):
        kept = {name: member for name, member in value.items() if random.random() > 0.12}
        result = {
            name: changed(member, random, depth + 1) if random.random() < 0.4 else member
            for name, member in kept.items()
        }
        if random.random() < 0.3:
            news = [1, "x", "a, b", ["a", "b, c"], {"q": [1]}, [], None, "m\nn\no", [{"a": 1}]]
            result[f"new{random.randint(0, 9)}"] = pick(news)
        return result
    if isinstance(value, list) and random.random() < 0.8:
        items: list[Any] = [pick(["first", {"f": 1}])] if random.random() < 0.2 else []
        for item in value:
            if random.random() > 0.2:
                items.append(changed(item, random, depth + 1) if random.random() < 0.4 else item)
            if random.random() < 0.15:
                items.append(pick([1, "new", {"a": 1, "b": 2}, ["z"]]))
        return items
    return pick([1, "x", "new, text", True, None, [], {}, ["a"], {"k": "v"}, "a\nb\n", "yes"])


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS, st.randoms(use_true_random=False), st.booleans())
def test_any_edit_of_any_file(documents: list[Any], random: Random, windows: bool) -> None:
    """Whatever the YAML is and however a value changes, the file is then read as meant, or the
    edit is refused for a reason that its author can see, and the file stays as it is. Keys that are
    explicit and empty are written by nobody but this test: such a file may be refused whole."""
    try:
        text, _ = commented(written(documents, random), random)
        data = text.replace("\n", "\r\n").encode() if windows else text.encode()
        old = values(data)
    except Invalid:
        return
    number = random.randrange(len(old))
    new = changed(deepcopy(old[number]), random)
    try:
        result = edited(data, "a file", [Edit(number, (), old[number], new)])
    except Invalid:
        assert "? " in text
        return
    if result.refused:
        (finding,) = result.refused.values()
        reasons = ["comes from", "shares its lines"]
        if "? " in text:
            reasons.append("read as other values")
        assert any(reason in finding.summary for reason in reasons)
        assert result.data == data
    else:
        meant = [*old[:number], new, *old[number + 1 :]]
        assert exact(values(result.data)) == exact(meant)
