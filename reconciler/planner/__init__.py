"""(desired, snapshot, owned) → Plan: a pure function, and the only place that decides anything."""

from reconciler.planner.plan import Rules, plan
from reconciler.planner.scope import scopes_needed

__all__ = ["Rules", "plan", "scopes_needed"]
