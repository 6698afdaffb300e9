"""Check the URLs that a workspace configures for providers and proxies."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from urllib.parse import urlsplit

# letters of any language, because names may be internationalized
_LABEL = re.compile(r"\w(?:[\w-]{0,61}\w)?")
# urlsplit takes an address in brackets for the host, whatever stands before and behind it
_AUTHORITY = re.compile(r"(?:.*@)?(?:\[[^\[\]]+\]|[^\[\]:@]+)(?::[0-9]*)?")
_LOOPBACK = IPv4Network("127.0.0.0/8")
_LOOPBACK_6 = IPv6Address("::1")


def url_problem(url: str) -> str:
    """What is wrong with a base URL, as a requirement ('must …'); empty where it can be used."""
    if not url.isprintable() or " " in url or "\\" in url:
        return "must be a URL without spaces, control characters and backslashes"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "must be a URL, such as https://api.example.com"
    if parts.scheme not in ("https", "http") or not host:
        return "must be a URL with https, such as https://api.example.com"
    if not is_host(host) or not is_exact(parts.netloc):
        return "must be a URL with a valid host name"
    if "@" in parts.netloc:
        return "must not contain a user name or password"
    if "?" in url or "#" in url:
        return "must not contain a query or a fragment (? or #)"
    if parts.scheme == "http" and not is_loopback(host):
        return "must use https; plain http is for this machine only (localhost, 127.0.0.1, [::1])"
    return ""


def proxy_problem(url: str, from_environment: bool) -> str:
    """What is wrong with the URL of a proxy, as a requirement ('must …'); empty where it can be
    used. Only a URL that comes entirely from the environment may contain a user name and password.
    """
    if not url.isprintable() or " " in url or "\\" in url:
        return "must be a URL without spaces, control characters and backslashes"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "must be a URL, such as http://proxy.example.com:3128"
    if parts.scheme not in ("https", "http") or not host:
        return "must be a URL with http or https, such as http://proxy.example.com:3128"
    if not is_host(host) or not is_exact(parts.netloc):
        return "must be a URL with a valid host name"
    if "@" in parts.netloc and not from_environment:
        return (
            "must not contain a user name or password, unless all of it comes from the "
            "environment: ${env.NAME}"
        )
    if parts.path.strip("/") or parts.query or parts.fragment:
        return "must end after the port"
    return ""


def is_host(host: str) -> bool:
    """Whether the text is a host name or an IP address."""
    try:
        return bool(ip_address(host))
    except ValueError:
        labels = host.removesuffix(".").split(".")
        return all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()


def is_exact(authority: str) -> bool:
    """Whether the part of a URL between // and the path is a host, with or without a user and a
    port, and nothing else."""
    return _AUTHORITY.fullmatch(authority) is not None


@lru_cache(64)
def is_loopback(host: str) -> bool:
    """Whether the text can mean no other machine than this one: a name that only leads here, such
    as one below `localhost`, does not count, nor does `0.0.0.0`."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    return address in _LOOPBACK if isinstance(address, IPv4Address) else address == _LOOPBACK_6
