"""Recognize the secrets of a run in what vendors answer, and hide them in what is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from typing import Any
from urllib.parse import unquote

from reconciler.http.secret_forms import SecretForms, squeezed
from reconciler.model import SENSITIVE, Secret

SHORTEST = 4
LONGEST_SHOWN = 20_000
ENCODED_TWICE = 3
"""How often a text is decoded, at most, to look for a secret in it."""

NOT_SHOWN = "(not shown, because it contains a secret)"

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|\\(.)", re.DOTALL)


class KnownSecrets:
    """Every secret that a run knows so far: the credentials of its accounts, the workspace's own,
    and what vendors give out. All threads share it."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._known: dict[str, SecretForms] = {}
        for secret in secrets:
            self.add(secret)

    def add(self, secret: Secret, may_occur: bool = False) -> None:
        """Recognize one more secret from now on, unless it is shorter than SHORTEST. One that
        `may_occur` in answers, such as the name of a user, is only hidden in texts."""
        value = "" if secret.missing else secret.reveal()
        if len(value) >= SHORTEST and value not in self._known:
            self._known = {**self._known, value: SecretForms(value, secret.name, may_occur)}

    def found_in(self, content: bytes, sent: bytes | None = None) -> str | None:
        """The name of a secret that an answer contains in any usual form; None where there is none.
        Those in the request (`sent`) do not count: its answer may repeat them."""
        plain, escapes = squeezed(content), any(sign in content for sign in (b"\\", b"&", b"%"))
        for secret in self._known.values():
            is_repeated = sent is not None and secret.is_sent_in(sent)
            if not is_repeated and secret.is_in(content, plain, escapes):
                return secret.name
        return None

    def hidden_in(self, text: str) -> str:
        """`text`, cut at LONGEST_SHOWN characters, with every secret and every longer part of one
        replaced; NOT_SHOWN where one of them is in it in a form that cannot be replaced."""
        text = self._replaced(text[:LONGEST_SHOWN])
        decoded = text
        for _ in range(ENCODED_TWICE):
            content = decoded.encode("utf-8", "replace")
            if self.found_in(content) or self._replaced(decoded) != decoded:
                return NOT_SHOWN
            if any(secret.is_split_in(decoded) for secret in self._known.values()):
                return NOT_SHOWN
            before, decoded = decoded, _decoded(decoded)
            if decoded == before:
                break
        return text

    def _replaced(self, text: str) -> str:
        for secret in self._known.values():
            text = secret.hidden_in(text, SENSITIVE)
        return text


def without_members(data: Any, names: Set[str]) -> Any:
    """Decoded JSON without the members that have one of these names, at any depth."""
    if isinstance(data, list):
        return [without_members(entry, names) for entry in data]
    if isinstance(data, dict):
        return {
            name: without_members(value, names) for name, value in data.items() if name not in names
        }
    return data


def _decoded(text: str) -> str:
    """The text with the escapes of JSON, URLs and HTML undone once."""
    from html import unescape

    text = _ESCAPE.sub(_unescaped, text)
    return unescape(unquote(text))


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    return chr(int(code, 16)) if code else escape[3]
