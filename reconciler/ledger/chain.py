"""How a line of the ledger is sealed and checked.

Each line is a JSON object that begins with its serial `n` and ends with `sum`, a hash over the
line before's sum and this line's own bytes. So a line that was edited, moved or taken out shows,
and a last line that a crash cut short is no line yet.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import islice
from typing import Any

from reconciler.errors import Diagnostic, LedgerError, Source
from reconciler.ledger.records import Record
from reconciler.model import Secret

FORMAT = 1
BATCH = 500

_FIRST = b'{"n":1,"t":"header",'


@dataclass(slots=True)
class Chain:
    """The last good line of the ledger `file`: its serial, its sum, and the bytes up to its end."""

    file: str
    serial: int = 0
    sum: bytes = b""
    size: int = 0

    def corrupt(self, why: str) -> LedgerError:
        """The line after the last good one is damaged."""
        line = self.serial + 1
        return LedgerError(
            Diagnostic(
                f"the ledger {self.file} is damaged at line {line}: {why}",
                "Restore the file from version control or a backup. Or move it away: then every "
                "object is adopted again by its natural key, and nothing is destroyed.",
                source=Source(self.file, line),
            )
        )


def encode(record: Record) -> str:
    """A record as one line of JSON; raises TypeError for a secret."""
    return _ENCODER.encode(record)


def sealed(chain: Chain, records: Iterable[Record]) -> tuple[Chain, bytes]:
    """The chain after `records` were appended, and the bytes that do so."""
    after, lines = replace(chain), []
    for record in records:
        body = f'{{"n":{after.serial + 1},{encode(record)[1:-1]}'.encode("ascii")
        after.sum = _sum(after.sum, body)
        after.serial += 1
        lines.append(b'%s,"sum":"%s"}\n' % (body, after.sum))
        after.size += len(lines[-1])
    return after, b"".join(lines)


def unsealed(lines: Iterable[bytes], chain: Chain, workspace: str) -> Iterator[Record]:
    """The records in `lines`, each one checked; `chain` moves along.

    A last line that a crash cut short is left out.
    """
    rest = iter(lines)
    while batch := list(islice(rest, BATCH)):
        if not chain.serial:
            _refuse_other_files(batch[0], chain)
        sums = list(_good(batch, chain.sum))
        for line, digest, record in zip(batch, sums, _records(batch[: len(sums)]), strict=False):
            if record is None or record.get("n") != chain.serial + 1:
                raise chain.corrupt("it is no record")
            if not chain.serial and record["workspace"] != workspace:
                raise _foreign(chain.file, record["workspace"], workspace)
            yield record
            chain.sum = digest
            chain.serial += 1
            chain.size += len(line)
        if len(sums) < len(batch):
            line, *more = batch[len(sums) :]
            last = not more and next(rest, None) is None
            if not line.endswith(b"\n") or (_parsed(line) is None and last):
                return
            raise chain.corrupt("it is not what was written there, or lines before it are missing")


def _good(lines: Iterable[bytes], digest: bytes) -> Iterator[bytes]:
    """The sum of each line, up to the first that is not sealed by it."""
    for line in lines:
        body = line[: line.rfind(b',"sum":"')]
        digest = _sum(digest, body)
        if line != b'%s,"sum":"%s"}\n' % (body, digest):
            return
        yield digest


def _records(lines: Sequence[bytes]) -> list[Record | None]:
    """The lines decoded: all in one go, where a name that comes often is made only once."""
    try:
        found = json.loads(b"[%s]" % b",".join(lines))
    except ValueError:
        found = []
    whole = len(found) == len(lines) and all(isinstance(one, dict) for one in found)
    return found if whole else [_parsed(line) for line in lines]


def _sum(before: bytes, body: bytes) -> bytes:
    return blake2b(before + body, digest_size=8).hexdigest().encode()


def _parsed(line: bytes) -> Record | None:
    try:
        # Whole lines are ASCII; this also reads a damaged one as far as it goes.
        record = _DECODE(str(line, "latin-1"))[0]
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _refuse_other_files(line: bytes, chain: Chain) -> None:
    """Raise where the first line shows that the file is no ledger, or one from the future.

    Only then may a damaged first line count as cut short, and be cut off: it is not somebody's
    other file.
    """
    # Some file systems leave zeros where a crash lost the bytes.
    start = line.rstrip(b"\0")[: len(_FIRST)]
    if not _FIRST.startswith(start):
        raise chain.corrupt("it does not begin as a ledger does")
    version = (_parsed(line) or {}).get("format")
    if isinstance(version, int) and version > FORMAT:
        raise LedgerError(
            Diagnostic(
                f"the ledger {chain.file} has format {version}, and this version reads {FORMAT}",
                "Upgrade reconciler: a newer version wrote this ledger.",
                source=Source(chain.file, 1),
            )
        )


def _foreign(file: str, theirs: Any, ours: str) -> LedgerError:
    return LedgerError(
        Diagnostic(
            f"the ledger {file} belongs to workspace {theirs!r}, and this is {ours!r}",
            "Give this workspace a ledger of its own (`ledger:` in reconciler.yaml), or its name "
            "back if it was renamed.",
            source=Source(file, 1),
        )
    )


def _plain(value: object) -> Any:
    if isinstance(value, Secret):
        raise TypeError("a secret must not reach the ledger: pass its fingerprint")
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON: the ledger cannot keep it")


# ASCII only: whatever a vendor's text holds, lone surrogates too, survives and stays in its line.
_ENCODER = json.JSONEncoder(separators=(",", ":"), default=_plain)
_DECODE = json.JSONDecoder().raw_decode
