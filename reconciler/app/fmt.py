"""Fmt: write the files of a workspace in canonical form; what they declare stays the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from reconciler import yaml12
from reconciler.app.files import EditedFile, rewrite_file
from reconciler.app.project import Project
from reconciler.errors import Diagnostic, Invalid, Source
from reconciler.frozen import frozen
from reconciler.model import Fields, Scope
from reconciler.values.fields import Field
from reconciler.values.text import printable
from reconciler.values.walk import DESCEND, map_value
from reconciler.workspace import NAMES
from reconciler.yaml12 import layout
from reconciler.yaml12.composer import compose
from reconciler.yaml12.files import name_of, read, yaml_files


@frozen
class Formatting:
    """What was formatted: the files that were not in canonical form, in how many files was looked,
    the files that were named and are none of the workspace, and what could not be formatted."""

    changed: tuple[EditedFile, ...]
    looked_at: int
    others: tuple[Path, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def fmt(project: Project, paths: Sequence[Path] = (), check: bool = False) -> Formatting:
    """Write manifests and reconciler.yaml in canonical form; only these files and folders, if some
    are named. With `check` nothing is written.

    A file with errors stays as it is, and the error is among the diagnostics. Raises Invalid where
    a path does not exist.
    """
    files, problems = _files(project)
    wanted, others = _selected(files, paths)
    changed: list[EditedFile] = []
    for path in wanted:
        name = name_of(path, project.config.root)
        try:
            before = read(path, project.config.root)
            after = canonical(project, before, name)
            if after != before:
                file = EditedFile(name, path, before, after)
                if not check:
                    rewrite_file(file, "Run `reconciler fmt` again.", project.config.root)
                changed.append(file)
        except Invalid as error:
            problems += error.diagnostics
    return Formatting(tuple(changed), len(wanted), others, tuple(problems))


def canonical(project: Project, data: bytes, name: str) -> bytes:
    """The canonical form of a file, with the line ends that most of its lines have.

    Raises Invalid for a file with errors, and for one whose canonical form is not read as the same
    values.
    """
    values = yaml12.values(data, name)
    text = layout.text(compose(data), [ordered(project, value) for value in values])
    if 2 * data.count(b"\r\n") > data.count(b"\n"):
        text = text.replace("\n", "\r\n")
    after = text.encode()
    if not yaml12.is_read_as(after, values):
        raise Invalid(
            Diagnostic(
                "the file cannot be formatted: its canonical form would be read as other values",
                "It stays as it is. This is an error in reconciler: please report it.",
                source=Source(name),
            )
        )
    return after


def ordered(project: Project, document: Any) -> Any:
    """A document of a manifest with its provider first, and the fields of each object in the order
    of the schema; what the schema does not know keeps its place among the others."""
    provider = document.get("provider") if isinstance(document, dict) else None
    if not isinstance(provider, str):
        return document
    result = {"provider": provider}
    for kind, objects in document.items():
        scope = Scope(provider, kind)
        if project.resource_types.knows(scope) and isinstance(objects, dict):
            fields = project.resource_types.of(scope).facts.fields
            objects = {key: _object(fields, body) for key, body in objects.items()}
        result[kind] = objects
    return result


def _object(fields: Mapping[str, Field], body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    return {
        name: map_value(fields.get(name), value, lambda *_: DESCEND, _in_order)
        for name, value in _members(fields, body).items()
    }


def _in_order(field: Field | None, value: Any) -> Any:
    return _members(field.fields, value) if field and field.fields else value


def _members(fields: Mapping[str, Field], members: Fields) -> Fields:
    """The members in the order of the schema; then unknown ones, and the tool's own words."""
    known = [name for name in fields if name in members]
    others = sorted((n for n in members if n not in fields), key=lambda name: name[:1] == "$")
    return {name: members[name] for name in (*known, *others)}


def _files(project: Project) -> tuple[list[Path], list[Diagnostic]]:
    """Every YAML file of the workspace, and what keeps some from being read."""
    config = project.config
    manifests, problems = yaml_files(config.manifests, config.root)
    own = [path for name in NAMES if (path := config.root / name).is_file()]
    return [*own, *(path for path in manifests if path not in own)], problems


def _selected(files: Iterable[Path], paths: Sequence[Path]) -> tuple[list[Path], tuple[Path, ...]]:
    """The files that `paths` name, and the paths that name none; all files where there is no path.
    Raises Invalid where a path does not exist."""
    if not paths:
        return list(files), ()
    missing = [path for path in paths if not path.exists()]
    if missing:
        raise Invalid(*(_no_file(path) for path in missing))
    hit: set[Path] = set()
    named = {_place(path): path for path in paths}
    wanted = []
    for file in files:
        place = _place(file)
        if names := {place, *place.parents} & named.keys():
            wanted.append(file)
            hit |= names
    return wanted, tuple(path for place, path in named.items() if place not in hit)


def _place(path: Path) -> Path:
    """The path of a file, which may itself be a link, in its real folder."""
    return path.parent.resolve() / path.name if path.name not in ("", "..") else path.resolve()


def _no_file(path: Path) -> Diagnostic:
    summary = f"there is no file {printable(str(path), 400)}"
    return Diagnostic(summary, "Paths are relative to the folder of the workspace (-C).")
