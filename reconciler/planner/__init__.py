"""Compute the plan from the manifests, the live objects and the ledger, as a pure function."""

from reconciler.planner.interrupted import Completed, Interrupted, completed_rows
from reconciler.planner.plan import Rules, plan
from reconciler.planner.scope import scopes_needed

__all__ = ["Completed", "Interrupted", "Rules", "completed_rows", "plan", "scopes_needed"]
