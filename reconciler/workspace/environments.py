"""Merge the settings of an environment into those of the workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from reconciler.model import ABSENT, Path
from reconciler.values.text import did_you_mean, shown
from reconciler.values.validate import Finding
from reconciler.values.walk import value_at


class Settings(NamedTuple):
    """The settings of reconciler.yaml as they are written (`raw`), and `merged` with those of the
    environment, None for none, without the providers that it does not have (`dropped`)."""

    raw: dict[str, Any]
    environment: str | None
    merged: dict[str, Any]
    dropped: frozenset[str]

    def origin(self, path: Path) -> Path:
        """The path in the file of the setting that is at `path` of the merged settings."""
        overlaid = ("environments", self.environment or "", *path)
        in_overlay = self.environment and value_at(self.raw, overlaid) is not ABSENT
        return overlaid if in_overlay else path


def settings_of(raw: dict[str, Any], environment: str | None, findings: list[Finding]) -> Settings:
    """The settings for an environment. What is wrong with it is added to `findings`."""
    merged = _merged(raw, environment, findings)
    providers = merged.get("providers")
    if environment is None or not isinstance(providers, dict):
        return Settings(raw, environment, merged, frozenset())
    dropped = frozenset(name for name, account in providers.items() if account is None)
    declared = raw.get("providers")
    findings += _undeclared(dropped, declared if isinstance(declared, dict) else {})
    kept = {name: account for name, account in providers.items() if name not in dropped}
    return Settings(raw, environment, {**merged, "providers": kept}, dropped)


def _merged(
    raw: dict[str, Any], environment: str | None, findings: list[Finding]
) -> dict[str, Any]:
    base = {name: value for name, value in raw.items() if name != "environments"}
    environments = raw.get("environments")
    environments = environments if isinstance(environments, dict) else {}
    if environment is None:
        return base
    if environment not in environments:
        hint = did_you_mean(environment, environments)
        must = f"there is no environment {shown(environment)}"
        hint = hint or "Declare it under environments in reconciler.yaml."
        findings.append(Finding(("environments",), must, "", hint, True))
        return base
    overlay = environments[environment]
    return _overlaid(base, overlay) if isinstance(overlay, dict) else base


def _overlaid(base: dict[str, Any], overlay: dict[str, Any]) -> dict[str, Any]:
    """`base` with `overlay` merged in: mappings are merged, everything else is replaced."""
    result = dict(base)
    for name, value in overlay.items():
        old = result.get(name)
        mappings = isinstance(old, dict) and isinstance(value, dict)
        result[name] = _overlaid(old, value) if mappings else value  # type: ignore[arg-type]
    return result


def _undeclared(dropped: frozenset[str], declared: Mapping[str, Any]) -> list[Finding]:
    """A finding for each provider that the environment sets to null and nobody declares."""
    findings = []
    for name in sorted(dropped - declared.keys()):
        must = f"there is no provider {shown(name)} that the environment could leave out"
        findings.append(Finding(("providers", name), must, "", did_you_mean(name, declared), True))
    return findings
