"""Check that a plan has every secret that it writes, and a place for every secret that it shows."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.app.options import ApplyOptions
from reconciler.app.project import Project
from reconciler.errors import Diagnostic, Invalid
from reconciler.model import WRITES, Plan, Secret
from reconciler.planner.shown_once import secrets_shown_once
from reconciler.values.mask import is_plain
from reconciler.values.walk import nodes


def require_secrets(plan: Plan) -> None:
    """Raise Invalid with every secret that the plan writes and the environment lacks."""
    missing = {
        node.value.missing: None
        for change in plan.changes
        if change.action in WRITES and not is_plain(change.after or {})
        for node in nodes(None, change.after or {})
        if isinstance(node.value, Secret) and node.value.missing is not None
    }
    if missing:
        raise Invalid(*missing)


def lost_secrets(project: Project, plan: Plan, options: ApplyOptions) -> Iterator[Diagnostic]:
    """A refusal for each change whose secret the vendor will show once, where the workspace wants
    those kept (`secrets_out: required`) and nobody keeps them."""
    if project.config.secrets_out != "required" or options.keeps_secrets:
        return
    for change in plan.changes:
        names = secrets_shown_once(change, project.resource_types.of(change.address.scope))
        if names:
            yield Diagnostic(
                f"its {', '.join(names)} will be shown once, and there is no place for it",
                "Name a file for it: apply --secrets-out FILE. Without `secrets_out: required` in "
                "reconciler.yaml this is allowed, and the secret is lost.",
                address=str(change.address),
                source=change.source,
            )
