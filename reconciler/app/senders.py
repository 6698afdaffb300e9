"""The providers whose signed events can be received, and with which secrets they are verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from reconciler.app.project import Project
from reconciler.app.selection import kinds_named
from reconciler.errors import Diagnostic, Invalid
from reconciler.frozen import frozen
from reconciler.kinds.events import SignedEvents
from reconciler.model import Scope
from reconciler.values.text import did_you_mean, printable, shown

UNDOCUMENTED = "the vendor's documentation does not say how events are signed"
INSTEAD = "What cannot be verified is not received. Run `reconciler drift` on a schedule instead."


@frozen
class Sender:
    """A provider whose events are received: how they are signed, and with which secrets; and the
    kinds that its events may be about."""

    name: str
    events: SignedEvents
    secrets: tuple[str, ...] = field(repr=False)
    kinds: frozenset[Scope]


def senders(project: Project, secrets: Sequence[str], kinds: Sequence[str]) -> tuple[Sender, ...]:
    """The providers whose events can be received. `secrets` are names under `secrets` in
    reconciler.yaml, each with the provider before it (`PROVIDER=NAME`) where several sign their
    events; `kinds` those to compare, given as `kind` or `provider/kind`; all where none is named.

    Raises Invalid where a provider's document does not say how it signs events, a secret is not
    there, or a kind has no events.
    """
    signing = {n: p.events for n, p in project.resource_types.providers.items() if p.events}
    if not signing:
        names = ", ".join(project.resource_types.providers)
        raise Invalid(Diagnostic(f"{names}: {UNDOCUMENTED}", INSTEAD))
    named: dict[str, list[str]] = {}
    for text in secrets:
        provider, name = _provider_of(text, project, signing)
        named.setdefault(provider, []).append(_secret(project, name))
    if not named:
        raise Invalid(
            Diagnostic(
                "no secret is named with which events could be verified",
                "Put the webhook's signing secret under `secrets` in reconciler.yaml, such as "
                "`hooks: ${env.KOBO_WEBHOOK_SECRET}`, and name it: --secret hooks.",
            )
        )
    every = {Scope(n, kind) for n in named for kind in signing[n].kinds.values()}
    wanted = kinds_named(every, kinds, "no event is about it")
    return tuple(
        Sender(n, signing[n], tuple(own), frozenset(s for s in wanted if s.provider == n))
        for n, own in named.items()
    )


def _provider_of(
    text: str, project: Project, signing: Mapping[str, SignedEvents]
) -> tuple[str, str]:
    """The provider and the secret's name in a text `PROVIDER=NAME` or `NAME`."""
    provider, equals, name = text.partition("=")
    if not equals and len(signing) > 1:
        names = ", ".join(signing)
        hint = (
            f"Write whose secret it is: --secret PROVIDER={printable(text)}, with one of {names}."
        )
        raise Invalid(Diagnostic("several providers sign events", hint))
    if not equals:
        return next(iter(signing)), text
    if provider in signing:
        return provider, name
    if provider in project.resource_types.providers:
        raise Invalid(Diagnostic(f"{provider}: {UNDOCUMENTED}", INSTEAD))
    summary = f"there is no provider {shown(provider)}"
    raise Invalid(Diagnostic(summary, did_you_mean(provider, signing)))


def _secret(project: Project, name: str) -> str:
    secret = project.config.secrets.get(name)
    if secret is None:
        hint = did_you_mean(name, project.config.secrets) or "Declare it under `secrets`."
        raise Invalid(Diagnostic(f"reconciler.yaml has no secret {shown(name)}", hint))
    if secret.missing is not None:
        raise Invalid(secret.missing)
    if not secret.reveal():
        raise Invalid(Diagnostic(f"the secret {shown(name)} is empty: anybody could sign with it"))
    return secret.reveal()
