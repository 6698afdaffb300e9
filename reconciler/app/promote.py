"""Carry objects of one environment over to another: what is live there becomes desired here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from reconciler.app.carried import (
    carried_fields,
    declared_with,
    secrets_managed,
    with_origin,
)
from reconciler.app.goal import Goal
from reconciler.app.options import PlanOptions
from reconciler.app.project import Project, load_valid_manifests
from reconciler.app.side import Side, environment_named, environment_of, read_side
from reconciler.errors import Diagnostic, Invalid, Refused, Severity, Source, grouped
from reconciler.identity import NaturalKey, key_text, resolve_names
from reconciler.ledger import State
from reconciler.manifest.declaration import declare
from reconciler.manifest.rules import rules_of
from reconciler.model import (
    Address,
    Fields,
    Live,
    Manifests,
    Options,
    Pointer,
    Resource,
    Scope,
    environment_words,
)
from reconciler.planner.scope import ExactNames, covers
from reconciler.values.compare import differences
from reconciler.values.text import did_you_mean, dotted, printable, shown
from reconciler.values.walk import replace_at, values_at


def promoted(project: Project, options: PlanOptions, manifests: Manifests, state: State) -> Goal:
    """That what `options.promote` names is here as it is in another environment: the manifests with
    those objects as they are live there, and the options with them as targets.

    Both environments are read. Raises Invalid for a name that no object there has and where one of
    the environments cannot be read, and Refused where an object cannot be carried over: it refers
    to what is missing here, has a secret that is needed, or must not exist here.
    """
    source = project.in_environment(environment_named(options.promote_from))
    scopes = {_scope_of(source, project, name) for name in options.promote}
    manifests_there = load_valid_manifests(source)
    left = read_side(source, manifests_there, source.ledger.read(), scopes)
    right = read_side(project, manifests, state, scopes)
    if scopes & (left.unread | right.unread):
        raise Invalid(*dict.fromkeys((*left.problems, *right.problems)))
    chosen = tuple(_chosen(left, scopes, options.promote))
    wanted = frozenset((live.scope, live.id) for live in chosen)
    promotion = _Promotion(left, right, wanted, options.with_references)
    for live in chosen:
        promotion.carry(live)
    if promotion.refusals:
        raise Refused(*grouped(promotion.refusals))
    new = dict(promotion.resources)
    resources = [new.pop(r.address, r) for r in manifests.resources] + list(new.values())
    problems = (*manifests.problems, *grouped(promotion.warnings))
    targets = ExactNames(map(str, sorted(promotion.resources)))
    return Goal(
        replace(options, targets=targets),
        replace(manifests, resources=tuple(resources), problems=problems),
        lambda planned: with_origin(planned, left.name),
    )


def _scope_of(source: Project, project: Project, name: str) -> Scope:
    """The kind that an address names; both environments must have it."""
    provider, _, rest = name.partition("/")
    scope = Scope(provider, rest.partition("/")[0])
    for side in (source, project):
        if not side.resource_types.knows(scope):
            place = environment_words(environment_of(side))
            summary = f"{printable(name)}: there is no kind {shown(str(scope))} in {place}"
            hint = did_you_mean(str(scope), map(str, side.resource_types.scopes()))
            raise Invalid(Diagnostic(summary, hint or "Write provider/kind/key."))
    return scope


def _chosen(left: Side, scopes: set[Scope], names: tuple[str, ...]) -> Iterator[Live]:
    """The live objects that the names mean, in the order of their addresses."""
    addresses = {
        scope.address(left.indexes[scope].names[live.id]): live
        for scope in scopes
        for live in left.indexes[scope].by_id.values()
    }
    for name in names:
        if not any(covers((name,), address) for address in addresses):
            hint = did_you_mean(name, map(str, addresses))
            raise Invalid(Diagnostic(f"{printable(name)}: {left.name} has no such object", hint))
    yield from (addresses[address] for address in sorted(addresses) if covers(names, address))


@dataclass(slots=True)
class _Promotion:
    """What is carried over from `left` to `right`, and what stands in the way: the objects that are
    `wanted`, by kind and id, and `with_references` also those that they refer to."""

    left: Side
    right: Side
    wanted: frozenset[tuple[Scope, str]]
    with_references: bool
    resources: dict[Address, Resource] = field(default_factory=dict)
    warnings: list[Diagnostic] = field(default_factory=list)
    refusals: list[Diagnostic] = field(default_factory=list)
    _keys: dict[tuple[Scope, str], str] = field(default_factory=dict)
    _owned: dict[tuple[Scope, str], Fields] = field(init=False)

    def __post_init__(self) -> None:
        rows = self.left.state.owned.items()
        self._owned = {(address.scope, row.id): row.fields for address, row in rows}

    def carry(self, live: Live) -> str:
        """Carry one object over, and return the key that it has in the manifests on the right."""
        if (known := self._keys.get((live.scope, live.id))) is not None:
            return known
        scope, resource_type = live.scope, self.left.project.resource_types.of(live.scope)
        key = self._keys[scope, live.id] = self._key(live)
        address, own = scope.address(key), self.right.indexes[scope].declared.get(key)
        if own is not None and own.options.absent:
            self._refuse(address, "the manifests here say that it must not exist ($absent)")
            return key
        if self._has_twin(live) and self.left.indexes[scope].resource_of(live) is None:
            what = f"{self.left.name} has several objects with this natural key"
            self._refuse(address, what, "Tell them apart in the vendor's screens.")
            return key
        managed = self._managed(live)
        secrets = secrets_managed(resource_type, managed)
        if managed is not None and not self._exists(live, key):
            self._require_secrets(address, secrets, own)
        fields = carried_fields(resource_type, self._translated(live, address, managed), managed)
        if made := self._declared(address, fields, own, bool(secrets)):
            self.resources[address] = made
            self._warn(made, own, secrets)
        return key

    def _declared(
        self, address: Address, fields: Fields, own: Resource | None, secrets: bool
    ) -> Resource | None:
        """What is to be declared on the right, where the manifests declare `own`; None, and a
        refusal, for what no manifest could declare."""
        types = self.right.project.resource_types
        source = own.source if own else Source("")
        made, findings = declare(rules_of(types, address.scope), address.key, fields, source, None)
        # what the manifests declare besides has what is required
        errors = [f for f in findings if f.severity is Severity.ERROR]
        errors = [f for f in errors if own is None or f.rule != "required"]
        for finding in errors:
            hint = f"{self.right.name} must declare it itself, with its secrets." if secrets else ""
            self._refuse(address, finding.summary, hint or finding.detail)
        row = self.right.state.owned.get(address)
        options = Options(protect=bool(row and row.protect), on_remove="keep")
        whole = declared_with(types.of(address.scope), made, own, options)
        return None if errors else whole

    def _require_secrets(
        self, address: Address, secrets: tuple[str, ...], own: Resource | None
    ) -> None:
        """Refuse to create an object without the secrets that it has on the left."""
        resource_type = self.right.project.resource_types.of(address.scope)
        declared = secrets_managed(resource_type, own.fields if own else {})
        for secret in (name for name in secrets if name not in declared):
            what = f"it is to be created and needs {secret}, which cannot be read from"
            hint = f"Declare it in {self.right.name}, with that secret, and promote the rest."
            self._refuse(address, f"{what} {self.left.name}", hint)

    def _key(self, live: Live) -> str:
        """The key of an object on the right: that of the manifests there, where they declare it
        under the same key or by its natural key; or else its own."""
        scope, name = live.scope, self.left.indexes[live.scope].names[live.id]
        there, natural = self.right.indexes[scope], self.left.key_of(live)
        if name in there.declared:
            return name
        if natural is not None and (found := self._found(scope, natural)) is not None:
            return found
        return key_text(natural) or name if natural else name

    def _found(self, scope: Scope, natural: NaturalKey) -> str | None:
        """The key of the object on the right with this natural key; None where there is none."""
        found = self.right.natural[scope].by_key.get(natural, ())
        index = self.right.indexes[scope]
        if len(found) == 1:
            return index.names[found[0].id]
        declared = index.declared_by_key.get(natural)
        return declared.address.key if declared else None

    def _has_twin(self, live: Live) -> bool:
        """Whether another object on the left has the same natural key."""
        key = self.left.key_of(live)
        return key is not None and len(self.left.natural[live.scope].by_key.get(key, ())) > 1

    def _exists(self, live: Live, key: str) -> bool:
        """Whether the object that has this key on the right is live there."""
        index, natural = self.right.indexes[live.scope], self.left.key_of(live)
        if key in index.declared:
            return isinstance(index.matched.get(key), Live)
        return natural is not None and natural in self.right.natural[live.scope].by_key

    def _managed(self, live: Live) -> Fields | None:
        """The fields that the left environment manages; None where it manages the object not."""
        if (resource := self.left.indexes[live.scope].resource_of(live)) is not None:
            return resource.fields
        return self._owned.get((live.scope, live.id))

    def _translated(self, live: Live, address: Address, managed: Fields | None) -> Fields:
        """The fields of a live object, with each reference that is carried over by the name that
        its object has on the right. What is missing there is carried over too, or refused."""
        resource_type, fields = self.left.project.resource_types.of(live.scope), live.fields
        names = None if managed is None else {*managed, *resource_type.kind.natural_key}
        for pattern, target in resource_type.targets:
            facts = resource_type.facts.field(pattern)
            if (facts and not facts.writable) or (names is not None and pattern[0] not in names):
                continue
            for path, pointer in values_at(live.fields, pattern):
                if isinstance(pointer, Pointer):
                    name = self._reference(address, dotted(path), target, pointer)
                    fields = replace_at(fields, path, name)
        return fields

    def _reference(self, address: Address, path: str, target: Scope, pointer: Pointer) -> str:
        """The name on the right of the object that a reference of this address means."""
        meant = self._meant(target, pointer)
        natural = self.left.key_of(meant) if meant is not None else None
        if meant is None or natural is None:
            what = str(pointer.key or pointer.id)
            self._refuse(address, f"{path} refers to {shown(what)}, which has no natural key")
            return what
        if self._has_twin(meant):
            what = f"{path} refers to one of several objects with the natural key"
            self._refuse(address, f"{what} {shown(key_text(natural))}")
        if len(self.right.natural[target].by_key.get(natural, ())) > 1:
            return key_text(natural)  # the planner tells that it could mean several
        if (target, meant.id) in self._keys:
            return self._keys[target, meant.id]
        if (found := self._found(target, natural)) is not None:
            return found
        if self.with_references or (target, meant.id) in self.wanted:
            return self.carry(meant)
        name = self.left.indexes[target].names[meant.id]
        self._refuse(
            address,
            f"{path} refers to {target.address(name)}, which {self.left.name} has and "
            f"{self.right.name} lacks",
            "Promote it too, with its address or with --with-references.",
        )
        return name

    def _meant(self, target: Scope, pointer: Pointer) -> Live | None:
        known = self.left.natural[target]
        if pointer.id is not None:
            return known.by_id.get(pointer.id)
        return known.live_named(pointer.key) if pointer.key is not None else None

    def _warn(self, made: Resource, own: Resource | None, secrets: tuple[str, ...]) -> None:
        """Say what the manifests on the right have to do with it, and what cannot be carried."""
        here, environment = self.right.name, self.right.project.config.environment
        resource_type = self.right.project.resource_types.of(made.address.scope)
        if own is None:
            env = f"--env {environment} " if environment else ""
            summary = f"no manifest declares it in {here}: the next plan there lets it go"
            hint = f"After the apply: reconciler {env}import --kind {made.address.scope}"
            self._add(made.address, summary, hint)
        else:
            sides = (
                resolve_names(resource_type, resource.fields, self.right.indexes)
                for resource in (made, own)
            )
            changed = dict.fromkeys(
                str(c.path[0]) for c in differences(resource_type.facts, *sides)
            )
            if changed:
                summary = f"the manifest says something else about {', '.join(changed)}"
                hint = f"Change it there too, or the next plan of {here} puts that back."
                self._add(made.address, summary, hint, own.source)
        if secrets:
            names, verb = ", ".join(secrets), "is" if len(secrets) == 1 else "are"
            summary = f"{names} cannot be read from {self.left.name} and {verb} not carried over"
            known = secrets_managed(resource_type, own.fields if own else {})
            hint = f"The manifests of {here} say what it is." if known else "It stays as it is."
            self._add(made.address, summary, hint)

    def _add(
        self, address: Address, summary: str, detail: str, source: Source | None = None
    ) -> None:
        finding = Diagnostic(summary, detail, Severity.WARNING, str(address), source)
        self.warnings.append(finding)

    def _refuse(self, address: Address, summary: str, detail: str = "") -> None:
        self.refusals.append(Diagnostic(summary, detail, address=str(address)))
