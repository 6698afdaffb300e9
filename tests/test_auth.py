"""Another way to authenticate is one class: a form login and a request signature, as examples."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from reconciler.errors import Unauthorized
from reconciler.http.client import Client
from reconciler.kinds import Provider
from reconciler.kinds.auth import Auth, AuthFlow, AuthRequest, Bearer, Flow, Remember
from reconciler.model import Connection, Secret
from reconciler.providers import PROVIDERS

from .servers import Seen, serving


@dataclass(frozen=True, slots=True)
class FormLogin:
    """A login whose credentials are a form, as in OAuth 2."""

    credentials = ("user", "password")

    def describe(self) -> str:
        """For the reference page."""
        return "a form"

    def start(self, settings: Mapping[str, str], remember: Remember) -> AuthFlow:
        """Each request has the token of the last login."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        content = urlencode({name: settings[name] for name in self.credentials}).encode()
        login = AuthRequest("POST", "/token", headers, content, login=True)
        return Bearer(login, lambda data: (data["token"], 60), remember).flow


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature over all that is sent."""

    credentials = ("key",)

    def describe(self) -> str:
        """For the reference page."""
        return "a signature"

    def start(self, settings: Mapping[str, str], remember: Remember) -> AuthFlow:
        """Each request is signed."""

        def flow(request: AuthRequest) -> Flow:
            signed = signature(settings["key"], request.method, request.url, request.content or b"")
            yield request.with_headers({"X-Signature": signed})

        return flow


def signature(key: str, method: str, url: str, body: bytes) -> str:
    """What both sides compute."""
    parts = urlsplit(url)
    text = b"\n".join([method.encode(), f"{parts.path}?{parts.query}".encode(), body])
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest()


def account(auth: Auth, url: str, **settings: str) -> Client:
    """A client of an account that authenticates so."""
    provider: Provider = replace(PROVIDERS["kobo-plm"], auth=auth)
    secrets: dict[str, Any] = {name: Secret(value, name) for name, value in settings.items()}
    return Client(Connection("shop", "test", secrets, url), provider, writable=True)


def test_a_form_login_is_a_class() -> None:
    """The form is sent once, its token with each request, and again after it was refused."""
    tokens = iter(["birinci", "ikinci"])

    def respond(seen: Seen) -> tuple[int, bytes]:
        if seen.target == "/token":
            assert parse_qs(seen.body.decode()) == {"user": ["Ayşe"], "password": ["gizli şifre"]}
            return 200, f'{{"token": "{next(tokens)}"}}'.encode()
        return (401 if seen.headers["authorization"] == "Bearer birinci" else 200), b"{}"

    with serving(respond) as server:
        client = account(FormLogin(), server.url, user="Ayşe", password="gizli şifre")
        assert client.read("/things").status == 200
        assert client.read("/things").status == 200
        assert client.hide("token ikinci") == "token (sensitive)"
        client.close()
    targets = [seen.target for seen in server.requests]
    assert targets == ["/token", "/things", "/token", "/things", "/things"]
    form = server.requests[0].headers
    assert form["content-type"] == "application/x-www-form-urlencoded"


def test_a_request_signature_is_a_class() -> None:
    """What is signed is what is sent: the method, the address with its query, and the body."""

    def respond(seen: Seen) -> tuple[int, bytes]:
        expected = signature("anahtar", seen.method, seen.target, seen.body)
        return (200 if seen.headers["x-signature"] == expected else 401), b"{}"

    with serving(respond) as server:
        client = account(Signature(), server.url, key="anahtar")
        client.read("/things", {"page[number]": 1, "ad": "Çağrı"})
        client.write("PUT", "/things/1", {"name": "Çağrı", "price": 1.5})
        client.close()
        other = account(Signature(), server.url, key="başka")
        with pytest.raises(Unauthorized):
            other.read("/things")
        other.close()
    assert [seen.method for seen in server.requests] == ["GET", "PUT", "GET"]
