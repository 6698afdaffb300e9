"""Find and hide credentials in text from a vendor, also where they are encoded."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from functools import cache
from urllib.parse import quote, quote_plus

from reconciler.model import Secret

SHORTEST = 4
LONG_ENOUGH = 8
"""A shorter credential may occur in an answer by chance."""

_URL_SAFE = str.maketrans("+/", "-_")


def redacted(text: str, secrets: Iterable[Secret]) -> str:
    """`text` with every secret replaced, raw or encoded in the ways a vendor may return it."""
    for secret in secrets:
        for form in _forms(secret) if len(secret.reveal()) >= SHORTEST else ():
            text = text.replace(form, "(sensitive)")
    return text


def contains_secret(content: bytes, secrets: Iterable[Secret]) -> bool:
    """Whether an answer contains one of the secrets; short ones, which may occur by chance, do not
    count."""
    long = (secret for secret in secrets if len(secret.reveal()) >= LONG_ENOUGH)
    return any(form in content for secret in long for form in _encoded(secret))


@cache
def _encoded(secret: Secret) -> tuple[bytes, ...]:
    return tuple(form.encode() for form in _forms(secret))


@cache
def _forms(secret: Secret) -> tuple[str, ...]:
    """A credential in all forms that an answer may contain, the longest first: unchanged, as in a
    URL, as in JSON (where PHP escapes slashes), and in Base64 at any offset."""
    value = secret.reveal()
    plain = {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1]}
    forms = plain | {form.replace("/", r"\/") for form in plain}
    data = value.encode()
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data).decode()
        # Only the characters that do not depend on the bytes around the credential.
        own = encoded[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        forms |= {own, own.translate(_URL_SAFE)}
    return tuple(sorted(forms, key=len, reverse=True))
