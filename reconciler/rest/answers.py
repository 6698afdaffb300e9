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
    account: str,
    request: str,
    base_url: str,
    status: int,
    content: bytes,
    broken: str = "",
    location: str = "",
) -> VendorError:
    """The error for an answer to `request`: `broken` says why a 2xx body is not JSON, `location`
    is a redirect's. What is wrong with the account as a whole names no request, so that it is said
    once however many requests met it."""
    if broken and content.lstrip()[:1] == b"<":
        finding = Diagnostic(
            f"{account}: {base_url} answers web pages instead of JSON",
            "Check that base_url is the API's address, not the web site's.",
        )
        return VendorError(finding, status=status)
    if broken:
        finding = Diagnostic(
            f"{account}: {request} answered no valid JSON: {broken}",
            "Run it again; if it stays, tell the vendor.",
        )
        return VendorError(finding, status=status)
    if 300 <= status < 400:
        target = urlsplit(location).netloc or location or "nowhere"
        finding = Diagnostic(
            f"{account}: {base_url} redirects to {target} ({status}), which is not followed",
            "Credentials go only to the configured address. Correct base_url if the vendor moved.",
        )
        return VendorError(finding, status=status)
    kind, hint = _meaning(status)
    said = _message(content)
    quoted = f": {said}" if said else ""
    if kind is Unauthorized:
        finding = Diagnostic(f"{account}: the credentials are not accepted (401{quoted})", hint)
    else:
        finding = Diagnostic(f"{account}: {request} answered {status}{quoted}", hint)
    return kind(finding, status=status)


def _meaning(status: int) -> tuple[type[VendorError], str]:
    if status == 401:
        return Unauthorized, "Check the credentials of this provider in reconciler.yaml."
    if status == 403:
        return Forbidden, "Give the credentials the missing right."
    if status in (404, 410):
        return NotFound, "Check base_url; if it was deleted just now, plan again."
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
