"""The steps of a run that are being made side by side, and how those ended that have."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from reconciler.errors import Diagnostic, LedgerError

LONGEST = 1.0
"""Seconds after which it is made durable how steps ended, also where others are to follow."""

Result = TypeVar("Result")


@dataclass(slots=True)
class Work(Generic[Result]):
    """Functions that run in the threads of `pool`, and return lists of what has ended.

    running    how many functions have not ended
    unwritten  the findings of the LedgerErrors that functions have raised, or `flush`, which makes
               durable how steps ended
    """

    pool: ThreadPoolExecutor
    flush: Callable[[], None]
    running: int = 0
    unwritten: list[Diagnostic] = field(default_factory=list)
    _ended: SimpleQueue[list[Result] | BaseException] = field(default_factory=SimpleQueue)

    def start(self, function: Callable[[], list[Result]]) -> None:
        """Run a function."""
        self.running += 1
        self.pool.submit(self._run, function)

    def wait(self, more: bool) -> list[Result]:
        """What has ended, once a function has; where the ledger cannot be written, once all have.
        Raises what a function raised, save a LedgerError. `more` says that other functions are to
        follow, which will write to the ledger."""
        if not more:
            self._write()
        try:
            results = self._result(self._ended.get(timeout=LONGEST))
        except Empty:
            self._write()
            results = self._result(self._ended.get())
        while self.running and (self.unwritten or not self._ended.empty()):
            results += self._result(self._ended.get())
        if self.unwritten:
            self._write()
        return results

    def _run(self, function: Callable[[], list[Result]]) -> None:
        try:
            self._ended.put(function())
        except BaseException as error:
            self._ended.put(error)

    def _result(self, ended: list[Result] | BaseException) -> list[Result]:
        self.running -= 1
        if isinstance(ended, LedgerError):
            self.unwritten += ended.diagnostics
            return []
        if isinstance(ended, BaseException):
            raise ended
        return ended

    def _write(self) -> None:
        try:
            self.flush()
        except LedgerError as error:
            self.unwritten += error.diagnostics
