"""YAML → documents with positions → checked → every declared object of a workspace."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from reconciler import model, yaml12
from reconciler.errors import Diagnostic, Invalid, Severity, Source
from reconciler.identity import NaturalKey, key_text, natural_key, parse_key
from reconciler.kinds import Provider
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.manifest.cycle import find_cycle
from reconciler.manifest.declaration import Rules, Values, declare, rules_of
from reconciler.manifest.enumerations import NO_LISTS, Lists
from reconciler.model import Address, Manifests, Resource, Scope, Secret
from reconciler.values.scalars import text_form
from reconciler.values.text import did_you_mean, shown
from reconciler.values.validate import Finding, kind_of
from reconciler.yaml12.files import name_of, read, yaml_files

_MAX_CIRCLES = 20


def load(
    folder: Path,
    root: Path,
    providers: Mapping[str, Provider],
    variables: Mapping[str, Any],
    secrets: Mapping[str, Secret],
    lists: Lists = NO_LISTS,
) -> Manifests:
    """Read and check every manifest under `folder`, without any network.

    `providers` are the vendors' declarations by the names that the workspace gives them; `lists`
    are the vendors' own lists of values, as far as they were asked for; paths in messages are
    relative to `root`. Never raises for what the user wrote: all findings of all files are in
    `problems`, by file and place, and `resources` may then be incomplete.
    """
    reading = _Reading(ResourceTypes(providers), Values(variables, secrets), lists)
    paths, problems = yaml_files(folder, root)
    reading.problems += problems
    for path in paths:
        name = name_of(path, root)
        try:
            reading.file(name, read(path, root))
        except Invalid as error:
            reading.problems += error.diagnostics
    reading.across()
    if not paths and not problems:
        reading.problems.append(_nothing(name_of(folder, root)))
    written = json.dumps(dict(variables), sort_keys=True, default=str)
    reading.digest.update(written.encode("utf-8", "surrogatepass"))
    return Manifests(
        tuple(reading.resources),
        tuple(sorted(reading.problems, key=_place)),
        reading.digest.hexdigest(),
    )


def _nothing(folder: str) -> Diagnostic:
    return Diagnostic(
        f"there is no *.yaml or *.yml file in {folder}, so nothing is declared",
        "Write a manifest, or make some from what the vendors have: `reconciler import`.",
        Severity.WARNING,
        source=Source(folder),
    )


def _place(problem: Diagnostic) -> tuple[str, int, int]:
    source = problem.source or Source("")
    return source.file, source.line, source.column


class _Reading:
    """What one run has read so far."""

    def __init__(self, resource_types: ResourceTypes, values: Values, lists: Lists) -> None:
        self.resources: list[Resource] = []
        self.problems: list[Diagnostic] = []
        self.digest = sha256()
        self._resource_types = resource_types
        self._values = values
        self._lists = lists
        self._rules: dict[Scope, Rules] = {}
        self._sources: dict[Address, Source] = {}
        self._natural: dict[tuple[Scope, NaturalKey], Resource] = {}

    def file(self, name: str, data: bytes) -> None:
        """Take in one file; raises Invalid where it is not YAML."""
        for part in (name.encode(), data):
            self.digest.update(b"%d:" % len(part))
            self.digest.update(part)
        values = self._values if b"${" in data else None
        findings: list[tuple[int, Finding, Address | None]] = []
        for number, document in enumerate(yaml12.parse(data, name)):
            for finding, address in self._document(name, document, values):
                findings.append((number, finding, address))
        if not findings:
            return
        places = yaml12.places(data, ((number, found.path) for number, found, _ in findings))
        for number, found, address in findings:
            place = places[number, found.path]
            spot = place.key if found.key else place.value
            self.problems.append(
                Diagnostic(
                    found.summary,
                    found.detail,
                    found.severity,
                    address=str(address) if address else None,
                    source=Source(name, *spot),
                )
            )

    def _document(
        self, name: str, document: yaml12.Document, values: Values | None
    ) -> list[tuple[Finding, Address | None]]:
        value = document.value
        if value is None:
            return []
        if not isinstance(value, dict):
            hint = "Begin with `provider: NAME`, then a kind and its objects."
            return [
                (Finding((), "a manifest must be a mapping", f"is {kind_of(value)}", hint), None)
            ]
        provider = value.get("provider")
        known = self._resource_types.providers
        if not isinstance(provider, str) or provider not in known:
            return [(_no_provider(value, known), None)]
        findings: list[tuple[Finding, Address | None]] = []
        kinds = known[provider].kinds
        for kind, objects in value.items():
            if kind == "provider":
                continue
            if kind not in kinds:
                must = f"{shown(provider)} has no kind {shown(kind)}"
                findings.append((Finding((kind,), must, "", did_you_mean(kind, kinds), True), None))
            elif isinstance(objects, dict):
                findings += self._objects(name, Scope(provider, kind), objects, document, values)
            elif objects is not None:
                must = f"{kind} must be a mapping of keys"
                hint = "Give each object a key of its own: `KEY:` and its fields below."
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
        found: list[tuple[Finding, Address | None]] = []
        for key, body in objects.items():
            source = Source(name, *marks.get((kind, key), (document.line, 0)))
            if not key or not _plain(key) or "${" in key:
                found.append((_bad_key(kind, key), None))
            if not key:
                continue
            resource, findings = declare(rules, key, body, source, values)
            if not self._known(resource):
                self.resources.append(resource)
            for finding in findings:
                inside = finding._replace(path=(kind, key, *finding.path))
                found.append((inside, resource.address))
        return found

    def _known(self, resource: Resource) -> bool:
        """Whether the address was declared before; says so, and compares the natural keys."""
        address = resource.address
        first = self._sources.setdefault(address, resource.source)
        if first is not resource.source:
            summary = f"{shown(str(address))} is declared twice; the first time at {first}"
            self._say(summary, "Keep one of them, or give one another key.", resource)
            return True
        resource_type = self._rules[address.scope].resource_type
        names = resource_type.kind.natural_key
        key = natural_key(resource_type, resource.fields)
        if key is not None:
            other = self._natural.setdefault((address.scope, key), resource)
            if other is not resource and not _told_apart(resource, other):
                both = f"{shown(str(address))} and {shown(str(other.address))} (at {other.source})"
                self._say(
                    f"{both} are the same object: {' and '.join(names)} {shown(key_text(key))}",
                    "They are the same letters, composed in two ways (Unicode): keep one of them."
                    if text_form(address.key) == text_form(other.address.key)
                    else "Keep one of them; to rename it, keep the new key and write "
                    "`$was: old-key`.",
                    resource,
                )
        return False

    def _say(self, summary: str, detail: str, resource: Resource) -> None:
        address = str(resource.address)
        self.problems.append(Diagnostic(summary, detail, address=address, source=resource.source))

    def across(self) -> None:
        """Check what needs all files: references that run in a circle."""
        needs: dict[Address, list[Address]] = {}
        declared = {r.address: r for r in self.resources if r.refs}
        for resource in declared.values():
            needs[resource.address] = [a for ref in resource.refs if (a := self._target(ref))]
        for _ in range(_MAX_CIRCLES):
            circle = find_cycle(needs)
            if not circle:
                return
            self._say(
                "these objects wait for each other: " + " → ".join(str(a) for a in circle),
                "Remove one of the references: what is needed first must be there first.",
                declared[circle[0]],
            )
            del needs[circle[0]]

    def _target(self, ref: model.Ref) -> Address | None:
        address = ref.target.address(ref.name)
        rules = self._rules.get(ref.target)
        if address in self._sources or rules is None:
            return address if address in self._sources else None
        key = parse_key(rules.resource_type, ref.name)
        named = self._natural.get((ref.target, key))
        return named.address if named else None


def _told_apart(one: Resource, other: Resource) -> bool:
    """Whether both say by id which of the objects of one name they mean."""
    return None not in (one.options.id, other.options.id) and one.options.id != other.options.id


def _plain(key: str) -> bool:
    return key.isprintable() or not any(c < " " or c in "\x7f\x85\u2028\u2029" for c in key)


def _bad_key(kind: str, key: str) -> Finding:
    if "${" in key:
        must, hint = f"{shown(key)} cannot be a key: keys are never filled in", "Write the key out."
    elif key:
        must, hint = f"{shown(key)} cannot be a key: it holds a control character", "Remove it."
    else:
        must, hint = f"an object of {kind} has an empty key", "Write a key before the colon."
    return Finding((kind, key), must, "", hint, True)


def _no_provider(value: dict[str, Any], known: Mapping[str, Provider]) -> Finding:
    if "provider" not in value:
        near = [key for key in value if key.lower() in ("providers", "provider")]
        hint = f"Begin the document with `provider: NAME`. {did_you_mean('', known)}".strip()
        return Finding(
            tuple(near[:1]), "the document does not say which provider it is for", "", hint, True
        )
    named = value["provider"]
    if not isinstance(named, str):
        return Finding(("provider",), "provider must be text", f"is {kind_of(named)}")
    hint = did_you_mean(named, known) or "Declare it under providers in reconciler.yaml."
    return Finding(
        ("provider",), f"there is no provider {shown(named)} in reconciler.yaml", "", hint
    )
