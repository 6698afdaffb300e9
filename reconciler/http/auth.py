"""How requests prove who we are: one small class for each way a vendor asks for it."""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from reconciler.errors import Diagnostic, Unauthorized
from reconciler.kinds import ApiKey, Auth, Basic, Login
from reconciler.model import Connection, Secret

Exchange = Callable[[str, Any], Any]


class Authenticator(Protocol):
    """Gives the headers that prove who we are."""

    def headers(self, exchange: Exchange) -> Mapping[str, str]:
        """The headers; `exchange(path, body)` posts a body and gives the decoded answer."""

    def secrets(self) -> tuple[Secret, ...]:
        """What the vendor gave out for this session."""

    def renew(self, stale: Mapping[str, str]) -> bool:
        """Forget what the vendor no longer accepts; False where trying again is useless."""


def authenticator(auth: Auth, connection: Connection) -> Authenticator:
    """The authenticator for a declared way of authentication and an account's settings."""
    if isinstance(auth, ApiKey):
        return _Fixed({auth.header: plain(connection.settings[auth.setting])})
    if isinstance(auth, Basic):
        pair = (
            f"{plain(connection.settings[auth.user])}:{plain(connection.settings[auth.password])}"
        )
        return _Fixed({"Authorization": f"Basic {b64encode(pair.encode()).decode()}"})
    return _Bearer(auth, connection)


def plain(value: Any) -> str:
    """A setting as it goes over the wire."""
    return value.reveal() if isinstance(value, Secret) else str(value)


class _Fixed:
    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def headers(self, exchange: Exchange) -> Mapping[str, str]:
        return self._headers

    def secrets(self) -> tuple[Secret, ...]:
        return ()

    def renew(self, stale: Mapping[str, str]) -> bool:
        return False


class _Bearer:
    """A token from a login, renewed before it ends and once after the vendor refused it."""

    RENEW_AT = 0.8
    LOGINS = 3

    def __init__(self, auth: Login, connection: Connection) -> None:
        self._auth = auth
        body = {name: plain(connection.settings[name]) for name in auth.settings}
        self._body = {auth.wrap: {**body, **auth.adds}} if auth.wrap else {**body, **auth.adds}
        self._lock = threading.Lock()
        self._token: dict[str, str] = {}
        self._until = 0.0
        self._logins = 0

    def headers(self, exchange: Exchange) -> Mapping[str, str]:
        with self._lock:
            if not self._token or time.monotonic() >= self._until:
                self._logins += 1
                answer = exchange(self._auth.path, self._body)
                token = answer.get(self._auth.token) if isinstance(answer, dict) else None
                if not isinstance(token, str) or not token:
                    raise Unauthorized(
                        Diagnostic("the login answered no token", "Check base_url and try again.")
                    )
                self._token = {"Authorization": f"Bearer {token}"}
                lives = answer.get(self._auth.lives)
                seconds = lives if isinstance(lives, int) and lives > 0 else self._auth.seconds
                self._until = time.monotonic() + seconds * self.RENEW_AT
            return self._token

    def secrets(self) -> tuple[Secret, ...]:
        return tuple(Secret(value.partition(" ")[2], "token") for value in self._token.values())

    def renew(self, stale: Mapping[str, str]) -> bool:
        with self._lock:
            if self._token == stale:
                if self._logins >= self.LOGINS:
                    return False
                self._token = {}
            return True
