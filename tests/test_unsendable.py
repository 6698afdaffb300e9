"""Requests that cannot be sent, and credentials that are refused: an error, and no credential."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from reconciler.errors import Unauthorized, Unknown, VendorError
from reconciler.http.client import Client
from reconciler.kinds.auth import AuthFlow, AuthRequest, Flow, Remember
from reconciler.model import Connection, Secret
from reconciler.providers import PROVIDERS

from .servers import Seen, serving


@contextmanager
def opened(url: str, key: str = "anahtar", **changes: Any) -> Iterator[Client]:
    """A client with this API key that may write."""
    settings = {"api_key": Secret(key, "api_key")}
    provider = replace(PROVIDERS["kobo-plm"], **changes)
    client = Client(Connection("shop", "kobo-plm", settings, url), provider, writable=True)
    yield client
    client.close()


def fine(_: Seen) -> tuple[int, bytes]:
    """An answer."""
    return 200, b"{}"


@pytest.mark.parametrize("key", ["schlüssel-1", "key-and-space ", "\tkey", 'it\'s\\a-"key" '])
def test_a_key_is_sent_as_it_is(key: str) -> None:
    """In Latin-1; spaces around it are no part of a header's value and left out."""
    with serving(fine) as server, opened(server.url, key) as client:
        assert client.read("/things").status == 200
    assert [seen.headers["x-api-key"] for seen in server.requests] == [key.strip()]


@pytest.mark.parametrize("key", ["gizli-şifre", "it's\\a\nkey", "a-key\0"])
def test_a_key_that_no_header_can_hold_is_an_error(key: str) -> None:
    """It says so without the key, nothing is sent, and no write is said to be of unknown end."""
    with (
        serving(fine) as server,
        opened(server.url, key) as client,
        pytest.raises(VendorError, match="header") as caught,
    ):
        client.write("POST", "/things", {})
    assert not isinstance(caught.value, Unknown)
    assert key not in str(caught.value)
    assert repr(key)[1:-1] not in str(caught.value)
    assert server.requests == []


@pytest.mark.parametrize("host", [f"{'a' * 70}.example", "a..example", ".example", "xn--a.example"])
def test_a_host_whose_name_cannot_be_is_an_error(host: str) -> None:
    """It names the host, as for a host that is not there."""
    problem = f"no answer from {host}: "
    with opened(f"https://{host}") as client, pytest.raises(VendorError, match=problem):
        client.read("/things")


@dataclass(frozen=True, slots=True)
class Login:
    """A login that does something else once it is over: what the next thread in line would do."""

    after: Callable[[], None]
    credentials = ("api_key",)

    def describe(self) -> str:
        """For the reference page."""
        return "a login"

    def start(self, settings: Mapping[str, str], remember: Remember) -> AuthFlow:
        """Each request begins with a login."""

        def flow(request: AuthRequest) -> Flow:
            try:
                yield AuthRequest("POST", "/login", {}, login=True)
            finally:
                self.after()
            yield request

        return flow


def test_who_waits_for_a_login_that_is_refused_does_not_try_it_again() -> None:
    """By the time the next one may log in, it is known that the credentials are not accepted: a
    second attempt might lock the account."""
    refused: list[str] = []

    def next_in_line() -> None:
        with pytest.raises(Unauthorized) as caught:
            client.read("/others")
        refused.append(str(caught.value))

    auth = Login(next_in_line)
    with (
        serving(lambda _: (401, b"{}")) as server,
        opened(server.url, auth=auth) as client,
        pytest.raises(Unauthorized),
    ):
        client.read("/things")
    assert len(refused) == 1
    assert [seen.target for seen in server.requests] == ["/login"]
