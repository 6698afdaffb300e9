"""The desired state: the configuration of the workspace and its declared resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path as FilePath
from typing import Any

from reconciler.errors import Diagnostic, Source
from reconciler.frozen import frozen
from reconciler.model.address import Address, Fields, Scope
from reconciler.model.policy import Policy
from reconciler.model.values import Ref, Secret


@frozen
class Connection:
    """A configured vendor account: `settings` are the vendor's own, credentials as `Secret`s.

    `base_url` is None for the vendor's usual URL; `requests_per_minute` is None for `share` percent
    of the vendor's limit and 0 for no limit; `timeout` is in seconds for each request; `proxy` is
    the URL of the proxy for all requests, or None. `unshown` are settings from the environment
    that are no credentials by themselves, such as the name of a user, and are not shown either.

    Nothing can be sent to the account where there are findings: `missing` has one for each setting
    whose environment variable is not set, `refused` one for each host that must not have the
    credentials, which are then not read.
    """

    name: str
    type: str
    settings: Mapping[str, Any]
    base_url: str | None = None
    requests_per_minute: int | None = None
    share: int = 80
    parallelism: int | None = None
    timeout: float = 30.0
    proxy: Secret | None = None
    unshown: tuple[Secret, ...] = ()
    missing: tuple[Diagnostic, ...] = ()
    refused: tuple[Diagnostic, ...] = ()


@frozen
class Guard:
    """The limits of what one run may destroy or change, for each kind and for the whole run."""

    max_deletes: int = 10
    max_delete_percent: int = 30
    max_update_percent: int = 50
    percent_from: int = 10


@frozen
class CacheSettings:
    """What is kept beside the ledger between runs: only what took at least `from_requests` requests
    to read, and no longer than `max_age_hours` without reading everything; 0 hours keeps nothing.
    """

    from_requests: int = 25
    max_age_hours: int = 24


@frozen
class WorkspaceConfig:
    """The settings in `reconciler.yaml`, resolved and checked; `root` is its folder.

    `excepted` are the patterns of objects that are left alone in each exclusive kind, `unmanaged`
    those of the addresses of objects that are known and not managed; `dropped` are the providers
    that the environment does not have; `policies` are in the order of the file.
    """

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
    excepted: Mapping[Scope, tuple[str, ...]] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    secrets_out: str = "optional"
    policies: tuple[Policy, ...] = ()
    unmanaged: tuple[str, ...] = ()
    cache: CacheSettings = CacheSettings()


@frozen
class Options:
    """The options of a resource, which are its `$…` fields; and, where a plan is made from some of
    an object's fields only, the names of those that the ledger then has of it (`manages`)."""

    protect: bool = False
    ignore: tuple[str, ...] = ()
    was: str | None = None
    id: str | None = None
    absent: bool = False
    on_remove: str = "delete"
    rotate: str | None = None
    manages: tuple[str, ...] | None = None


@frozen
class Resource:
    """One declared object; `fields` holds only the declared fields."""

    address: Address
    fields: Fields
    refs: tuple[Ref, ...]
    options: Options
    source: Source


@frozen
class Manifests:
    """Every declared object, in file order; `digest` covers all bytes that were read, and `files`
    are the manifests that are not empty.

    `problems` are the findings; where one is an error, `resources` must not be planned from.
    """

    resources: tuple[Resource, ...]
    problems: tuple[Diagnostic, ...] = ()
    digest: str = ""
    files: frozenset[str] = frozenset()
