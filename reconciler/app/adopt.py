"""Put existing objects under management, without changing them at the vendor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reconciler.app.accounts import check_accounts, identities, record_accounts
from reconciler.app.project import Project, load_valid_manifests, open_accounts
from reconciler.app.snapshot import Wanted, read
from reconciler.errors import Diagnostic, Invalid
from reconciler.frozen import frozen
from reconciler.identity import LiveIndex, LiveIndexes, index_live
from reconciler.ledger import Session, State
from reconciler.model import Address, Live, Manifests, Owned, Resource, Scope
from reconciler.planner import scopes_needed
from reconciler.planner.scope import covers
from reconciler.values.mask import drop_secrets
from reconciler.values.shape import project as project_fields
from reconciler.values.text import did_you_mean, printable

if TYPE_CHECKING:
    from reconciler.rest.account import Account


@frozen
class Adoption:
    """The row of an object that was adopted, and the id that its address had before, if any."""

    row: Owned
    before: str | None


@frozen
class Adopted:
    """What was adopted; of the addresses that a pattern matched, those that were owned already and
    stay as they are; and a finding for each that could not be adopted."""

    adoptions: tuple[Adoption, ...]
    owned: tuple[Address, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def adopt(project: Project, names: Sequence[str], id: str | None = None) -> Adopted:
    """Own the live objects of these declared addresses; with `id`, which takes one address, the
    object with that vendor id. Their live values count as applied, so the next plan shows what the
    manifests change. A name may also be a provider, a provider/kind or have wildcards.

    Raises Invalid, and nothing is adopted, where a name matches nothing that is declared, or the
    object of an address in full cannot be adopted. Of what a pattern matches the rest is adopted.
    """
    with ExitStack() as stack:
        manifests = load_valid_manifests(project)
        exact, matched = _declared(manifests, dict.fromkeys(names))
        resources = (*exact, *matched)
        if id is not None and (len(names) != 1 or matched):
            raise Invalid(Diagnostic("--id takes exactly one address"))
        session = stack.enter_context(project.ledger.lock("adopt"))
        needed = scopes_needed(
            project.resource_types, (), (), {resource.address.scope for resource in resources}
        )
        providers = {scope.provider for scope in needed}
        accounts = stack.enter_context(open_accounts(project, sorted(providers)))
        identified = identities(project, accounts)
        check_accounts(session.state, identified)
        indexes = _indexes(project, needed, accounts, manifests, session.state)
        adoptions, _, errors = _adoptions(session, indexes, exact, id)
        if errors:
            raise Invalid(*errors)
        others, owned, problems = _adoptions(session, indexes, matched, None, skip_owned=True)
        adoptions += others
        if adoptions:
            record_accounts(session, session.state, identified)
            session.begin("")
            session.own(*(adoption.row for adoption in adoptions))
            session.end({"adopted": len(adoptions)})
    return Adopted(tuple(adoptions), tuple(owned), tuple(problems))


def _indexes(
    project: Project,
    needed: Sequence[Scope],
    accounts: Mapping[str, Account],
    manifests: Manifests,
    state: State,
) -> LiveIndexes:
    """What is live in the needed kinds; raises Invalid for one that could not be read."""
    wanted = Wanted(manifests.resources, state.owned)
    listings = read(project.resource_types, needed, accounts, wanted).listings
    for scope in needed:
        if (problem := listings[scope].problem) is not None and not listings[scope].complete:
            raise Invalid(problem)
    types = [project.resource_types.of(scope) for scope in needed]
    objects = {scope: listing.objects for scope, listing in listings.items()}
    return index_live(types, objects, manifests.resources, state.owned)


def _declared(
    manifests: Manifests, names: Iterable[str]
) -> tuple[tuple[Resource, ...], tuple[Resource, ...]]:
    """The resources with these addresses, and those that the other names match, which are declared
    to exist. Raises Invalid with a finding for each name that matches nothing."""
    known = {str(resource.address): resource for resource in manifests.resources}
    exact = {name: known[name] for name in names if name in known}
    matched: dict[str, Resource] = {}
    findings = []
    for name in (name for name in names if name not in known):
        hits = {a: r for a, r in known.items() if covers([name], r.address)}
        if not hits:
            findings.append(_not_declared(name, known))
        matched |= {a: r for a, r in hits.items() if a not in exact and not r.options.absent}
    if findings:
        raise Invalid(*findings)
    return tuple(exact.values()), tuple(matched.values())


def _not_declared(name: str, known: Iterable[str]) -> Diagnostic:
    hint = did_you_mean(name, known) or "Nothing is declared yet."
    return Diagnostic(
        f"{printable(name)} is not declared, and only what a manifest declares is adopted",
        f"{hint} To write manifests for live objects, use `reconciler import`.",
    )


def _adoptions(
    session: Session,
    indexes: LiveIndexes,
    resources: Iterable[Resource],
    id: str | None,
    skip_owned: bool = False,
) -> tuple[list[Adoption], list[Address], list[Diagnostic]]:
    """The adoptions of these resources, the addresses that were owned already and are left out
    with `skip_owned`, and why the others cannot be adopted."""
    adoptions: list[Adoption] = []
    owned: list[Address] = []
    problems: list[Diagnostic] = []
    for resource in resources:
        try:
            adoption = _adoption(session, _row(indexes[resource.address.scope], resource, id))
        except Invalid as error:
            problems += error.diagnostics
            continue
        if skip_owned and adoption.before == adoption.row.id:
            owned.append(resource.address)
        else:
            adoptions.append(adoption)
    return adoptions, owned, problems


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
