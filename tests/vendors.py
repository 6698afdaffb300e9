"""The sandbox as tests start it: when it stops, its journal is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from reconciler import sandbox
from reconciler.sandbox import Options
from reconciler.sandbox.server import Running

OURS = "reconciler"
"""What our client calls itself; tests of the sandbox call everything, by other names."""


@contextmanager
def running(options: Options) -> Iterator[Running]:
    """A sandbox for as long as the block lasts; fails where our client ever asked it for a write
    that moves a quantity instead of setting it."""
    with sandbox.running(options) as started:
        yield started
        writes = started.relative_writes()
        ours = [f"{e['method']} {e['path']}" for e in writes if e["relative"] == OURS]
        assert not ours, f"relative writes were sent: {ours}"
