"""Read `reconciler.yaml`, apply an environment, resolve `${…}` and check the result."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from reconciler import model, yaml12
from reconciler.errors import Diagnostic, Invalid, Source
from reconciler.http.base_url import proxy_problem, url_problem
from reconciler.model import Connection, Guard, Scope, Secret, WorkspaceConfig
from reconciler.values.fields import Schema, load_schema
from reconciler.values.interpolation import Unresolved, fill, not_allowed
from reconciler.values.text import did_you_mean, dotted, printable, shown
from reconciler.values.validate import Finding, explain, kind_of
from reconciler.yaml12.files import read

NAMES = ("reconciler.yaml", "reconciler.yml")
_WHOLE_ENV = re.compile(r"\$\{\s*env\.[^{}]+\}")
_OURS = frozenset(("type", "base_url", "requests_per_minute", "parallelism", "timeout", "proxy"))


@cache
def schema() -> Schema:
    """The JSON Schema of `reconciler.yaml`."""
    return load_schema("generated/workspace.schema.json")


def load(
    root: Path, environment: str | None, env: Mapping[str, str], offline: bool = False
) -> WorkspaceConfig:
    """The configuration of the workspace in the folder `root`, with the overlay of `environment`
    where one is named.

    `env` are the environment variables; with `offline`, for commands that call no vendor, a missing
    one counts as empty text. Raises Invalid with every finding and its position in the file.
    """
    name, data = _file(root)
    documents = yaml12.parse(data, name)
    raw = documents[0].value if documents else None
    if len(documents) != 1 or not isinstance(raw, dict):
        actual = f"{len(documents)} documents" if len(documents) > 1 else kind_of(raw)
        hint = "Write `name:` and `providers:`, or run `reconciler init` in an empty folder."
        source = Source(name, 1, 1)
        raise Invalid(Diagnostic(f"{name} must be one mapping, is {actual}", hint, source=source))
    reading = _Reading(raw, environment, env, offline)
    workspace = reading.workspace(root)
    if workspace is None:
        raise Invalid(*_placed(reading, name, data))
    return workspace


def _file(root: Path) -> tuple[str, bytes]:
    files = [name for name in NAMES if os.path.lexists(root / name)]
    if not files:
        summary = f"no reconciler.yaml in {root}: run `reconciler init` or pass -C DIR"
        raise Invalid(Diagnostic(summary))
    if len(files) > 1:
        summary = "there are two workspace files, reconciler.yaml and reconciler.yml"
        raise Invalid(Diagnostic(summary, "Remove one of them.", source=Source(files[0])))
    return files[0], read(root / files[0], root)


def _placed(reading: _Reading, name: str, data: bytes) -> list[Diagnostic]:
    """The findings with their positions, in the order of the file, without duplicates."""
    findings = [(reading.origin(f.path), f) for f in reading.findings]
    places = yaml12.places(data, ((0, path) for path, _ in findings))
    placed: dict[Diagnostic, None] = {}
    for path, finding in findings:
        place = places[0, path]
        source = Source(name, *(place.key if finding.key else place.value))
        placed[Diagnostic(finding.summary, finding.detail, source=source)] = None
    return sorted(placed, key=lambda d: (d.source.line, d.source.column) if d.source else (0, 0))


class _Reading:
    """The content of the file, the settings that apply in the environment, and the findings."""

    def __init__(
        self, raw: dict[str, Any], environment: str | None, env: Mapping[str, str], offline: bool
    ) -> None:
        self.findings: list[Finding] = []
        self._raw = raw
        self._environment = environment
        self._env = env
        self._offline = offline
        self._variables: dict[str, Any] = {}
        self._merged = self._overlay()

    def workspace(self, root: Path) -> WorkspaceConfig | None:
        """The configuration of the workspace; None where there are findings."""
        merged = self._merged
        declared = merged.get("variables")
        if isinstance(declared, dict):
            self._variables = fill(declared, ("variables",), self._lookup, self.findings)
        filled = fill(merged, (), self._lookup, self.findings)
        self._check(merged, filled)
        if self.findings:
            return None
        secrets = {name: Secret(v, name) for name, v in filled.get("secrets", {}).items()}
        connections = {
            name: replace(self._connection(name, settings), given=tuple(secrets.values()))
            for name, settings in filled["providers"].items()
        }
        exclusive = [
            self._scope(i, s, connections) for i, s in enumerate(filled.get("exclusive", ()))
        ]
        manifests = self._manifests(root, filled.get("manifests", "manifests"))
        if self.findings:
            return None
        return WorkspaceConfig(
            root=root,
            name=filled["name"],
            manifests=manifests,
            connections=connections,
            variables=self._variables,
            secrets=secrets,
            ledger=filled.get("ledger") or _default_ledger(self._environment),
            exclusive=frozenset(exclusive),
            guard=Guard(**filled.get("guard", {})),
            environment=self._environment,
        )

    def origin(self, path: model.Path) -> model.Path:
        """The path in the file of the setting that is at `path` of the settings that apply."""
        over: model.Path = ("environments", self._environment or "")
        return (*over, *path) if self._environment and _has(self._raw, (*over, *path)) else path

    def _overlay(self) -> dict[str, Any]:
        base = {name: value for name, value in self._raw.items() if name != "environments"}
        environments = self._raw.get("environments")
        environments = environments if isinstance(environments, dict) else {}
        if self._environment is None:
            return base
        if self._environment not in environments:
            hint = did_you_mean(self._environment, environments)
            must = f"there is no environment {shown(self._environment)}"
            hint = hint or "Declare it under environments in reconciler.yaml."
            self.findings.append(Finding(("environments",), must, "", hint, True))
            return base
        over = environments[self._environment]
        return _overlaid(base, over) if isinstance(over, dict) else base

    def _lookup(self, sort: str, name: str, _entire: bool, path: model.Path) -> Any:
        if sort == "env":
            return self._variable(name, path)
        if sort != "var":
            raise not_allowed(sort, name, "reconciler.yaml supports ${env.NAME} and ${var.NAME}")
        if path[0] == "variables":
            raise Unresolved("a variable cannot use another variable", "Write its value out.")
        if name not in self._variables:
            hint = did_you_mean(name, self._variables) or "Declare it under variables."
            raise Unresolved(f"there is no variable {shown(name)}", hint)
        return self._variables[name]

    def _variable(self, name: str, path: model.Path) -> str:
        value = self._env.get(name, "")
        if not value and not self._offline:
            raise Unresolved(
                f"the environment variable {shown(name)} is "
                f"{'empty' if name in self._env else 'not set'}",
                f"Set it before running reconciler: export {printable(name)}=…",
            )
        if path[0] == "providers" and any(c < " " or c == "\x7f" for c in value):
            raise Unresolved(
                f"the environment variable {shown(name)} has a line break or a control character",
                "Often it is a line break at the end: store the value again without it.",
            )
        return value

    def _check(self, merged: dict[str, Any], filled: dict[str, Any]) -> None:
        """Check the file, and then the settings that apply, against the schema."""
        reported = {finding.path for finding in self.findings}
        for finding in explain(schema(), self._raw):
            # the file may lack a required setting that the environment has
            if not _mark_at(self._raw, finding.path) and finding.rule != "required":
                self.findings.append(finding)
        for finding in explain(schema(), filled):
            if finding.path in reported:
                continue
            mark = _mark_at(merged, finding.path)
            if mark and self._offline and _drop_setting(filled, finding.path):
                continue
            if mark:
                # never show the value of an environment variable
                finding = finding._replace(actual=f"but {shown(mark)} is not", detail="")
            self.findings.append(finding)

    def _connection(self, name: str, settings: Mapping[str, Any]) -> Connection:
        kind = schema()["definitions"][settings["type"]]["properties"]
        own = {
            key: Secret(value, key) if kind[key].get("x-sensitive") else value
            for key, value in settings.items()
            if key not in _OURS
        }
        for key, part in kind.items():
            if key not in _OURS and "default" in part:
                own.setdefault(key, part["default"])
        base_url = settings.get("base_url")
        if base_url is not None:
            base_url = self._url(("providers", name, "base_url"), base_url)
        return Connection(
            name=name,
            type=settings["type"],
            settings=own,
            base_url=base_url or None,
            requests_per_minute=settings.get("requests_per_minute"),
            parallelism=settings.get("parallelism"),
            timeout=float(settings.get("timeout", 30.0)),
            proxy=self._proxy(name, settings["proxy"]) if settings.get("proxy") else None,
        )

    def _proxy(self, name: str, url: str) -> Secret:
        """The URL of a provider's proxy, never shown because it may contain credentials."""
        path: model.Path = ("providers", name, "proxy")
        mark = _mark_at(self._merged, path)
        if problem := proxy_problem(url, from_environment=_WHOLE_ENV.fullmatch(mark) is not None):
            self.findings.append(Finding(path, f"{dotted(path)} {problem}"))
        return Secret(url, "proxy")

    def _url(self, path: model.Path, url: str) -> str:
        problem = url_problem(url)
        if problem and (url or not self._offline):
            mark = _mark_at(self._merged, path)
            actual = "" if "@" in url else f"is {shown(url)}"
            actual = f"but {shown(mark)} is not" if mark else actual
            self.findings.append(Finding(path, f"{dotted(path)} {problem}", actual))
        return url.rstrip("/")

    def _scope(self, position: int, text: str, connections: Mapping[str, Connection]) -> Scope:
        provider, _, kind = text.partition("/")
        if provider not in connections:
            must = f"exclusive names the provider {shown(provider)}, which is not declared"
            hint = did_you_mean(provider, connections)
            self.findings.append(Finding(("exclusive", position), must, "", hint))
        return Scope(provider, kind)

    def _manifests(self, root: Path, folder: str) -> Path:
        path = root / folder
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
            self.findings.append(
                Finding(
                    ("manifests",),
                    "manifests must be a folder inside the workspace",
                    f"is {shown(folder)}",
                    "Give a path relative to reconciler.yaml, without `..`.",
                )
            )
        return path


def _default_ledger(environment: str | None) -> str:
    """The ledger of an environment, which is never that of another one."""
    return f".reconciler/{environment or 'ledger'}.jsonl"


def _overlaid(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`over` on top of `base`: mappings are merged, everything else is replaced."""
    result = dict(base)
    for name, value in over.items():
        below = result.get(name)
        mappings = isinstance(below, dict) and isinstance(value, dict)
        result[name] = _overlaid(below, value) if mappings else value  # type: ignore[arg-type]
    return result


def _at(value: Any, path: model.Path) -> tuple[bool, Any]:
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return False, None
    return True, value


def _has(value: Any, path: model.Path) -> bool:
    return _at(value, path)[0]


def _drop_setting(filled: Any, path: model.Path) -> bool:
    """Remove a provider's setting that has no value in the environment; False where that cannot be
    done: for the type, and for anything but a provider's setting."""
    if len(path) != 3 or path[0] != "providers" or path[2] == "type":
        return False
    del filled["providers"][path[1]][path[2]]
    return True


def _mark_at(value: Any, path: model.Path) -> str:
    """The text at `path` where it contains `${…}`; empty otherwise."""
    text = _at(value, path)[1]
    return text if isinstance(text, str) and "${" in text else ""
