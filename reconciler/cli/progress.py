"""How far a run is, on stderr: a live line on a terminal, else a plain line every few seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from reconciler.values.text import printable

if TYPE_CHECKING:
    from rich.live import Live

EVERY_SECONDS = 5.0


class Progress:
    """Counts requests from any thread; what to show is decided by `shown`."""

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._lock = threading.Lock()
        self._requests = 0
        self._done = 0
        self._total = 0
        self._held: dict[str, float] = {}
        self.live: Live | None = None

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """A request was sent and answered."""
        with self._lock:
            self._requests += 1

    def hold(self, provider: str, seconds: float) -> None:
        """The rate limit of this provider lets nothing go for so long."""
        with self._lock:
            self._held[provider] = time.monotonic() + seconds

    def expect(self, total: int) -> None:
        """So many changes are to be made."""
        self._total = total

    def advance(self) -> None:
        """One change has ended."""
        with self._lock:
            self._done += 1

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Print something else: a live line makes room for it."""
        if self.live is None:
            yield
            return
        self.live.stop()
        try:
            yield
        finally:
            self.live.start()

    def line(self, since: str = "") -> str:
        """The state in a few words; `since` says how long it took to come there."""
        changes = f", {self._done} of {self._total} changes" if self._total else ""
        return f"{self._doing}: {self._requests} requests{changes}{since}{self._waits()}"

    def _waits(self) -> str:
        now = time.monotonic()
        with self._lock:
            left = {name: until - now for name, until in self._held.items() if until > now}
        return "".join(
            f", {printable(name)} waits {seconds:.0f} s for its rate limit"
            for name, seconds in sorted(left.items())
            if seconds >= 1
        )


@contextmanager
def shown(doing: str) -> Iterator[Progress]:
    """Show progress while the block runs."""
    progress = Progress(doing)
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        console = Console(stderr=True, highlight=False, markup=False)
        with Live(
            get_renderable=lambda: Text(progress.line()),
            console=console,
            transient=True,
            refresh_per_second=8,
            redirect_stdout=False,
            redirect_stderr=False,
        ) as progress.live:
            yield progress
        return
    ended = threading.Event()
    began = time.monotonic()

    def report() -> None:
        while not ended.wait(EVERY_SECONDS):
            click.echo(progress.line(f" after {time.monotonic() - began:.0f} s"), err=True)

    reporter = threading.Thread(target=report, daemon=True)
    reporter.start()
    try:
        yield progress
    finally:
        ended.set()
        reporter.join()
