"""What Ctrl-C and SIGTERM do: end a command that reads, and let one that writes finish."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from reconciler.cli.terminal import note

SIGNALS = (signal.SIGINT, signal.SIGTERM)
END = b"\0"
"""What ends the watching of signals: no signal has this number."""


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
def stop_on_signal(stop: threading.Event, wake: Callable[[], None]) -> Iterator[None]:
    """Have Ctrl-C and SIGTERM set `stop` and call `wake`, for a command that runs until then."""
    with _handling(stop, wake):
        yield


@contextmanager
def _handling(stop: threading.Event, then: Callable[[], None]) -> Iterator[None]:
    """Have the signals set `stop` and call `then`; a second one ends the process at once, and the
    journal says what was being written. Only the main thread can receive signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    early = threading.Event()

    def handle(number: int, _frame: FrameType | None) -> None:
        if stop.is_set() and not early.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        early.clear()
        stop.set()
        then()

    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        with _stopping_early(stop, early):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _stopping_early(stop: threading.Event, early: threading.Event) -> Iterator[None]:
    """Set `stop` as soon as the system delivers a signal; `early` says that it was set here.

    The system may deliver it to another thread while the main thread waits for the others. Python
    runs the handler in the main thread and does not wake it, so that it would wait on.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)

    def watch() -> None:
        while os.read(reading, 1) != END:
            if not stop.is_set():
                early.set()
                stop.set()

    watcher = threading.Thread(target=watch, name="signals", daemon=True)
    watcher.start()
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.write(writing, END)
        watcher.join()
        os.close(reading)
        os.close(writing)
