"""Put existing objects under management, without changing them at the vendor."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciler.app.accounts import check_accounts, identities, record_accounts
from reconciler.app.project import Project, load_valid_manifests, open_accounts
from reconciler.app.snapshot import Wanted, read
from reconciler.errors import Diagnostic, Invalid
from reconciler.identity import LiveIndex, index_live
from reconciler.ledger import Session
from reconciler.model import Address, Live, Manifests, Owned, Resource
from reconciler.planner import scopes_needed
from reconciler.values.mask import drop_secrets
from reconciler.values.shape import project as project_fields
from reconciler.values.text import did_you_mean, printable


@dataclass(frozen=True, slots=True)
class Adoption:
    """The row of an object that was adopted, and the id that its address had before, if any."""

    row: Owned
    before: str | None


def adopt(project: Project, names: Sequence[str], id: str | None = None) -> tuple[Adoption, ...]:
    """Own the live objects of these declared addresses; with `id`, which takes one address, the
    object with that vendor id. Their live values count as applied, so the next plan shows what the
    manifests change.

    Raises Invalid where an address is not declared or has no live object, or several.
    """
    if id is not None and len(names) != 1:
        raise Invalid(Diagnostic("--id takes exactly one address"))
    with ExitStack() as stack:
        manifests = load_valid_manifests(project)
        resources = [_declared(manifests, name) for name in dict.fromkeys(names)]
        session = stack.enter_context(project.ledger.lock("adopt"))
        needed = scopes_needed(
            project.resource_types, (), (), {resource.address.scope for resource in resources}
        )
        providers = {scope.provider for scope in needed}
        accounts = stack.enter_context(open_accounts(project, sorted(providers)))
        identified = identities(project, accounts)
        check_accounts(session.state, identified)
        wanted = Wanted(manifests.resources, session.state.owned)
        listings = read(project.resource_types, needed, accounts, wanted).listings
        for scope in needed:
            if (problem := listings[scope].problem) is not None and not listings[scope].complete:
                raise Invalid(problem)
        types = [project.resource_types.of(scope) for scope in needed]
        objects = {scope: listing.objects for scope, listing in listings.items()}
        indexes = index_live(types, objects, manifests.resources, session.state.owned)
        rows = [_row(indexes[r.address.scope], r, id) for r in resources]
        adoptions = [_adoption(session, row) for row in rows]
        record_accounts(session, session.state, identified)
        session.begin("")
        session.own(*rows)
        session.end({"adopted": len(rows)})
    return tuple(adoptions)


def _declared(manifests: Manifests, name: str) -> Resource:
    known = {str(resource.address): resource for resource in manifests.resources}
    if name not in known:
        hint = did_you_mean(name, known) or "Nothing is declared yet."
        raise Invalid(
            Diagnostic(
                f"{printable(name)} is not declared, and only what a manifest declares is adopted",
                f"{hint} To write manifests for live objects, use `reconciler import`.",
            )
        )
    return known[name]


def _row(index: LiveIndex, resource: Resource, id: str | None) -> Owned:
    live = _live(index, resource, id)
    fields = project_fields(index.resource_type.facts, index.live_fields(live), resource.fields)
    return Owned(
        resource.address,
        live.id,
        drop_secrets(index.resource_type.facts, fields),
        "adopted",
        datetime.now(UTC).isoformat(timespec="seconds"),
        resource.options.protect,
        resource.options.on_remove,
        live.created,
        rotate=resource.options.rotate,
    )


def _live(index: LiveIndex, resource: Resource, id: str | None) -> Live:
    """The live object to adopt; raises Invalid where there is none, or more than one."""
    match = index.by_id.get(id) if id is not None else index.matched[resource.address.key]
    if isinstance(match, Live):
        return match
    scope, address = resource.address.scope, str(resource.address)
    if match is None:
        what = f"with the id {printable(id)}" if id is not None else "with its natural key"
        finding = Diagnostic(
            f"{scope} has no live object {what}",
            "Apply creates it; or give the id of the object you mean: --id ID.",
            address=address,
            source=resource.source,
        )
    else:
        ids = " and ".join(live.id for live in match)
        finding = Diagnostic(
            f"{len(match)} live objects have its natural key: ids {ids}",
            f"Give the id of the one you mean: --id {match[0].id}",
            address=address,
            source=resource.source,
        )
    raise Invalid(finding)


def _adoption(session: Session, row: Owned) -> Adoption:
    """The adoption of an object; raises Invalid where another address owns it already."""
    for address, owned in session.state.owned.items():
        if owned.id == row.id and address.scope == row.address.scope and address != row.address:
            raise Invalid(_owned_elsewhere(row, address))
    before = session.state.owned.get(row.address)
    return Adoption(row, before.id if before else None)


def _owned_elsewhere(row: Owned, address: Address) -> Diagnostic:
    return Diagnostic(
        f"the object with the id {printable(row.id)} is owned as {address}",
        f"To give it this address: reconciler state mv {address} {row.address}",
        address=str(row.address),
    )
