"""Check the addresses that a workspace configures: where credentials and requests may go."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def url_problem(url: str) -> str:
    """What a base URL must be and is not; empty where it can be used."""
    if not url.isprintable() or " " in url or "\\" in url:
        return "must be a URL without spaces, control characters and backslashes"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "must be a URL, such as https://api.example.com"
    if parts.scheme not in ("https", "http") or not host:
        return "must be a URL with https, such as https://api.example.com"
    if "@" in parts.netloc:
        return "must not hold a user name or password"
    if "?" in url or "#" in url:
        return "must not hold a query or a fragment (? or #)"
    if parts.scheme == "http" and not _loopback(host):
        return "must use https; plain http is for this machine only (localhost, 127.0.0.1, [::1])"
    return ""


def proxy_problem(url: str, from_environment: bool) -> str:
    """What the URL of a proxy must be and is not; empty where it can be used. Only one that comes
    whole from the environment may hold a user name and a password."""
    if not url.isprintable() or " " in url or "\\" in url:
        return "must be a URL without spaces, control characters and backslashes"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "must be a URL, such as http://proxy.example.com:3128"
    if parts.scheme not in ("https", "http") or not host:
        return "must be a URL with http or https, such as http://proxy.example.com:3128"
    if "@" in parts.netloc and not from_environment:
        return (
            "must not hold a user name or password, unless all of it comes from the environment: "
            "${env.NAME}"
        )
    if parts.path.strip("/") or parts.query or parts.fragment:
        return "must hold nothing behind the port"
    return ""


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
