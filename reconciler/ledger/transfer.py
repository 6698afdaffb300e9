"""Move a whole ledger: out of a store, into a store, from one store to another.

A ledger only ever grows, so another one can take its place only where it begins with the same
lines: then nothing that was recorded is lost. What is written is read back. A crash leaves the
beginning of the lines there, and the next try completes them.
"""

from __future__ import annotations

from itertools import takewhile

from reconciler.errors import Diagnostic, LedgerError, Refused
from reconciler.frozen import frozen
from reconciler.ledger.chain import Chain, fold
from reconciler.ledger.records import Run, State
from reconciler.ledger.state import history_of, state_of
from reconciler.ledger.store import Store

_RESTORE = "Take a newer copy, or leave the ledger as it is."


@frozen
class Document:
    """A whole ledger: its lines, what they add up to, and its runs."""

    data: bytes
    state: State
    runs: tuple[Run, ...]

    @property
    def environment(self) -> str | None:
        """The environment of the last run that says one, "" where that had none; None where no run
        says it."""
        origins = (run.origin for run in reversed(self.runs) if run.origin is not None)
        return next((origin.environment or "" for origin in origins), None)


def document_in(data: bytes, place: str, workspace: str) -> Document:
    """The ledger in these bytes, without a last line that was cut short. Raises LedgerError where
    they are damaged, of another workspace or of a newer version."""
    chain = Chain(place)
    state = fold(data, state_of, chain, workspace)
    runs = fold(data, history_of, Chain(place), workspace)
    return Document(data[: chain.size], state, runs)


def read_document(store: Store, workspace: str) -> Document:
    """The ledger in a store; without lines where nothing was written yet."""
    return document_in(store.read().data, store.place, workspace)


def write_document(document: Document, store: Store, workspace: str, what: str) -> int:
    """Put a ledger into a store whose lock is held, after what is there and begins it; returns how
    many records are new. `what` is what messages call the ledger that is written.

    Raises Refused where the store has a ledger that this one does not continue, and LedgerError
    where the store has something else afterwards than what was written.
    """
    content = store.read()
    old = document_in(content.data, store.place, workspace)
    if old.data:
        _check_continues(document, old, what, store.place)
    rest = document.data[len(old.data) :]
    if rest:
        store.append(rest, content.version, len(old.data))
    if read_document(store, workspace).data != document.data:
        raise LedgerError(
            Diagnostic(
                f"the ledger {store.place} does not hold what was written to it",
                "Do not use it. Look what else writes there, then try again.",
            )
        )
    return document.state.serial - old.state.serial


def _check_continues(new: Document, old: Document, what: str, place: str) -> None:
    """Raise Refused unless the new ledger is the old one with more records, or the same."""
    if new.data.startswith(old.data):
        return
    serials = f"{what} has serial {new.state.serial}, and {place} has {old.state.serial}"
    if new.state.lineage != old.state.lineage:
        summary = f"{place} has another ledger (lineage {old.state.lineage}) than {what} "
        summary += f"(lineage {new.state.lineage}): {serials}"
        detail = "Nothing was written. Give each ledger a place of its own."
    elif old.data.startswith(new.data):
        summary = f"{what} is older than the ledger: {serials}"
        detail = f"Nothing was written: what it lacks would be lost. {_RESTORE}"
    else:
        first = _first_difference(new.data, old.data)
        summary = f"{what} and the ledger differ from record {first} on: {serials}"
        detail = "Nothing was written: the records of one of the two would be lost. Both were "
        detail += "written to after the same past, which one ledger with a lock prevents. "
        detail += _RESTORE
    raise Refused(Diagnostic(summary, detail))


def _first_difference(left: bytes, right: bytes) -> int:
    """The number of the first line that differs."""
    pairs = zip(left.split(b"\n"), right.split(b"\n"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)) + 1
