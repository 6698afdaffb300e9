"""Read `reconciler.yaml`, apply an environment, replace `${…}` and check the result."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from reconciler import yaml12
from reconciler.errors import Diagnostic, Invalid, Source
from reconciler.files import is_inside
from reconciler.ledger.stores import is_path
from reconciler.model import CacheSettings, Connection, Guard, Path, Scope, Secret, WorkspaceConfig
from reconciler.timing import Stage, timed
from reconciler.values.interpolation import Budget, Unresolved, fill, not_allowed
from reconciler.values.text import did_you_mean, shown
from reconciler.values.validate import MAX_FINDINGS, Finding, explain, kind_of
from reconciler.workspace.connections import connection, findings_in, schema
from reconciler.workspace.credentials import Credentials, check_place
from reconciler.workspace.environments import settings_of
from reconciler.workspace.missing import with_findings
from reconciler.workspace.policies import read_policies, with_places
from reconciler.workspace.refusals import mark_at
from reconciler.yaml12.files import read

NAMES = ("reconciler.yaml", "reconciler.yml")

# each has a client and a copy of the declarations of its type
MAX_PROVIDERS = 1000

__all__ = ["NAMES", "load", "schema"]


@timed(Stage.PARSE)
def load(
    root: FilePath, environment: str | None, env: Mapping[str, str], offline: bool = False
) -> WorkspaceConfig:
    """The configuration of the workspace in the folder `root`, with the overlay of `environment` if
    it is not None.

    `env` are the environment variables. One that is missing is an error only when it is needed:
    what a connection or a secret lacks is noted there (`missing`). With `offline`, for commands
    that call no vendor, none is looked at and all count as empty text. Raises Invalid with every
    finding and its position in the file.
    """
    name, data = _read_file(root)
    documents = yaml12.parse(data, name)
    raw = documents[0].value if documents else None
    if len(documents) != 1 or not isinstance(raw, dict):
        actual = f"{len(documents)} documents" if len(documents) > 1 else kind_of(raw)
        hint = "Write `name:` and `providers:`, or run `reconciler init` in an empty folder."
        source = Source(name, 1, 1)
        raise Invalid(Diagnostic(f"{name} must be one mapping, is {actual}", hint, source=source))
    reader = _Reader(raw, environment, Credentials(env, root), offline)
    workspace = reader.workspace(root)
    if workspace is None:
        raise Invalid(*_diagnostics(reader, name, data))
    if workspace.policies:
        policies = with_places(workspace.policies, reader.settings.origin, data, name)
        workspace = replace(workspace, policies=policies)
    missing, refused = (
        {f.path: d for f, d in zip(found, _located(reader, found, data, name), strict=True)}
        for found in (reader.credentials.missing, reader.credentials.refused)
    )
    return with_findings(workspace, missing, refused)


def _read_file(root: FilePath) -> tuple[str, bytes]:
    files = [name for name in NAMES if os.path.lexists(root / name)]
    if not files:
        summary = f"no reconciler.yaml in {root}: run `reconciler init` or pass -C DIR"
        raise Invalid(Diagnostic(summary))
    if len(files) > 1:
        summary = "there are two workspace files, reconciler.yaml and reconciler.yml"
        raise Invalid(Diagnostic(summary, "Remove one of them.", source=Source(files[0])))
    return files[0], read(root / files[0], root)


def _diagnostics(reader: _Reader, name: str, data: bytes) -> list[Diagnostic]:
    """All findings with their positions, in the order of the file, without duplicates."""
    findings = _located(reader, [*reader.findings, *reader.credentials.missing], data, name)
    return sorted(
        dict.fromkeys(findings),
        key=lambda d: (d.source.line, d.source.column) if d.source else (0, 0),
    )


def _located(
    reader: _Reader, findings: Sequence[Finding], data: bytes, name: str
) -> list[Diagnostic]:
    """The findings with their positions in the file."""
    origins = [reader.settings.origin(finding.path) for finding in findings]
    places = yaml12.places(data, ((0, path) for path in origins))
    located = []
    for path, finding in zip(origins, findings, strict=True):
        place = places[0, path]
        finding = finding.as_written(place.text)
        source = Source(name, *(place.key if finding.key else place.value))
        located.append(Diagnostic(finding.summary, finding.detail, source=source))
    return located


class _Reader:
    """Reads the content of the file for one environment, and collects the findings."""

    def __init__(
        self, raw: dict[str, Any], environment: str | None, credentials: Credentials, offline: bool
    ) -> None:
        self.findings: list[Finding] = []
        self.settings = settings_of(raw, environment, self.findings)
        self.credentials = credentials
        self._offline = offline
        self._variables: dict[str, Any] = {}
        self._budget = Budget()

    def workspace(self, root: FilePath) -> WorkspaceConfig | None:
        """The configuration of the workspace; None where there are findings."""
        filled = self._filled()
        if filled is None:
            return None
        settings, environment = self.settings, self.settings.environment
        connections = {
            name: connection(name, account, self.credentials.of(name))
            for name, account in filled["providers"].items()
        }
        for name, account in filled["providers"].items():
            self.findings += findings_in(name, account, settings.merged)
        excepted = self._exclusive(filled.get("exclusive", ()), connections)
        manifests = self._manifests(root, filled.get("manifests", "manifests"))
        ledger = self._ledger(root, filled.get("ledger") or _default_ledger(environment))
        rules = filled.get("policies", {})
        policies = read_policies(rules, connections, settings.dropped, self.findings)
        if self.findings:
            return None
        return WorkspaceConfig(
            root=root,
            name=filled["name"],
            manifests=manifests,
            connections=connections,
            variables=self._variables,
            secrets={name: Secret(v, name) for name, v in filled.get("secrets", {}).items()},
            ledger=ledger,
            exclusive=frozenset(excepted),
            excepted={scope: tuple(names) for scope, names in excepted.items() if names},
            unmanaged=tuple(filled.get("unmanaged", ())),
            guard=Guard(**filled.get("guard", {})),
            cache=CacheSettings(**filled.get("cache", {})),
            environment=environment,
            dropped=settings.dropped,
            secrets_out=filled.get("secrets_out", "optional"),
            policies=policies,
        )

    def _filled(self) -> dict[str, Any] | None:
        """The settings with every variable filled in; None where there are findings."""
        merged = self.settings.merged
        declared = merged.get("variables")
        if isinstance(declared, dict):
            self._variables = fill(
                declared, ("variables",), self._lookup, self.findings, self._budget
            )
        declared = merged.get("providers")
        if isinstance(declared, dict) and len(declared) > MAX_PROVIDERS:
            must = f"a workspace has at most {MAX_PROVIDERS:,} providers"
            self.findings.append(Finding(("providers",), must, f"not {len(declared):,}"))
            return None
        filled = fill(merged, (), self._lookup, self.findings, self._budget)
        if not self._offline:
            filled = self.credentials.read(filled, merged, self.findings)
        self._check(merged, filled)
        return None if self.findings else filled

    def _lookup(self, sort: str, name: str, entire: bool, path: Path) -> Any:
        """The value of `${sort.name}` in the setting at `path`; raises Unresolved without one. What
        comes from the environment is empty until it is read."""
        if sort == "env":
            check_place(self.settings.merged, name, entire, path)
            self.credentials.named[path] = name
            return ""
        if sort != "var":
            raise not_allowed(
                sort,
                name,
                "reconciler.yaml supports ${env.NAME} (for a credential) and ${var.NAME}",
            )
        if path[0] == "variables":
            raise Unresolved("a variable cannot use another variable", "Write its value out.")
        if name not in self._variables:
            hint = did_you_mean(name, self._variables) or "Declare it under variables."
            raise Unresolved(f"there is no variable {shown(name)}", hint)
        return self._variables[name]

    def _check(self, merged: dict[str, Any], filled: dict[str, Any]) -> None:
        """Check the file, and then the merged settings, against the schema."""
        reported = {finding.path for finding in self.findings}
        unread = {f.path for f in (*self.credentials.missing, *self.credentials.refused)}
        raw = self.settings.raw
        for finding in explain(schema(), raw):
            # the file may lack a required setting that the environment has
            if not mark_at(raw, finding.path) and finding.rule != "required":
                self.findings.append(finding)
        for finding in explain(schema(), filled):
            if finding.path in reported:
                continue
            mark = mark_at(merged, finding.path)
            absent = self._offline or finding.path in unread
            if mark and absent and _drop_setting(filled, finding.path):
                continue
            if mark:
                # never show the value of an environment variable
                finding = finding._replace(actual=f"but {shown(mark)} is not", detail="")
            self.findings.append(finding)

    def _exclusive(
        self, entries: Sequence[Any], connections: Mapping[str, Connection]
    ) -> dict[Scope, list[str]]:
        """The exclusive kinds, each with the patterns of the objects that are left alone in it."""
        excepted: dict[Scope, list[str]] = {}
        for position, entry in enumerate(entries):
            if len(self.findings) >= MAX_FINDINGS:
                break
            kind = {"kind": entry} if isinstance(entry, str) else entry
            if kind["kind"].partition("/")[0] in self.settings.dropped:
                continue
            scope = self._exclusive_scope(position, kind["kind"], connections)
            excepted.setdefault(scope, []).extend(kind.get("except", ()))
        return excepted

    def _exclusive_scope(
        self, position: int, text: str, connections: Mapping[str, Connection]
    ) -> Scope:
        """The kind that an entry of `exclusive` names."""
        provider, _, kind = text.partition("/")
        if provider not in connections:
            must = f"exclusive names the provider {shown(provider)}, which is not declared"
            hint = did_you_mean(provider, connections)
            self.findings.append(Finding(("exclusive", position), must, "", hint))
        return Scope(provider, kind)

    def _manifests(self, root: FilePath, folder: str) -> FilePath:
        path = root / folder
        if not is_inside(path, root):
            self.findings.append(
                Finding(
                    ("manifests",),
                    "manifests must be a folder inside the workspace",
                    f"is {shown(folder)}",
                    "Give a path relative to reconciler.yaml, without `..`.",
                )
            )
        return path

    def _ledger(self, root: FilePath, setting: str) -> str:
        if is_path(setting) and not is_inside(root / setting, root):
            self.findings.append(
                Finding(
                    ("ledger",),
                    "ledger must be a file inside the workspace",
                    f"is {shown(setting)}",
                    "Give a path relative to reconciler.yaml, without `..` and without links that "
                    "lead out.",
                )
            )
        return setting


def _default_ledger(environment: str | None) -> str:
    """The path of the ledger, which is different for each environment."""
    return f".reconciler/{environment or 'ledger'}.jsonl"


def _drop_setting(filled: Any, path: Path) -> bool:
    """Remove a provider's setting that has no value in the environment; False where that cannot be
    done: for the type, and for anything but a provider's setting."""
    if len(path) != 3 or path[0] != "providers" or path[2] == "type":
        return False
    del filled["providers"][path[1]][path[2]]
    return True
