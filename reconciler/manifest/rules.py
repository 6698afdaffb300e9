"""Collect from the schema and the workspace the rules that the objects of a kind must follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from reconciler.kinds import Mode
from reconciler.kinds.resource_types import ResourceType, ResourceTypes
from reconciler.manifest.enumerations import NO_LISTS, Listed, Lists, listed
from reconciler.model import Path, Scope
from reconciler.values.fields import Field
from reconciler.values.validate import Explainer, gate


@dataclass(frozen=True)
class Rules:
    """The rules for declared objects of one kind; made once for each kind in a run.

    `fits` returns whether a value is valid under the schema; `key_field` is the field whose default
    is the key, if there is one; `ambiguous` are references whose provider is not clear, with the
    reason; `live` are the fields whose allowed values the vendor lists; `keyed` are the lists whose
    entries are identified by a member, `sets` other lists whose order does not matter;
    `free_form` are the fields in which the schema names no members.
    """

    resource_type: ResourceType
    fits: Callable[[Any], bool]
    key_field: str | None
    read_only: tuple[Path, ...]
    sensitive: tuple[Path, ...]
    targets: tuple[tuple[Path, Scope], ...]
    ambiguous: tuple[tuple[Path, str], ...]
    live: tuple[Listed, ...] = ()
    keyed: tuple[Path, ...] = ()
    sets: tuple[Path, ...] = ()
    free_form: tuple[Path, ...] = ()

    @cached_property
    def explain(self) -> Explainer:
        """Says what in a value violates the schema."""
        return Explainer(self.resource_type.facts.schema)

    @cached_property
    def sets_of_texts(self) -> tuple[str, ...]:
        """The fields that are lists whose order does not matter."""
        return tuple(path[0] for path in self.sets if len(path) == 1 and isinstance(path[0], str))

    @cached_property
    def for_schema(self) -> frozenset[str]:
        """The fields about which the schema says all there is to say, apart from `sets_of_texts`;
        none where the natural key needs more."""
        paths = (*self.read_only, *self.sensitive, *self.free_form, *self.keyed)
        paths += tuple(path for path, _ in (*self.targets, *self.ambiguous))
        paths += tuple(path for path in self.sets if len(path) > 1)
        others = {path[0] for path in paths} | {field.path[0] for field in self.live}
        if self.key_field is None or self.key_field in others:
            return frozenset()
        return frozenset(self.resource_type.facts.fields.keys() - others)


def rules_of(resource_types: ResourceTypes, scope: Scope, lists: Lists = NO_LISTS) -> Rules:
    """The rules for the objects of `scope`; raises KeyError where the provider has no such kind."""
    resource_type = resource_types.of(scope)
    observed = resource_type.kind.mode is Mode.OBSERVED
    natural = resource_type.kind.natural_key
    ambiguous = _ambiguous_references(resource_types, resource_type)
    unclear = {path for path, _ in ambiguous}
    return Rules(
        resource_type=resource_type,
        fits=gate(resource_type.facts.schema),
        key_field=natural[0] if len(natural) == 1 else None,
        read_only=()
        if observed
        else _outermost(_where(resource_type, lambda field: field.read_only)),
        sensitive=_outermost(_where(resource_type, lambda field: field.sensitive)),
        targets=tuple(target for target in resource_type.targets if target[0] not in unclear),
        ambiguous=ambiguous,
        live=listed(resource_type, lists),
        keyed=_where(resource_type, lambda field: field.key is not None),
        sets=_where(resource_type, lambda field: field.unordered and field.key is None),
        free_form=_outermost(_where(resource_type, _is_free_form)),
    )


def without_warnings(rules: Rules) -> Rules:
    """The rules without those whose violation is only a warning."""
    errors = (one for one in rules.live if one.answered is not None and one.documented)
    return replace(rules, live=tuple(errors))


def _ambiguous_references(
    resource_types: ResourceTypes, resource_type: ResourceType
) -> tuple[tuple[Path, str], ...]:
    """The references to another provider type of which the workspace has none or several."""
    ambiguous = []
    for path, ref in resource_type.facts.refs:
        wanted, _, _ = ref.rpartition("/")
        names = [name for name, p in resource_types.providers.items() if p.type == wanted]
        if wanted and len(names) != 1:
            has = f"has {len(names)} of that type: {', '.join(names)}" if names else "has none"
            ambiguous.append((path, f"names an object of {wanted}, and the workspace {has}"))
    return tuple(ambiguous)


def _where(resource_type: ResourceType, wanted: Callable[[Field], bool]) -> tuple[Path, ...]:
    """The paths of the fields for which `wanted` is true; 0 in a path is any list position."""
    return tuple(path for path, field in resource_type.facts.every if wanted(field))


def _is_free_form(field: Field) -> bool:
    """Whether a value of this field may be, or have in it, an object of any form."""
    if not field.types or ("object" in field.types and not field.fields):
        return True
    return "array" in field.types and field.items is None


def _outermost(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The paths that are not below any other of them."""
    distinct = set(paths)
    return tuple(
        path
        for path in paths
        if not any(path[:length] in distinct for length in range(1, len(path)))
    )
