"""Import: write manifests for live objects that none declares, and own those objects."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from reconciler import yaml12
from reconciler.app.accounts import check_accounts, identities, record_accounts
from reconciler.app.entry import Imported
from reconciler.app.files import append_to_file, cannot, write_file
from reconciler.app.init import modeline
from reconciler.app.project import Project, load_valid_manifests, open_accounts
from reconciler.app.undeclared import find_undeclared
from reconciler.errors import Diagnostic, Invalid
from reconciler.files import make_folder, read_file
from reconciler.ledger import Session
from reconciler.model import Owned, Scope
from reconciler.values.text import did_you_mean
from reconciler.yaml12 import MAX_BYTES, writer

AGAIN = "The manifests written so far are owned. Fix that and import again."
# in bytes; a file may be twice as large, so that there is room for what people add
LARGEST = MAX_BYTES // 2
# yamllint's default; a value is never folded, so that a change of it is one line in a review
LONGEST_LINE = 80
LONG_LINES = "# yamllint disable rule:line-length"


@dataclass(frozen=True, slots=True)
class ImportedKind:
    """Imported objects of one kind: `path` is the manifest file, `text` the YAML document that
    declares them."""

    scope: Scope
    path: Path
    text: str
    objects: tuple[Imported, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """What was imported, and what could not be. A kind with many objects comes in several parts.

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
    in that file stays as it is. Where nothing can be added to it without changing a value, or it
    would become too large, they go to KIND-2.yaml and so on. With `dry_run` nothing is written.
    Raises Invalid for an unknown kind, for manifests with errors, and where a file cannot be
    written.
    """
    scopes = _scopes(project, kinds)
    with ExitStack() as stack:
        manifests = load_valid_manifests(project)
        session = None if dry_run else stack.enter_context(project.ledger.lock("import"))
        state = session.state if session else project.ledger.read()
        names = [scope.provider for scope in scopes]
        identified = identities(project, dict.fromkeys(names))
        check_accounts(state, identified)
        accounts = stack.enter_context(open_accounts(project, names))
        undeclared = find_undeclared(project, scopes, accounts, manifests, state)
        imported: list[ImportedKind] = []
        for scope, objects in undeclared.entries.items():
            imported += _documents(project, scope, objects)
        if session is not None and imported:
            record_accounts(session, state, identified)
            _write(imported, session, project.config.root)
    return Import(tuple(imported), undeclared.unlisted, undeclared.volatile, undeclared.problems)


def _scopes(project: Project, kinds: Sequence[str]) -> tuple[Scope, ...]:
    known = tuple(project.resource_types.scopes())
    if not kinds:
        return known
    names = {*map(str, known), *(scope.kind for scope in known)}
    for kind in kinds:
        if kind not in names:
            summary = f"--kind {kind}: no provider of this workspace has this kind"
            hint = _why_not_managed(project, kind) or did_you_mean(kind, names)
            raise Invalid(Diagnostic(summary, hint))
    return tuple(scope for scope in known if str(scope) in kinds or scope.kind in kinds)


def _why_not_managed(project: Project, kind: str) -> str:
    """Why the providers have no such kind, given as `kind` or `provider/kind`."""
    wanted, _, name = kind.rpartition("/")
    return " ".join(
        f"{own_name}: {why}"
        for own_name, provider in project.resource_types.providers.items()
        if wanted in ("", own_name) and (why := provider.why_not_managed(name))
    )


def _documents(
    project: Project, scope: Scope, objects: tuple[Imported, ...]
) -> Iterator[ImportedKind]:
    """The documents that declare these objects, none larger than LARGEST, each with its file."""
    folder = project.config.manifests / scope.provider
    provider_type = project.resource_types.providers[scope.provider].type
    schemas = os.path.relpath(project.config.root / "schemas", folder)
    header = modeline(provider_type, Path(schemas).parent.as_posix())
    numbers = count(1)
    for part in _parts(scope, objects):
        section = {imported.address.key: imported.entry for imported in part}
        document = {"provider": scope.provider, scope.kind: section}
        text = writer.text(document)
        if _values(text.encode()) != [document]:
            summary = f"{scope} cannot be imported: its YAML would be read as other values"
            raise Invalid(Diagnostic(summary, "This is an error in reconciler: please report it."))
        long = any(len(line) > LONGEST_LINE for line in (header, *text.split("\n")))
        comments = "\n".join([LONG_LINES, header] if long else [header])
        for number in numbers:
            name = scope.kind if number == 1 else f"{scope.kind}-{number}"
            path = folder / f"{name}.yaml"
            existing = _existing(path, project.config.root)
            whole = f"{comments}\n---\n{text}" if existing is None else f"---\n{comments}\n{text}"
            if existing is None or _can_follow(existing, whole):
                yield ImportedKind(scope, path, whole, part)
                break


def _parts(scope: Scope, objects: tuple[Imported, ...]) -> Iterator[tuple[Imported, ...]]:
    """The objects in parts, of which each gives a document that is not larger than LARGEST."""
    size = 0
    part: list[Imported] = []
    for imported in objects:
        # YAML needs less for quotes and commas than JSON, and more for the indentation
        own = 2 * len(json.dumps({imported.address.key: imported.entry}))
        if part and size + own > LARGEST:
            yield tuple(part)
            size, part = 0, []
        size += own
        part.append(imported)
    yield tuple(part)


def _existing(path: Path, root: Path) -> bytes | None:
    with cannot("read", path):
        try:
            return read_file(path, MAX_BYTES, root)
        except FileNotFoundError:
            return None


def _addition(before: bytes, text: str) -> bytes:
    """The bytes that add a document to a file, with the line ends that the file has."""
    windows = 2 * before.count(b"\r\n") > before.count(b"\n")
    end = "\r\n" if windows else "\n"
    start = "" if not before or before.endswith(b"\n") else end
    return (start + text.replace("\n", end)).encode()


def _can_follow(before: bytes, text: str) -> bool:
    """Whether the document can be added to a file so that both are read as before."""
    addition = _addition(before, text)
    if len(before) + len(addition) > LARGEST:
        return False
    try:
        return _values(before + addition) == _values(before) + _values(text.encode())
    except Invalid:
        return False


def _values(data: bytes) -> list[Any]:
    return [document.value for document in yaml12.parse(data, "the manifest")]


def _write(imported: Sequence[ImportedKind], session: Session, root: Path) -> None:
    """Write each file before its objects are owned: what no manifest declares must not be owned."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    for kind in imported:
        with cannot("write", kind.path):
            make_folder(kind.path.parent, root)
        existing = _existing(kind.path, root)
        if existing is None:
            write_file(kind.path, kind.text, 0o644, AGAIN, root)
        else:
            append_to_file(kind.path, _addition(existing, kind.text), AGAIN, root)
        session.own(
            *(
                Owned(o.address, o.id, o.fields, "imported", now, created=o.created)
                for o in kind.objects
            )
        )
