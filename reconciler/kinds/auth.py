"""How a vendor account proves who it is, and where it lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key in a header."""

    header: str
    setting: str = "api_key"


@dataclass(frozen=True, slots=True)
class Login:
    """A POST of credentials that answers a bearer token.

    The body is `{wrap: {setting: value, **adds}}`, without `wrap` where that is "". `seconds` is
    how long a token lives, unless the answer's member `lives` says it.
    """

    path: str
    wrap: str
    settings: tuple[str, ...]
    token: str
    seconds: int
    adds: Mapping[str, str] = field(default_factory=dict)
    lives: str = ""


@dataclass(frozen=True, slots=True)
class Tenancy:
    """Each customer has a host of its own, which `base_url` is asked for.

    `path` (a setting stands there as `{setting}`) answers the host in `member`; it must be the
    host of `base_url` or end in one of `hosts`. Paths that begin with one of `home` stay at
    `base_url`.
    """

    path: str
    member: str
    hosts: tuple[str, ...]
    home: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Basic:
    """HTTP Basic: a user and a password, both settings."""

    user: str = "username"
    password: str = "password"


Auth = ApiKey | Login | Basic
