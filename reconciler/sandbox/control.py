"""Serves the control interface, with which tests steer the sandbox: /_sandbox on every port."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reconciler.sandbox import state
from reconciler.sandbox.engine import App


class InvalidRequest(ValueError):
    """A control request that makes no sense; the text says why."""


def app(vendor: App) -> Starlette:
    """The control interface of one vendor; journal, clock and faults are the whole
    sandbox's."""
    actions: dict[str, dict[str, Callable[[Any], Any]]] = {
        "journal": {
            "GET": lambda _: vendor.shared.entries(),
            "DELETE": lambda _: vendor.shared.journal.clear(),
        },
        "state": {
            "GET": lambda _: state.read(vendor.account),
            "PUT": lambda body: put(vendor, body),
        },
        "clock": {"GET": lambda _: now(vendor), "PUT": lambda body: set_clock(vendor, body)},
        "scopes": {"GET": lambda _: scopes(vendor), "PUT": lambda body: set_scopes(vendor, body)},
        "faults": {
            "GET": lambda _: vendor.shared.faults.given,
            "PUT": lambda body: set_faults(vendor, body),
            "DELETE": lambda _: vendor.shared.faults.set(()),
        },
    }
    routes = [
        Route(f"/_sandbox/{path}", _endpoint(vendor, by_method), methods=list(by_method))
        for path, by_method in actions.items()
    ]
    return Starlette(routes=routes)


def _names_a_machine(host: str) -> bool:
    """Whether a Host header has an address or `localhost`, which nobody's name server answers for.

    The control interface asks for no credentials. A page in a browser on this machine must not
    reach it by having its own name lead here (DNS rebinding).
    """
    name = host.rpartition(":")[0] if re.search(r":\d*$", host) else host
    try:
        return name.lower() == "localhost" or bool(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        return False


def _endpoint(vendor: App, by_method: dict[str, Callable[[Any], Any]]) -> Any:
    async def endpoint(request: Request) -> Response:
        if not _names_a_machine(request.headers.get("host", "")):
            message = "Use localhost or an address: a web page can make any other name lead here."
            return JSONResponse({"message": message}, status_code=421)
        try:
            text = await request.body()
            body = json.loads(text) if request.method == "PUT" else None
            act = by_method["GET" if request.method == "HEAD" else request.method]
            with vendor.shared.lock:
                result = act(body)
        except ValueError as error:
            return JSONResponse({"message": str(error)}, status_code=422)
        return Response(status_code=204) if result is None else JSONResponse(result)

    return endpoint


def put(vendor: App, given: object) -> dict[str, Any]:
    """Replace the kinds given and answer the whole state."""
    state.put(vendor.account, given)
    vendor.shared.changed()
    return state.read(vendor.account)


def now(vendor: App) -> dict[str, str]:
    """The time in the sandbox."""
    return {"now": vendor.shared.clock.iso()}


def set_clock(vendor: App, given: object) -> dict[str, str]:
    """Freeze (`now`), shift (`advance`) or, with neither, reset the clock."""
    if not isinstance(given, dict) or set(given) - {"now", "advance"}:
        raise InvalidRequest("the clock takes an object with `now`, `advance` or nothing")
    moment, seconds = given.get("now"), given.get("advance")
    if not isinstance(moment, str | None) or not isinstance(seconds, int | float | None):
        raise InvalidRequest("`now` is an ISO 8601 moment, `advance` a number of seconds")
    vendor.shared.clock.set(moment, seconds)
    return now(vendor)


def scopes(vendor: App) -> dict[str, list[str]]:
    """The scopes of each key the vendor accepts."""
    return {key: list(granted) for key, granted in vendor.account.scopes.items()}


def set_scopes(vendor: App, given: object) -> dict[str, list[str]]:
    """Give a key other scopes."""
    known = vendor.account.scopes
    if not isinstance(given, dict) or not set(given) <= set(known):
        raise InvalidRequest(f"scopes take an object with any of the keys {', '.join(known)}")
    for granted in given.values():
        if not isinstance(granted, list) or not all(isinstance(each, str) for each in granted):
            raise InvalidRequest("the scopes of a key are a list of strings")
    known.update({key: tuple(granted) for key, granted in given.items()})
    return scopes(vendor)


def set_faults(vendor: App, given: object) -> list[Any]:
    """Put other fault rules in force."""
    vendor.shared.faults.set(given)
    return list(vendor.shared.faults.given)
