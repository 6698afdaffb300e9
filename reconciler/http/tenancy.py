"""Find the host for a path, for vendors that give each customer a host of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from reconciler.errors import Diagnostic, NotFound, Unauthorized, VendorError
from reconciler.http.base_url import is_host, is_loopback
from reconciler.kinds import Tenancy
from reconciler.model import Connection
from reconciler.values.text import shown


class Hosts:
    """The URLs of an account: `base_url`, and the customer's own host once it was looked up."""

    def __init__(self, base_url: str, tenancy: Tenancy | None, connection: Connection) -> None:
        self._base_url = base_url
        self._tenancy = tenancy
        self._connection = connection
        self._own: str | VendorError | None = None
        self._lock = threading.Lock()

    @property
    def lookup(self) -> str:
        """The path at `base_url` that names the customer's own host; "" where there is none."""
        if self._tenancy is None:
            return ""
        settings = self._connection.settings
        return self._tenancy.path.format_map(
            {n: quote(str(v), safe="") for n, v in settings.items()}
        )

    def base(self, path: str, ask: Callable[[str], Any]) -> str:
        """The URL in front of `path`; `ask(path)` returns the decoded answer of `base_url`.

        Raises VendorError where the vendor does not know the customer, or returns a host that is
        not the vendor's, to which credentials are not sent.
        """
        if self._tenancy is None or path.startswith(self._tenancy.home):
            return self._base_url
        with self._lock:
            if self._own is None:
                self._own = self._look_up_once(self._tenancy, ask)
            if isinstance(self._own, VendorError):  # the lookup failed before and is not repeated
                raise self._own
            return self._own

    def _look_up_once(self, tenancy: Tenancy, ask: Callable[[str], Any]) -> str | VendorError:
        try:
            return self._look_up(tenancy, ask)
        except Unauthorized:
            raise
        except VendorError as error:
            return error

    def _look_up(self, tenancy: Tenancy, ask: Callable[[str], Any]) -> str:
        path = self.lookup
        try:
            answer = ask(path)
        except NotFound as error:
            raise self._unknown(path, error.status) from None
        host = answer.get(tenancy.member) if isinstance(answer, Mapping) else None
        if not isinstance(host, str) or not host:
            raise self._unknown(path, 200)
        return self._checked(host, tenancy)

    def _checked(self, host: str, tenancy: Tenancy) -> str:
        """The URL of the customer's host: over https, or on this machine where `base_url` is."""
        base = urlsplit(self._base_url)
        if host == base.netloc:
            return f"{base.scheme}://{host}{base.path}"
        stays = is_loopback(base.hostname or "")
        is_own = is_host(host) and host.endswith(tuple(f".{name}" for name in tenancy.hosts))
        if is_own and not stays:
            return f"https://{host}{base.path}"
        where = "on this machine, as base_url is" if stays else "a host of this vendor"
        raise VendorError(
            Diagnostic(
                f"{self._connection.name}: {base.netloc} says that this customer is at "
                f"{shown(host)}, which is not {where}",
                "Nothing is sent there. Check base_url; if the vendor moved, report it to us.",
            )
        )

    def _unknown(self, path: str, status: int) -> VendorError:
        number = path.rpartition("/")[2]
        return VendorError(
            Diagnostic(
                f"{self._connection.name}: the vendor does not know customer {number} ({path})",
                "Correct the setting in reconciler.yaml, or base_url where the account is in "
                "another region.",
            ),
            status=status,
        )
