"""Note on connections and secrets why they cannot be used, until a command needs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconciler.errors import Diagnostic
from reconciler.model import Path, Secret, WorkspaceConfig


def with_findings(
    workspace: WorkspaceConfig,
    missing: Mapping[Path, Diagnostic],
    refused: Mapping[Path, Diagnostic],
) -> WorkspaceConfig:
    """The configuration with the findings about what the environment lacks and about the hosts that
    must not have credentials, given by the path of the setting."""
    secrets = {
        name: Secret("", name, missing[path]) if (path := ("secrets", name)) in missing else secret
        for name, secret in workspace.secrets.items()
    }
    lacking, denied = _by_provider(missing), _by_provider(refused)
    connections = {
        name: replace(
            own,
            missing=tuple(lacking.get(name, ())),
            refused=tuple(denied.get(name, ())),
        )
        for name, own in workspace.connections.items()
    }
    return replace(workspace, connections=connections, secrets=secrets)


def _by_provider(findings: Mapping[Path, Diagnostic]) -> Mapping[str | int, list[Diagnostic]]:
    """The findings about the settings of each provider."""
    grouped: dict[str | int, list[Diagnostic]] = {}
    for path, finding in findings.items():
        if path[0] == "providers":
            grouped.setdefault(path[1], []).append(finding)
    return grouped
