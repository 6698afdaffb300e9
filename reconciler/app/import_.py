"""Import: write manifests for live objects that none declares, and own those objects."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reconciler.app.files import write_file
from reconciler.app.init import modeline
from reconciler.app.project import Project, load_valid_manifests, open_accounts
from reconciler.app.undeclared import Imported, find_undeclared
from reconciler.errors import Diagnostic, Invalid
from reconciler.ledger import Session
from reconciler.model import Owned, Scope
from reconciler.values.text import did_you_mean
from reconciler.yaml12 import writer

AGAIN = "The manifests written so far are owned. Fix that and import again."


@dataclass(frozen=True, slots=True)
class ImportedKind:
    """The imported objects of one kind: `path` is the manifest file, `text` the YAML document that
    declares them."""

    scope: Scope
    path: Path
    text: str
    objects: tuple[Imported, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """What was imported, and what could not be.

    `unlisted` are the kinds whose objects the vendor does not list, `volatile` those whose objects
    change by themselves: neither is imported.
    """

    kinds: tuple[ImportedKind, ...]
    unlisted: tuple[Scope, ...] = ()
    volatile: tuple[Scope, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def import_(project: Project, kinds: Sequence[str] = (), dry_run: bool = False) -> Import:
    """Import the undeclared objects of these kinds, given as `kind` or `provider/kind`; of every
    kind if none is named.

    New objects become a document of their own at the end of manifests/PROVIDER/KIND.yaml; what is
    in that file stays as it is. With `dry_run` nothing is written. Raises Invalid for an unknown
    kind, for manifests with errors, and where a file cannot be written.
    """
    scopes = _scopes(project, kinds)
    with ExitStack() as stack:
        manifests = load_valid_manifests(project)
        session = None if dry_run else stack.enter_context(project.ledger.lock("import"))
        state = session.state if session else project.ledger.read()
        names = [s.provider for s in scopes] + [r.address.provider for r in manifests.resources]
        accounts = stack.enter_context(open_accounts(project, names))
        undeclared = find_undeclared(project, scopes, accounts, manifests, state)
        imported = tuple(_imported_kind(project, *entry) for entry in undeclared.entries.items())
        if session is not None:
            _write(project, imported, session)
    return Import(imported, undeclared.unlisted, undeclared.volatile, undeclared.problems)


def _scopes(project: Project, kinds: Sequence[str]) -> tuple[Scope, ...]:
    known = tuple(project.resource_types.scopes())
    if not kinds:
        return known
    names = {*map(str, known), *(scope.kind for scope in known)}
    for kind in kinds:
        if kind not in names:
            summary = f"--kind {kind}: no provider of this workspace has this kind"
            raise Invalid(Diagnostic(summary, did_you_mean(kind, names)))
    return tuple(scope for scope in known if str(scope) in kinds or scope.kind in kinds)


def _imported_kind(project: Project, scope: Scope, objects: tuple[Imported, ...]) -> ImportedKind:
    section = {imported.address.key: imported.entry for imported in objects}
    text = writer.text({"provider": scope.provider, scope.kind: section})
    path = project.config.manifests / scope.provider / f"{scope.kind}.yaml"
    return ImportedKind(scope, path, text, objects)


def _write(project: Project, imported: Sequence[ImportedKind], session: Session) -> None:
    """Write each file before its objects are owned: what no manifest declares must not be owned."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    for kind in imported:
        provider_type = project.resource_types.providers[kind.scope.provider].type
        text = _file_text(_existing_text(kind.path), provider_type, kind.text)
        try:
            kind.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Invalid(Diagnostic(f"cannot write {kind.path}: {error.strerror}")) from None
        write_file(kind.path, text, 0o644, AGAIN)
        session.own(*(Owned(o.address, o.id, o.fields, "imported", now) for o in kind.objects))


def _existing_text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None


def _file_text(before: str | None, provider_type: str, document: str) -> str:
    """A manifest file with one more document; what was in it stays as it is, byte for byte."""
    added = f"{modeline(provider_type, '../..')}\n{document}"
    if before is None:
        return added
    ending = "" if before.endswith("\n") or not before else "\n"
    return f"{before}{ending}---\n{added}"
