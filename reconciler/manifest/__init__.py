"""Read the manifests of a workspace, check them, and return every declared object."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Set
from hashlib import sha256
from pathlib import Path
from typing import Any

from reconciler import yaml12
from reconciler.errors import Diagnostic, Invalid, Severity, Source, grouped
from reconciler.kinds import Provider
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.manifest.declaration import declare
from reconciler.manifest.enumerations import NO_LISTS, Lists
from reconciler.manifest.resource_set import ResourceSet
from reconciler.manifest.rules import Rules, rules_of
from reconciler.manifest.substitution import Values
from reconciler.model import Address, Manifests, Scope, Secret
from reconciler.values.text import did_you_mean, shown
from reconciler.values.validate import Finding, kind_of
from reconciler.yaml12.files import name_of, read, yaml_files

_POSITION = re.compile(r"\[[0-9]+\]")


def load(
    folder: Path,
    root: Path,
    providers: Mapping[str, Provider],
    variables: Mapping[str, Any],
    secrets: Mapping[str, Secret],
    lists: Lists = NO_LISTS,
    dropped: Set[str] = frozenset(),
) -> Manifests:
    """Read and check every manifest under `folder`, without using the network.

    `providers` are the providers by the names that the workspace gives them; `lists` are the lists
    of allowed values that vendors returned, if they were requested; what is declared for `dropped`
    providers is skipped with a warning; paths in messages are relative to `root`. Mistakes in the
    manifests raise nothing: all findings of all files are in `problems`, sorted by file and
    position, and `resources` may then be incomplete.
    """
    reader = _Reader(ResourceTypes(providers), Values(variables, secrets), lists, dropped)
    paths, problems = yaml_files(folder, root)
    reader.problems += problems
    for path in paths:
        name = name_of(path, root)
        try:
            reader.read_file(name, read(path, root))
        except Invalid as error:
            reader.problems += error.diagnostics
    reader.resources.check_cycles()
    if not paths and not problems:
        reader.problems.append(_no_manifests(name_of(folder, root)))
    reader.problems += [_skipped(name, n) for name, n in sorted(reader.skipped.items()) if n]
    written = json.dumps(dict(variables), sort_keys=True, default=str)
    reader.digest.update(written.encode("utf-8", "surrogatepass"))
    return Manifests(
        tuple(reader.resources.resources),
        grouped(sorted((*reader.resources.problems, *reader.problems), key=_position)),
        reader.digest.hexdigest(),
        frozenset(reader.files),
    )


def _is_empty(data: bytes) -> bool:
    """Whether a file has nothing but comments and the marks between documents. One that says
    `null` says that it declares nothing."""
    texts = (line.partition(b"#")[0].strip() for line in data.splitlines())
    return all(text in (b"", b"---", b"...") for text in texts)


def _no_manifests(folder: str) -> Diagnostic:
    return Diagnostic(
        f"{folder} has no *.yaml or *.yml file, so nothing is declared",
        "Write a manifest, or run `reconciler import` to write manifests for live objects.",
        Severity.WARNING,
        source=Source(folder),
    )


def _skipped(provider: str, count: int) -> Diagnostic:
    objects = "1 object is" if count == 1 else f"{count} objects are"
    return Diagnostic(
        f"this environment has no provider {provider}: {objects} skipped",
        severity=Severity.WARNING,
    )


def _position(problem: Diagnostic) -> tuple[str, int, int]:
    source = problem.source or Source("")
    return source.file, source.line, source.column


class _Reader:
    """Reads the files one after the other; holds the resources and problems found so far."""

    def __init__(
        self, resource_types: ResourceTypes, values: Values, lists: Lists, dropped: Set[str]
    ) -> None:
        self.resources = ResourceSet()
        self.problems: list[Diagnostic] = []
        self.digest = sha256()
        self.skipped = dict.fromkeys(dropped, 0)
        self.files: set[str] = set()
        self._resource_types = resource_types
        self._values = values
        self._lists = lists
        self._rules: dict[Scope, Rules] = {}

    def read_file(self, name: str, data: bytes) -> None:
        """Add the resources and problems of one file; raises Invalid where it is not YAML."""
        for part in (name.encode(), data):
            self.digest.update(b"%d:" % len(part))
            self.digest.update(part)
        values = self._values if b"${" in data else None
        findings: list[tuple[int, Finding, Address | None]] = []
        documents, warnings = yaml12.parse_with_warnings(data, name)
        if any(document.value is not None for document in documents) or not _is_empty(data):
            self.files.add(name)
        for number, document in enumerate(documents):
            for finding, address in self._document(name, document, values):
                findings.append((number, finding, address))
        problems = _placed(name, data, findings)
        self.problems += problems
        # a warning about a text shows it, and the text in a line with an error may be a secret
        wrong = {p.source.line for p in problems if p.source and p.severity is Severity.ERROR}
        self.problems += [
            w for w in warnings if not (w.mistake and w.source and w.source.line in wrong)
        ]

    def _document(
        self, name: str, document: yaml12.Document, values: Values | None
    ) -> list[tuple[Finding, Address | None]]:
        value = document.value
        if value is None:
            return []
        if not isinstance(value, dict):
            hint = "Start with `provider: NAME`, followed by a kind and its objects."
            return [
                (Finding((), "a manifest must be a mapping", f"is {kind_of(value)}", hint), None)
            ]
        provider = value.get("provider")
        providers = self._resource_types.providers
        if provider in self.skipped:
            self.skipped[provider] += sum(len(o) for o in value.values() if isinstance(o, dict))
            return []
        if not isinstance(provider, str) or provider not in providers:
            return [(_no_provider(value, providers), None)]
        findings: list[tuple[Finding, Address | None]] = []
        vendor = providers[provider]
        kinds = vendor.kinds
        for kind, objects in value.items():
            if kind == "provider":
                continue
            if kind not in kinds:
                must = f"{shown(provider)} has no kind {shown(kind)}"
                hint = vendor.why_not_managed(kind) or did_you_mean(kind, kinds)
                findings.append((Finding((kind,), must, "", hint, True), None))
            elif isinstance(objects, dict):
                findings += self._objects(name, Scope(provider, kind), objects, document, values)
            elif objects is not None:
                must = f"{kind} must be a mapping of keys"
                hint = "Give each object a key: `KEY:`, with its fields below."
                findings.append((Finding((kind,), must, f"is {kind_of(objects)}", hint), None))
        return findings

    def _objects(
        self,
        name: str,
        scope: Scope,
        objects: dict[str, Any],
        document: yaml12.Document,
        values: Values | None,
    ) -> list[tuple[Finding, Address | None]]:
        rules = self._rules.get(scope)
        if rules is None:
            rules = self._rules[scope] = rules_of(self._resource_types, scope, self._lists)
        kind = scope.kind
        marks = document.marks
        findings: list[tuple[Finding, Address | None]] = []
        for key, body in objects.items():
            source = Source(name, *marks.get((kind, key), (document.line, 0)))
            if not key or not _is_printable(key) or "${" in key:
                findings.append((_bad_key(kind, key), None))
            if not key:
                continue
            resource, problems = declare(rules, key, body, source, values)
            self.resources.add(resource, rules.resource_type)
            for problem in problems:
                inside = problem._replace(path=(kind, key, *problem.path))
                findings.append((inside, resource.address))
        return findings


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


def _is_printable(key: str) -> bool:
    return key.isprintable() or not any(c < " " or c in "\x7f\x85\u2028\u2029" for c in key)


def _bad_key(kind: str, key: str) -> Finding:
    if "${" in key:
        must, hint = (
            f"{shown(key)} is not a valid key: it contains ${{…}}",
            "Write the key out.",
        )
    elif key:
        must, hint = f"{shown(key)} is not a valid key: it has a control character", "Remove it."
    else:
        must, hint = f"an object of {kind} has an empty key", "Write a key before the colon."
    return Finding((kind, key), must, "", hint, True)


def _no_provider(value: dict[str, Any], providers: Mapping[str, Provider]) -> Finding:
    if "provider" not in value:
        near = [key for key in value if key.lower() in ("providers", "provider")]
        hint = f"Start the document with `provider: NAME`. {did_you_mean('', providers)}".strip()
        return Finding(
            tuple(near[:1]), "the document does not say which provider it is for", "", hint, True
        )
    named = value["provider"]
    if not isinstance(named, str):
        return Finding(("provider",), "provider must be text", f"is {kind_of(named)}")
    hint = did_you_mean(named, providers) or "Declare it under providers in reconciler.yaml."
    return Finding(
        ("provider",), f"there is no provider {shown(named)} in reconciler.yaml", "", hint
    )
