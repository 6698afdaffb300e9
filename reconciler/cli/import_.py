"""`import`: manifests for what is live already."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from reconciler.app import Project, desired
from reconciler.app.import_ import Import, document, file_text, importable, ledger_rows
from reconciler.cli.invocation import Invocation, current
from reconciler.cli.planning import save
from reconciler.cli.terminal import complain, note, say
from reconciler.errors import Diagnostic, Invalid, Severity
from reconciler.ledger import Session
from reconciler.model import Scope
from reconciler.values.text import did_you_mean


@click.command()
@click.option("--kind", "kinds", multiple=True, metavar="K", help="A kind, or provider/kind.")
@click.option("--all", "everything", is_flag=True, help="Every kind of every provider.")
@click.option("--dry-run", is_flag=True, help="Show the manifests instead of writing them.")
@current
def import_command(
    invocation: Invocation, /, kinds: tuple[str, ...], everything: bool, dry_run: bool
) -> int:
    """Write manifests for live objects that none declares yet, and own them.

    What stands in the manifests stays as it is: new objects come as a document of their own at
    the end of manifests/PROVIDER/KIND.yaml.

    \b
    reconciler import --kind webhooks
    reconciler import --all --dry-run
    """
    project = invocation.project()
    scopes = _scopes(project, kinds, everything)
    with ExitStack() as stack:
        with invocation.watching("Reading"):
            manifests = desired(project)
            lock = None if dry_run else project.ledger.lock("import")
            session = stack.enter_context(lock) if lock else None
            state = session.state if session else project.ledger.read()
            names = dict.fromkeys(
                [s.provider for s in scopes] + [r.address.provider for r in manifests.resources]
            )
            accounts = stack.enter_context(project.accounts(names, False))
            found = importable(project, scopes, accounts, manifests, state)
        if session is None:
            _show(found)
        else:
            _write(project, found, session)
    if found.unlisted:
        without = ", ".join(map(str, found.unlisted))
        note(f"Not imported: {without}. The vendor has no list; declare those that matter to you.")
    if found.moving:
        without = ", ".join(map(str, found.moving))
        note(f"Not imported: {without}. They move by themselves; declare those that are yours.")
    complain(found.problems)
    return int(any(problem.severity is Severity.ERROR for problem in found.problems))


def _scopes(project: Project, kinds: tuple[str, ...], everything: bool) -> tuple[Scope, ...]:
    known = tuple(project.resource_types.scopes())
    if everything:
        return known
    if not kinds:
        raise click.UsageError("Say what to import: --kind K (repeatable) or --all.")
    names = {*map(str, known), *(scope.kind for scope in known)}
    for kind in kinds:
        if kind not in names:
            raise Invalid(
                Diagnostic(f"--kind {kind}: no provider has it", did_you_mean(kind, names))
            )
    return tuple(scope for scope in known if str(scope) in kinds or scope.kind in kinds)


def _show(found: Import) -> None:
    for scope, entries in found.entries.items():
        say("---")
        say(document(scope, entries).rstrip("\n"))


def _write(project: Project, found: Import, session: Session) -> None:
    """Files first, the ledger after them: what is not in the manifests must not be owned."""
    for scope, entries in found.entries.items():
        path = project.workspace.manifests / scope.provider / f"{scope.kind}.yaml"
        provider = project.resource_types.providers[scope.provider]
        _save(path, file_text(_before(path), provider.type, document(scope, entries)))
        session.own(*ledger_rows(entries))
        say(f"wrote {_shown(project, path)}: {len(entries)} {scope.kind}")
    if not found.entries and not found.unlisted and not found.moving:
        note("Nothing to import: every live object of these kinds is declared.")


def _save(path: Path, text: str) -> None:
    """Write a manifest file, all of it or nothing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Invalid(Diagnostic(f"cannot write {path}: {error.strerror}")) from None
    save(path, text, "What was written before is owned; run it again when there is room.")
    path.chmod(0o644)


def _before(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None


def _shown(project: Project, path: Path) -> Path:
    return path.relative_to(project.workspace.root)
