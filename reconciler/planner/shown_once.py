"""Find the changes whose answer has a secret that the vendor shows only once, and say so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Action, Change, Scope


def secrets_shown_once(change: Change, resource_type: ResourceType) -> tuple[str, ...]:
    """The names of the secrets that the vendor makes up and shows only in the answer to this
    change."""
    if change.action not in (Action.CREATE, Action.REPLACE) and change.rotation is None:
        return ()
    return resource_type.secrets_shown_once


def announce_secrets(
    changes: Iterable[Change], types: Mapping[Scope, ResourceType]
) -> Iterable[Change]:
    """The changes; the reason of those that show a secret once says so, and where to keep it."""
    for change in changes:
        if change.action is Action.NO_OP:
            yield change
            continue
        names = ", ".join(secrets_shown_once(change, types[change.address.scope]))
        if names:
            told = f"its {names} will be shown once: apply with --secrets-out FILE"
            change = replace(change, reason="; ".join(filter(None, (change.reason, told))))
        yield change
