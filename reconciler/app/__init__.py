"""The use cases, as straight lines: validate, read, plan, drift, apply, import."""

from __future__ import annotations

from reconciler.app.apply import Applying
from reconciler.app.plan import Choice, Planned, choice_of, plan, providers, still_true
from reconciler.app.project import Account, Accounts, Project, desired, validate

__all__ = [
    "Account",
    "Accounts",
    "Applying",
    "Choice",
    "Planned",
    "Project",
    "choice_of",
    "desired",
    "plan",
    "providers",
    "still_true",
    "validate",
]
