"""What a report may show beside its result: where it was made, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

Clock = Callable[[], datetime]


def now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


class Setting(NamedTuple):
    """The URL of the job that makes a report ("" for none), and what tells the time."""

    link: str = ""
    clock: Clock = now
