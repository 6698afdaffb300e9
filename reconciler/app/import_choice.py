"""Choose which live objects are imported, and which of their fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from reconciler.errors import Diagnostic, Invalid
from reconciler.frozen import frozen
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import ABSENT, Address, Fields, Path, Resource, Scope
from reconciler.planner.scope import covers, may_cover
from reconciler.values.field_names import field_at, field_names
from reconciler.values.fields import Field
from reconciler.values.scalars import scalar_in_schema_form, text_form
from reconciler.values.text import did_you_mean, printable, shown
from reconciler.values.walk import value_at, values_at


class Condition(NamedTuple):
    """What a field of an object must be: like `pattern`, or with `negated` unlike it."""

    field: str
    pattern: str
    negated: bool


@frozen
class ImportChoice:
    """Which objects are imported: those with one of these addresses (all if there is none) for
    which all conditions hold; and which of their `fields` (all if there is none)."""

    addresses: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    fields: tuple[str, ...] = ()

    def scopes(self, known: Sequence[Scope]) -> tuple[Scope, ...]:
        """The kinds in which objects with these addresses may be; raises Invalid for an address in
        no kind."""
        for address in self.addresses:
            if not any(may_cover(address, scope) for scope in known):
                named = "/".join(address.split("/", 2)[:2])
                hint = did_you_mean(named, map(str, known))
                summary = f"{printable(address, 200)}: this workspace has no kind {shown(named)}"
                raise Invalid(Diagnostic(summary, hint))
        return tuple(s for s in known if any(may_cover(a, s) for a in self.addresses))

    def check_fields(self, types: Sequence[ResourceType]) -> None:
        """Raise Invalid for a field that none of these kinds has, or that is not shown."""
        findings = []
        for option, name in self._named():
            known = [field for own in types if (field := field_at(own.facts, name))]
            if not known:
                names = {n for own in types for n in field_names(own.facts)}
                kinds = ", ".join(own.kind.name for own in types[:3]) + ", …" * (len(types) > 3)
                summary = f"{option} {printable(name)}: {kinds} has no such field"
                findings.append(Diagnostic(summary, did_you_mean(name, names)))
            elif option == "--where" and any(field.sensitive for _, field in known):
                hint = "What is never shown cannot be searched for."
                findings.append(Diagnostic(f"--where {printable(name)}: it is sensitive", hint))
            elif option == "--fields" and all(0 in path for path, _ in known):
                hint = f"Name the list: --fields {name.partition('.')[0]}"
                summary = f"--fields {printable(name)}: it is inside a list"
                findings.append(Diagnostic(summary, hint))
        if findings:
            raise Invalid(*findings)

    def _named(self) -> Iterator[tuple[str, str]]:
        yield from (("--where", condition.field) for condition in self.where)
        yield from (("--fields", name) for name in self.fields)

    def of(self, resource_type: ResourceType) -> KindChoice:
        """What this means for the objects of one kind."""
        facts = resource_type.facts
        tests = [(condition, field_at(facts, condition.field)) for condition in self.where]
        paths = (place[0] for name in self.fields if (place := field_at(facts, name)))
        return KindChoice(self, resource_type, tuple(tests), tuple(p for p in paths if 0 not in p))


EVERYTHING = ImportChoice()


@frozen
class KindChoice:
    """A choice for the objects of one kind: its conditions with the place of their field, None
    where the kind has no such field, and the paths of the fields that are declared."""

    choice: ImportChoice
    resource_type: ResourceType
    tests: tuple[tuple[Condition, tuple[Path, Field] | None], ...]
    paths: tuple[Path, ...]

    def wants(self, fields: Fields, *names: str) -> bool:
        """Whether an object with these fields, which has one of these keys, is imported."""
        patterns, scope = self.choice.addresses, self.resource_type.scope
        if patterns and not any(covers(patterns, scope.address(name)) for name in names):
            return False
        return all(place and _holds(condition, *place, fields) for condition, place in self.tests)

    def keep(self, fields: dict[str, Any]) -> dict[str, Any]:
        """The fields that are declared: those that were chosen, those that the object is found by
        and those without which no manifest is valid."""
        if not self.choice.fields:
            return fields
        schema = self.resource_type.facts.schema
        needed = {*self.resource_type.kind.natural_key, *schema.get("required", ())}
        kept = {name: value for name, value in fields.items() if name in needed}
        for path in self.paths:
            if path[0] not in needed:
                _copy(fields, kept, path)
        return {name: kept[name] for name in fields if name in kept}


def check_addresses(
    patterns: Sequence[str], addresses: Mapping[str, Resource | None], skipped: Sequence[str]
) -> None:
    """Raise Invalid for each pattern that matches none of the live objects' `addresses`, and for
    each address that a resource declares already. `skipped` are the kinds that are not imported."""
    findings = []
    forms = {text_form(address): resource for address, resource in addresses.items()}
    for pattern in patterns:
        if resource := forms.get(text_form(pattern)):
            summary = f"{printable(pattern, 200)} is declared already"
            hint = "Its manifest stays as it is: edit it there."
            findings.append(Diagnostic(summary, hint, source=resource.source))
        elif text_form(pattern) not in forms and not any(
            covers([pattern], Address.parse(address)) for address in addresses
        ):
            findings.append(_no_such_object(pattern, addresses, skipped))
    if findings:
        raise Invalid(*findings)


def _no_such_object(pattern: str, addresses: Iterable[str], skipped: Sequence[str]) -> Diagnostic:
    if any(pattern.startswith(kind) for kind in skipped):
        hint = "Its kind cannot be listed, or changes by itself: declare the object by hand."
    else:
        hint = did_you_mean(pattern, addresses) or "Nothing is live in this kind."
    return Diagnostic(f"no live object has the address {shown(pattern, 200)}", hint)


def parse_condition(text: str) -> Condition:
    """The condition in a text such as `status=active*` or `status!=draft`; raises Invalid."""
    name, sign, pattern = text.partition("=")
    negated = name.endswith("!")
    name = name.removesuffix("!").strip()
    if not sign or not name:
        hint = "Write FIELD=PATTERN or FIELD!=PATTERN, such as address.country=TR."
        raise Invalid(Diagnostic(f"--where {printable(text)}: not a condition", hint))
    return Condition(name, pattern, negated)


def _holds(condition: Condition, path: Path, field: Field, fields: Fields) -> bool:
    """Whether the condition holds; in a list it is enough that it holds for one item."""
    values = [value for _, value in values_at(fields, path)] or [None]
    texts = (text for value in values for text in _texts(field, value))
    pattern = text_form(condition.pattern)
    return any(fnmatchcase(text_form(text), pattern) for text in texts) is not condition.negated


def _texts(field: Field, value: Any) -> Iterator[str]:
    """A value as it would be written; an unset one as nothing."""
    if isinstance(value, list):
        for item in value:
            yield from _texts(field.items or field, item)
    elif not isinstance(value, dict):
        value = scalar_in_schema_form(field, value)
        yield str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _copy(fields: Fields, kept: dict[str, Any], path: Path) -> None:
    """Put the value at a path into other fields, at the same path."""
    value = value_at(fields, path)
    if value is ABSENT:
        return
    for part in path[:-1]:
        kept = kept.setdefault(str(part), {})
    kept[str(path[-1])] = value
