"""A workspace with all that is needed to work in it, and the uses that need no network."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from reconciler import manifest
from reconciler.errors import Invalid, Severity
from reconciler.executor import Driver
from reconciler.kinds import Call
from reconciler.kinds.resource_types import ResourceType, ResourceTypes
from reconciler.ledger import Ledger
from reconciler.manifest.enumerations import NO_LISTS, Lists
from reconciler.model import Listing, Manifests, Secret, WorkspaceConfig


class Probing(Driver, Protocol):
    """A driver that can also be asked whether its kind can be read, and what was put away."""

    def archive(self) -> Listing:
        """What was put away and is in no other list."""

    def probe(self) -> None:
        """Send the smallest read; raises the VendorError that it meets."""


class Account(Protocol):
    """An open connection to a vendor account."""

    @property
    def per_minute(self) -> int:
        """The limit in requests a minute; 0 means none."""

    @property
    def announced(self) -> tuple[int | None, int | None]:
        """The vendor's own limit and what is left of it, as far as its headers said so."""

    def driver(self, resource_type: ResourceType) -> Probing:
        """The driver of one of its kinds."""

    def read(self, call: Call) -> Any:
        """The decoded answer to a GET of no kind; raises the VendorError that it meets."""


Accounts = Callable[[Iterable[str], bool], AbstractContextManager[Mapping[str, Account]]]


@dataclass(frozen=True, slots=True)
class Project:
    """A workspace with all that is needed to work in it.

    `accounts(names, writable)` opens connections; those not `writable` cannot change anything.
    """

    workspace: WorkspaceConfig
    resource_types: ResourceTypes
    ledger: Ledger
    accounts: Accounts


def validate(project: Project, lists: Lists = NO_LISTS) -> Manifests:
    """Every declared object and every finding, without any network; `lists` are the vendors' own
    lists of values, as far as they were asked for."""
    workspace = project.workspace
    return manifest.load(
        workspace.manifests,
        workspace.root,
        project.resource_types.providers,
        workspace.variables,
        workspace.secrets,
        lists,
    )


def desired(project: Project) -> Manifests:
    """The declared objects; raises Invalid with all findings where one is an error."""
    manifests = validate(project)
    if any(problem.severity is Severity.ERROR for problem in manifests.problems):
        raise Invalid(*manifests.problems)
    return manifests


def sealer(project: Project) -> Callable[[Secret], str]:
    """Fingerprints of secrets, keyed by the workspace and slow enough to make guessing dear."""

    @cache
    def seal(secret: Secret) -> str:
        salt = f"reconciler/{project.workspace.name}".encode()
        return hashlib.scrypt(secret.reveal().encode(), salt=salt, n=2**12, r=8, p=1).hex()[:32]

    return seal
