"""Take the ledger out of its store as one document, put one back, and move it to another store."""

from __future__ import annotations

from reconciler.app.project import Project
from reconciler.errors import Diagnostic, Invalid, LedgerError, Refused
from reconciler.frozen import frozen
from reconciler.ledger import Ledger
from reconciler.ledger.file import FileStore
from reconciler.ledger.transfer import Document, document_in, read_document, write_document
from reconciler.values.text import shown


@frozen
class Transferred:
    """A ledger that was put into the store at `place`; `records` of its lines are new there."""

    place: str
    document: Document
    records: int


def pull(project: Project) -> bytes:
    """The whole ledger, with its journal, as it is now: lines of JSON, in ASCII. Raises Invalid
    where nothing was written yet."""
    project.ledger.read()
    document = read_document(project.ledger.store, project.config.name)
    if not document.data:
        raise Invalid(Diagnostic(f"the ledger {project.ledger.store.place} does not exist yet"))
    return document.data


def push(project: Project, data: bytes, name: str) -> Transferred:
    """Put a ledger that `pull` gave, from the file `name`, into the store of the workspace.

    Raises LedgerError where it is damaged or of another workspace, Refused where it is of another
    environment or lineage, or where the store has records that it lacks, and LockHeld.
    """
    document = document_in(data, name, project.config.name)
    if not document.data or len(document.data) != len(data):
        reason = "its last record is cut short" if document.data else "it is empty"
        advice = "Take a whole copy: reconciler state pull --out FILE"
        raise LedgerError(Diagnostic(f"{name} is not a whole ledger: {reason}", advice))
    _check_environment(project, document, name)
    return _write(document, project.ledger, name, "state push")


def migrate(project: Project, setting: str) -> Transferred:
    """Copy the ledger with its journal to the place that a `ledger:` setting names, and compare
    what arrived. Both places are locked meanwhile, and the old one stays as it is.

    Raises Invalid where there is nothing to copy or the place is the same, Refused where another
    ledger or more records are there, and LockHeld.
    """
    source, target = project.ledger, project.open_ledger(setting)
    if _is_same(source, target):
        raise Invalid(
            Diagnostic(
                f"{target.store.place} is where the ledger is already",
                "Give another place: `--to git:BRANCH`, for example. See docs/ledgers.md.",
            )
        )
    if not source.read().serial:
        raise Invalid(
            Diagnostic(
                f"there is nothing to migrate: the ledger {source.store.place} does not exist yet",
                f"Write `ledger: {setting}` in reconciler.yaml; the first apply makes it there.",
            )
        )
    with source.hold("state migrate"):
        document = read_document(source.store, project.config.name)
        return _write(document, target, source.store.place, "state migrate")


def _write(document: Document, target: Ledger, what: str, command: str) -> Transferred:
    with target.hold(command):
        records = write_document(document, target.store, target.workspace, what)
    return Transferred(target.store.place, document, records)


def _check_environment(project: Project, document: Document, name: str) -> None:
    """Raise Refused where the ledger is that of another environment."""
    own, of_document = project.config.environment or "", document.environment
    if of_document is not None and of_document != own:
        names = (of_document, own)
        texts = [f"environment {shown(name)}" if name else "no environment" for name in names]
        raise Refused(
            Diagnostic(
                f"{name} is a ledger of {texts[0]}, and this is {texts[1]}",
                "Nothing was written. Choose the environment with --env, or another file.",
            )
        )


def _is_same(left: Ledger, right: Ledger) -> bool:
    """Whether two ledgers are in the same place, as far as their settings say."""
    stores = left.store, right.store
    if isinstance(stores[0], FileStore) and isinstance(stores[1], FileStore):
        return stores[0].path.resolve() == stores[1].path.resolve()
    return left.store.place == right.store.place
