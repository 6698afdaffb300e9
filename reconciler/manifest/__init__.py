"""Read the manifests of a workspace, check them, and return every declared object."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from reconciler import yaml12
from reconciler.errors import Diagnostic, Invalid, Severity, Source, grouped
from reconciler.files.cache import Cache
from reconciler.kinds import Provider
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.manifest.declaration import declare
from reconciler.manifest.enumerations import NO_LISTS, Lists
from reconciler.manifest.mistakes import (
    MAX_PROBLEMS,
    bad_key,
    is_printable,
    no_manifests,
    no_provider,
    not_read,
    skipped,
)
from reconciler.manifest.parsed import ParsedFiles
from reconciler.manifest.resource_set import ResourceSet
from reconciler.manifest.rules import Rules, rules_of, without_warnings
from reconciler.manifest.substitution import Values
from reconciler.model import Address, Manifests, Scope, Secret
from reconciler.timing import Stage, timed
from reconciler.values.text import did_you_mean, shown
from reconciler.values.validate import Finding, kind_of
from reconciler.yaml12.files import name_of, read, yaml_files

NOTHING: Mapping[Path, bytes] = MappingProxyType({})
_POSITION = re.compile(r"\[[0-9]+\]")


def _counts(manifests: Manifests) -> Mapping[str, int]:
    return {"file": len(manifests.files), "declared object": len(manifests.resources)}


@timed(Stage.PARSE, _counts)
def load(
    folder: Path,
    root: Path,
    providers: Mapping[str, Provider],
    variables: Mapping[str, Any],
    secrets: Mapping[str, Secret],
    lists: Lists = NO_LISTS,
    dropped: Set[str] = frozenset(),
    edited: Mapping[Path, bytes] = NOTHING,
    cache: Cache | None = None,
) -> Manifests:
    """Read and check every manifest under `folder`, without using the network.

    `providers` are the providers by the names that the workspace gives them; `lists` are the lists
    of allowed values that vendors returned, if they were requested; what is declared for `dropped`
    providers is skipped with a warning; `edited` is what some files are to have instead of what
    they have; paths in messages are relative to `root`; files that were parsed before are taken
    from the `cache`. Mistakes in the manifests raise nothing: all findings of all files are in
    `problems`, sorted by file and position, and `resources` may then be incomplete.
    """
    parse = ParsedFiles(cache or Cache()).parse
    reader = _Reader(ResourceTypes(providers), Values(variables, secrets), lists, dropped, parse)
    paths, problems = yaml_files(folder, root)
    reader.problems += problems
    for number, path in enumerate(paths):
        if reader.is_full:
            reader.problems.append(not_read(len(paths) - number, "file"))
            break
        name = name_of(path, root)
        try:
            data = edited.get(path)
            reader.read_file(name, read(path, root) if data is None else data)
        except Invalid as error:
            reader.add(error.diagnostics)
    if reader.unread:
        reader.problems.append(not_read(reader.unread, "object"))
    reader.resources.check_cycles()
    if not paths and not problems:
        reader.problems.append(no_manifests(name_of(folder, root)))
    reader.problems += [skipped(name, n) for name, n in sorted(reader.skipped.items()) if n]
    written = json.dumps(dict(variables), sort_keys=True, default=str)
    reader.digest.update(written.encode("utf-8", "surrogatepass"))
    return Manifests(
        tuple(reader.resources.resources),
        grouped(sorted((*reader.resources.problems, *reader.problems), key=_position)),
        reader.digest.hexdigest(),
        frozenset(reader.files),
    )


def contents(folder: Path, root: Path) -> Mapping[Path, bytes]:
    """What every manifest under `folder` has now. Raises Invalid where a file or a folder cannot be
    read."""
    paths, problems = yaml_files(folder, root)
    if problems:
        raise Invalid(*problems)
    return {path: read(path, root) for path in paths}


def _is_empty(data: bytes) -> bool:
    """Whether a file has nothing but comments and the marks between documents. One that says
    `null` says that it declares nothing."""
    texts = (line.partition(b"#")[0].strip() for line in data.splitlines())
    return all(text in (b"", b"---", b"...") for text in texts)


def _position(problem: Diagnostic) -> tuple[str, int, int]:
    source = problem.source or Source("")
    return source.file, source.line, source.column


class _Reader:
    """Reads the files one after the other; holds the resources and problems found so far."""

    def __init__(
        self,
        resource_types: ResourceTypes,
        values: Values,
        lists: Lists,
        dropped: Set[str],
        parse: Callable[[bytes, str], yaml12.Parsed],
    ) -> None:
        self.resources = ResourceSet()
        self.problems: list[Diagnostic] = []
        self.digest = sha256()
        self.skipped = dict.fromkeys(dropped, 0)
        self.files: set[str] = set()
        self.unread = 0  # objects and documents after so many mistakes that nobody reads more
        self._errors = 0
        self._warnings = 0
        self._resource_types = resource_types
        self._values = values
        self._lists = lists
        self._parse = parse
        self._rules: dict[Scope, Rules] = {}

    @property
    def is_full(self) -> bool:
        """Whether there are so many mistakes that no more are looked for: each costs time."""
        return self._errors + len(self.resources.problems) >= MAX_PROBLEMS

    def add(self, problems: Iterable[Diagnostic]) -> None:
        """Add findings, but no more warnings than there may be errors."""
        self.problems += [problem for problem in problems if self._keep(problem.severity)]

    def _keep(self, severity: Severity) -> bool:
        """Count a finding; returns whether it is shown."""
        if severity is Severity.ERROR:
            self._errors += 1
            return True
        self._warnings += 1
        return self._warnings <= MAX_PROBLEMS

    def read_file(self, name: str, data: bytes) -> None:
        """Add the resources and problems of one file; raises Invalid where it is not YAML."""
        for part in (name.encode(), data):
            self.digest.update(b"%d:" % len(part))
            self.digest.update(part)
        values = self._values if b"${" in data else None
        findings: list[tuple[int, Finding, Address | None]] = []
        documents, warnings = self._parse(data, name)
        if any(document.value is not None for document in documents) or not _is_empty(data):
            self.files.add(name)
        for number, document in enumerate(documents):
            if self.is_full:
                self.unread += len(documents) - number
                break
            for finding, address in self._document(name, document, values):
                if self._keep(finding.severity):
                    findings.append((number, finding, address))
        problems = _placed(name, data, findings)
        self.problems += problems
        # a warning about a text shows it, and the text in a line with an error may be a secret
        wrong = {p.source.line for p in problems if p.source and p.severity is Severity.ERROR}
        self.add(w for w in warnings if not (w.mistake and w.source and w.source.line in wrong))

    def _document(
        self, name: str, document: yaml12.Document, values: Values | None
    ) -> Iterator[tuple[Finding, Address | None]]:
        value = document.value
        if value is None:
            return
        if not isinstance(value, dict):
            hint = "Start with `provider: NAME`, followed by a kind and its objects."
            yield Finding((), "a manifest must be a mapping", f"is {kind_of(value)}", hint), None
            return
        provider = value.get("provider")
        providers = self._resource_types.providers
        if isinstance(provider, str) and provider in self.skipped:
            self.skipped[provider] += sum(len(o) for o in value.values() if isinstance(o, dict))
            return
        if not isinstance(provider, str) or provider not in providers:
            yield no_provider(value, providers), None
            return
        vendor = providers[provider]
        kinds = vendor.kinds
        for kind, objects in value.items():
            if kind == "provider":
                continue
            if self.is_full:
                self.unread += 1
            elif kind not in kinds:
                must = f"{shown(provider)} has no kind {shown(kind)}"
                hint = vendor.why_not_managed(kind) or did_you_mean(kind, kinds)
                yield Finding((kind,), must, "", hint, True), None
            elif isinstance(objects, dict):
                yield from self._objects(name, Scope(provider, kind), objects, document, values)
            elif objects is not None:
                must = f"{kind} must be a mapping of keys"
                hint = "Give each object a key: `KEY:`, with its fields below."
                yield Finding((kind,), must, f"is {kind_of(objects)}", hint), None

    def _objects(
        self,
        name: str,
        scope: Scope,
        objects: dict[str, Any],
        document: yaml12.Document,
        values: Values | None,
    ) -> Iterator[tuple[Finding, Address | None]]:
        rules = self._rules.get(scope)
        if rules is None:
            rules = self._rules[scope] = rules_of(self._resource_types, scope, self._lists)
        kind = scope.kind
        marks = document.marks
        for number, (key, body) in enumerate(objects.items()):
            if self.is_full:
                self.unread += len(objects) - number
                break
            source = Source(name, *marks.get((kind, key), (document.line, 0)))
            if not key or not is_printable(key) or "${" in key:
                yield bad_key(kind, key), None
            if not key:
                continue
            if self._warnings > MAX_PROBLEMS:
                rules = without_warnings(rules)
            resource, problems = declare(rules, key, body, source, values)
            self.resources.add(resource, rules.resource_type)
            for problem in problems:
                inside = problem._replace(path=(kind, key, *problem.path))
                yield inside, resource.address


def _placed(
    name: str, data: bytes, findings: list[tuple[int, Finding, Address | None]]
) -> list[Diagnostic]:
    """The findings in a file as diagnostics, with their positions and values as the file has them;
    each finding comes with the number of its document."""
    if not findings:
        return []
    places = yaml12.places(data, ((number, finding.path) for number, finding, _ in findings))
    problems = []
    for number, finding, address in findings:
        place = places[number, finding.path]
        written = finding.as_written(place.text)
        problems.append(
            Diagnostic(
                written.summary,
                written.detail,
                written.severity,
                address=str(address) if address else None,
                source=Source(name, *(place.key if finding.key else place.value)),
                mistake=_mistake(finding, address) if address else "",
            )
        )
    return problems


def _mistake(finding: Finding, address: Address) -> str:
    """What findings about the same mistake have in common: not the value, the key and positions."""
    must = finding.must.replace(shown(address.key), "")
    return f"{finding.rule} {_POSITION.sub('[]', must)}"
