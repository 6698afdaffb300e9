"""What should be: the workspace and what its manifests declare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from reconciler.errors import Diagnostic, Source
from reconciler.model.address import Address, Fields, Scope
from reconciler.model.values import Ref, Secret


@dataclass(frozen=True, slots=True)
class Connection:
    """A configured vendor account: `settings` are the vendor's own, credentials as `Secret`s.

    `base_url` None means the vendor's own address; `requests_per_minute` None means the vendor's
    limit and 0 none of ours; `timeout` is in seconds a request; `proxy` is the URL of the
    proxy to send requests through, None for none. `given` are the secrets of the
    workspace, which a vendor that was given one may send back.
    """

    name: str
    type: str
    settings: Mapping[str, Any]
    base_url: str | None = None
    requests_per_minute: int | None = None
    parallelism: int | None = None
    timeout: float = 30.0
    proxy: Secret | None = None
    given: tuple[Secret, ...] = ()


@dataclass(frozen=True, slots=True)
class Guard:
    """How much one run may destroy or change, counted for each kind and for the whole run."""

    max_deletes: int = 10
    max_delete_percent: int = 30
    max_update_percent: int = 50
    percent_from: int = 10


@dataclass(frozen=True, slots=True)
class WorkspaceConfig:
    """`reconciler.yaml` as a value, read and resolved. `root` is the folder it lies in."""

    root: FilePath
    name: str
    manifests: FilePath
    connections: Mapping[str, Connection]
    variables: Mapping[str, Any]
    secrets: Mapping[str, Secret]
    ledger: str
    exclusive: frozenset[Scope]
    guard: Guard
    environment: str | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """The `$…` words of a resource."""

    protect: bool = False
    ignore: tuple[str, ...] = ()
    was: str | None = None
    id: str | None = None
    absent: bool = False
    on_remove: str = "delete"


@dataclass(frozen=True, slots=True)
class Resource:
    """One declared object. `fields` holds what is declared and nothing else."""

    address: Address
    fields: Fields
    refs: tuple[Ref, ...]
    options: Options
    source: Source


@dataclass(frozen=True, slots=True)
class Manifests:
    """Every declared object, in file order; `digest` is over all the bytes that were read.

    `problems` are the findings; where one is an error, `resources` must not be planned from.
    """

    resources: tuple[Resource, ...]
    problems: tuple[Diagnostic, ...] = ()
    digest: str = ""
