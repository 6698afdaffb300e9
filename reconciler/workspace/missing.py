"""Note on connections and secrets what the environment lacks, until a command needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reconciler.errors import Diagnostic
from reconciler.model import Path, Secret, WorkspaceConfig


def with_missing(workspace: WorkspaceConfig, missing: Mapping[Path, Diagnostic]) -> WorkspaceConfig:
    """The configuration with the findings about what its connections and secrets lack, given by the
    path of the setting."""
    secrets = {
        name: Secret("", name, missing[path]) if (path := ("secrets", name)) in missing else secret
        for name, secret in workspace.secrets.items()
    }
    connections = {
        name: replace(
            own,
            missing=tuple(f for path, f in missing.items() if path[:2] == ("providers", name)),
        )
        for name, own in workspace.connections.items()
    }
    return replace(workspace, connections=connections, secrets=secrets)
