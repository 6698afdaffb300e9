"""Check that a plan has every secret that it writes."""

from __future__ import annotations

from reconciler.errors import Invalid
from reconciler.model import WRITES, Plan, Secret
from reconciler.values.walk import nodes


def require_secrets(plan: Plan) -> None:
    """Raise Invalid with every secret that the plan writes and the environment lacks."""
    missing = {
        node.value.missing: None
        for change in plan.changes
        if change.action in WRITES
        for node in nodes(None, change.after or {})
        if isinstance(node.value, Secret) and node.value.missing is not None
    }
    if missing:
        raise Invalid(*missing)
