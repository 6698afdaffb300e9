"""One secret in the forms in which a vendor may return it, and how to find it in any of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Set
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from urllib.parse import quote, quote_plus

LONG_ENOUGH = 8
"""A shorter secret may occur in an answer by chance."""
LONG_WITHOUT_SIGNS = 16
"""How many letters and digits a secret needs to be looked for as if case, blanks and other signs
did not matter."""
HALF = 10
"""The two halves of a secret are looked for apart where each has so many letters and digits."""
PIECE = 8
SMALL_PIECE = 4
"""So many characters of a secret in a row are hidden in a text that is shown; fewer,
where the rest is in the text too."""

_LOWER = bytes(range(256)).lower()
_SIGNS = bytes(code for code in range(128) if not chr(code).isalnum())


def squeezed(content: bytes) -> bytes:
    """The content without ASCII's signs and blanks and in lower case. Whatever a form of a secret
    puts around its characters is lost: `%2F`, `\\u002f` and `&#x2F;` end as hexadecimal digits."""
    if b"\\n" in content:  # a line break in JSON
        content = content.replace(b"\\r\\n", b"").replace(b"\\n", b"")
    return content.translate(_LOWER, _SIGNS)


class SecretForms:
    """The forms of one secret; what is constant is worked out once."""

    def __init__(self, value: str, name: str, may_occur: bool = False) -> None:
        self.value = value
        self.name = name
        self._may_occur = may_occur
        self._raw = value.encode("utf-8", "surrogatepass")
        once = json.dumps(value, ensure_ascii=False)[1:-1]
        twice = json.dumps(once, ensure_ascii=False)[1:-1]
        self._json = once.encode("utf-8", "surrogatepass")
        self._exact = {self._raw, self._json, twice.encode("utf-8", "surrogatepass")}
        plain = squeezed(self._raw)
        self._usual = _needles(_usual_forms(self._raw)) - {plain}
        if len(plain) >= LONG_WITHOUT_SIGNS:
            self._usual |= {plain}
        middle = len(plain) // 2
        self._halves = (plain[:middle], plain[middle:]) if middle >= HALF else ()
        self._pieces = {value[at : at + PIECE] for at in range(len(value) - PIECE + 1)}

    @cached_property
    def _escaped(self) -> set[bytes]:
        """The forms for texts with escapes, which many answers do not have."""
        return _needles(_escaped_forms(self.value, self._raw)) - {squeezed(self._raw), *self._usual}

    def is_in(self, content: bytes, squeezed_content: bytes, escapes: bool) -> bool:
        """Whether a text contains the secret; `escapes` says whether it has a backslash, an
        ampersand or a percent sign at all. Secrets that may occur by chance are never found."""
        if self._may_occur or len(self.value) < LONG_ENOUGH:
            return False
        return (
            any(form in content for form in self._exact)
            or any(needle in squeezed_content for needle in self._usual)
            or (escapes and any(needle in squeezed_content for needle in self._escaped))
            or (bool(self._halves) and all(half in squeezed_content for half in self._halves))
        )

    def is_split_in(self, text: str) -> bool:
        """Whether a short text contains the secret in two parts."""
        value = self.value
        return any(
            value[:at] in text and value[at:] in text
            for at in range(SMALL_PIECE, len(value) - SMALL_PIECE + 1)
        )

    def is_sent_in(self, content: bytes) -> bool:
        """Whether a request has the secret, as JSON."""
        return self._raw in content or self._json in content

    def hidden_in(self, text: str, replacement: str) -> str:
        """`text` with the secret replaced, and every part of it that has PIECE characters."""
        for form in (self.value, *_usual_forms(self._raw)):
            if len(form) >= len(self.value):
                text = text.replace(form, replacement)
        hidden = bytearray(len(text))
        for at in range(len(text) - PIECE + 1):
            if text[at : at + PIECE] in self._pieces:
                hidden[at : at + PIECE] = b"\1" * PIECE
        runs = groupby(zip(text, hidden, strict=True), key=itemgetter(1))
        return "".join(
            replacement if is_hidden else "".join(sign for sign, _ in run)
            for is_hidden, run in runs
        )


def _needles(forms: Iterable[str | bytes]) -> set[bytes]:
    """What to look for in a squeezed text; a form that leaves too little is left out."""
    encoded = (form if isinstance(form, bytes) else form.encode() for form in forms)
    return {needle for form in encoded if len(needle := squeezed(form)) >= LONG_ENOUGH}


def _usual_forms(raw: bytes) -> Iterator[str]:
    """As in a URL or a form, in hexadecimal digits and, at any offset, in Base64."""
    yield quote(raw, safe="")
    yield quote_plus(raw)
    yield raw.hex()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw).decode()
        # Only the characters that do not depend on the bytes around the secret.
        yield encoded[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]


def _escaped_forms(value: str, raw: bytes) -> Iterator[str]:
    """As in JSON, in HTML and in a URL that is escaped twice, with some or all of its characters
    escaped."""
    from html.entities import codepoint2name

    yield json.dumps(value)
    units = value.encode("utf-16-be", "surrogatepass")
    yield "".join(f"u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
    yield "".join(f"x{byte:02x}" for byte in raw)
    yield "".join(f"25{byte:02x}" for byte in raw)
    for apostrophe in ("apos", "39", "039", "x27"):
        names = {**codepoint2name, ord("'"): apostrophe}
        yield _escaped(value, names.__getitem__, set(map(chr, names)))
        yield _escaped(value, names.__getitem__, set("&<>\"'"))
    marks = {sign for sign in value if not sign.isalnum()}
    for signs in (set("&<>\"'"), marks, marks | {s for s in value if not s.isascii()}, set(value)):
        for form in ("{}", "x{:x}", "x{:02x}"):
            yield _escaped(value, form.format, signs)


def _escaped(value: str, write: Callable[[int], str], signs: Set[str]) -> str:
    """The text with the code of each of `signs` written by `write`."""
    return "".join(write(ord(sign)) if sign in signs else sign for sign in value)
