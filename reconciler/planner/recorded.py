"""Refuse to plan where a live object with a recorded id is not the object that was recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from reconciler.errors import Diagnostic
from reconciler.identity import LiveIndex, is_recorded, shows_account
from reconciler.model import Address, Live, Owned, Resource
from reconciler.planner.context import Context
from reconciler.values.text import shown


def recorded_object(context: Context, row: Owned) -> Live | None:
    """The live object that a row was written for; None where it does not exist, also where another
    object has its id now."""
    index = context.indexes[row.address.scope]
    live = index.by_id.get(row.id)
    if live is None or not is_recorded(index, context.indexes, row, live):
        return None
    return live


def is_another_object(index: LiveIndex, resource: Resource) -> bool:
    """Whether the only live object that could be a resource's has the id of its row, and is
    another object than the row was written for."""
    key = resource.address.key
    return key in index.replaced and index.matched[key] is None


def identity_refusals(context: Context) -> Iterator[Diagnostic]:
    """A refusal for each row whose id belongs to another live object, unless its resource has been
    found elsewhere by its natural key."""
    renamed: set[Address] = set()
    for index in context.indexes.values():
        rows = index.rows.items()
        renamed.update(row.address for key, row in rows if row.address.key != key)
        for key in index.replaced:
            resource = index.declared[key]
            if is_another_object(index, resource):
                yield _refusal(index, index.rows[key], index.replaced[key], resource)
    for address, row in _other_rows(context, renamed):
        index = context.indexes[address.scope]
        other = index.by_id.get(row.id)
        if other is not None and recorded_object(context, row) is None:
            yield _refusal(index, row, other, None)


def _other_rows(context: Context, renamed: Set[Address]) -> list[tuple[Address, Owned]]:
    """The rows of no resource, of the kinds that were looked at, sorted; `renamed` are the
    addresses of the rows whose resource has another one."""
    return sorted(
        (address, row)
        for address, row in context.owned.items()
        if (index := context.indexes.get(address.scope)) is not None
        and index.rows.get(address.key) is not row
        and address not in renamed
    )


def account_refusals(context: Context, unproven: Iterable[str]) -> Iterator[Diagnostic]:
    """A refusal for each provider with another credential than the ledger's, of whose owned objects
    none was found: nothing shows that it is the same account."""
    for provider in sorted(unproven):
        rows = [
            row
            for address, row in context.owned.items()
            if address.provider == provider
            and address.scope in context.indexes
            and address.scope not in context.unread
        ]
        if rows and not any(_shows_account(context, row) for row in rows):
            yield Diagnostic(
                f"{provider} has another credential or port than at the last apply, and none of "
                f"the {len(rows)} owned objects that were looked for exists there: it may be "
                "another account",
                "Give each account a ledger of its own. If it is the same account, and the objects "
                f"are really gone, say so: reconciler state account {provider}",
            )


def _shows_account(context: Context, row: Owned) -> bool:
    live = recorded_object(context, row)
    return live is not None and shows_account(context.indexes[row.address.scope], row, live)


def _refusal(index: LiveIndex, row: Owned, live: Live, resource: Resource | None) -> Diagnostic:
    return Diagnostic(
        f"the live object with id {row.id} ({shown(index.names[live.id])}) is not the one that was "
        "recorded: its name, its other fields or its time of creation differ",
        "If this is another account, give it a ledger of its own. If the recorded object is gone, "
        f"let it go: reconciler state forget {row.address}. If it is the same object after all: "
        f"reconciler adopt {row.address} --id {row.id}",
        address=str(row.address),
        source=resource.source if resource else None,
    )
