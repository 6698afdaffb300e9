"""Check that the objects of the ledger belong to the accounts that reconciler.yaml names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from reconciler.app.project import Project, require_settings
from reconciler.errors import Diagnostic, Invalid, Refused
from reconciler.ledger import Session, State
from reconciler.model import AccountIdentity, Secret
from reconciler.values.text import did_you_mean, printable


def identities(project: Project, names: Iterable[str]) -> Mapping[str, AccountIdentity]:
    """What identifies the accounts of these providers, as reconciler.yaml configures them. Raises
    Invalid where the environment lacks what one of them needs."""
    names = tuple(names)
    require_settings(project, names)
    return {name: _identity(project, name) for name in names}


def _identity(project: Project, name: str) -> AccountIdentity:
    connection, provider = project.config.connections[name], project.resource_types.providers[name]
    values = connection.settings
    hidden = [
        str(_text(values[n])) for n in _given(provider.identifying_settings("fingerprint"), values)
    ]
    credential = Secret("\n".join(hidden))
    return AccountIdentity(
        provider.type,
        urlsplit(connection.base_url or provider.base_url).netloc.lower(),
        {n: _text(values[n]) for n in _given(provider.identifying_settings("shown"), values)},
        project.fingerprints.of(credential) if hidden else "",
    )


def _given(names: Iterable[str], values: Mapping[str, object]) -> Iterator[str]:
    return (name for name in names if values.get(name) is not None)


def _text(value: object) -> str:
    return value.reveal() if isinstance(value, Secret) else str(value)


def check_accounts(state: State, accounts: Mapping[str, AccountIdentity]) -> None:
    """Raise Refused, with both accounts named, where a provider is now at another vendor, host or
    tenant than the objects that the ledger has of it."""
    owning = {address.provider for address in state.owned}
    different = [
        _refusal(name, state.accounts[name], account)
        for name, account in accounts.items()
        if name in owning and name in state.accounts and account.is_elsewhere(state.accounts[name])
    ]
    if different:
        raise Refused(*different)


def other_credentials(
    state: State, accounts: Mapping[str, AccountIdentity]
) -> Mapping[str, AccountIdentity]:
    """The accounts whose credential, or whose port on this machine, is not the one that the ledger
    has: either it was replaced, or this is another account, which only its objects can show."""
    return {
        name: account
        for name, account in accounts.items()
        if name in state.accounts and account != state.accounts[name]
    }


def record_accounts(
    session: Session, state: State, accounts: Mapping[str, AccountIdentity]
) -> None:
    """Record the accounts that the ledger does not have like this yet."""
    for name, account in accounts.items():
        if state.accounts.get(name) != account:
            session.record_account(name, account)


def accept_account(project: Project, name: str) -> AccountIdentity:
    """Record the account that reconciler.yaml names for a provider as that of the owned objects,
    and return it; no vendor is asked. Raises Invalid where there is no such provider."""
    if name not in project.config.connections:
        raise Invalid(
            Diagnostic(
                f"reconciler.yaml has no provider {printable(name)}",
                did_you_mean(name, project.config.connections),
            )
        )
    with project.ledger.lock("state account") as session:
        account = identities(project, [name])[name]
        session.begin("")
        session.record_account(name, account)
        session.end({})
    return account


def _refusal(name: str, recorded: AccountIdentity, now: AccountIdentity) -> Diagnostic:
    return Diagnostic(
        f"the ledger's objects of {name} belong to {printable(str(recorded))}, and reconciler.yaml "
        f"names {printable(str(now))}",
        "Give each account a ledger of its own (`ledger:` in reconciler.yaml, also in an "
        "environment). If the same account has moved there, say so: "
        f"reconciler state account {name}",
    )
