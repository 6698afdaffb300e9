"""All that is known of each kind of each configured provider, under the workspace's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import NamedTuple

from reconciler.frozen import frozen
from reconciler.kinds import Kind, Provider
from reconciler.model import Path, Scope
from reconciler.values.fields import Facts, Field, facts_of


class KeyField(NamedTuple):
    """A part of a natural key: its name and field, the kind that it refers to, if it does, and
    whether its values are texts of no special form."""

    name: str
    field: Field
    target: Scope | None
    is_text: bool

    @classmethod
    def of(cls, name: str, field: Field, target: Scope | None) -> KeyField:
        """The part with this field."""
        return cls(name, field, target, target is None and field.is_text and not field.date)


@frozen
class ResourceType:
    """A kind at a provider: its endpoints, its fields, and the scopes its references name; whether
    answers leave out what is not set (`sparse`), and where they have the times of creation and of
    the last change.

    `key_fields` are the parts of the natural key, and `text_key` is the name of its only one where
    that is a text."""

    scope: Scope
    kind: Kind
    facts: Facts
    targets: tuple[tuple[Path, Scope], ...]
    sparse: bool = False
    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    key_fields: tuple[KeyField, ...] = field(init=False)
    text_key: str | None = field(init=False)

    def __post_init__(self) -> None:
        targets, fields = dict(self.targets), self.facts.fields
        key = [KeyField.of(n, fields[n], targets.get((n,))) for n in self.kind.natural_key]
        object.__setattr__(self, "key_fields", tuple(key))
        single = len(key) == 1 and key[0].is_text
        object.__setattr__(self, "text_key", key[0].name if single else None)

    @property
    def moving(self) -> bool:
        """Whether all that could be declared moves by itself, or all that must be: what nobody
        declares is left alone, without a word, and is not imported."""
        facts, key = self.facts.fields.items(), self.kind.natural_key
        declarable = [field for name, field in facts if field.writable and name not in key]
        required = [field for field in declarable if field.required]
        return bool(declarable) and all(field.volatile for field in required or declarable)

    @property
    def parent_scope(self) -> Scope:
        """The kind of the parents, which the schema names as a reference. Raises ValueError for a
        kind without one."""
        parent = self.kind.parent
        for path, target in self.targets:
            if parent is not None and path == (parent.field,):
                return target
        raise ValueError(f"{self.scope} has no parents")

    @property
    def secrets_shown_once(self) -> tuple[str, ...]:
        """The fields that the vendor shows only in the answer that makes them."""
        fields = self.facts.fields.items()
        return tuple(name for name, field in fields if field.sensitive and field.read_only)


@frozen
class ResourceTypes:
    """The configured providers by their names in the workspace."""

    providers: Mapping[str, Provider]
    _known: dict[Scope, ResourceType] = field(
        init=False, default_factory=dict, repr=False, compare=False
    )

    def of(self, scope: Scope) -> ResourceType:
        """What is known of `scope`, the same each time; raises KeyError where the provider has no
        such kind."""
        if scope not in self._known:
            self._known[scope] = self._read(scope)
        return self._known[scope]

    def _read(self, scope: Scope) -> ResourceType:
        provider = self.providers[scope.provider]
        facts = facts_of(provider.type, scope.kind)
        targets = tuple((path, self._target(scope, ref)) for path, ref in facts.refs)
        kind, paths = provider.kinds[scope.kind], (provider.created, provider.updated)
        created, updated = (tuple(filter(None, path.split("."))) for path in paths)
        return ResourceType(scope, kind, facts, targets, provider.sparse, created, updated)

    def scopes(self) -> Iterator[Scope]:
        """Every kind of every configured provider, in the order of declaration."""
        for name, provider in self.providers.items():
            for kind in provider.kinds:
                yield Scope(name, kind)

    def knows(self, scope: Scope) -> bool:
        """Whether the scope's provider is configured and has that kind."""
        return scope.provider in self.providers and (
            scope.kind in self.providers[scope.provider].kinds
        )

    def _target(self, scope: Scope, ref: str) -> Scope:
        wanted, _, kind = ref.rpartition("/")
        if not wanted:
            return Scope(scope.provider, kind)
        names = [name for name, provider in self.providers.items() if provider.type == wanted]
        return Scope(names[0] if names else wanted, kind)
