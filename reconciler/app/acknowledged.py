"""Unmanaged objects that reconciler.yaml acknowledges, and acknowledgements of nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.app.project import Project
from reconciler.errors import Diagnostic, Severity
from reconciler.model import Scope, Snapshot
from reconciler.planner.scope import covers, may_cover
from reconciler.values.text import did_you_mean, printable

Names = Mapping[Scope, tuple[str, ...]]


def acknowledged(project: Project, unmanaged: Names) -> dict[Scope, tuple[str, ...]]:
    """The unmanaged objects that a pattern of `unmanaged` in reconciler.yaml matches."""
    patterns = project.config.unmanaged
    matched = {
        scope: tuple(name for name in names if covers(patterns, scope.address(name)))
        for scope, names in unmanaged.items()
    }
    return {scope: names for scope, names in matched.items() if names}


def idle_patterns(project: Project, unmanaged: Names, snapshot: Snapshot) -> Iterator[Diagnostic]:
    """A warning for each pattern that matches no unmanaged object, as far as all of its kinds were
    read completely."""
    scopes = tuple(project.resource_types.scopes())
    for pattern in project.config.unmanaged:
        kinds = [scope for scope in scopes if may_cover(pattern, scope)]
        if not kinds:
            hint = did_you_mean("/".join(pattern.split("/")[:2]), map(str, scopes))
            yield _warning(pattern, "names no kind of this workspace", hint)
            continue
        listings = [snapshot.listings.get(scope) for scope in kinds]
        found = any(
            covers([pattern], scope.address(name))
            for scope in kinds
            for name in unmanaged.get(scope, ())
        )
        if not found and all(listing and listing.complete for listing in listings):
            hint = "Remove it, unless such objects come and go."
            yield _warning(pattern, "matches no unmanaged object", hint)


def _warning(pattern: str, what: str, hint: str) -> Diagnostic:
    summary = f"unmanaged in reconciler.yaml: {printable(pattern, 400)} {what}"
    return Diagnostic(summary, hint, Severity.WARNING)
