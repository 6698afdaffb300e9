"""What Ctrl-C and SIGTERM do: end a command that reads, and let one that writes finish."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from reconciler.cli.terminal import note

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def end_on_signal(stop: threading.Event) -> Iterator[None]:
    """Have Ctrl-C and SIGTERM set `stop`, which ends reads and waits in all threads, and raise
    KeyboardInterrupt in this one."""

    def end() -> None:
        raise KeyboardInterrupt

    with _handling(stop, end):
        yield


@contextmanager
def finish_on_signal(stop: threading.Event) -> Iterator[None]:
    """Have Ctrl-C and SIGTERM set `stop`, after which no other change is begun."""

    def tell() -> None:
        note(
            "Stopping: changes that were begun are finished, no other change is begun. Reads and "
            "waits end at once, a write when it is answered or its time is over."
        )

    with _handling(stop, tell):
        yield


@contextmanager
def _handling(stop: threading.Event, then: Callable[[], None]) -> Iterator[None]:
    """Have the signals set `stop` and call `then`; a second one ends the process at once, and the
    journal says what was being written. Only the main thread can receive signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stop.set()
        then()

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
