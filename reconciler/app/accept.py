"""Accept drift: write what is live into the manifests, in the place where it is declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace

from reconciler import planner, yaml12
from reconciler.app.accepted_values import NewValue, new_values
from reconciler.app.drift import Examined, find_drift
from reconciler.app.files import EditedFile, rewrite_file
from reconciler.app.options import PlanOptions
from reconciler.app.plan import Planned
from reconciler.app.project import Project, load_valid_manifests, open_accounts
from reconciler.app.selection import check_names, providers_needed
from reconciler.errors import Diagnostic, Invalid, Refused
from reconciler.frozen import frozen
from reconciler.ledger import State
from reconciler.manifest.rules import rules_of
from reconciler.model import (
    ABSENT,
    DRIFTED,
    Action,
    Address,
    Change,
    Manifests,
    Owned,
    Path,
    Resource,
)
from reconciler.planner.scope import covers
from reconciler.values.text import dotted
from reconciler.yaml12.edit import Edit, edited
from reconciler.yaml12.files import name_of, read, yaml_files

AGAIN = "Run `reconciler drift --accept` again."


@frozen
class Accepted:
    """What was accepted: the files that changed; of each address the fields, none of one whose
    declaration was removed; the entries that a plan still has for these addresses; and what could
    not be accepted."""

    files: tuple[EditedFile, ...] = ()
    fields: Mapping[Address, tuple[str, ...]] = field(default_factory=dict)
    left: tuple[Change, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


@frozen
class _Request:
    """One edit that is wanted in a file, and for which address and field."""

    address: Address
    path: Path
    old: object
    new: object


def accept(project: Project, names: Sequence[str], dry_run: bool = False) -> Accepted:
    """Write the live values of what drifted into the manifests; of everything where no names are
    given, else of the addresses that `names` are about, as targets of a plan are. With `dry_run`
    nothing is written.

    What was deleted at the vendor loses its declaration only where its own address is named.
    Secrets and values that do not stand in the manifest itself are never accepted. Raises what
    `drift` raises, and Refused where a manifest changes meanwhile.
    """
    options = PlanOptions(tuple(names))
    manifests = load_valid_manifests(project)
    state = project.ledger.read()
    both = PlanOptions(_with_renamed(names, manifests, state))
    check_names(project, both, manifests, state)
    needed = providers_needed(project, both, manifests, state)
    with open_accounts(project, needed) as accounts:
        examined = find_drift(project, accounts, manifests, state, both)
    wanted, problems = _requests(project, examined, options)
    files, fields, after = _valid_edits(project, manifests, wanted, problems)
    left: tuple[Change, ...] = ()
    if fields:
        left = _left(project, examined.planned, after, fields)
        if load_valid_manifests(project).digest != manifests.digest:
            raise Refused(Diagnostic("the manifests changed while the vendors were read", AGAIN))
    written = [file for file in files if dry_run or _is_written(project, file, problems)]
    names_written = {file.name for file in written}
    there = {r.address for r in manifests.resources if r.source.file in names_written}
    fields = {address: done for address, done in fields.items() if address in there}
    left = tuple(change for change in left if change.address in there)
    problems += examined.drift.plan.diagnostics
    return Accepted(tuple(written), fields, left, tuple(problems))


def _is_written(project: Project, file: EditedFile, problems: list[Diagnostic]) -> bool:
    """Write a file; whether that was possible. Why not is added to `problems`."""
    try:
        rewrite_file(file, AGAIN, project.config.root)
    except Invalid as error:
        problems += error.diagnostics
        return False
    return True


def _requests(
    project: Project, examined: Examined, options: PlanOptions
) -> tuple[list[_Request], list[Diagnostic]]:
    """What to edit for everything that drifted, and what cannot be accepted."""
    owned = examined.planned.owned
    resources = {_address_in_ledger(r, owned): r for r in examined.manifests.resources}
    plan = {change.address: change for change in examined.planned.plan.changes}
    wanted: list[_Request] = []
    problems: list[Diagnostic] = []
    for change in examined.drift.plan.changes:
        resource = resources.get(change.address)
        address = resource.address if resource else change.address
        is_meant = options.is_about(change.address) or options.is_about(address)
        if change.action not in DRIFTED or not is_meant:
            continue
        if resource is None:
            problems.append(_not_declared(change.address))
            continue
        for found in _of_object(project, resource, change, plan.get(address), options):
            if isinstance(found, Diagnostic):
                problems.append(found)
            else:
                wanted.append(found)
    return wanted, problems


def _with_renamed(names: Sequence[str], manifests: Manifests, state: State) -> tuple[str, ...]:
    """The names, with both addresses of each object that they mean and that is to be renamed."""
    pairs = ((r.address, _address_in_ledger(r, state.owned)) for r in manifests.resources)
    renamed = (pair for pair in pairs if pair[0] != pair[1])
    meant = (pair for pair in renamed if any(covers(names, address) for address in pair))
    return (*names, *(str(address) for pair in meant for address in pair))


def _address_in_ledger(resource: Resource, owned: Mapping[Address, Owned]) -> Address:
    """Where the ledger has a declared object: one that is to be renamed has its old address."""
    address, was = resource.address, resource.options.was
    return address if was is None or address in owned else address.scope.address(was)


def _of_object(
    project: Project,
    resource: Resource,
    drifted: Change,
    planned: Change | None,
    options: PlanOptions,
) -> Iterator[_Request | Diagnostic]:
    """What to edit for one object that drifted."""
    address = resource.address
    if drifted.action is Action.FORGET or (planned is not None and planned.before is None):
        if str(address) in options.targets:
            yield _Request(address, (), resource.fields, ABSENT)
        else:
            yield _named_only(drifted, resource)
        return
    if planned is None:
        return
    rules = rules_of(project.resource_types, address.scope)
    for found in new_values(rules, resource, drifted, planned):
        if isinstance(found, NewValue):
            yield _Request(address, found.path, found.old, found.new)
        else:
            yield found


def _valid_edits(
    project: Project,
    manifests: Manifests,
    wanted: Sequence[_Request],
    problems: list[Diagnostic],
) -> tuple[list[EditedFile], dict[Address, tuple[str, ...]], Manifests]:
    """The same as `_edit` with the manifests that the files then hold; without the objects that no
    manifest may declare as they are live, which are added to `problems`."""
    while True:
        found: list[Diagnostic] = []
        files, fields = _edit(project, manifests, wanted, found)
        try:
            after = load_valid_manifests(project, {file.path: file.after for file in files})
        except Invalid as error:
            bad = {place for finding in error.diagnostics for place in _addresses(finding)}
            kept = [request for request in wanted if str(request.address) not in bad]
            if len(kept) == len(wanted):
                raise
            wanted = kept
            problems += map(_not_declarable, error.diagnostics)
        else:
            problems += found
            return files, fields, after


def _addresses(finding: Diagnostic) -> set[str | None]:
    return {finding.address, *(other.address for other in finding.others)}


def _not_declarable(finding: Diagnostic) -> Diagnostic:
    # it is about the edited text, which nobody sees
    others = tuple(replace(other, source=None) for other in finding.others)
    summary = f"what is live is not accepted: {finding.summary}"
    return replace(finding, summary=summary, source=None, others=others)


def _edit(
    project: Project,
    manifests: Manifests,
    wanted: Sequence[_Request],
    problems: list[Diagnostic],
) -> tuple[list[EditedFile], dict[Address, tuple[str, ...]]]:
    """The files with the edits in them, and the fields that were edited; what cannot be edited is
    added to `problems`."""
    root = project.config.root
    sources = {r.address: r.source.file for r in manifests.resources}
    by_file: dict[str, list[_Request]] = {}
    for request in wanted:
        by_file.setdefault(sources[request.address], []).append(request)
    paths = {name_of(path, root): path for path in yaml_files(project.config.manifests, root)[0]}
    files: list[EditedFile] = []
    fields: dict[Address, tuple[str, ...]] = {}
    for name, requests in by_file.items():
        before = read(paths[name], root)
        result = edited(before, name, list(_edits(project, before, name, requests)))
        for position, request in enumerate(requests):
            if refused := result.refused.get(position):
                problems.append(_refused(request, refused))
            else:
                done = (dotted(request.path),) if request.path else ()
                fields[request.address] = fields.get(request.address, ()) + done
        if result.data != before:
            files.append(EditedFile(name, paths[name], before, result.data))
    return files, fields


def _edits(
    project: Project, data: bytes, name: str, requests: Sequence[_Request]
) -> Iterator[Edit]:
    """The edits of a file. A field that only its key says so far is added."""
    documents = yaml12.values(data, name)
    for request in requests:
        provider, kind, key = request.address
        number = next(
            n
            for n, document in enumerate(documents)
            if isinstance(document, dict)
            and document.get("provider") == provider
            and key in (document.get(kind) or {})
        )
        body = documents[number][kind][key]
        is_new = request.path and request.path[0] not in (body or {})
        order = tuple(project.resource_types.of(request.address.scope).facts.fields)
        after = order[: order.index(str(request.path[0]))] if is_new else ()
        old = ABSENT if is_new else request.old
        yield Edit(number, (kind, key, *request.path), old, request.new, after)


def _left(
    project: Project,
    planned: Planned,
    manifests: Manifests,
    accepted: Mapping[Address, tuple[str, ...]],
) -> tuple[Change, ...]:
    """What a plan from the edited manifests would still do about these addresses."""
    rules = planner.Rules(prune=False, unproven=planned.unproven, completed=planned.completed)
    read_scopes = planned.snapshot.listings.keys()
    resources = [r for r in manifests.resources if r.address.scope in read_scopes]
    plan = planner.plan(
        resources,
        planned.snapshot,
        planned.owned,
        project.resource_types,
        rules,
        project.fingerprints,
    )
    return tuple(c for c in plan.changes if c.address in accepted and c.fields)


def _refused(request: _Request, finding: Diagnostic) -> Diagnostic:
    what = dotted(request.path) if request.path else "the object"
    summary = f"{what} is not accepted: {finding.summary}"
    return replace(finding, summary=summary, address=str(request.address))


def _not_declared(address: Address) -> Diagnostic:
    return Diagnostic(
        "it is not accepted: no manifest declares it",
        "It is only in the ledger: declare it again, or let it go with `reconciler state forget`.",
        address=str(address),
    )


def _named_only(drifted: Change, resource: Resource) -> Diagnostic:
    return Diagnostic(
        f"it is not accepted: {drifted.reason or 'it does not exist'}, so its declaration would be "
        "removed",
        f"To remove it, name it: reconciler drift --accept '{resource.address}'",
        address=str(resource.address),
        source=resource.source,
    )
