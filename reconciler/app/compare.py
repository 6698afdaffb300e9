"""Compare what is live in two environments, object by object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from reconciler.app.entry import declarable
from reconciler.app.project import Project, load_valid_manifests
from reconciler.app.selection import kinds_named, why_not_managed
from reconciler.app.side import Side, environment_named, environment_of, kinds_in_use, read_side
from reconciler.errors import Diagnostic, Severity
from reconciler.identity import NaturalKey, key_text
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import (
    Comparison,
    Difference,
    FieldChange,
    Fields,
    Live,
    Scope,
    environment_words,
)
from reconciler.values.compare import differences
from reconciler.values.text import shown
from reconciler.values.walk import overlap

Objects = Mapping[NaturalKey, Live]


def compare(
    project: Project, first: str, second: str, kinds: Sequence[str] = (), everything: bool = False
) -> Comparison:
    """What differs between two environments of the workspace, read from the vendors of both.

    Objects are matched by their natural keys, and references by those of the objects that they
    mean. What only the vendor sets, what changes by itself and secrets are left out. Compared are
    the kinds of which either environment declares or owns anything; or `kinds`, given as `kind` or
    `provider/kind`; or `everything` that both have. Nothing is written anywhere.

    Raises Invalid for an environment or a kind that is not there, and what reading a ledger raises.
    """
    projects = [project.in_environment(environment_named(name)) for name in (first, second)]
    manifests = [load_valid_manifests(project) for project in projects]
    states = [project.ledger.read() for project in projects]
    parts = list(zip(projects, manifests, states, strict=True))
    if kinds or everything:
        wanted = _chosen(projects, kinds)
    else:
        wanted = {scope for part in parts for scope in kinds_in_use(*part)}
    scopes = tuple(sorted(s for s in wanted if all(p.resource_types.knows(s) for p in projects)))
    findings = [_only_in_one(scope, projects) for scope in sorted(wanted - set(scopes))]
    left, right = (read_side(*part, scopes) for part in parts)
    findings += dict.fromkeys((*left.problems, *right.problems))
    compared: list[Scope] = []
    found: list[Difference] = []
    same = 0
    for scope in scopes:
        if scope in left.unread | right.unread:
            continue
        compared.append(scope)
        before, after = (_by_key(side, scope, findings) for side in (left, right))
        changed = tuple(_differences(left, right, scope, before, after))
        both = before.keys() & after.keys()
        same += len(both) - sum(not difference.only_in for difference in changed)
        found += changed
    return Comparison(first, second, tuple(compared), tuple(found), same, tuple(findings))


def _chosen(projects: Sequence[Project], kinds: Sequence[str]) -> set[Scope]:
    """The kinds that were named, or all of both environments; without those that change by
    themselves unless they are named."""
    types = projects[0].resource_types, projects[1].resource_types
    known = {scope: own for own in types for scope in own.scopes()}
    named = kinds_named(known, kinds, why=partial(why_not_managed, projects[0]))
    return {scope for scope in named if kinds or not known[scope].of(scope).moving}


def _only_in_one(scope: Scope, projects: Sequence[Project]) -> Diagnostic:
    """The warning about a kind whose provider one of the environments does not have."""
    lacking = next(p for p in projects if not p.resource_types.knows(scope))
    place = environment_words(environment_of(lacking))
    return Diagnostic(
        f"{scope} is not compared: there is no provider {scope.provider} of this type in {place}",
        severity=Severity.WARNING,
    )


def _by_key(side: Side, scope: Scope, findings: list[Diagnostic]) -> Objects:
    """The live objects of a kind by natural key. Those that none tells from others are added to
    `findings` and left out."""
    objects: dict[NaturalKey, list[Live]] = {}
    for live in side.natural[scope].by_id.values():
        key = side.key_of(live)
        if key is not None:
            objects.setdefault(key, []).append(live)
        else:
            what = f"the object with id {live.id} is not compared: it has no natural key"
            findings.append(_not_compared(side, scope, what))
    for key, several in objects.items():
        if len(several) > 1:
            what = f"{len(several)} objects have the natural key {shown(key_text(key))}"
            findings.append(_not_compared(side, scope, f"{what}: they are not compared"))
    return {key: found[0] for key, found in objects.items() if len(found) == 1}


def _not_compared(side: Side, scope: Scope, what: str) -> Diagnostic:
    hint = "Tell them apart in the vendor's screens."
    return Diagnostic(f"{side.name}: {scope}: {what}", hint, Severity.WARNING)


def _differences(
    left: Side, right: Side, scope: Scope, before: Objects, after: Objects
) -> Iterator[Difference]:
    """The differences in one kind, in the order of keys."""
    resource_type = left.project.resource_types.of(scope)
    ambiguous = _ambiguous(left, scope) | _ambiguous(right, scope)
    for key in sorted((before.keys() | after.keys()) - ambiguous, key=key_text):
        address = scope.address(key_text(key) or scope.kind)
        if key not in after or key not in before:
            yield Difference(address, only_in=left.name if key in before else right.name)
            continue
        first, second = (
            declarable(resource_type, side.natural[scope].live_fields(live))
            for side, live in ((left, before[key]), (right, after[key]))
        )
        if fields := tuple(field_differences(resource_type, first, second)):
            yield Difference(address, fields)


def _ambiguous(side: Side, scope: Scope) -> set[NaturalKey]:
    by_key = side.natural[scope].by_key
    return {key for key, objects in by_key.items() if len(objects) > 1}


def field_differences(
    resource_type: ResourceType, first: Fields, second: Fields
) -> Iterator[FieldChange]:
    """What differs between two live objects, of which neither is more than the other: a member that
    only one has is a difference, whichever that is."""
    facts, names = resource_type.facts, dict.fromkeys((*first, *second))
    left, right = ({name: side.get(name) for name in names} for side in (first, second))
    found = _unset(differences(facts, right, left))
    back = _unset(differences(facts, left, right))
    paths = {change.path for change in found}
    yield from found
    for change in back:
        if not any(overlap(change.path, path) for path in paths):
            yield replace(change, before=change.after, after=change.before)


def _unset(changes: Iterable[FieldChange]) -> tuple[FieldChange, ...]:
    return tuple(replace(change, forces_replace=False) for change in changes)
