"""Answers that nobody documents: a real one in which something is wrong, chosen by a number."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

ABSURD: tuple[Callable[[], Any], ...] = (
    lambda: None,
    lambda: True,
    lambda: False,
    lambda: -1,
    lambda: 0,
    lambda: 10**400,
    lambda: 1e308,
    lambda: float("nan"),
    lambda: "",
    lambda: " ",
    lambda: ".",
    lambda: "../..",
    lambda: "x" * 10_000,
    lambda: "\0\ud800\x1b[2J\u202e",
    lambda: "::error::x\n##[error]x\r\n::set-output name=a::b",
    lambda: "9999-99-99T99:99:99Z",
    lambda: "0001-01-01",
    lambda: [],
    lambda: {},
    lambda: [None],
    lambda: [[]] * 100,
    lambda: {"$fingerprint": "x"},
    lambda: {"id": {"id": {"id": []}}},
    lambda: _deep(60),
    lambda: _deep(500),
)
ODD = (b"\xff", b"\xed\xa0\x80", b"\0", b"{", b"[", b'"', b",", b"\\")
HEADERS: Mapping[str, tuple[str, ...]] = {
    "Retry-After": ("-1", "1e999", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00 +2359"),
    "Date": ("yesterday", "Mon, 01 Jan 0001 00:00:00 GMT", "9" * 400),
    "X-RateLimit-Remaining": ("-5", "nan", "1e400", "9" * 400),
    "X-RateLimit-Reset": ("-1", "inf", "9" * 30, "soon"),
    "X-RateLimit-Limit": ("0", "-1", "1e308", "x"),
    "Content-Type": ("", "text/html", "application/json; charset=utf-7", "x" * 1000),
    "Location": ("http://[", "//thief.example", "::"),
}


def garbled(body: bytes, headers: Mapping[str, str], number: int) -> tuple[bytes, dict[str, str]]:
    """The answer with something wrong in its bytes, its JSON or its headers."""
    dice = Random(number)
    changed = dict(headers)
    if dice.random() < 0.1:
        name = dice.choice(list(HEADERS))
        changed[name] = dice.choice(HEADERS[name])
        return body, changed
    if dice.random() < 0.3:
        return _other_bytes(body, dice), changed
    try:
        value = json.loads(body)
    except ValueError:
        return _other_bytes(body, dice), changed
    for _ in range(dice.choice((1, 1, 2, 5))):
        value = _other_value(value, dice)
    return _written(value, dice), changed


def _other_bytes(body: bytes, dice: Random) -> bytes:
    data = bytearray(body)
    at = dice.randrange(len(data) + 1)
    match dice.randrange(6):
        case 0:
            data[at:] = b""
        case 1:
            data[at : at + dice.randrange(20)] = b""
        case 2:
            data[at:at] = dice.randbytes(dice.randrange(1, 9))
        case 3:
            data[at:at] = data[: dice.randrange(200)]
        case 4:
            data[at:at] = dice.choice(
                (b"\xff", b"\xed\xa0\x80", b"\0", b"{", b"[", b'"', b",", b"\\")
            )
        case _:
            for _ in range(dice.randrange(1, 5)):
                if data:
                    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return bytes(data)


def _other_value(value: Any, dice: Random) -> Any:
    """The value with a part of it, at any depth, that is wrong."""
    if isinstance(value, dict) and value and dice.random() < 0.9:
        name = dice.choice(list(value))
        if dice.random() < 0.75:
            return {**value, name: _other_value(value[name], dice)}
        rest = {key: each for key, each in value.items() if key != name}
        return rest if dice.random() < 0.7 else {**rest, name.upper(): value[name]}
    if isinstance(value, list) and value and dice.random() < 0.9:
        at = dice.randrange(len(value))
        match dice.randrange(8):
            case 0:
                return [*value[:at], *value[at + 1 :]]
            case 1:
                return [*value, value[at]]
            case 2:
                return value[::-1]
            case _:
                return [*value[:at], _other_value(value[at], dice), *value[at + 1 :]]
    if dice.random() < 0.2:
        return str(value) if not isinstance(value, str) else _number(value)
    return dice.choice(ABSURD)()


def _written(value: Any, dice: Random) -> bytes:
    """The value as JSON; now and then with a member that comes twice."""
    text = json.dumps(value, ensure_ascii=dice.random() < 0.5)
    if dice.random() < 0.05:
        text = text.replace("{", '{"id": 1, "id": 2, ', 1)
    return text.encode("utf-8", "surrogatepass")


def _number(text: str) -> Any:
    return int(text) if text.isdecimal() else len(text)


def _deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value
