"""A sandbox on free ports, and clients that have its credentials."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, TypedDict, Unpack

import httpx
import pytest

from reconciler.sandbox import Options, credentials
from reconciler.sandbox.server import Running

from ..vendors import running


class Choices(TypedDict, total=False):
    """The options of a sandbox that tests choose."""

    data: str
    state: Path
    rate: int
    faults: tuple[Mapping[str, object], ...]
    vendors: tuple[str, ...]
    job_seconds: float


class Start(Protocol):
    """Starts a sandbox on free ports, which ends with the test."""

    def __call__(self, **options: Unpack[Choices]) -> Running:
        """With these options, and the usual ones for the rest."""


class Connect(Protocol):
    """Opens a client for a vendor of a sandbox, closed with the test."""

    def __call__(self, sandbox: Running, vendor: str = "kobo-plm", **headers: str) -> httpx.Client:
        """With these headers beside those the vendor wants on every request."""


class Tokens(TypedDict):
    """What a login at Kobiks answers."""

    token: str
    refreshToken: str


KNOWN = credentials()
BASIC = f"{KNOWN['KIBO_OMS_USERNAME']}:{KNOWN['KIBO_OMS_PASSWORD']}"
HEADERS = {
    "kobo-plm": {"X-API-Key": KNOWN["KOBO_API_KEY"]},
    "kobiks": {"Accept": "application/vnd.kobiks-api.v1+json"},
    "kibo-oms": {
        "Authorization": f"Basic {b64encode(BASIC.encode()).decode()}",
        "Kibo-Manufacturer-Id": "1",
        "Kibo-Catalog-Id": "1",
        "Kibo-Currency-Code": "USD",
        "Kibo-Locale": "en_US",
    },
    "inventora": {"X-Inventora-API-Key": KNOWN["INVENTORA_API_KEY"]},
}
"""What each vendor wants to see on every request."""


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts sandboxes that end with the test."""
    with ExitStack() as stack:

        def started(**options: Unpack[Choices]) -> Running:
            return stack.enter_context(running(Options(port=0, **options)))

        yield started


@pytest.fixture
def sandbox(start: Start) -> Running:
    """A sandbox with the documentation's examples and no limit."""
    return start(rate=0)


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Opens clients for a vendor of a sandbox, closed with the test."""
    with ExitStack() as stack:

        def client(sandbox: Running, vendor: str = "kobo-plm", **headers: str) -> httpx.Client:
            opened = httpx.Client(
                base_url=sandbox.urls[vendor],
                headers=HEADERS.get(vendor, {}) | headers,
                trust_env=False,
                timeout=10,
            )
            return stack.enter_context(opened)

        yield client


@pytest.fixture
def kobo(sandbox: Running, connect: Connect) -> httpx.Client:
    """A client of Kobo PLM with the accepted key."""
    return connect(sandbox)


@pytest.fixture
def kobiks(sandbox: Running, connect: Connect) -> httpx.Client:
    """A client of Kobiks, logged in."""
    client = connect(sandbox, "kobiks")
    client.headers["Authorization"] = f"Bearer {login(client)['token']}"
    return client


def login(client: httpx.Client) -> Tokens:
    """What a login with the accepted credentials answers."""
    known = credentials()
    user = {"email": known["KOBIKS_EMAIL"], "password": known["KOBIKS_PASSWORD"]}
    answer: Tokens = client.post("/login", json={"user": user}).raise_for_status().json()
    return answer


@pytest.fixture
def control(sandbox: Running) -> Iterator[httpx.Client]:
    """A client of the control interface, without credentials."""
    url = sandbox.urls["kobo-plm"].removesuffix("/api/v1") + "/_sandbox"
    with httpx.Client(base_url=url, trust_env=False) as client:
        yield client
