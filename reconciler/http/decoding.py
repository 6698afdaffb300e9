"""Decode the JSON of answers strictly, and within limits."""

from __future__ import annotations

import json
import re
from math import isinf
from typing import Any

from reconciler.timing import Stage, timed

QUOTED = 300
DEEPEST = 64
TOO_DEEP = f"nested more than {DEEPEST} levels deep"
MOST_VALUES = 1_000_000
"""How many commas and opening brackets an answer may have. Each value has one of them at least, and
takes about 100 bytes when it is decoded."""
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_SUSPECT = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)|\xed[\xa0-\xbf]")
_UNUSABLE = re.compile("[\0\ud800-\udfff]")


@timed(Stage.DECODE)
def strict_json(content: bytes) -> Any:
    """The decoded JSON of an answer; raises ValueError for anything else: NaN and infinities, an
    object that has a member twice, more values than fit into memory, and deeper nesting than any
    object of a vendor has.

    NUL and unpaired surrogates, which manifests and ledgers cannot store, become U+FFFD.
    """
    if len(content) > MOST_VALUES and sum(map(content.count, (b",", b"{", b"["))) > MOST_VALUES:
        raise ValueError(f"it has more than {MOST_VALUES:,} values")
    may_be_deep = _may_be_deep(content)
    try:
        # what `json.loads` does, without making a decoder for each answer
        value = _DECODER.decode(content.decode(json.detect_encoding(content), "surrogatepass"))
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    if may_be_deep and _is_deep(value):
        raise ValueError(TOO_DEEP)
    if (b"\\u" in content or b"\xed" in content) and _SUSPECT.search(content):
        value = _usable(value)
    return value


def _may_be_deep(content: bytes) -> bool:
    """Whether a text may be nested deeper than DEEPEST: what is left of its brackets once the
    innermost pairs are removed that often. Brackets inside texts count too."""
    brackets = content.translate(None, _NO_BRACKETS)
    for _ in range(DEEPEST):
        if not brackets:
            return False
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return bool(brackets)


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for node in level
            if isinstance(node, (dict, list))
            for inner in (node.values() if isinstance(node, dict) else node)
        ]
    return bool(level)


def _usable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNUSABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_usable(entry) for entry in value]
    if isinstance(value, dict):
        return {_usable(name): _usable(member) for name, member in value.items()}
    return value


def _without_repetition(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object; raises ValueError where two members have the same name, of which JSON does not
    say which one counts."""
    decoded = dict(members)
    if len(decoded) != len(members):
        names = [name for name, _ in members]
        name = next(name for name in decoded if names.count(name) > 1)
        raise ValueError(f"an object has the member {name[:QUOTED]!r} twice")
    return decoded


def _finite(text: str) -> float:
    number = float(text)
    return _no_constant(text[:QUOTED]) if isinf(number) else number


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_without_repetition
)
