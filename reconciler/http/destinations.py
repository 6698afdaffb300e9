"""Decide to which hosts credentials may go: a vendor's own, this machine, and approved ones.

A workspace chooses the address of each account, and whoever can change its files could have the
credentials sent to any host. So which hosts may have them is decided elsewhere: by the declaration
of the vendor, and by whoever runs the tool (see `HostPattern`). Hosts are compared as text. No name
is looked up: what a name leads to is decided by whoever answers for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from reconciler.http.base_url import is_exact, is_host, is_loopback

_PORTS = {"https": 443, "http": 80}


class HostPattern(NamedTuple):
    """A host, or with `below` all hosts below a domain but not the domain itself; with `port` None
    at any port."""

    host: str
    port: int | None = None
    below: bool = False

    def covers(self, host: str, port: int) -> bool:
        """Whether a host and port are meant."""
        if self.port is not None and self.port != port:
            return False
        host = _canonical(host)
        return host.endswith(f".{self.host}") if self.below else host == self.host


class Destination(NamedTuple):
    """The host and port to which the requests to a URL go."""

    host: str
    port: int
    usual: bool

    def __str__(self) -> str:
        """As in a URL: without a port where that is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.usual else f"{host}:{self.port}"


def destination(url: str) -> Destination:
    """Where the requests to a URL go that `url_problem` or `proxy_problem` found usable."""
    parts = urlsplit(url)
    usual = _PORTS[parts.scheme]
    port = usual if parts.port is None else parts.port
    return Destination(parts.hostname or "", port, port == usual)


def may_have_credentials(
    place: Destination, own: Iterable[str] = (), approved: Iterable[HostPattern] = ()
) -> bool:
    """Whether a vendor with these `own` hosts, reached over https at the usual port, has its
    credentials sent to a place."""
    if is_loopback(place.host):
        return True
    if place.port == _PORTS["https"] and _canonical(place.host) in own:
        return True
    return any(pattern.covers(place.host, place.port) for pattern in approved)


def host_pattern(text: str) -> HostPattern:
    """The pattern that a person writes: `host`, `host:port` or `*.domain`, which may have a port
    too. Raises ValueError, which says what is wrong as a requirement ('must …')."""
    if "/" in text or "@" in text:
        raise ValueError("must be a host without scheme, path and user, such as api.example.com")
    below = text.startswith("*.")
    name = text.removeprefix("*.")
    try:
        parts = urlsplit(f"//{name}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not is_host(host) or not is_exact(name) or name.endswith(":"):
        raise ValueError("must be a host, such as api.example.com, [fd00::1]:8443 or *.example.com")
    host = _canonical(host)
    if below and (_is_address(host) or "." not in host):
        raise ValueError("must name a domain of two parts at least after *, such as *.example.com")
    return HostPattern(host, port, below)


def _canonical(host: str) -> str:
    """A host in the one form in which two are compared. A name with letters outside ASCII equals
    only itself, since lookalikes differ in nothing else."""
    if _is_address(host):
        return str(ip_address(host))
    return host.lower().removesuffix(".")


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False
