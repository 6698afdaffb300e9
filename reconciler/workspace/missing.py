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
    connections = {
        name: replace(
            own,
            missing=_about(name, missing),
            refused=_about(name, refused),
        )
        for name, own in workspace.connections.items()
    }
    return replace(workspace, connections=connections, secrets=secrets)


def _about(provider: str, findings: Mapping[Path, Diagnostic]) -> tuple[Diagnostic, ...]:
    """The findings about the settings of one provider."""
    return tuple(one for path, one in findings.items() if path[:2] == ("providers", provider))
