"""Read one environment as it is live, to compare it with another or to carry objects over."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.app.accounts import check_accounts, identities
from reconciler.app.project import Project, open_accounts
from reconciler.app.snapshot import Wanted, read
from reconciler.errors import Diagnostic
from reconciler.frozen import frozen
from reconciler.identity import LiveIndexes, NaturalKey, index_live, key_in
from reconciler.ledger import State
from reconciler.model import NO_ENVIRONMENT, Live, Manifests, Scope
from reconciler.planner import scopes_needed
from reconciler.planner.scope import unread_scopes


def environment_named(name: str) -> str | None:
    """The environment that a word on the command line means; None for none."""
    return None if name == NO_ENVIRONMENT else name


def environment_of(project: Project) -> str:
    """The name of a project's environment, as on the command line."""
    return project.config.environment or NO_ENVIRONMENT


@frozen
class Side:
    """One environment as it is live.

    `indexes` name objects as its manifests do, `natural` by their natural keys, which two
    environments have in common. `unread` are the kinds that could not be read completely, with
    those that refer to them; `problems` say why.
    """

    project: Project
    manifests: Manifests
    state: State
    indexes: LiveIndexes
    natural: LiveIndexes
    unread: frozenset[Scope]
    problems: tuple[Diagnostic, ...] = ()

    @property
    def name(self) -> str:
        """The name of the environment, as on the command line."""
        return environment_of(self.project)

    def key_of(self, live: Live) -> NaturalKey | None:
        """The natural key of an object, in which references are natural keys too."""
        return key_in(self.natural, self.natural[live.scope].resource_type, live.fields)


def kinds_in_use(project: Project, manifests: Manifests, state: State) -> set[Scope]:
    """The kinds of which the environment declares or owns anything."""
    addresses = (*(r.address for r in manifests.resources), *state.owned)
    return {a.scope for a in addresses if project.resource_types.knows(a.scope)}


def read_side(
    project: Project, manifests: Manifests, state: State, wanted: Iterable[Scope]
) -> Side:
    """The environment, with all objects of the kinds that are `wanted` and of those that they refer
    to. Raises Refused where the ledger's objects belong to another account."""
    types = project.resource_types
    whole = frozenset(scope for scope in wanted if types.knows(scope))
    scopes = scopes_needed(types, (), (), whole)
    names = dict.fromkeys(scope.provider for scope in scopes)
    check_accounts(state, identities(project, names))
    with open_accounts(project, names) as accounts:
        snapshot = read(types, scopes, accounts, Wanted(manifests.resources, state.owned, whole))
    kinds = [types.of(scope) for scope in scopes]
    objects = {scope: listing.objects for scope, listing in snapshot.listings.items()}
    return Side(
        project,
        manifests,
        state,
        index_live(kinds, objects, manifests.resources, state.owned),
        index_live(kinds, objects, (), {}),
        unread_scopes(kinds, snapshot),
        tuple(listing.problem for listing in snapshot.listings.values() if listing.problem),
    )
