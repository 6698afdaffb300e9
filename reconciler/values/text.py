"""Values and names as text that is safe to print, and suggestions for misspelt names."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any
from unicodedata import category
from unicodedata import name as name_of_sign

from reconciler.model import SENSITIVE, Path, Secret
from reconciler.values.composition import composed

# Letters and marks that Unicode calls printable and nobody can see: fillers, variation selectors.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# to compare a name with another one takes some microseconds, and there may be very many
MOST_COMPARED = 100
LONGEST_COMPARED = 100
_RUNNER_COMMAND = re.compile(r"##(\w*\[)")


def printable(text: str, limit: int = 60) -> str:
    """`text` with control, format and bidi characters escaped, cut at `limit` characters.

    CI runners read `::` at the start of a line, and `##vso[` or `##[` anywhere, as a command;
    these are escaped too.
    """
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    if not cut.isascii():
        cut = _INVISIBLE.sub(_escape_invisible, cut)
    if not cut.isprintable():
        cut = "".join(c if c.isprintable() else _escape(c) for c in cut)
    if cut.lstrip().startswith("::"):
        cut = cut.replace("::", ":\\:", 1)
    return _without_runner_command(cut)


def _without_runner_command(text: str) -> str:
    return _RUNNER_COMMAND.sub(r"#\\#\1", text) if "##" in text else text


def has_control_characters(text: str) -> bool:
    """Whether a text has line breaks, control characters or halves of characters, which no header
    can carry."""
    return _CONTROL.search(text) is not None


def _escape(sign: str) -> str:
    return sign.encode("unicode_escape").decode()


def _escape_invisible(match: re.Match[str]) -> str:
    """The escape of an invisible sign; a selector that makes an emoji of a symbol stays."""
    before = match.string[match.start() - 1 : match.start()]
    is_emoji = match[0] == "\ufe0f" and before != "" and category(before) == "So"
    return match[0] if is_emoji else _escape(match[0])


def tell_apart(left: str, right: str) -> tuple[str, str]:
    """Two different texts so that a person sees where they differ: combining marks are escaped
    where the texts are equal but for their composition, and letters of other scripts where the
    texts differ only in the scripts of letters."""
    if left == right:
        return left, right
    if composed(left) == composed(right):
        marked = _escape_marks(left), _escape_marks(right)
        return marked if marked != (left, right) else (ascii_only(left), ascii_only(right))
    differing = [pair for pair in zip(left, right, strict=False) if pair[0] != pair[1]]
    if len(left) == len(right) and all(_script(a) != _script(b) for a, b in differing):
        return ascii_only(left), ascii_only(right)
    return left, right


def _escape_marks(text: str) -> str:
    """A text with its combining marks escaped."""
    return "".join(_escape(sign) if category(sign)[0] == "M" else sign for sign in text)


def ascii_only(text: str) -> str:
    """A text with everything but ASCII escaped."""
    return "".join(sign if sign.isascii() else _escape(sign) for sign in text)


def _script(letter: str) -> str:
    """The script of a letter, such as LATIN; the sign itself where it is no letter."""
    return name_of_sign(letter, letter).partition(" ")[0] if letter.isalpha() else letter


def json_text(value: Any) -> str:
    """`value` as JSON on one line that is safe to print."""
    return printable_json(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))


def printable_json(text: str) -> str:
    """JSON on one line that is safe to print: invisible characters and commands to CI runners are
    written as JSON escapes, so that it parses to the same value."""
    if not text.isprintable() or _INVISIBLE.search(text):
        hidden = {c for c in set(text) if not c.isprintable() or _INVISIBLE.match(c)}
        escaped = {ord(c): json.dumps(c)[1:-1] for c in hidden}
        text = text.translate(escaped)
    return _RUNNER_COMMAND.sub(r"\\u0023#\1", text) if "##" in text else text


def shown(value: Any, limit: int = 60) -> str:
    """A value as a manifest has it, safe to print, cut at about `limit` characters."""
    if isinstance(value, str):
        return f'"{printable(value, limit)}"'
    if isinstance(value, Secret):
        return SENSITIVE
    if isinstance(value, dict):
        return f"{{{len(value)} entries}}" if value else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{len(value)} entries]" if value else "[]"
    return printable(json.dumps(value, default=str), limit)


def dotted(path: Path, place: Path = ()) -> str:
    """A path as text, such as `contacts[0].email`. `place` is the same path with names instead of
    positions for the list entries that have one; given it, the text is `contacts[Ayşe].email`."""
    text = ""
    names = place if len(place) == len(path) else path
    for part, name in zip(path, names, strict=True):
        text += f"[{printable(str(name))}]" if isinstance(part, int) else f".{printable(part)}"
    return _without_runner_command(text.removeprefix("."))


def counted(number: int, noun: str) -> str:
    """A number of things: `1 object`, `2 objects`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


class Suggestions:
    """The valid names among which a wrong one may mean another; sorted once for many of those."""

    def __init__(self, valid: Iterable[str]) -> None:
        self._names = sorted(valid)
        self._by_letters: dict[str, str] | None = None

    def similar(self, word: str) -> str:
        """The valid name most similar to a wrong one; empty where none is.

        Of very many names only those are compared that are next to it in the order of the alphabet.
        """
        if self._by_letters is None:
            self._by_letters = {name.casefold(): name for name in reversed(self._names)}
        same_letters = self._by_letters.get(word.casefold())
        if same_letters is not None:
            return same_letters
        names = self._names
        if len(names) > MOST_COMPARED:
            at = bisect_left(names, word)
            names = names[max(0, at - MOST_COMPARED // 2) : at + MOST_COMPARED // 2]
        if len(word) > LONGEST_COMPARED:
            return ""
        near = [name for name in names if len(name) <= 2 * LONGEST_COMPARED]
        return next(iter(get_close_matches(word, near, 1, 0.6)), "")

    def sentence(self, word: str) -> str:
        """A sentence that suggests the valid name most similar to a wrong one, or else lists the
        valid names; empty where there are none."""
        similar = self.similar(word)
        if similar:
            return f"Did you mean {shown(similar)}?"
        if not self._names:
            return ""
        listed = ", ".join(printable(name) for name in self._names[:20])
        return f"Choose one of these: {listed}{', …' if len(self._names) > 20 else ''}."


def did_you_mean(word: str, valid: Iterable[str]) -> str:
    """What `Suggestions` says about one wrong name."""
    return Suggestions(valid).sentence(word)
