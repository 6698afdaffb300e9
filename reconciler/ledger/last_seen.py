"""Remember the last record of a ledger in a file beside it, to notice an older copy put back.

The file holds one JSON object: lineage, serial and sum of the last record that this machine saw
after writing, and when. It is evidence and nothing else: without it every ledger is accepted.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from reconciler.errors import Diagnostic, LedgerError
from reconciler.files import open_folder, remove_file, replace_file
from reconciler.frozen import frozen
from reconciler.ledger.chain import Chain

LONGEST = 4096


@frozen
class LastSeen:
    """The last record of the ledger `lineage`; `sum` is its sum, `at` a time in UTC as ISO 8601."""

    lineage: str
    serial: int
    sum: str
    at: str


@frozen
class Memory:
    """The last record that was seen of the ledger in the file `ledger`, kept in the file `path`;
    both are inside the folder `root`, where there is one."""

    path: Path
    ledger: Path
    root: Path | None = None

    def watch(self, chain: Chain) -> LastSeen | None:
        """What was seen last; `chain`, a new one, will keep the sum at that record."""
        seen = self._read()
        if seen is not None:
            chain.watch = seen.serial
        return seen

    def check(self, seen: LastSeen | None, chain: Chain, lineage: str) -> None:
        """Raise LedgerError where the ledger that was read into `chain` lacks what was seen last.

        A ledger that does not exist, or another one in its place, is accepted: the first is told
        everywhere, and the second cannot be compared.
        """
        if seen is None or not self.ledger.exists() or (chain.serial and lineage != seen.lineage):
            return
        if chain.serial < seen.serial:
            difference = f"it has {chain.serial} records, and had {seen.serial}"
        elif chain.watched != seen.sum.encode():
            difference = f"its record {seen.serial} is another one"
        else:
            return
        raise LedgerError(
            Diagnostic(
                f"the ledger {chain.place} is older than the one of {seen.at}, or another: "
                f"{difference}",
                "What the missing records say would be lost: what is owned, protected and let go. "
                "Restore the newer ledger from version control or a backup. To accept this one as "
                f"it is, remove {self.path}.",
            )
        )

    def write(self, lineage: str, chain: Chain, at: str) -> None:
        """Remember the last record of `chain`, unless it is remembered already. What cannot be
        written is left as it was."""
        before, sum = self._read(), chain.sum.decode()
        if before == LastSeen(lineage, chain.serial, sum, before.at if before else ""):
            return
        line = json.dumps(asdict(LastSeen(lineage, chain.serial, sum, at))).encode() + b"\n"
        with suppress(OSError):
            if self._is_ours():
                replace_file(self.path, line, 0o600, self.root)

    def content(self) -> bytes:
        """The bytes that are kept; none where there is nothing that can be read."""
        with suppress(OSError):
            return self._content()
        return b""

    def forget(self) -> None:
        """Remember nothing: the ledger is begun anew."""
        with suppress(OSError):
            if self._is_ours():
                remove_file(self.path, self.root)

    def _read(self) -> LastSeen | None:
        """What was written last; None where there is nothing that can be used."""
        try:
            entry = json.loads(self._content())
            lineage, serial, sum, at = (entry[name] for name in ("lineage", "serial", "sum", "at"))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        texts = all(isinstance(text, str) for text in (lineage, sum, at))
        return LastSeen(lineage, serial, sum, at) if texts and isinstance(serial, int) else None

    def _content(self) -> bytes:
        with open_folder(self.path.parent, self.root) as folder:
            fd = folder.open(self.path.name, os.O_RDONLY)
        with open(fd, "rb") as file:
            return file.read(LONGEST)

    def _is_ours(self) -> bool:
        """Whether the file may be replaced: it is missing or empty, or holds what we write. Raises
        OSError where it cannot be read."""
        try:
            begin = self._content().strip(b"\0 \n")
        except FileNotFoundError:
            return True
        return not begin or begin.startswith(b'{"lineage": ')
