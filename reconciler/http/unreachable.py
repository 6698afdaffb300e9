"""The errors of a request without a usable answer."""

from __future__ import annotations

from urllib.parse import urlsplit

from reconciler.errors import Diagnostic, Unknown, VendorError
from reconciler.http.base_url import is_loopback
from reconciler.http.messages import Request
from reconciler.http.transport import NoResponse

_START_SANDBOX = (
    "Check base_url. The sandbox is started with `reconciler sandbox`, in another terminal."
)
_CHECK_NETWORK = "Check base_url, the network and the vendor's status page, then run it again."


class NotReached(VendorError):
    """Nothing of the request has reached the vendor."""


class Unreadable(VendorError):
    """The answer to a read has a success status, but is not JSON: a web page, or a part of it."""


def unreachable(account: str, request: Request, problem: NoResponse, why: str) -> VendorError:
    """The error of a request of an account to which no answer came; `why` is the reason without
    secrets."""
    parts = urlsplit(request.base_url)
    here = is_loopback(parts.hostname or "")
    finding = Diagnostic(
        f"{account}: no answer from {parts.netloc}: {why}",
        _START_SANDBOX if here else _CHECK_NETWORK,
    )
    if problem.not_sent:
        return NotReached(finding)
    return VendorError(finding) if request.repeatable else Unknown(finding, again=request.absolute)
