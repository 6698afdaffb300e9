"""Ask the vendors which of the objects that a plan deletes must not be deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from reconciler.errors import VendorError
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.model import Action, Plan, Scope

if TYPE_CHECKING:
    from reconciler.rest.account import Account


def blocked_deletes(
    resource_types: ResourceTypes, plan: Plan, accounts: Mapping[str, Account]
) -> Mapping[tuple[Scope, str], str]:
    """The objects that the plan would delete and that must stay, by kind and id, each with the
    reason. Asks nothing where the plan deletes no object of a kind that has a `delete_blocker`.

    Where a vendor cannot be asked, all objects of the kind stay.
    """
    ids: dict[Scope, list[str]] = {}
    for change in plan.changes:
        scope = change.address.scope
        if change.action is Action.DELETE and resource_types.of(scope).kind.delete_blocker:
            ids.setdefault(scope, []).append(change.id or "")
    blocked: dict[tuple[Scope, str], str] = {}
    for scope, deleted in ids.items():
        try:
            driver = accounts[scope.provider].driver(resource_types.of(scope))
            reasons = driver.blocked_deletes(deleted)
        except VendorError as error:
            reasons = dict.fromkeys(deleted, _unchecked(error))
        blocked |= {(scope, id): reason for id, reason in reasons.items()}
    return blocked


def _unchecked(error: VendorError) -> str:
    return f"whether it can go could not be checked: {error.diagnostics[0].summary}"
