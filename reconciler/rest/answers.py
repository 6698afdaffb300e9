"""What an answer that cannot be used means, in words that help."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlsplit

from reconciler.errors import (
    Diagnostic,
    Forbidden,
    NotFound,
    Rejected,
    Unauthorized,
    VendorError,
)
from reconciler.model import Secret

QUOTED = 300


def strict_json(content: bytes) -> Any:
    """The decoded answer; raises ValueError for what is not JSON, NaN and infinities included."""
    try:
        return json.loads(content, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def explain(
    where: str, base_url: str, status: int, content: bytes, broken: str = "", location: str = ""
) -> VendorError:
    """The error for an answer: `broken` says why a 2xx body is not JSON, `location` is a
    redirect's."""
    if broken:
        page = content.lstrip()[:1] == b"<"
        what = "a web page" if page else f"no valid JSON ({broken})"
        hint = "Check that base_url is the API's address, not the web site's." if page else ""
        return VendorError(
            Diagnostic(f"{where} answered {what}", hint or "Run it again; if it stays, tell them."),
            status=status,
        )
    said = _message(content)
    if 300 <= status < 400:
        target = urlsplit(location).netloc or location
        return VendorError(
            Diagnostic(
                f"{where} redirects to {target or 'nowhere'} ({status}), which is not followed",
                f"Credentials go only to {base_url}. Correct base_url if the vendor moved.",
            ),
            status=status,
        )
    kind, hint = _meaning(status)
    quoted = f": {said}" if said else ""
    return kind(Diagnostic(f"{where} answered {status}{quoted}", hint), status=status)


def _meaning(status: int) -> tuple[type[VendorError], str]:
    if status == 401:
        return Unauthorized, "Check the credentials of this provider in reconciler.yaml."
    if status == 403:
        return Forbidden, "Give the credentials the missing right."
    if status in (404, 410):
        return NotFound, "It may have been deleted meanwhile: plan again."
    if status == 429:
        return VendorError, "The rate limit is used up: try later, or lower requests_per_minute."
    if 400 <= status < 500:
        return Rejected, "Correct what the vendor names, then plan again."
    return VendorError, "The vendor has a problem: try again later."


def redacted(text: str, secrets: Iterable[Secret]) -> str:
    """`text` without any of the secrets, raw or encoded the ways a vendor may echo them."""
    for secret in secrets:
        value = secret.reveal()
        if len(value) < 4:
            continue
        encoded = base64.b64encode(value.encode()).decode()
        forms = {value, quote(value, safe=""), json.dumps(value)[1:-1], encoded.rstrip("=")}
        for form in sorted(forms, key=len, reverse=True):
            text = text.replace(form, "(sensitive)")
    return text


def _message(content: bytes) -> str:
    """The vendor's own words: its `message` and field errors, or the beginning of the body."""
    try:
        data = strict_json(content)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        text = content.decode("utf-8", "replace").strip()
        return "" if text.startswith("<") else text[:QUOTED]
    said = [str(data.get("message") or data.get("error") or "")]
    errors = data.get("errors")
    if isinstance(errors, dict):
        for field, texts in errors.items():
            lines = texts if isinstance(texts, list) else [texts]
            said += [f"{field}: {line}" for line in lines]
    return " ".join(filter(None, said))[:QUOTED]


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
