"""A workspace with everything that is needed to work in it: settings, types, ledger, accounts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import field, replace
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Protocol

from reconciler import manifest, workspace
from reconciler.app.policies import check_policies
from reconciler.errors import Diagnostic, Invalid, ReconcilerError, Refused, Severity
from reconciler.files.cache import Cache
from reconciler.frozen import frozen
from reconciler.kinds import Provider
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.ledger import Ledger, open_ledger
from reconciler.ledger.who import origin as run_origin
from reconciler.manifest.enumerations import NO_LISTS, Lists
from reconciler.model import Connection, Manifests, Scope, Secret, WorkspaceConfig
from reconciler.providers import PROVIDERS
from reconciler.values.fingerprints import Fingerprints
from reconciler.values.text import did_you_mean
from reconciler.workspace.keys import ledger_key
from reconciler.workspace.refusals import check_ledger_host

if TYPE_CHECKING:
    from reconciler.rest.account import Account


class Observer(Protocol):
    """Whoever wants to know how far a use case is; its methods are called from several threads."""

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        """A request was sent and answered."""

    def hold(self, provider: str, seconds: float) -> None:
        """No request can go to this provider for so many seconds because of its rate limit."""

    def notice(self, message: str) -> None:
        """Something happened that the user should know and that is not an error."""


@frozen
class Project:
    """A workspace, the resource types of its providers, and its ledger; `open_ledger` opens another
    place for its ledger, given as a `ledger:` setting. Reads and waits end once `stop` is set.
    `variables` are the environment variables."""

    config: WorkspaceConfig
    resource_types: ResourceTypes
    ledger: Ledger
    open_ledger: Callable[[str], Ledger]
    observer: Observer | None = None
    stop: Event = field(default_factory=Event)
    fingerprints: Fingerprints = field(default_factory=Fingerprints)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    def in_environment(self, name: str | None) -> Project:
        """The same workspace with the settings of another environment, or of none. Raises what
        `open_project` does."""
        root = self.config.root
        return open_project(root, name, self.variables, False, self.observer, self.stop)


def open_project(
    folder: Path,
    environment: str | None,
    variables: Mapping[str, str],
    offline: bool = False,
    observer: Observer | None = None,
    stop: Event | None = None,
    lock_timeout: float = 0,
) -> Project:
    """The workspace in `folder`, with the settings of `environment` if one is named.

    `variables` are the environment variables; with `offline` one that is not set is empty, for use
    cases that reach no vendor. Once `stop` is set, reads and waits end. A lock that another run
    holds is waited for during `lock_timeout` seconds. Raises Invalid with every finding in
    reconciler.yaml.
    """
    config = workspace.load(folder, environment, variables, offline)
    types = ResourceTypes({name: _provider(own) for name, own in config.connections.items()})
    unknown = sorted(scope for scope in config.exclusive if not types.knows(scope))
    if unknown:
        raise Invalid(*(_no_such_kind(scope, types.providers[scope.provider]) for scope in unknown))
    check_policies(config.policies, types)
    stop = stop or Event()
    open_at = partial(
        open_ledger,
        root=config.root,
        workspace=config.name,
        remember=True,
        allow=partial(check_ledger_host, variables, config.root),
        lock_timeout=lock_timeout,
        stop=stop,
        origin=partial(run_origin, config.environment, config.root, config.manifests, variables),
    )
    fingerprints = Fingerprints(
        partial(ledger_key, variables, config.root), partial(_former, config.name)
    )
    return Project(
        config, types, open_at(config.ledger), open_at, observer, stop, fingerprints, variables
    )


def _provider(connection: Connection) -> Provider:
    try:
        return PROVIDERS[connection.type].configured(connection.settings)
    except KeyError:
        raise Invalid(
            Diagnostic(
                f"provider {connection.name}: type {connection.type} is not supported",
                f"Supported types: {', '.join(sorted(PROVIDERS))}.",
            )
        ) from None


def _no_such_kind(scope: Scope, provider: Provider) -> Diagnostic:
    return Diagnostic(
        f"exclusive names {scope}, but {scope.provider} has no such kind",
        provider.why_not_managed(scope.kind) or did_you_mean(scope.kind, provider.kinds),
    )


@contextmanager
def open_accounts(
    project: Project,
    names: Iterable[str],
    writable: bool = False,
    stop: Event | None = None,
    parallelism: int | None = None,
) -> Iterator[Mapping[str, Account]]:
    """Connections to these providers for as long as the block lasts; those that are not `writable`
    refuse every request that could change anything. Reads and waits end once `stop`, or else that
    of the project, is set. `parallelism` requests may be in flight at a provider for which
    reconciler.yaml names no number. Raises what `require_settings` does."""
    from reconciler.http.client import Client
    from reconciler.http.redaction import KnownSecrets
    from reconciler.rest.account import Account

    observer, names = project.observer, tuple(dict.fromkeys(names))
    require_settings(project, names)
    known = KnownSecrets(_secrets_of(project.config))
    with ExitStack() as stack:
        accounts: dict[str, Account] = {}
        for name in names:
            client = Client(
                _with_parallelism(project, name, parallelism),
                project.resource_types.providers[name],
                writable,
                observe=observer.request if observer else None,
                held=partial(observer.hold, name) if observer else None,
                stop=stop or project.stop,
                known=known,
            )
            stack.callback(client.close)
            accounts[name] = Account(client)
        yield accounts


def _with_parallelism(project: Project, name: str, parallelism: int | None) -> Connection:
    """The connection of a provider, with so many requests at once unless it has a number."""
    connection = project.config.connections[name]
    if connection.parallelism is None:
        return replace(connection, parallelism=parallelism)
    if parallelism and connection.parallelism < parallelism and project.observer is not None:
        project.observer.notice(
            f"{name}: at most {connection.parallelism} requests at once, because reconciler.yaml "
            "says so (parallelism)."
        )
    return connection


def _secrets_of(config: WorkspaceConfig) -> Iterator[Secret]:
    """The secrets of the workspace and the credentials of all its accounts."""
    yield from config.secrets.values()
    for connection in config.connections.values():
        yield from (value for value in connection.settings.values() if isinstance(value, Secret))


def require_settings(project: Project, names: Iterable[str]) -> None:
    """Raise Refused where the credentials of one of these providers would go to a host that must
    not have them, and Invalid with every setting of theirs that the environment lacks."""
    connections = [project.config.connections[name] for name in names]
    if refused := [finding for one in connections for finding in one.refused]:
        raise Refused(*dict.fromkeys(refused))
    if missing := [finding for one in connections for finding in one.missing]:
        raise Invalid(*dict.fromkeys(missing))


def unusable_accounts(project: Project, names: Iterable[str]) -> Mapping[str, ReconcilerError]:
    """What `require_settings` raises for each of these providers; nothing can be sent to them."""
    found: dict[str, ReconcilerError] = {}
    for name in names:
        try:
            require_settings(project, [name])
        except ReconcilerError as error:
            found[name] = error
    return found


def load_manifests(
    project: Project,
    lists: Lists = NO_LISTS,
    edited: Mapping[Path, bytes] = manifest.NOTHING,
    cache: Cache | None = None,
) -> Manifests:
    """Every declared object and every finding, without any network; `lists` are the vendors' own
    lists of values, as far as the vendors were asked for them, and `edited` is what some files are
    to have instead of what they have. What a `cache` has of them is not parsed again."""
    config = project.config
    return manifest.load(
        config.manifests,
        config.root,
        project.resource_types.providers,
        config.variables,
        config.secrets,
        lists,
        config.dropped,
        edited,
        cache,
    )


def manifest_files(project: Project) -> Mapping[Path, bytes]:
    """What every manifest has now. Raises Invalid where a file or a folder cannot be read."""
    return manifest.contents(project.config.manifests, project.config.root)


def load_valid_manifests(
    project: Project,
    edited: Mapping[Path, bytes] = manifest.NOTHING,
    cache: Cache | None = None,
) -> Manifests:
    """The declared objects; raises Invalid with all findings if one of them is an error."""
    manifests = load_manifests(project, edited=edited, cache=cache)
    if any(problem.severity is Severity.ERROR for problem in manifests.problems):
        raise Invalid(*manifests.problems)
    return manifests


def _former(workspace: str, secret: Secret) -> str:
    """The fingerprint that older versions recorded, without a key."""
    salt = f"reconciler/{workspace}".encode()
    return hashlib.scrypt(secret.reveal().encode(), salt=salt, n=2**12, r=8, p=1).hex()[:32]
