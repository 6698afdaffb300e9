"""How many requests are in flight at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Barrier, BrokenBarrierError
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from .servers import Seen, serving

MANY = 20
DECLARED = "".join(f"  S-{number}: {{name: Çok {number}}}\n" for number in range(MANY))


class Crowd:
    """A server before the sandbox that answers writes only once so many have come."""

    def __init__(self, vendor: str) -> None:
        self.vendor, self.together = vendor, Barrier(1)

    def __call__(self, seen: Seen) -> tuple[int, bytes]:
        """Pass a request on, a write together with the others."""
        if seen.method == "POST":
            try:
                self.together.wait(20)
            except BrokenBarrierError:
                return 400, b"{}"
        kept = {n: v for n, v in seen.headers.items() if n in ("x-api-key", "content-type")}
        kept |= {n: v for n, v in seen.headers.items() if n == "authorization"}
        request = Request(self.vendor + seen.target, seen.body or None, kept, method=seen.method)
        try:
            with urlopen(request) as answer:
                return answer.status, answer.read()
        except HTTPError as error:
            return error.code, error.read()


def written(here: Any) -> dict[str, Any]:
    """The settings of the provider in reconciler.yaml."""
    text = (here.root / "reconciler.yaml").read_text("utf-8")
    settings: dict[str, Any] = json.loads(text)["providers"]["kobo-plm"]
    return settings


@pytest.fixture
def crowd(workspace: Any, sandbox: Any) -> Iterator[tuple[Any, Crowd]]:
    """A workspace that declares twenty suppliers, and the server that its requests go to."""
    here = workspace(f"provider: kobo-plm\nsuppliers:\n{DECLARED}")
    settings = written(here)
    vendor, _, path = settings["base_url"].partition("/api")
    crowd = Crowd(vendor)
    with serving(crowd) as server:
        here.configure(providers={"kobo-plm": {**settings, "base_url": f"{server.url}/api{path}"}})
        yield here, crowd


def test_as_many_requests_are_in_flight_as_are_asked_for(crowd: tuple[Any, Crowd]) -> None:
    """More than suit the vendor, where the person who applies says so."""
    here, server = crowd
    server.together = Barrier(MANY)
    assert here.run("apply", "--auto-approve", "--parallelism", str(MANY)).code == 0


def test_the_number_of_the_workspace_is_kept(crowd: tuple[Any, Crowd]) -> None:
    """What reconciler.yaml says of an account is not exceeded, and the run says which it is."""
    here, server = crowd
    settings = written(here)
    here.configure(providers={"kobo-plm": {**settings, "parallelism": 4}})
    server.together = Barrier(4)
    result = here.run("apply", "--auto-approve", "--parallelism", str(MANY))
    assert result.code == 0
    assert "kobo-plm: at most 4 requests at once, because reconciler.yaml says so" in result.err
