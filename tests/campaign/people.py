"""Other people at the vendors: they change, delete and create over HTTP, as their clients would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from reconciler.sandbox import credentials
from reconciler.sandbox.server import Running

from .sorts import Raw, Sort

ACCEPT = {"Accept": "application/json, application/vnd.kobiks-api.v1+json"}
TENANT = {
    "x-vol-tenant": "12345",
    "x-vol-site": "67890",
    "x-vol-master-catalog": "1",
    "x-vol-catalog": "1",
}


class People:
    """Whoever works in the vendors' screens."""

    def __init__(self, sandbox: Running) -> None:
        self._sandbox = sandbox
        self._known = credentials()
        self._headers: dict[str, Mapping[str, str]] = {
            "kobo-plm": {"x-api-key": self._known["KOBO_API_KEY"]},
            "inventora": {"x-inventora-api-key": self._known["INVENTORA_API_KEY"]},
        }
        self._client = httpx.Client(trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def change(self, sort: Sort, raw: Raw, fields: Mapping[str, Any]) -> None:
        """Set these fields of an object, which is given as it is."""
        target = f"{sort.path}/{quote(sort.id_of(raw), safe='')}"
        if sort.vendor == "kibo":
            self._send(sort, "PUT", target, {**raw, **fields})
        else:
            method = {"kobiks": "POST", "inventora": "PATCH"}.get(sort.vendor, "PUT")
            self._send(sort, method, target, fields)

    def delete(self, sort: Sort, raw: Raw) -> bool:
        """Delete an object, or disable it where Kibo's locations are meant; False where something
        else uses it."""
        if sort.kind == "locations":
            self.change(sort, raw, {"isDisabled": True})
            return True
        return self._ask(
            sort, "DELETE", f"{sort.path}/{quote(sort.id_of(raw), safe='')}"
        ).is_success

    def create(self, sort: Sort, fields: Mapping[str, Any]) -> None:
        """Create an object with these fields, in the vendor's words."""
        self._send(sort, "POST", sort.path, fields)

    def _send(self, sort: Sort, method: str, path: str, body: Any) -> None:
        answer = self._ask(sort, method, path, body)
        assert answer.is_success, (method, path, body, answer.text)

    def _ask(self, sort: Sort, method: str, path: str, body: Any = None) -> httpx.Response:
        url = f"{self._sandbox.urls[sort.vendor]}{path}"
        headers = {**ACCEPT, **self._authorization(sort.vendor)}
        return self._client.request(method, url, json=body, headers=headers)

    def _authorization(self, vendor: str) -> Mapping[str, str]:
        if vendor not in self._headers:
            if vendor == "kibo":
                path = "/platform/applications/authtickets/oauth"
                asked: Any = {
                    "grant_type": "client_credentials",
                    "client_id": self._known["KIBO_CLIENT_ID"],
                    "client_secret": self._known["KIBO_CLIENT_SECRET"],
                }
                token, more = "access_token", TENANT
            else:
                path = "/login"
                user = {"email": self._known["KOBIKS_EMAIL"]}
                asked = {"user": {**user, "password": self._known["KOBIKS_PASSWORD"]}}
                token, more = "token", {}
            url = f"{self._sandbox.urls[vendor]}{path}"
            answer = self._client.post(url, json=asked, headers=ACCEPT).json()
            self._headers[vendor] = {"Authorization": f"Bearer {answer[token]}", **more}
        return self._headers[vendor]
