"""Find what became of creates whose outcome an earlier run did not learn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.errors import Diagnostic, Severity
from reconciler.identity import LiveIndex, key_in, parse_key
from reconciler.model import Address, BegunCreate, Live, Resource
from reconciler.planner.context import CannotPlan, Context
from reconciler.values.compare import same
from reconciler.values.mask import drop_secrets
from reconciler.values.normal_form import loose_form


def match_begun_creates(context: Context, desired: Iterable[Resource]) -> None:
    """Match resources that an earlier run may have created with the objects that have appeared
    since, where the vendor spells their natural keys differently."""
    found = False
    for resource in desired:
        address = resource.address
        if address not in context.begun or address.scope in context.unread:
            continue
        index = context.indexes[address.scope]
        if index.matched.get(address.key) is None and not resource.options.absent:
            candidates = _candidates(context, index, resource, context.begun[address])
            if len(candidates) == 1:
                index.match(address.key, candidates[0])
                found = True
            elif candidates:
                index.matched[address.key] = candidates
    if found:
        for index in context.indexes.values():
            index.resolve_references(context.indexes)


def _candidates(
    context: Context, index: LiveIndex, resource: Resource, begun: BegunCreate
) -> tuple[Live, ...]:
    """The live objects that neither a resource nor the ledger accounts for, and that have the
    resource's natural key but for case, blanks or a slash, or that were created since and have all
    its other fields."""
    key = index.keys[resource.address.key]
    wanted = tuple(map(_loose, key)) if key is not None else None
    names = index.resource_type.kind.natural_key
    facts = index.resource_type.facts
    declared = drop_secrets(facts, index.desired_fields(resource))
    others = {name: value for name, value in declared.items() if name not in names}
    found = []
    for live in index.by_id.values():
        owned = (resource.address.scope, live.id) in context.owned_ids
        if owned or live.id in index.declared_ids:
            continue
        live_key = key_in(context.indexes, index.resource_type, live.fields)
        same_key = wanted is not None and live_key and tuple(map(_loose, live_key)) == wanted
        is_new = bool(live.created) and live.created[:19] >= begun.at[:19]
        same_fields = is_new and bool(others) and same(facts, others, index.live_fields(live))
        if same_key or same_fields:
            found.append(live)
    return tuple(found)


def _loose(part: str | None) -> str | None:
    return None if part is None else loose_form(part)


def check_may_create(context: Context, resource: Resource) -> None:
    """Raise CannotPlan where an earlier run may have created the object although it cannot be
    found, and creating it again could make a second one."""
    begun = context.begun.get(resource.address)
    kind = context.indexes[resource.address.scope].resource_type.kind
    if begun is None or kind.unique or kind.idempotent:
        return
    raise CannotPlan(
        resource,
        (
            f"held back: its creation was begun at {begun.at}, the outcome is unknown, and no such "
            "object was found",
            f"Look for it in {kind.screen}. If it is there: reconciler adopt {resource.address} "
            f"--id ID. If it is not, create it again with --retry-unknown {resource.address}",
        ),
        waits=True,
    )


def begun_reason(index: LiveIndex) -> str:
    """The reason to adopt an object that an earlier run created."""
    secrets = ", ".join(index.resource_type.secrets_shown_once)
    lost = f", which held its {secrets}: create a new one" if secrets else ""
    return f"an earlier run created it, and the answer was lost{lost}"


def undeclared_warnings(
    context: Context, desired: Iterable[Resource], begun: Mapping[Address, BegunCreate]
) -> Iterator[Diagnostic]:
    """A warning for each object that an earlier run may have created and that is not declared any
    more: the ledger does not have it, so nothing would remove it."""
    declared = {resource.address for resource in desired}
    for address, create in begun.items():
        index = context.indexes.get(address.scope)
        known = address in declared or address in context.owned
        if known or index is None or create.natural_key is None:
            continue
        for live in index.by_key.get(parse_key(index.resource_type, create.natural_key), ()):
            if live.id in index.declared_ids or (address.scope, live.id) in context.owned_ids:
                continue
            yield Diagnostic(
                f"its creation was begun at {create.at}, the answer was lost, and it is not "
                f"declared any more; a live object has its natural key (id {live.id})",
                f"Declare it again to own it, or delete it in {index.resource_type.kind.screen}.",
                Severity.WARNING,
                address=str(address),
            )
