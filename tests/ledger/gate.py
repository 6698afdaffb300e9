"""A gate before a vendor, which withholds a create or its answer until the test opens it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from subprocess import Popen
from urllib.parse import urlsplit

import httpx

from ..servers import Seen, serving

# In seconds: far beyond what any step takes.
LONGEST = 120


@dataclass
class Gate:
    """The gate of the vendor at `target`; `url` is its own address."""

    target: str
    url: str = ""
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=LONGEST))
    reaches_vendor: bool = True
    armed: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def close(self, reaches_vendor: bool = True) -> None:
        """Withhold the answer to the next create, or the create itself from the vendor."""
        self.arrived.clear()
        self.opened.clear()
        self.reaches_vendor = reaches_vendor
        self.armed.set()

    def wait(self, child: Popen[str]) -> None:
        """Wait until that create is here, sent by this process."""
        while not self.arrived.wait(0.1):
            assert child.poll() is None, child.communicate()

    def open(self) -> None:
        """Let it through."""
        self.armed.clear()
        self.opened.set()

    def answer(self, seen: Seen) -> tuple[int, bytes]:
        """The vendor's answer, at its time."""
        held = seen.method == "POST" and self.armed.is_set()
        if held:
            self.armed.clear()
        if held and not self.reaches_vendor:
            self._hold()
            return 503, b"{}"  # who asked does not live to see it
        left_out = ("host", "content-length", "connection", "accept-encoding")
        headers = {name: value for name, value in seen.headers.items() if name not in left_out}
        answer = self.client.request(
            seen.method, f"{self.target}{seen.target}", headers=headers, content=seen.body
        )
        if held:
            self._hold()
        return answer.status_code, answer.content

    def _hold(self) -> None:
        self.arrived.set()
        assert self.opened.wait(LONGEST)


@contextmanager
def gate(url: str) -> Iterator[Gate]:
    """A gate of the vendor at this base URL, which is open."""
    parts = urlsplit(url)
    one = Gate(f"{parts.scheme}://{parts.netloc}")
    with one.client, serving(one.answer) as server:
        one.url = f"{server.url}{parts.path}"
        try:
            yield one
        finally:
            one.open()
