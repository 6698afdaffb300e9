"""Whether the user's own folder is one that a workspace cannot write to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from reconciler.files import configuration_folder


def is_in_repository(environment: Mapping[str, str], root: Path) -> bool:
    """Whether the user's configuration folder is in the workspace `root` or in a repository around
    it: a change of the repository could then write it, and it is not used. Raises OSError for a
    user without a home."""
    folder = Path(os.path.realpath(configuration_folder(environment)))
    workspace = Path(os.path.realpath(root))
    above = (one for one in workspace.parents if (one / ".git").exists())
    return any(folder.is_relative_to(one) for one in (workspace, *above))
