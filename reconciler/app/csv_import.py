"""Write manifests for the rows of a CSV file; no vendor is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from reconciler.app.entry import escaped
from reconciler.app.new_documents import NewDocument, new_documents, write_document
from reconciler.app.project import Project, load_valid_manifests
from reconciler.errors import Diagnostic, Invalid, Severity
from reconciler.frozen import frozen
from reconciler.identity import NaturalKey, key_text, natural_key
from reconciler.manifest.declaration import declare
from reconciler.manifest.resource_set import ResourceSet
from reconciler.manifest.rules import Rules, rules_of
from reconciler.manifest.substitution import Values
from reconciler.model import Address, Fields, Path, Resource, Scope
from reconciler.tables import (
    BadCell,
    CellForm,
    Row,
    Table,
    Target,
    Targets,
    check_key,
    constants,
    find_targets,
    put,
    read_table,
    rounded,
)
from reconciler.values.compare import equal
from reconciler.values.text import printable, shown
from reconciler.values.validate import Finding
from reconciler.values.walk import nodes
from reconciler.yaml12.writer import unwritable

AGAIN = "The manifests written so far are valid. Fix that and import again."
MOST_FINDINGS = 1000


@frozen
class CsvSource:
    """A CSV file and how it is read: its bytes and its name in messages, what its columns are for
    (`maps`: COLUMN=FIELD), the values that all rows have (`settings`: FIELD=VALUE), and its form;
    see `read_table` and `CellForm`."""

    data: bytes
    file: str
    maps: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    form: CellForm = field(default_factory=CellForm)


@frozen
class CsvImport:
    """The documents that were written; the objects that a manifest declares already, with the same
    values; the columns that were not used; and warnings."""

    documents: tuple[NewDocument, ...]
    declared: tuple[Address, ...] = ()
    unused: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


@frozen
class _Declared:
    """A row as an entry of a manifest under a key, and the resource that it declares."""

    row: Row
    entry: Fields
    resource: Resource


@dataclass
class _Reader:
    """Reads the rows of a table as objects of one kind, and collects the findings."""

    rules: Rules
    table: Table
    targets: Targets
    fixed: Sequence[tuple[Target, str]]
    form: CellForm
    values: Values
    findings: list[Diagnostic] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)

    def read(self, row: Row) -> _Declared | None:
        """The object that a row declares; None, and findings, where something is wrong."""
        before = len(self.findings)
        entry: dict[str, Any] = {}
        places: dict[Path, int] = {}
        for target in self.targets.targets:
            if text := row.cells[target.column.position]:
                value = self._value(row, target, text)
                put(entry, places, target.path, value)
        for target, text in self.fixed:
            value = text if "${" in text else self._value(row, target, text)
            put(entry, places, target.path, value)
        if len(self.findings) > before:
            return None
        key = self._key(row, entry)
        if key is None:
            return None
        return self._checked(row, key, entry)

    def _value(self, row: Row, target: Target, text: str) -> Any:
        """The value of a cell; a finding where it is none."""
        try:
            value = self.form.value(target.field, text)
        except BadCell as bad:
            self.report(row, target, bad.reason, bad.hint)
            return None
        problems = filter(None, (unwritable(node.value) for node in nodes(None, value)))
        if problem := next(problems, ""):
            self.report(row, target, f"a manifest cannot hold it: {problem}", "")
        elif rounded(text) and isinstance(value, str):
            reason = f"{shown(text)} may be a longer number of which 15 digits are left"
            self.report(row, target, reason, "Compare it with the source.", Severity.WARNING)
        return escaped(value)

    def _key(self, row: Row, entry: dict[str, Any]) -> str | None:
        """The key of a row's object: that of the column for keys, or else its natural key. A field
        of which the key is the value is taken out of the entry."""
        kind = self.rules.resource_type.kind
        column, key_field = self.targets.key, self.rules.key_field
        key = row.cells[column.position] if column else ""
        if not key:
            natural = natural_key(self.rules.resource_type, entry)
            text = "" if natural is None else key_text(natural) or ("" if natural else kind.name)
            key = " ".join("".join(c if c.isprintable() else " " for c in text).split())
            key = key.replace("${", "$ {")
        if not key:
            needed = " and ".join(kind.natural_key)
            self.report(row, None, f"it has no {needed}", "Without that the object has no key.")
            return None
        if key_field is not None and str(entry.get(key_field)) == key:
            del entry[key_field]
        return key

    def _checked(self, row: Row, key: str, entry: Fields) -> _Declared | None:
        values = self.values if "${" in str(entry) else None
        source = self.table.source(row)
        resource, findings = declare(self.rules, key, entry, source, values)
        wrong = False
        for finding in findings:
            wrong = wrong or finding.severity is Severity.ERROR
            target = self._target_of(finding)
            self.report(row, target, finding.summary, finding.detail, finding.severity)
        return None if wrong else _Declared(row, entry, resource)

    def _target_of(self, finding: Finding) -> Target | None:
        """The column that a finding is about; None where it is about no single one."""
        for length in range(len(finding.path), 0, -1):
            for target in self.targets.targets:
                if target.path[:length] == finding.path[:length]:
                    return target
        return None

    def report(
        self,
        row: Row,
        target: Target | None,
        reason: str,
        hint: str,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Add a finding about a row, and about a cell in it where `target` is given."""
        where = f", {target.column}" if target and target.column.position >= 0 else ""
        findings = self.findings if severity is Severity.ERROR else self.warnings
        summary = f"row {row.number}{where}: {reason}"
        findings.append(Diagnostic(summary, hint, severity, source=self.table.source(row)))


def import_csv(
    project: Project, scope: Scope, source: CsvSource, dry_run: bool = False
) -> CsvImport:
    """Write manifests that declare the rows of a CSV file as objects of one kind, in the order of
    their keys; with `dry_run` nothing is written.

    Raises Invalid with all findings, and then nothing is written: for cells that are no values of
    their field, rows that are the same object, and objects that a manifest declares with other
    values.
    """
    rules = rules_of(project.resource_types, scope)
    table = read_table(source.data, source.file, source.encoding, source.delimiter)
    targets = find_targets(rules.resource_type, table, source.maps)
    fixed = tuple(constants(rules.resource_type, source.settings))
    check_key(rules.resource_type, targets, fixed, source.file)
    values = Values(project.config.variables, project.config.secrets)
    reader = _Reader(rules, table, targets, fixed, source.form, values)
    declared = [found for row in table.rows if (found := reader.read(row))]
    manifests = load_valid_manifests(project)
    new, known = _compare(project, reader, declared, manifests.resources)
    if reader.findings:
        raise Invalid(*_most(reader.findings))
    new.sort(key=lambda candidate: candidate.resource.address)
    entries = {candidate.resource.address.key: candidate.entry for candidate in new}
    documents = tuple(new_documents(project, scope, entries)) if entries else ()
    for document in () if dry_run else documents:
        write_document(document.path, document.text, project.config.root, AGAIN)
    unused = tuple(str(column) for column in targets.unused)
    return CsvImport(documents, known, unused, tuple(_most(reader.warnings)))


def _most(findings: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    yield from islice(findings, MOST_FINDINGS)
    if (more := len(findings) - MOST_FINDINGS) > 0:
        yield Diagnostic(f"… and {more:,} more findings", severity=findings[0].severity)


def _compare(
    project: Project, reader: _Reader, declared: Iterable[_Declared], resources: Sequence[Resource]
) -> tuple[list[_Declared], tuple[Address, ...]]:
    """The rows that nothing declares yet, and the addresses of those that a manifest declares with
    the same values. Reports rows that are the same object, or declared with other values."""
    resource_type = reader.rules.resource_type
    known: dict[Address | NaturalKey, Resource] = {}
    objects = ResourceSet()
    for resource in resources:
        objects.add(resource, project.resource_types.of(resource.address.scope))
        if resource.address.scope == resource_type.scope:
            known[resource.address] = resource
            if key := natural_key(resource_type, resource.fields):
                known[key] = resource
    new, same = [], []
    for candidate in declared:
        key = natural_key(resource_type, candidate.resource.fields)
        earlier = known.get(candidate.resource.address) or (known.get(key) if key else None)
        if earlier is None or earlier.options.id != candidate.resource.options.id:
            if _added(reader, objects, candidate):
                new.append(candidate)
        elif name := _different(reader.rules, earlier, candidate.resource):
            reason = f"{printable(str(earlier.address), 200)} is declared with another {name}"
            hint = f"It is at {earlier.source}: edit it there, or take the row out."
            reader.report(candidate.row, None, reason, hint)
        else:
            same.append(earlier.address)
    objects.check_cycles()
    reader.findings += objects.problems
    return new, tuple(same)


def _added(reader: _Reader, objects: ResourceSet, candidate: _Declared) -> bool:
    """Add a row's object to the others; reports where it is one of them."""
    objects.add(candidate.resource, reader.rules.resource_type)
    problems = list(objects.problems)
    objects.problems.clear()
    for problem in problems:
        hint = "Each object has one row: remove the others."
        reader.report(candidate.row, None, problem.summary, hint)
    return not problems


def _different(rules: Rules, earlier: Resource, resource: Resource) -> str:
    """The name of the first field that a row declares with another value than a manifest."""
    facts = rules.resource_type.facts.fields
    for name, value in resource.fields.items():
        if name not in earlier.fields or not equal(facts.get(name), earlier.fields[name], value):
            return name
    return ""
