"""How each line of a ledger is sealed and checked, whatever store keeps it.

A line is a JSON object that begins with its serial `n` and ends with `sum`, a hash over the sum of
the line before and this line's own bytes. So a line that was edited, moved or removed is noticed,
and a last line that a crash cut short does not count.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from io import BytesIO
from itertools import islice
from typing import Any, TypeVar

from reconciler.errors import Diagnostic, LedgerError, Source
from reconciler.ledger.records import Record
from reconciler.ledger.shapes import check
from reconciler.model import Secret
from reconciler.timing import Stage, timed

FORMAT = 1
BATCH = 500

_START = b'{"n":1,"t":"header",'

T = TypeVar("T")


@dataclass(slots=True)
class Chain:
    """The last good line of the ledger at `place`: its serial, its sum, and the bytes up to its
    end. `watched` is the sum of the line with the serial `watch`, once that was read."""

    place: str
    serial: int = 0
    sum: bytes = b""
    size: int = 0
    watch: int = 0
    watched: bytes = b""

    def damaged(self, reason: str) -> LedgerError:
        """The error that says that the line after the last good one is damaged."""
        line = self.serial + 1
        return LedgerError(
            Diagnostic(
                f"the ledger {self.place} is damaged at line {line}: {reason}",
                "Restore it from version control or a backup. Or move it away: then every object "
                "is adopted again by its natural key, and nothing is destroyed.",
                source=Source(self.place, line),
            )
        )


def encode(record: Record) -> str:
    """A record as one line of JSON; raises TypeError for a secret."""
    return _ENCODER.encode(record)


@timed(Stage.WRITE, lambda sealed: {"ledger record": sealed[1].count(b"\n")})
def seal(chain: Chain, records: Iterable[Record]) -> tuple[Chain, bytes]:
    """The lines for `records`, which follow on `chain`, and the chain after them.

    Raises TypeError for a record that holds a secret or something that JSON cannot hold.
    """
    after = Chain(chain.place, chain.serial, chain.sum, chain.size, chain.watch, chain.watched)
    lines = []
    for record in records:
        body = f'{{"n":{after.serial + 1},{encode(record)[1:-1]}'.encode("ascii")
        after.sum = _sum(after.sum, body)
        after.serial += 1
        lines.append(b'%s,"sum":"%s"}\n' % (body, after.sum))
        after.size += len(lines[-1])
    return after, b"".join(lines)


@timed(Stage.PARSE)
def fold(data: bytes, combine: Callable[[Iterable[Record]], T], chain: Chain, workspace: str) -> T:
    """What `combine` makes of the records of the ledger `data`; `chain`, a new one, is moved to
    its last good line.

    Raises LedgerError where the ledger is damaged, of another workspace or of a newer format.
    """
    try:
        return combine(_records(BytesIO(data), chain, workspace))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        # The sums are right, but this version would not have written the record.
        raise chain.damaged(f"this version does not understand it ({error!r})") from error


def _records(lines: Iterable[bytes], chain: Chain, workspace: str) -> Iterator[Record]:
    """The records in `lines`, each one checked; a last line that was cut short is left out."""
    rest = iter(lines)
    while batch := list(islice(rest, BATCH)):
        if not chain.serial:
            _check_first_line(batch[0], chain)
        sums = list(_matching_sums(batch, chain.sum))
        for line, digest, record in zip(batch, sums, _parse_all(batch[: len(sums)]), strict=False):
            if record is None or record.get("n") != chain.serial + 1:
                raise chain.damaged("it is not a record")
            check(record)
            if not chain.serial and record["workspace"] != workspace:
                raise _of_another_workspace(chain.place, record["workspace"], workspace)
            yield record
            chain.sum = digest
            chain.serial += 1
            chain.size += len(line)
            if chain.serial == chain.watch:
                chain.watched = digest
        if len(sums) < len(batch):
            line, *more = batch[len(sums) :]
            last = not more and next(rest, None) is None
            if not line.endswith(b"\n") or (_parse(line) is None and last):
                return
            raise chain.damaged("it was changed, or lines before it are missing")


def _matching_sums(lines: Iterable[bytes], digest: bytes) -> Iterator[bytes]:
    """The sum of each line, up to the first line whose sum is wrong."""
    for line in lines:
        body = line[: line.rfind(b',"sum":"')]
        digest = _sum(digest, body)
        if line != b'%s,"sum":"%s"}\n' % (body, digest):
            return
        yield digest


def _parse_all(lines: Sequence[bytes]) -> list[Record | None]:
    """The lines decoded: all together, so that a name that occurs often is made only once."""
    try:
        records = json.loads(b"[%s]" % b",".join(lines))
    except (ValueError, RecursionError):
        records = []
    complete = len(records) == len(lines) and all(isinstance(record, dict) for record in records)
    return records if complete else [_parse(line) for line in lines]


def _sum(before: bytes, body: bytes) -> bytes:
    return blake2b(before + body, digest_size=8).hexdigest().encode()


def _parse(line: bytes) -> Record | None:
    try:
        # Good lines are ASCII; this also reads a damaged one as far as it goes.
        record = _DECODE(str(line, "latin-1"))[0]
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _check_first_line(line: bytes, chain: Chain) -> None:
    """Raise where the first line shows that this is not a ledger, or one of a newer format.

    Only a line that passes may count as cut short, and be overwritten: it is not somebody's other
    file.
    """
    # Some file systems leave zeros where a crash lost the bytes.
    start = line.rstrip(b"\0")[: len(_START)]
    if not _START.startswith(start):
        raise chain.damaged("it does not begin as a ledger does")
    version = (_parse(line) or {}).get("format")
    if isinstance(version, int) and version > FORMAT:
        raise LedgerError(
            Diagnostic(
                f"the ledger {chain.place} has format {version}, and this version reads {FORMAT}",
                "Upgrade reconciler: a newer version wrote this ledger.",
                source=Source(chain.place, 1),
            )
        )


def _of_another_workspace(place: str, owner: Any, workspace: str) -> LedgerError:
    return LedgerError(
        Diagnostic(
            f"the ledger {place} belongs to workspace {owner!r}, and this is {workspace!r}",
            "Give this workspace a ledger of its own (`ledger:` in reconciler.yaml). If it was "
            "renamed, give it back its old name.",
            source=Source(place, 1),
        )
    )


def _plain(value: object) -> Any:
    if isinstance(value, Secret):
        raise TypeError("a secret must not reach the ledger: pass its fingerprint")
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"JSON cannot hold a {type(value).__name__}, so the ledger cannot keep it")


# ASCII only: whatever a vendor's text holds, also lone surrogates, survives and stays in its line.
_ENCODER = json.JSONEncoder(separators=(",", ":"), default=_plain)
_DECODE = json.JSONDecoder().raw_decode
