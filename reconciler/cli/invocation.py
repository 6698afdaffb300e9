"""One invocation of the tool: where the workspace is, and how its accounts are opened."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from reconciler.app import Account, Project
from reconciler.cli.progress import Progress, shown
from reconciler.errors import Diagnostic, Invalid
from reconciler.kinds import Provider
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.ledger import open_ledger
from reconciler.model import Connection
from reconciler.providers import PROVIDERS
from reconciler.values.text import did_you_mean


@dataclass(slots=True)
class Invocation:
    """The global options, and what shows how far a command is."""

    root: Path
    environment: str | None
    _progress: Progress | None = None

    def project(self, offline: bool = False) -> Project:
        """The workspace in `root`; `offline` needs no credentials. Raises Invalid."""
        from reconciler import workspace

        loaded = workspace.load(self.root, self.environment, os.environ, offline)
        resource_types = ResourceTypes(
            {name: _vendor(one) for name, one in loaded.connections.items()}
        )
        unknown = [scope for scope in loaded.exclusive if not resource_types.knows(scope)]
        if unknown:
            raise Invalid(
                *(
                    Diagnostic(
                        f"exclusive names {scope}, and {scope.provider} has no such kind",
                        did_you_mean(scope.kind, resource_types.providers[scope.provider].kinds),
                    )
                    for scope in sorted(unknown)
                )
            )
        ledger = open_ledger(loaded.ledger, loaded.root, loaded.name)
        return Project(
            loaded,
            resource_types,
            ledger,
            partial(self.accounts, resource_types, loaded.connections),
        )

    @contextmanager
    def watching(self, doing: str) -> Iterator[Progress]:
        """Show how far it is while the block runs, by the requests that are sent meanwhile."""
        with shown(doing) as progress:
            self._progress = progress
            try:
                yield progress
            finally:
                self._progress = None

    def _observe(self, method: str, path: str, status: int, seconds: float) -> None:
        if self._progress is not None:
            self._progress.request(method, path, status, seconds)

    def _hold(self, provider: str, seconds: float) -> None:
        if self._progress is not None:
            self._progress.hold(provider, seconds)

    @contextmanager
    def accounts(
        self,
        resource_types: ResourceTypes,
        connections: Mapping[str, Connection],
        names: Iterable[str],
        writable: bool,
    ) -> Iterator[Mapping[str, Account]]:
        """Open these accounts for as long as the block lasts."""
        from reconciler.http.client import Client
        from reconciler.rest.account import Account as Opened

        with ExitStack() as stack:
            opened: dict[str, Account] = {}
            for name in names:
                provider = resource_types.providers[name]
                hold = partial(self._hold, name)
                client = Client(
                    connections[name], provider, writable, observe=self._observe, held=hold
                )
                stack.callback(client.close)
                opened[name] = Opened(client)
            yield opened


def _vendor(connection: Connection) -> Provider:
    try:
        return PROVIDERS[connection.type]
    except KeyError:
        raise Invalid(
            Diagnostic(
                f"provider {connection.name}: type {connection.type} is not supported yet",
                f"This version knows: {', '.join(sorted(PROVIDERS))}.",
            )
        ) from None


current = click.make_pass_decorator(Invocation)
