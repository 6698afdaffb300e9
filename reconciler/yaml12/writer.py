"""Write plain values as YAML that our parser reads back as the same values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from io import StringIO
from typing import Any

import yaml

from reconciler.values.text import printable
from reconciler.yaml12.numbers import number
from reconciler.yaml12.reader import UNUSABLE

# Text that our parser or YAML 1.2 reads as a number and PyYAML's YAML 1.1 rules do not: `1e3`,
# `-.5`, `0o17`.
_NUMBER = re.compile(r"^(?:[-+]?(?:\.?[0-9])[0-9.eE+-]*|0o[0-7]+|0x[0-9a-fA-F]+)$")
_TEXT = "tag:yaml.org,2002:str"
_LONG_KEY = 123  # for PyYAML, which counts five characters more
_NEVER_FOLD = 1_000_000


class _Dumper(yaml.SafeDumper):
    """Quotes every text that YAML 1.1 or YAML 1.2 would read as something else."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never writes an anchor: a value that occurs twice is written twice."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indents lists below their keys, as most people and linters expect."""
        super().increase_indent(flow, False)

    def write_double_quoted(self, text: str, split: bool = True) -> None:
        """Escapes invisible characters and everything that a CI runner reads as a command."""
        self.write_indicator(in_double_quotes(text), True)


class _Block(_Dumper):
    """Writes text of several lines as a block, where YAML allows it."""


class _Line(_Dumper):
    """Writes text of several lines on one line."""


def in_double_quotes(text: str) -> str:
    """Text on one line in double quotes, with escapes for all that is not safe to show."""
    quoted = json.dumps(text, ensure_ascii=False)
    if not text.isprintable():
        quoted = "".join(c if c.isprintable() else _escape(c) for c in quoted)
    if "##" in quoted:
        quoted = quoted.replace("#", r"\x23")
    return quoted.replace("::", r"\x3a:")


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()


def _is_safe(text: str) -> bool:
    """Whether the text can be written to a file and shown on a screen without escapes."""
    return printable(text, len(text)) == text


def _in_line(dumper: _Dumper, text: str) -> yaml.Node:
    quotes = None if _is_safe(text) else '"'
    return dumper.represent_scalar(_TEXT, text, style=quotes)


def _in_block(dumper: _Dumper, text: str) -> yaml.Node:
    lines = text.split("\n")
    # linters allow two empty lines, and none at the end of a file
    empty = "\n\n\n\n" in f"\n{text}" or text.endswith("\n\n")
    if (
        len(lines) > 2
        and not empty
        and all(_is_safe(line) and line == line.strip() for line in lines)
    ):
        return dumper.represent_scalar(_TEXT, text, style="|")
    return _in_line(dumper, text)


_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("0123456789+-."))
_Line.add_representer(str, _in_line)
_Block.add_representer(str, _in_block)


def unwritable(value: Any) -> str:
    """Why our parser would refuse a value that is neither list nor mapping, as the end of a
    sentence; empty where it would not."""
    if isinstance(value, str):
        return "it contains a NUL or half of a surrogate pair" if UNUSABLE.search(value) else ""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    problem = number(repr(value))[1]
    return f"the number {problem}" if problem else ""


def text(value: Mapping[str, Any]) -> str:
    """A mapping as a block of YAML: members in the order given, lines never folded."""
    return _dumped(dict(value), _Block)


def lines(value: Mapping[str, Any]) -> list[str]:
    """A mapping as lines of YAML, with every text on one of them."""
    return _dumped(dict(value), _Line, default_flow_style=False).splitlines()


def is_long_key(text: str) -> bool:
    """Whether a key stands on a line of its own, after `?`."""
    return not text or len(text) >= _LONG_KEY or _analyst().analyze_scalar(text).multiline


@cache
def _analyst() -> Any:
    return _Line(StringIO(), allow_unicode=True)


@lru_cache(4096)
def line(text: str, in_flow: bool = False) -> str:
    """Text on one line, in quotes only where it must be; `in_flow` where it stands in brackets."""
    analysis = _analyst().analyze_scalar(text)
    if analysis.multiline or not _is_safe(text):
        return in_double_quotes(text)
    plain = analysis.allow_flow_plain if in_flow else analysis.allow_block_plain
    if text and plain and _analyst().resolve(yaml.ScalarNode, text, (True, False)) == _TEXT:
        return text
    if analysis.allow_single_quoted:
        return "'" + text.replace("'", "''") + "'"
    return in_double_quotes(text)


def flow(value: Any) -> str:
    """A value as YAML on one line, in flow style."""
    return _dumped(value, _Line, default_flow_style=True).removesuffix("\n").removesuffix("\n...")


def _dumped(value: Any, dumper: type[_Dumper], **style: Any) -> str:
    dumped: str = yaml.dump(
        value, Dumper=dumper, allow_unicode=True, sort_keys=False, width=_NEVER_FOLD, **style
    )
    return dumped
