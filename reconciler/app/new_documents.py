"""Add documents to the manifests of a workspace, without a change to what is in its files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

from reconciler import yaml12
from reconciler.app.files import append_to_file, cannot, write_file
from reconciler.app.init import modeline
from reconciler.app.project import Project
from reconciler.errors import Diagnostic, Invalid
from reconciler.files import make_folder, read_file
from reconciler.frozen import frozen
from reconciler.model import Fields, Scope
from reconciler.yaml12 import MAX_BYTES, writer

# in bytes; a file may be twice as large, so that there is room for what people add
LARGEST = MAX_BYTES // 2
# yamllint's default; a value is never folded, so that a change of it is one line in a review
LONGEST_LINE = 80
LONG_LINES = "# yamllint disable rule:line-length"


@frozen
class NewDocument:
    """A YAML document that declares objects of one kind under these keys, and the manifest file
    that it goes to."""

    scope: Scope
    path: Path
    text: str
    keys: tuple[str, ...]


def new_documents(
    project: Project, scope: Scope, entries: Mapping[str, Fields]
) -> Iterator[NewDocument]:
    """The documents that declare these objects, given by key, none larger than LARGEST.

    They go to the end of manifests/PROVIDER/KIND.yaml. Where nothing can be added to it without
    changing a value, or it would become too large, they go to KIND-2.yaml and so on.
    """
    folder = project.config.manifests / scope.provider
    provider_type = project.resource_types.providers[scope.provider].type
    schemas = os.path.relpath(project.config.root / "schemas", folder)
    header = modeline(provider_type, Path(schemas).parent.as_posix())
    numbers = count(1)
    for section in _parts(entries):
        document = {"provider": scope.provider, scope.kind: section}
        text = writer.text(document)
        if not yaml12.is_read_as(text.encode(), [document]):
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
                yield NewDocument(scope, path, whole, tuple(section))
                break


def write_document(path: Path, text: str, root: Path, hint: str) -> None:
    """Write a new document to its file; raises Invalid, with `hint`, where that cannot be done."""
    with cannot("write", path):
        make_folder(path.parent, root)
    existing = _existing(path, root)
    if existing is None:
        write_file(path, text, 0o644, hint, root)
    else:
        append_to_file(path, _addition(existing, text), hint, root)


def _parts(entries: Mapping[str, Fields]) -> Iterator[dict[str, Fields]]:
    """The objects in parts, of which each gives a document that is not larger than LARGEST."""
    size = 0
    part: dict[str, Fields] = {}
    for key, entry in entries.items():
        # YAML needs less for quotes and commas than JSON, and more for the indentation
        own = 2 * len(json.dumps({key: entry}))
        if part and size + own > LARGEST:
            yield part
            size, part = 0, {}
        size += own
        part[key] = entry
    yield part


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
        both = [*yaml12.values(before, ""), *yaml12.values(text.encode(), "")]
    except Invalid:
        return False
    return yaml12.is_read_as(before + addition, both)
