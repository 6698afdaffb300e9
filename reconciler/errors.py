"""Define findings (`Diagnostic`) and the exceptions that carry them.

A `Diagnostic` is one finding; an error is one or more findings that stop the run:

    ReconcilerError            exit 1
    + Invalid                  a manifest, the workspace or a plan file cannot be used
    + LedgerError              the ledger is unreadable, corrupt or of another workspace
    + VendorError              a vendor refused, sent an unusable answer or could not be reached
      + Unauthorized           401: wrong or expired credentials
      + Forbidden              403: the credentials lack a right
      + NotFound               404
      + Rejected               the vendor read the request and refused it (400, 409, 422)
        + Partly               it accepted only some of the objects in the request
      + Incomplete             a list could not be read to its end, so absence cannot be concluded
      + Unknown                a write was sent, and it is unknown whether it took effect
      + NotAttempted           nothing was sent, because the vendor was given up
    + Refused                  exit 3: guard, protection, stale plan
      + LockHeld               exit 3: another run holds the ledger
    + PartlyApplied            exit 4: some changes are done, others are not
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from enum import StrEnum
from typing import ClassVar

from reconciler.frozen import frozen

PACKAGE = "reconciler-retail"
"""The name on the package index, as in pyproject.toml."""

# the same mistake in fewer objects is reported for each of them
FEW = 4


class Severity(StrEnum):
    """The severity of a finding: only errors stop a run."""

    ERROR = "error"
    WARNING = "warning"


@frozen
class Source:
    """A place in a file; lines and columns count from 1, 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return (
            f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"
        )


@frozen
class Occurrence:
    """One of the objects with the same mistake, and its place in a file."""

    address: str | None
    source: Source | None


@frozen
class Diagnostic:
    """One finding: what is wrong (`summary`), what to do (`detail`), and where.

    `others` are the further objects with the same mistake, after `grouped`. Two findings are about
    the same mistake if their `mistake` is equal, or where that is empty their summary and detail.
    `waits` is true where the object is only held back, through no mistake in what was declared.
    """

    summary: str
    detail: str = ""
    severity: Severity = Severity.ERROR
    address: str | None = None
    source: Source | None = None
    others: tuple[Occurrence, ...] = ()
    mistake: str = field(default="", compare=False)
    waits: bool = field(default=False, compare=False)

    @property
    def count(self) -> int:
        """The number of objects that this is about."""
        return 1 + len(self.others)


def how_to_install(extra: str) -> str:
    """What to do where the packages of an extra are missing."""
    return f"Install it: pip install '{PACKAGE}[{extra}]'."


def grouped(findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings with those about the same mistake in FEW or more objects of one kind and file as
    one, at the place of the first."""
    groups: dict[object, list[Diagnostic]] = {}
    known = [(finding, _mistake(finding)) for finding in findings]
    for finding, mistake in known:
        groups.setdefault(mistake, []).append(finding)
    result = []
    for finding, mistake in known:
        first, *others = groups[mistake]
        if len(others) + 1 < FEW or not (finding.address or finding.mistake):
            result.append(finding)
        elif finding is first:
            occurrences = (Occurrence(other.address, other.source) for other in others)
            result.append(replace(finding, others=(*finding.others, *occurrences)))
    return tuple(result)


def _mistake(finding: Diagnostic) -> tuple[object, ...]:
    """What two findings about the same mistake in objects of one kind and file have in common."""
    kind = "/".join((finding.address or "").split("/", 2)[:2])
    file = finding.source.file if finding.source else ""
    return (finding.severity, kind, file, finding.mistake or (finding.summary, finding.detail))


class ReconcilerError(Exception):
    """The run cannot continue. Carries every finding, in the order in which to show them."""

    exit_code: ClassVar[int] = 1

    def __init__(self, *findings: Diagnostic | str) -> None:
        self.diagnostics = tuple(
            Diagnostic(finding) if isinstance(finding, str) else finding for finding in findings
        )
        super().__init__("; ".join(d.summary for d in self.diagnostics))


class Invalid(ReconcilerError):
    """A manifest, the workspace or a plan file cannot be used."""


class LedgerError(ReconcilerError):
    """The ledger is unreadable, corrupt or belongs to another workspace."""


class VendorError(ReconcilerError):
    """A vendor refused, sent an unusable answer or could not be reached.

    `status` is the HTTP status, or 0 where there was no usable answer. `again` says that a write
    may be sent once more, after its effect was looked for and not found: the vendor says that it
    did not process it, or it says what should be (PUT, PATCH, DELETE).
    """

    def __init__(self, *findings: Diagnostic | str, status: int = 0, again: bool = False) -> None:
        super().__init__(*findings)
        self.status = status
        self.again = again


class Unauthorized(VendorError):
    """The vendor does not accept the credentials."""


class Forbidden(VendorError):
    """The credentials lack a right that the request needs."""


class NotFound(VendorError):
    """The object does not exist at the vendor."""


class Rejected(VendorError):
    """The vendor read the request and refused it: nothing was written."""


class Partly(Rejected):
    """The vendor accepted only some of the objects in one request. `refused` has its message for
    each object it refused, by id, as far as the answer identifies them."""

    def __init__(self, *findings: Diagnostic | str, refused: Mapping[str, str]) -> None:
        super().__init__(*findings)
        self.refused = refused


class Incomplete(VendorError):
    """A list could not be read to its end, so it does not prove that an object is absent."""


class Unknown(VendorError):
    """A write was sent but its answer was lost, so it is unknown whether it took effect."""


class NotAttempted(VendorError):
    """The request was not sent, because its vendor was given up before."""


class Refused(ReconcilerError):
    """The tool refuses to act: a guard, a protection, a stale plan."""

    exit_code = 3


class LockHeld(Refused):
    """Another run holds the ledger's lock."""


class PartlyApplied(ReconcilerError):
    """Some changes were made and others were not, or an outcome is unknown."""

    exit_code = 4
