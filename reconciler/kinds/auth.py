"""How a vendor account proves who it is, and where it lives.

A way to authenticate is one class with the methods of `Auth`. What it does with each request is a
generator in the manner of httpx's `auth_flow`: it yields the requests to send, is given the answer
to each, and ends when the last one is the answer.
"""

from __future__ import annotations

import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Generator, Mapping
from dataclasses import field, replace
from typing import Any, Protocol

from reconciler.errors import Diagnostic, Unauthorized
from reconciler.frozen import frozen
from reconciler.values.text import has_control_characters

RENEW_AT = 0.8
"""A token is renewed after this share of its life."""
MOST_LOGINS = 3


@frozen
class AuthRequest:
    """A request on its way out: `url` is the whole address, `content` the bytes of the body.

    A `login` is a request of the flow's own, which is sent to the account's base URL: `url` is
    then only the path.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None = None
    login: bool = False

    def with_headers(self, headers: Mapping[str, str]) -> AuthRequest:
        """The same request with more headers."""
        return replace(self, headers={**self.headers, **headers})


@frozen
class AuthResponse:
    """The answer to a request: its HTTP status and the decoded JSON."""

    status: int
    data: Any = None


Flow = Generator[AuthRequest, AuthResponse, None]
# What an open account does with each request.
AuthFlow = Callable[[AuthRequest], Flow]
# Told of every secret that the vendor gives out, so that it is never shown.
Remember = Callable[[str], None]


class Auth(Protocol):
    """A way to authenticate, as a provider declares it."""

    @property
    def credentials(self) -> tuple[str, ...]:
        """The settings that prove who we are, in the order in which people write them."""

    @property
    def headers(self) -> tuple[str, ...]:
        """Those of them that are sent in a header as they are."""

    def describe(self) -> str:
        """A clause for the reference page that says what is sent."""

    def start(self, settings: Mapping[str, str], remember: Remember) -> AuthFlow:
        """The flow of an account with these settings, in clear text."""


@frozen
class ApiKey:
    """A key in a header."""

    header: str
    setting: str = "api_key"

    @property
    def credentials(self) -> tuple[str, ...]:
        """The key."""
        return (self.setting,)

    @property
    def headers(self) -> tuple[str, ...]:
        """The key."""
        return (self.setting,)

    def describe(self) -> str:
        """For the reference page."""
        return f"an API key, sent in the header `{self.header}`"

    def start(self, settings: Mapping[str, str], remember: Remember) -> AuthFlow:
        """Each request has the key."""
        return _constant({self.header: settings[self.setting]})


@frozen
class Basic:
    """HTTP Basic: a user and a password, both settings."""

    user: str = "username"
    password: str = "password"

    @property
    def credentials(self) -> tuple[str, ...]:
        """The user and the password."""
        return (self.user, self.password)

    @property
    def headers(self) -> tuple[str, ...]:
        """None: what is sent is encoded."""
        return ()

    def describe(self) -> str:
        """For the reference page."""
        return f"HTTP Basic, `{self.user}`, `{self.password}`"

    def start(self, settings: Mapping[str, str], remember: Remember) -> AuthFlow:
        """Each request has both, encoded."""
        pair = b64encode(f"{settings[self.user]}:{settings[self.password]}".encode()).decode()
        return _constant({"Authorization": f"Basic {pair}"})


@frozen
class Login:
    """A POST of credentials as JSON that answers a bearer token.

    The body is `{wrap: {setting: value, **adds}}`, without `wrap` where that is "". `token` is the
    member of the answer that holds the token; it lives for `seconds`, unless the answer's member
    `lives` says how long.
    """

    path: str
    wrap: str
    settings: tuple[str, ...]
    token: str
    seconds: int
    adds: Mapping[str, str] = field(default_factory=dict)
    lives: str = ""

    @property
    def credentials(self) -> tuple[str, ...]:
        """What the login sends."""
        return self.settings

    @property
    def headers(self) -> tuple[str, ...]:
        """None: what is sent is encoded."""
        return ()

    def describe(self) -> str:
        """For the reference page."""
        names = ", ".join(f"`{name}`" for name in self.settings)
        return (
            f"{names}, for which `POST {self.path}` answers a token "
            f"that lives {self.seconds // 60} minutes"
        )

    def start(self, settings: Mapping[str, str], remember: Remember) -> AuthFlow:
        """Each request has the token of the last login."""
        body = {**{name: settings[name] for name in self.settings}, **self.adds}
        content = json.dumps({self.wrap: body} if self.wrap else body, ensure_ascii=False)
        headers = {"Content-Type": "application/json"}
        login = AuthRequest("POST", self.path, headers, content.encode(), login=True)
        return Bearer(login, self._token_in, remember).flow

    def _token_in(self, data: Any) -> tuple[str | None, float]:
        if not isinstance(data, dict):
            return None, 0
        token, lives = data.get(self.token), data.get(self.lives)
        seconds = lives if isinstance(lives, int) and lives > 0 else self.seconds
        return (token if isinstance(token, str) else None), seconds


class Bearer:
    """A token that a login gives out, shared by all threads of an account.

    It is renewed before it ends, and once after the vendor refused it. `token_in` finds in the
    decoded answer to `login` the token and how many seconds it lives.
    """

    def __init__(
        self,
        login: AuthRequest,
        token_in: Callable[[Any], tuple[str | None, float]],
        remember: Remember,
    ) -> None:
        self._login = login
        self._token_in = token_in
        self._remember = remember
        self._lock = threading.Lock()
        self._token: str | None = None
        self._until = 0.0
        self._logins = 0

    def flow(self, request: AuthRequest) -> Flow:
        """Send the request with the token, and once more with a new one where it was refused."""
        token = yield from self._current()
        answer = yield request.with_headers({"Authorization": f"Bearer {token}"})
        if answer.status == 401 and self._discard(token):
            token = yield from self._current()
            yield request.with_headers({"Authorization": f"Bearer {token}"})

    def _current(self) -> Generator[AuthRequest, AuthResponse, str]:
        with self._lock:
            if self._token is None or time.monotonic() >= self._until:
                self._logins += 1
                answer = yield self._login
                token, seconds = self._token_in(answer.data)
                if not token:
                    raise Unauthorized(
                        Diagnostic("the login answered no token", "Check base_url and try again.")
                    )
                if has_control_characters(token):
                    raise Unauthorized(
                        Diagnostic(
                            "the login answered a token with a line break or a control character",
                            "No request can carry it. Check base_url and try again.",
                        )
                    )
                self._remember(token)
                self._token = token
                self._until = time.monotonic() + seconds * RENEW_AT
            return self._token

    def _discard(self, token: str) -> bool:
        """Forget a token that the vendor refused; False where another login is useless."""
        with self._lock:
            if self._token == token:
                if self._logins >= MOST_LOGINS:
                    return False
                self._token = None
            return True


@frozen
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


def _constant(headers: Mapping[str, str]) -> AuthFlow:
    def flow(request: AuthRequest) -> Flow:
        yield request.with_headers(headers)

    return flow
