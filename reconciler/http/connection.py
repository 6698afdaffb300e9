"""What the settings of an account say to its client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from reconciler.kinds import Provider
from reconciler.model import Connection, Secret


def plain(value: Any) -> str:
    """A setting as text, secrets in clear."""
    return value.reveal() if isinstance(value, Secret) else str(value)


def customer_headers(connection: Connection, provider: Provider) -> dict[str, str]:
    """The headers that name the customer; not sent with a login, which is the same for all."""
    return {
        header: str(connection.settings[name])
        for header, name in provider.setting_headers.items()
        if name in connection.settings
    }


def secrets_in(settings: Mapping[str, Any]) -> Iterator[Secret]:
    """The credentials among the settings."""
    return (value for value in settings.values() if isinstance(value, Secret))


def proxy_secrets(proxy: Secret | None) -> tuple[Secret, ...]:
    """The secrets in a proxy's URL: the URL itself, and its password alone."""
    if proxy is None:
        return ()
    password = unquote(urlsplit(proxy.reveal()).password or "")
    return (proxy, Secret(password, "proxy")) if password else (proxy,)


def per_minute(connection: Connection, provider: Provider) -> int:
    """The limit in requests a minute: the workspace's, else the vendor's for the tier."""
    if connection.requests_per_minute is not None:
        return connection.requests_per_minute
    return provider.rate.get(str(connection.settings.get("tier", "")), provider.rate[""])
