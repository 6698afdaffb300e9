"""What a report may show beside its result: where it was made, and when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from reconciler.ledger import Run

Clock = Callable[[], datetime]
Past: TypeAlias = "Callable[[], Sequence[Run]]"


def now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


def no_runs() -> Sequence[Run]:
    """Where nobody knows of a ledger."""
    return ()


class ReportContext(NamedTuple):
    """The URL of the job that makes a report ("" for none), what tells the time, and what reads the
    runs of the past, the oldest first."""

    link: str = ""
    clock: Clock = now
    past: Past = no_runs
