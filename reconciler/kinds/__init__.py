"""The vocabulary in which a vendor is declared: data, and no behaviour."""

from __future__ import annotations

from reconciler.kinds.auth import ApiKey, Auth, Basic, Login, Tenancy
from reconciler.kinds.calls import (
    Archive,
    Blocker,
    Bulk,
    Call,
    Carries,
    Job,
    Lister,
    Objection,
    Paging,
    Parent,
    Raw,
    Requests,
    Verb,
    Watch,
    Within,
    Writer,
)
from reconciler.kinds.conventions import Conventions, crud, kinds
from reconciler.kinds.events import SignedEvents
from reconciler.kinds.kind import Kind, Mode
from reconciler.kinds.provider import Provider

__all__ = [
    "ApiKey",
    "Archive",
    "Auth",
    "Basic",
    "Blocker",
    "Bulk",
    "Call",
    "Carries",
    "Conventions",
    "Job",
    "Kind",
    "Lister",
    "Login",
    "Mode",
    "Objection",
    "Paging",
    "Parent",
    "Provider",
    "Raw",
    "Requests",
    "SignedEvents",
    "Tenancy",
    "Verb",
    "Watch",
    "Within",
    "Writer",
    "crud",
    "kinds",
]
