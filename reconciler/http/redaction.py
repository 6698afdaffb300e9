"""Credentials in what a vendor answers: found however they are encoded, and never shown."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from functools import cache
from urllib.parse import quote, quote_plus

from reconciler.model import Secret

SHORTEST = 4
TELLING = 8
"""A shorter credential may stand in an answer by chance."""

_URL_SAFE = str.maketrans("+/", "-_")


def redacted(text: str, secrets: Iterable[Secret]) -> str:
    """`text` without any of the secrets, raw or encoded the ways a vendor may echo them."""
    for secret in secrets:
        for form in _forms(secret) if len(secret.reveal()) >= SHORTEST else ():
            text = text.replace(form, "(sensitive)")
    return text


def told(content: bytes, secrets: Iterable[Secret]) -> bool:
    """Whether an answer holds one of the secrets, and not by chance."""
    long = (secret for secret in secrets if len(secret.reveal()) >= TELLING)
    return any(form in content for secret in long for form in _encoded(secret))


@cache
def _encoded(secret: Secret) -> tuple[bytes, ...]:
    return tuple(form.encode() for form in _forms(secret))


@cache
def _forms(secret: Secret) -> tuple[str, ...]:
    """A credential as an answer may hold it, the longest form first: as it is, in a URL, in JSON
    (PHP escapes slashes there), and in Base64, wherever in the encoded text it begins."""
    value = secret.reveal()
    plain = {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]}
    found = plain | {one.replace("/", r"\/") for one in plain}
    data = value.encode()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data).decode()
        # Only the signs that no neighbour has a part in.
        whole = encoded[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        found |= {whole, whole.translate(_URL_SAFE)}
    return tuple(sorted(found, key=len, reverse=True))
