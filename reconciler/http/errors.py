"""What an answer that cannot be used means, in words that help."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import isinf
from typing import Any
from urllib.parse import urlsplit

from reconciler.errors import Diagnostic, Forbidden, NotFound, Rejected, Unauthorized, VendorError

QUOTED = 300
_SUSPECT = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)|\xed[\xa0-\xbf]")
_UNUSABLE = re.compile("[\0\ud800-\udfff]")


def strict_json(content: bytes) -> Any:
    """The decoded answer; raises ValueError for what is not JSON, NaN and infinities included.

    A NUL and half of a surrogate pair, which no manifest and no ledger can hold, become U+FFFD.
    """
    try:
        value = json.loads(content, parse_constant=_no_constant, parse_float=_finite)
        if (b"\\u" in content or b"\xed" in content) and _SUSPECT.search(content):
            value = _usable(value)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def explain(
    account: str,
    request: str,
    base_url: str,
    status: int,
    content: bytes,
    hide: Callable[[str], str],
    broken: str = "",
    location: str = "",
) -> VendorError:
    """The error for an answer to `request`: `hide` takes credentials out of the vendor's words,
    `broken` says why a 2xx body is not JSON, `location` is a redirect's. What is wrong with the
    account as a whole names no request, so that it is said once however many requests met it."""
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
        target = hide(_host(location) or location or "nowhere")
        finding = Diagnostic(
            f"{account}: {base_url} redirects to {target} ({status}), which is not followed",
            "Credentials go only to the configured address. Correct base_url if the vendor moved.",
        )
        return VendorError(finding, status=status)
    kind, hint = _meaning(status)
    said = hide(_message(content))[:QUOTED]
    quoted = f": {said}" if said else ""
    if kind is Unauthorized:
        finding = Diagnostic(f"{account}: the credentials are not accepted (401{quoted})", hint)
    else:
        finding = Diagnostic(f"{account}: {request} answered {status}{quoted}", hint)
    return kind(finding, status=status)


def reported_failure(data: Any) -> str | None:
    """What an answer with a status of success says went wrong in it (`success: false`); None where
    it says no such thing."""
    if not isinstance(data, dict) or data.get("success") is not False:
        return None
    return _words(data) or "success is false"


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


def _message(content: bytes) -> str:
    """The vendor's own words: its `message` and field errors, or the beginning of the body."""
    try:
        data = strict_json(content)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        text = content.decode("utf-8", "replace").strip()
        return "" if text.startswith("<") else text
    return _words(data)


def _words(data: dict[str, Any]) -> str:
    said = [str(data.get("message") or data.get("error") or "")]
    errors = data.get("errors")
    if isinstance(errors, dict):
        for field, texts in errors.items():
            lines = texts if isinstance(texts, list) else [texts]
            said += [f"{field}: {line}" for line in lines]
    return " ".join(filter(None, said))


def _host(location: str) -> str:
    try:
        return urlsplit(location).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def _usable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNUSABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_usable(entry) for entry in value]
    if isinstance(value, dict):
        return {_usable(name): _usable(member) for name, member in value.items()}
    return value


def _finite(text: str) -> float:
    number = float(text)
    return _no_constant(text[:QUOTED]) if isinf(number) else number


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
