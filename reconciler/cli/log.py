"""Show the requests of a run on stderr."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from reconciler.cli.terminal import note


@contextmanager
def show_log() -> Iterator[None]:
    """Print each line of the log while the block runs."""
    log, lines = logging.getLogger("reconciler"), _Lines()
    log.setLevel(logging.DEBUG)
    log.addHandler(lines)
    try:
        yield
    finally:
        log.removeHandler(lines)
        log.setLevel(logging.NOTSET)


class _Lines(logging.Handler):
    """Prints log records like everything else on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one record."""
        note(record.getMessage())
