"""Mutants of files: by byte, and by the structure of the JSON in them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

TOKENS: tuple[bytes, ...] = (
    b"${var.region}",
    b"${secret.x}",
    b"${",
    b"$${",
    b"&a ",
    b"*a",
    b"!!str ",
    b"!x ",
    b"<<: ",
    b"- ",
    b": ",
    b"? ",
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b"'",
    b"|\n",
    b">-\n",
    b"---\n",
    b"...\n",
    b"\n%TAG ! x\n",
    b"\n%YAML 1.1\n",
    b"#",
    b" #5",
    b"\0",
    b"\t",
    b"\r",
    b"\x85",
    b"\xc2\x85",
    b"\xe2\x80\xa8",
    b"\xc2\xa0",
    b"\xef\xbb\xbf",
    b"\xef\xbc\x9a",
    b"\xff",
    b"\\ud83d",
    b"\\ud83d\\ude00",
    b"\\0",
    b"<<<<<<< x\n",
    b"$ignore: [a]",
    b"$absent: true",
    b"$id: 5",
    b"$was: x",
    b"9" * 400,
    b"1e999",
    b".nan",
    b"0x1F",
    b"null",
    b"true",
    b"~",
    b"../../x",
    b"[" * 70,
    b"{a: " * 70,
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**18,
    10**400,
    1e308,
    float("inf"),
    float("nan"),
    "",
    "x",
    "x" * 3000,
    "\ud800",
    "\u202e",
    "\x1b[2J\n::set-output name=a::b",
    "${var.region}",
    "${secret.sftp}",
    "a/b/c/d",
    "/",
    "2026-99-99T00:00:00Z",
    "99999-01-01T00:00:00Z",
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"$fingerprint": "x"},
    {"a": {"b": [1, {"c": None}]}},
    ["x"] * 300,
)


def mutated_bytes(dice: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """The bytes of a file after a few small changes; `others` are files of which a part may be put
    into it."""
    for _ in range(dice.choice((1, 1, 2, 3, 5))):
        at = dice.randrange(len(data) + 1)
        end = min(len(data), at + dice.choice((1, 2, 5, 20, 100)))
        sort = dice.randrange(8)
        if sort == 0:
            data = data[:at] + bytes(b ^ 1 << dice.randrange(8) for b in data[at:end]) + data[end:]
        elif sort == 1:
            data = data[:at] + data[end:]
        elif sort == 2:
            data = data[:end] + data[at:end] * dice.choice((1, 2, 50)) + data[end:]
        elif sort in (3, 4):
            data = data[:at] + dice.choice(TOKENS) + data[at:]
        elif sort == 5:
            other = dice.choice(others)
            start = dice.randrange(len(other) + 1)
            data = data[:at] + other[start : start + dice.choice((10, 100, 1000))] + data[at:]
        elif sort == 6:
            data = data[:at]
        else:
            lines = data.splitlines(keepends=True)
            dice.shuffle(lines) if dice.random() < 0.2 else lines.reverse()
            data = b"".join(lines)
    return data


def mutated_value(dice: random.Random, value: Any) -> Any:
    """A JSON value after a few changes of its structure; the value itself stays as it is."""
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        value = _changed(dice, value, dice.choice(list(_paths(value))))
    return value


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every part of a value."""
    yield path
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _paths(member, (*path, name))
    elif isinstance(value, list):
        for position, member in enumerate(value):
            yield from _paths(member, (*path, position))


def _changed(dice: random.Random, value: Any, path: tuple[Any, ...]) -> Any:
    """The value with the part at a path changed."""
    if path:
        copy = dict(value) if isinstance(value, dict) else list(value)
        if len(path) == 1 and dice.random() < 0.3:
            _change_member(dice, copy, path[0])
        else:
            copy[path[0]] = _changed(dice, value[path[0]], path[1:])
        return copy
    sort = dice.randrange(4)
    if sort == 0 and isinstance(value, str) and value:
        at = dice.randrange(len(value))
        return (
            value[:at] + dice.choice(("", "\0", "ı", "\u0301", "/", " ", value)) + value[at + 1 :]
        )
    if sort == 1:
        return [value]
    if sort == 2 and isinstance(value, int):
        return str(value)
    return dice.choice(VALUES)


def _change_member(dice: random.Random, container: Any, at: Any) -> None:
    """Remove, double or rename a member."""
    sort = dice.randrange(3)
    if sort == 0:
        del container[at]
    elif isinstance(container, dict):
        name = dice.choice(("", "x", f"{at}x", str(at).upper(), "provider", "$id", "id", "name"))
        container[name] = container.pop(at) if sort == 1 else container[at]
    else:
        container.insert(at, container[at])
