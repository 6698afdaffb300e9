"""Turn an answer that cannot be used into an error that says what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from reconciler.errors import Diagnostic, Forbidden, NotFound, Rejected, Unauthorized, VendorError
from reconciler.http.decoding import strict_json

QUOTED = 300


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
    """The failure that an answer with a success status reports in its body; None where it reports
    none.

    The five vendors' error bodies have `error`, `errors` or `errorCode`; others say
    `success: false`, or repeat the status of an error (`"status": "error"`, `"statusCode": 500`).
    An object is none of these, though it may have a `status` of its own.
    """
    if not isinstance(data, dict):
        return None
    named = any(data.get(member) for member in ("error", "errors", "errorCode"))
    untrue = "success" in data and str(data["success"]).lower() in ("false", "0")
    if not (named or untrue or _is_failure(data.get("status"), data.get("statusCode"))):
        return None
    return _message_in(data) or ("success is false" if untrue else "it names no reason")


def failure_in(content: bytes) -> str | None:
    """The failure that the body of a success reports where nothing else of it is read; None for
    anything else, JSON or not."""
    try:
        return reported_failure(strict_json(content))
    except ValueError:
        return None


def _is_failure(*statuses: Any) -> bool:
    """Whether any of these values says that a request failed: a word for that, or a number that
    is the HTTP status of an error."""
    return any(
        status.lower() in ("error", "fail", "failure")
        if isinstance(status, str)
        else type(status) is int and 400 <= status < 600
        for status in statuses
    )


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
    error = data.get("error")
    if isinstance(error, dict):
        return _message_in(error) or str(error)
    texts = [str(data.get("message") or error or data.get("errorCode") or "")]
    errors = data.get("errors")
    if isinstance(errors, dict):
        for field, lines in errors.items():
            lines = lines if isinstance(lines, list) else [lines]
            texts += [f"{field}: {line}" for line in lines]
    elif isinstance(errors, list):
        texts += [
            _message_in(one) or str(one) if isinstance(one, dict) else str(one) for one in errors
        ]
    return " ".join(filter(None, texts))


def _host(location: str) -> str:
    try:
        return urlsplit(location).netloc.rpartition("@")[2]
    except ValueError:
        return ""
