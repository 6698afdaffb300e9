"""Collect the declared resources, and report those that conflict with each other."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.errors import Diagnostic
from reconciler.identity import NaturalKey, key_text, natural_key, parse_key
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Address, Ref, Resource, Scope
from reconciler.model.cycle import find_cycle
from reconciler.values.scalars import text_form
from reconciler.values.text import shown

_MAX_CYCLES = 20
_MAX_SHOWN = 20


class ResourceSet:
    """The resources declared so far, and the conflicts between them (`problems`)."""

    def __init__(self) -> None:
        self.resources: list[Resource] = []
        self.problems: list[Diagnostic] = []
        self._resource_types: dict[Scope, ResourceType] = {}
        self._by_address: dict[Address, Resource] = {}
        self._by_natural_key: dict[Scope, dict[NaturalKey, Resource]] = {}

    def add(self, resource: Resource, resource_type: ResourceType) -> None:
        """Add a resource, unless its address was declared before. Reports that, and a resource that
        is the same object as an earlier one."""
        address = resource.address
        self._resource_types[resource_type.scope] = resource_type
        first = self._by_address.setdefault(address, resource)
        if first is not resource:
            summary = f"{shown(str(address))} is declared twice; first at {first.source}"
            hint = "Remove one of them, or change its key."
            self._report(summary, hint, resource, "declared twice")
            return
        self.resources.append(resource)
        key = natural_key(resource_type, resource.fields)
        if key is not None:
            named = self._by_natural_key.setdefault(resource_type.scope, {})
            earlier = named.setdefault(key, resource)
            if earlier is not resource and not _have_different_ids(resource, earlier):
                self._report_same_object(resource, earlier, key)

    def check_cycles(self) -> None:
        """Report references that form a cycle; call it after all resources were added."""
        declared = {resource.address: resource for resource in self.resources if resource.refs}
        needs = {
            address: [target for ref in resource.refs if (target := self._target(ref))]
            for address, resource in declared.items()
        }
        for _ in range(_MAX_CYCLES):
            cycle = find_cycle(needs)
            if not cycle:
                return
            self._report(
                "these objects depend on each other: " + _way_round(cycle),
                "Remove one of the references, so that one of the objects can be created first.",
                declared[cycle[0]],
            )
            del needs[cycle[0]]

    def _target(self, ref: Ref) -> Address | None:
        """The address of the resource that a reference names, by its key or else its natural key;
        None where it is not declared."""
        address = ref.target.address(ref.name)
        if address in self._by_address:
            return address
        resource_type = self._resource_types.get(ref.target)
        if resource_type is None:
            return None
        key = parse_key(resource_type, ref.name)
        resource = self._by_natural_key.get(ref.target, {}).get(key) if key else None
        return resource.address if resource else None

    def _report_same_object(self, resource: Resource, earlier: Resource, key: NaturalKey) -> None:
        pair = (
            f"{shown(str(resource.address))} and {shown(str(earlier.address))} "
            f"(at {earlier.source})"
        )
        names = self._resource_types[resource.address.scope].kind.natural_key
        self._report(
            f"{pair} are the same object: {' and '.join(names)} {shown(key_text(key))}",
            "The keys are the same text in two Unicode forms: remove one of them."
            if text_form(resource.address.key) == text_form(earlier.address.key)
            else "Remove one of them; to rename it, keep the new key and write `$was: old-key`.",
            resource,
            "same object",
        )

    def _report(self, summary: str, detail: str, resource: Resource, mistake: str = "") -> None:
        address, source = str(resource.address), resource.source
        self.problems.append(
            Diagnostic(summary, detail, address=address, source=source, mistake=mistake)
        )


def _way_round(cycle: Sequence[Address]) -> str:
    """The addresses of a cycle; of a long one the first and the last."""
    names = [str(address) for address in cycle]
    if len(names) > _MAX_SHOWN:
        left_out = f"({len(names) - _MAX_SHOWN:,} more)"
        names = [*names[: _MAX_SHOWN - 1], left_out, names[-1]]
    return " → ".join(names)


def _have_different_ids(resource: Resource, earlier: Resource) -> bool:
    """Whether `$id` says that two resources with one natural key are different live objects."""
    ids = (resource.options.id, earlier.options.id)
    return None not in ids and ids[0] != ids[1]
