"""Show on stderr how far a command is: a live line on a terminal, else a line every few seconds."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reconciler.cli.terminal import note
from reconciler.values.text import printable

if TYPE_CHECKING:
    from rich.live import Live

EVERY_SECONDS = 5.0
DRAWN_EVERY = 0.125
ERASE = "\r\x1b[2K"
"""Go to the beginning of the line, and erase it."""


class Progress:
    """Counts what happens; its methods may be called from any thread."""

    def __init__(self, activity: str) -> None:
        self._lock = threading.Lock()
        self._waits: dict[str, float] = {}
        # Held by whoever prints: the progress, or something else.
        self._screen = threading.RLock()
        self._drawn = False
        self.live: Live | None = None
        self.begin(activity)

    def begin(self, activity: str, changes: int = 0) -> None:
        """Begin another activity, such as "Applying" with so many changes to make."""
        with self._lock:
            self._activity = activity
            self._requests = 0
            self._done = 0
            self._changes = changes
            self._began = time.monotonic()
        self.draw()  # A short activity would end before it is drawn again.

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count a request that was sent and answered."""
        with self._lock:
            self._requests += 1

    def hold(self, provider: str, seconds: float) -> None:
        """Show that the rate limit of this provider lets no request go for so many seconds."""
        with self._lock:
            self._waits[provider] = time.monotonic() + seconds

    def notice(self, message: str) -> None:
        """Print a remark."""
        with self.above():
            note(message)

    def advance(self) -> None:
        """Count a change that has ended."""
        with self._lock:
            self._done += 1

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Show no progress while the block prints or asks something else."""
        with self._screen:
            if self.live is not None:
                self.live.stop()
            self._drawn = False
            try:
                yield
            finally:
                if self.live is not None:
                    self.live.start()

    @contextmanager
    def above(self) -> Iterator[None]:
        """Show no progress while the block prints complete lines; it is drawn below them."""
        with self._screen:
            if self.live is not None and self._drawn:
                self.live.console.file.write(ERASE)
                self.live.console.file.flush()
                self._drawn = False
            yield

    def draw(self) -> None:
        """Draw the live line, where there is one, unless something else is being printed."""
        if self.live is not None and self._screen.acquire(blocking=False):
            try:
                self.live.refresh()
                self._drawn = not self.live.console.is_dumb_terminal
            finally:
                self._screen.release()

    def line(self, with_time: bool = False) -> str:
        """The state in a few words, if wished with the seconds that the activity has taken."""
        with self._lock:
            changes = f", {self._done} of {self._changes} changes" if self._changes else ""
            seconds = f" after {time.monotonic() - self._began:.0f} s" if with_time else ""
            return f"{self._activity}: {self._requests} requests{changes}{seconds}{self._held()}"

    def print_line(self) -> None:
        """Print the state, unless something else is being printed or asked."""
        if self._screen.acquire(blocking=False):
            try:
                note(self.line(with_time=True))
            finally:
                self._screen.release()

    def _held(self) -> str:
        now = time.monotonic()
        left = {name: until - now for name, until in self._waits.items() if until > now}
        return "".join(
            f", {printable(name)} waits {seconds:.0f} s for its rate limit"
            for name, seconds in sorted(left.items())
            if seconds >= 1
        )


@contextmanager
def show_progress(activity: str) -> Iterator[Progress]:
    """Show progress while the block runs."""
    progress = Progress(activity)
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        console = Console(stderr=True, highlight=False, markup=False)
        with (
            Live(
                # One line, so that what is printed above it does not depend on the width.
                get_renderable=lambda: Text(progress.line(), no_wrap=True, overflow="ellipsis"),
                console=console,
                transient=True,
                auto_refresh=False,
                redirect_stdout=False,
                redirect_stderr=False,
            ) as progress.live,
            _regularly(DRAWN_EVERY, progress.draw),
        ):
            yield progress
        return
    with _regularly(EVERY_SECONDS, progress.print_line):
        yield progress


@contextmanager
def _regularly(seconds: float, show: Callable[[], None]) -> Iterator[None]:
    """Call a function every so many seconds while the block runs."""
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(seconds):
            show()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
