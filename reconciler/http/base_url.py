"""Where credentials may be sent: what a configured base URL must be."""

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


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
