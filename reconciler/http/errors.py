"""Turn an answer that cannot be used into an error that says what is wrong and what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import isinf
from typing import Any
from urllib.parse import urlsplit

from reconciler.errors import Diagnostic, Forbidden, NotFound, Rejected, Unauthorized, VendorError

QUOTED = 300
MOST_VALUES = 2_000_000
"""How many commas and opening brackets an answer may have. Each value has one of them at least, and
takes about 100 bytes when it is decoded."""
_SUSPECT = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)|\xed[\xa0-\xbf]")
_UNUSABLE = re.compile("[\0\ud800-\udfff]")


def strict_json(content: bytes) -> Any:
    """The decoded JSON of an answer; raises ValueError for anything else: NaN and infinities, an
    object that has a member twice, and more values than fit into memory.

    NUL and unpaired surrogates, which manifests and ledgers cannot store, become U+FFFD.
    """
    if len(content) > MOST_VALUES and sum(map(content.count, (b",", b"{", b"["))) > MOST_VALUES:
        raise ValueError(f"it has more than {MOST_VALUES:,} values")
    try:
        value = json.loads(
            content,
            parse_constant=_no_constant,
            parse_float=_finite,
            object_pairs_hook=_without_repetition,
        )
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
    """The error for an answer to `request`. `hide` removes credentials from the vendor's text,
    `broken` says why a 2xx body is not JSON, `location` is the target of a redirect. An error of
    the account as a whole does not name the request, so that it is shown only once."""
    if broken and content.lstrip()[:1] == b"<":
        finding = Diagnostic(
            f"{account}: {base_url} returns web pages instead of JSON",
            "Check that base_url is the URL of the API, not of the web site.",
        )
        return VendorError(finding, status=status)
    if broken:
        finding = Diagnostic(
            f"{account}: {request} answered with invalid JSON: {hide(broken)}",
            "Run it again; if the error stays, tell the vendor.",
        )
        return VendorError(finding, status=status)
    if 300 <= status < 400:
        target = hide(_host(location) or location or "nowhere")
        finding = Diagnostic(
            f"{account}: {base_url} redirects to {target} ({status}), which is not followed",
            "Credentials go only to the configured host. Correct base_url if the vendor moved.",
        )
        return VendorError(finding, status=status)
    kind, hint = _meaning(status)
    text = hide(_message(content))[:QUOTED]
    quoted = f": {text}" if text else ""
    if kind is Unauthorized:
        finding = Diagnostic(f"{account}: the credentials are not accepted (401{quoted})", hint)
    else:
        finding = Diagnostic(f"{account}: {request} answered {status}{quoted}", hint)
    return kind(finding, status=status)


def reported_failure(data: Any) -> str | None:
    """The failure that an answer with a success status reports in its body (`success: false`); None
    where it reports none."""
    if not isinstance(data, dict) or data.get("success") is not False:
        return None
    return _message_in(data) or "success is false"


def failure_in(content: bytes) -> str | None:
    """The failure that the body of a success reports where nothing else of it is read: an `error`,
    `errors` or `success: false` in an object; None for anything else, JSON or not."""
    try:
        data = strict_json(content)
    except ValueError:
        return None
    if isinstance(data, dict) and (data.get("error") or data.get("errors")):
        return _message_in(data) or "it names no reason"
    return reported_failure(data)


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
    """The vendor's message and field errors, or the body where it is not a JSON object."""
    try:
        data = strict_json(content)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        text = content.decode("utf-8", "replace").strip()
        return "" if text.startswith("<") else text
    return _message_in(data)


def _message_in(data: dict[str, Any]) -> str:
    texts = [str(data.get("message") or data.get("error") or "")]
    errors = data.get("errors")
    if isinstance(errors, dict):
        for field, lines in errors.items():
            lines = lines if isinstance(lines, list) else [lines]
            texts += [f"{field}: {line}" for line in lines]
    return " ".join(filter(None, texts))


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
