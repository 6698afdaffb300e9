"""Check whether every provider can be reached and read, and the ledger used; nothing is written."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from reconciler.app.project import Project, load_manifests, open_accounts, unusable_accounts
from reconciler.app.watches import declared_ids, failures
from reconciler.errors import (
    Diagnostic,
    Forbidden,
    Invalid,
    LedgerError,
    ReconcilerError,
    Unauthorized,
    VendorError,
)
from reconciler.kinds.resource_types import ResourceType
from reconciler.ledger import State
from reconciler.model import (
    FINGERPRINT,
    Address,
    Health,
    KindHealth,
    LedgerHealth,
    ProviderHealth,
    Resource,
    Scope,
    is_secret,
)
from reconciler.values.fingerprints import Fingerprints
from reconciler.values.text import did_you_mean, shown
from reconciler.values.walk import nodes
from reconciler.workspace.keys import ledger_key_source

if TYPE_CHECKING:
    from reconciler.rest.account import Account

KINDS_AT_ONCE = 4


def check(project: Project, names: Sequence[str] = ()) -> Health:
    """Try each of these providers, all of them if none is named, by the smallest read of each of
    its kinds; and look at the ledger. One to which nothing can be sent does not keep the others
    from being tried. Raises Invalid for a name that is not in the workspace."""
    known = project.resource_types.providers
    for unknown in (name for name in names if name not in known):
        hint = did_you_mean(unknown, known)
        raise Invalid(Diagnostic(f"there is no provider {shown(unknown)} in this workspace", hint))
    names = tuple(dict.fromkeys(names or known))
    unusable = unusable_accounts(project, names)
    with (
        open_accounts(project, (name for name in names if name not in unusable)) as accounts,
        ThreadPoolExecutor(max(1, len(accounts))) as pool,
    ):
        owned, declared = _owned(project), _declared(project)
        providers = pool.map(
            lambda name: (
                _not_asked(project, name, unusable[name])
                if name in unusable
                else _provider(project, name, accounts[name], owned, declared)
            ),
            names,
        )
        return Health(tuple(providers), check_ledger(project))


def _owned(project: Project) -> Mapping[Address, str]:
    """The ids of what the ledger owns; nothing where it cannot be read, which is said elsewhere."""
    try:
        return {address: row.id for address, row in project.ledger.read().owned.items()}
    except LedgerError:
        return {}


def _declared(project: Project) -> Sequence[Resource]:
    """What the manifests declare; nothing where they cannot be read, which `validate` says."""
    try:
        return load_manifests(project).resources
    except ReconcilerError:
        return ()


def _not_asked(project: Project, name: str, why: ReconcilerError) -> ProviderHealth:
    provider = project.resource_types.providers[name]
    url = project.config.connections[name].base_url or provider.base_url
    kinds = tuple(provider.kinds)
    return ProviderHealth(name, provider.type, url, (), 0, None, None, kinds, unusable=why)


def _provider(
    project: Project,
    name: str,
    account: Account,
    owned: Mapping[Address, str],
    declared: Sequence[Resource],
) -> ProviderHealth:
    provider = project.resource_types.providers[name]
    types = [project.resource_types.of(Scope(name, kind)) for kind in provider.kinds]
    kinds = [_kind(account, types[0])]
    failing: tuple[Diagnostic, ...] = ()
    # Without an answer, or with refused credentials, the other kinds would fail the same way.
    if kinds[0].answered and not isinstance(kinds[0].error, Unauthorized):
        with ThreadPoolExecutor(KINDS_AT_ONCE) as pool:
            kinds += pool.map(lambda resource_type: _kind(account, resource_type), types[1:])
        others = [resource for resource in declared if resource.address not in owned]
        ids = {**owned, **declared_ids(project, name, account, others)}
        failing = tuple(failures(project, {name: account}, ids))
    limit, remaining = account.announced
    return ProviderHealth(
        name,
        provider.type,
        project.config.connections[name].base_url or provider.base_url,
        tuple(kinds),
        account.per_minute,
        limit,
        remaining,
        tuple(resource_type.kind.name for resource_type in types[len(kinds) :]),
        failing,
    )


def _kind(account: Account, resource_type: ResourceType) -> KindHealth:
    began = time.monotonic()
    error, scope = None, None
    try:
        account.driver(resource_type).probe()
    except VendorError as problem:
        error = problem
        if isinstance(problem, Forbidden) and resource_type.kind.right:
            scope = f"{resource_type.kind.right}:read"
    return KindHealth(resource_type.kind.name, (time.monotonic() - began) * 1000, error, scope)


def check_ledger(project: Project) -> LedgerHealth:
    """How the ledger is; nothing is written and no lock is taken."""
    store = project.ledger.store
    try:
        source = ledger_key_source(project.variables, project.config.root)
        state, holder = project.ledger.read(), store.holder()
        return LedgerHealth(
            store.place,
            len(state.owned),
            len(state.open_intents),
            obstacle=store.obstacle(),
            locked_by=str(holder) if holder else None,
            key=source.text,
            shared=source.shared,
            other_key=_of_another_key(state, source.key),
        )
    except (LedgerError, Invalid) as error:
        return LedgerHealth(store.place, problem=error.diagnostics[0])


def _of_another_key(state: State, key: bytes | None) -> int:
    """How many fingerprints of secrets in the ledger were made with another key."""
    fingerprints = Fingerprints(lambda: key)
    recorded = (
        str(node.value[FINGERPRINT])
        for row in state.owned.values()
        for node in nodes(None, row.fields)
        if is_secret(node.value)
    )
    return sum(map(fingerprints.is_of_another_key, recorded))
