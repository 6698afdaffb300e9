"""Import: write manifests for live objects that none declares, and own those objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from reconciler.app.accounts import check_accounts, identities, record_accounts
from reconciler.app.entry import Imported
from reconciler.app.import_choice import EVERYTHING, ImportChoice
from reconciler.app.new_documents import new_documents, write_document
from reconciler.app.project import (
    Project,
    load_valid_manifests,
    open_accounts,
    unusable_accounts,
)
from reconciler.app.selection import kinds_named, why_not_managed
from reconciler.app.undeclared import find_undeclared
from reconciler.errors import Diagnostic, Invalid
from reconciler.frozen import frozen
from reconciler.ledger import Session
from reconciler.model import Owned, Scope

AGAIN = "The manifests written so far are owned. Fix that and import again."


@frozen
class ImportedKind:
    """Imported objects of one kind: `path` is the manifest file, `text` the YAML document that
    declares them."""

    scope: Scope
    path: Path
    text: str
    objects: tuple[Imported, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the objects."""
        return tuple(imported.address.key for imported in self.objects)


@frozen
class Import:
    """What was imported, and what could not be. A kind with many objects comes in several parts.

    `unlisted` are the kinds whose objects the vendor does not list, `volatile` those whose objects
    change by themselves: neither is imported.
    """

    kinds: tuple[ImportedKind, ...]
    unlisted: tuple[Scope, ...] = ()
    volatile: tuple[Scope, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def import_(
    project: Project,
    kinds: Sequence[str] = (),
    dry_run: bool = False,
    choice: ImportChoice = EVERYTHING,
) -> Import:
    """Import the undeclared objects of these kinds, given as `kind` or `provider/kind`; of every
    kind if none is named. `choice` takes only some of the objects, or of their fields.

    New objects become a document of their own at the end of manifests/PROVIDER/KIND.yaml; what is
    in that file stays as it is. Where nothing can be added to it without changing a value, or it
    would become too large, they go to KIND-2.yaml and so on. With `dry_run` nothing is written.
    Of several providers, one to which nothing can be sent is left out with a finding.
    Raises Invalid for an unknown kind or field, for an address that no live object has, for
    manifests with errors, and where a file cannot be written.
    """
    scopes = _scopes(project, kinds)
    if choice.addresses:
        scopes = choice.scopes(scopes)
    choice.check_fields([project.resource_types.of(scope) for scope in scopes])
    with ExitStack() as stack:
        manifests = load_valid_manifests(project)
        session = None if dry_run else stack.enter_context(project.ledger.lock("import"))
        state = session.state if session else project.ledger.read()
        scopes, left_out = _usable(project, scopes)
        names = [scope.provider for scope in scopes]
        identified = identities(project, dict.fromkeys(names))
        check_accounts(state, identified)
        accounts = stack.enter_context(open_accounts(project, names))
        undeclared = find_undeclared(project, scopes, accounts, manifests, state, choice)
        imported: list[ImportedKind] = []
        for scope, objects in undeclared.entries.items():
            imported += _documents(project, scope, objects)
        if session is not None and imported:
            record_accounts(session, state, identified)
            _write(imported, session, project.config.root)
    problems = (*undeclared.problems, *left_out)
    return Import(tuple(imported), undeclared.unlisted, undeclared.volatile, problems)


def _usable(
    project: Project, scopes: tuple[Scope, ...]
) -> tuple[tuple[Scope, ...], tuple[Diagnostic, ...]]:
    """The kinds of providers to which something can be sent, and why not to the others. Where there
    are no others left, all of them: what is asked next raises the reason."""
    unusable = unusable_accounts(project, {scope.provider: None for scope in scopes})
    usable = tuple(scope for scope in scopes if scope.provider not in unusable)
    if not usable:
        return scopes, ()
    return usable, tuple(finding for why in unusable.values() for finding in why.diagnostics)


def one_kind(project: Project, kind: str) -> Scope:
    """The only kind of this name, given as `kind` or `provider/kind`; raises Invalid where there
    is none, and where several providers have it."""
    scopes = _scopes(project, (kind,))
    if len(scopes) > 1:
        hint = f"Name the provider: --kind {' or --kind '.join(map(str, scopes))}"
        raise Invalid(Diagnostic(f"--kind {kind}: {len(scopes)} providers have this kind", hint))
    return scopes[0]


def _scopes(project: Project, kinds: Sequence[str]) -> tuple[Scope, ...]:
    known = tuple(project.resource_types.scopes())
    return kinds_named(known, kinds, why=partial(why_not_managed, project))


def _documents(
    project: Project, scope: Scope, objects: tuple[Imported, ...]
) -> Iterator[ImportedKind]:
    """The documents that declare these objects, each with its file."""
    by_key = {imported.address.key: imported for imported in objects}
    entries = {key: imported.entry for key, imported in by_key.items()}
    for document in new_documents(project, scope, entries):
        part = tuple(by_key[key] for key in document.keys)
        yield ImportedKind(scope, document.path, document.text, part)


def _write(imported: Sequence[ImportedKind], session: Session, root: Path) -> None:
    """Write each file before its objects are owned: what no manifest declares must not be owned."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    session.begin("")
    for kind in imported:
        write_document(kind.path, kind.text, root, AGAIN)
        session.own(
            *(
                Owned(o.address, o.id, o.fields, "imported", now, created=o.created)
                for o in kind.objects
            )
        )
    session.end({"imported": sum(len(kind.objects) for kind in imported)})
