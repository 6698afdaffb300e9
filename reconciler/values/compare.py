"""Compare a desired object with a live one, and list the fields that differ.

Whether they differ is decided by `==`, which takes a few hundred nanoseconds for equal objects.
DeepDiff, a thousand times slower, is used only on nested values that differ.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from reconciler.model import ABSENT, FINGERPRINT, Cause, FieldChange, Fields, Path, Secret
from reconciler.values.fields import Facts, Field
from reconciler.values.fingerprints import Fingerprints
from reconciler.values.mask import secrets_in
from reconciler.values.scalars import scalar_form, scalar_in_schema_form, text_form
from reconciler.values.shape import restrict_to
from reconciler.values.walk import DESCEND, Pair, map_value, nodes, pairs, same_types

_CONTAINERS = (dict, list)
# DeepDiff compares each entry of a list with each of the other, and some of them again and again
_MOST_COMPARED = 10_000
_MOST_PARTS = 40_000


def same(facts: Facts, desired: Fields, live: Fields) -> bool:
    """Whether every declared field equals the live value, types included. Where this is False, the
    objects may still be equal under the schema: see `differences`."""
    if not desired.items() <= live.items():
        return False
    for name, value in desired.items():
        if type(live[name]) is not type(value):
            return False
    return facts.plain or all(same_types(value, live[name]) for name, value in desired.items())


def differences(facts: Facts, desired: Fields, live: Fields) -> tuple[FieldChange, ...]:
    """The declared fields that differ, in the order of declaration, down to the member of an object
    or the item of a list. Fields that only the live object has are ignored, and so are such members
    of a list item that both have."""
    if same(facts, desired, live):
        return ()
    return tuple(
        change
        for name, after in desired.items()
        for pair in pairs(
            facts.fields.get(name), live.get(name, ABSENT), after, path=(name,), place=(name,)
        )
        for change in _changes(pair)
    )


def secret_differences(
    facts: Facts, desired: Fields, recorded: Fields, fingerprints: Fingerprints
) -> Iterator[FieldChange]:
    """The secrets that differ, or may differ, from those last applied, judged by the fingerprints
    in the ledger, because no vendor shows the secrets it has."""
    applied = {node.place: str(node.value[FINGERPRINT]) for node in secrets_in(facts, recorded)}
    for path, place, _, secret in secrets_in(facts, desired):
        if not isinstance(secret, Secret):
            continue
        same = fingerprints.same(secret, applied[place]) if place in applied else False
        if not same:
            names = () if place == path else place
            yield FieldChange(path, ABSENT, secret, True, place=names, uncertain=same is None)


def cause_of(
    facts: Facts,
    changes: tuple[FieldChange, ...],
    desired: Fields,
    live: Fields,
    applied: Fields | None,
) -> Cause:
    """Whether the manifest, the vendor or both made the changes, judged by what was last applied.

    `desired` and `applied` come without secrets, which only a manifest can change.
    """
    if applied is None:
        return Cause.NEW
    edited = any(change.sensitive for change in changes)
    names = {str(change.path[0]) for change in changes if not change.sensitive}
    drifted = bool(names - desired.keys())  # the vendor archived the object
    for name in names & desired.keys():
        last, field = applied.get(name, ABSENT), facts.fields.get(name)
        edited |= not equal(field, desired[name], last)
        current = null_if_absent(restrict_to(field, last, live.get(name, ABSENT)))
        drifted |= not (last is ABSENT or equal(field, current, last))
    return Cause.BOTH if edited and drifted else Cause.DRIFT if drifted else Cause.EDIT


def equal(field: Field | None, left: Any, right: Any) -> bool:
    """Whether two values of a field are equal under its schema."""
    if type(left) is str and type(right) is str and left == right:
        return True
    return bool(canonical(field, left) == canonical(field, right))


def null_if_absent(value: Any) -> Any:
    """Null for a field that an object does not have: some vendors leave out what is not set."""
    return None if value is ABSENT else value


def canonical(field: Field | None, value: Any) -> Any:
    """`value` in canonical form: two equal values are `==` in it, types included.

    Scalars take the form of the field's type (see `scalar_form`), sets are sorted. An empty mapping
    equals an empty list where the schema allows only one of them, and null equals both where it
    does not allow null. A mapping whose members the schema names equals null while all of its
    members do. Members that are null count as absent in a mapping of a field and in list items.
    """
    return map_value(field, value, _scalar, _ordered)


def _scalar(field: Field | None, value: Any) -> Any:
    if value is None:
        return _empty(field)
    return DESCEND if isinstance(value, (dict, list, tuple)) else scalar_form(field, value)


def _ordered(field: Field | None, value: Any) -> Any:
    """A mapping sorted by name, names in NFC; a list, sorted where its order does not matter. In a
    mapping that the schema declares, and in items of lists, null members are left out."""
    result: Any
    if isinstance(value, dict):
        names = sorted(value, key=text_form)
        members = {text_form(name): value[name] for name in names}
        result = members if field is None else _without_null(members)
    else:
        items = [_without_null(item) for item in value]
        result = sorted(items, key=repr) if field is not None and field.unordered else items
    if result or field is None:
        return result
    container = _container(field)
    return None if field.fields else container() if container else result


def in_schema_form(field: Field | None, value: Any) -> Any:
    """A value as the schema of its field wants it, where the vendor writes it differently: an empty
    list for an empty mapping, a number as text, a day with a time. Any other value as it is."""
    container = _container(field) if field else None
    if value in ([], {}) and container is not None:
        return container()
    return value if isinstance(value, (dict, list)) else scalar_in_schema_form(field, value)


def _container(field: Field) -> type[list[Any]] | type[dict[str, Any]] | None:
    """The type of a field that is either a list or a mapping; None for any other field."""
    is_list, is_mapping = "array" in field.types, "object" in field.types
    return None if is_list == is_mapping else list if is_list else dict


def _empty(field: Field | None) -> Any:
    """What null means in a field: an empty value where the schema allows no null, else null."""
    container = _container(field) if field else None
    if field is None or container is None or field.fields or "null" in field.types:
        return None
    return container()


def _without_null(item: Any) -> Any:
    if isinstance(item, dict):
        return {name: member for name, member in item.items() if member is not None}
    return item


def fingerprint(*values: Any) -> str:
    """A digest that is the same for values that compare equal; secrets are not part of it."""
    text = json.dumps([canonical(None, value) for value in values], sort_keys=True, default=repr)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _changes(pair: Pair) -> Iterator[FieldChange]:
    """The changes in a pair of values; none where they are equal."""
    field, before, after = pair.field, pair.before, pair.after
    whole = field is None or field.has_entries or field.has_members
    if whole and before is not ABSENT and after is not ABSENT:
        before = restrict_to(field, after, before)
    is_item = isinstance(pair.path[-1], int)
    if equal(field, before if is_item else null_if_absent(before), after):
        return
    change = _change(field, pair.path, pair.place, before, after)
    plain = not _both_nested(before, after) or (field and (field.unordered or field.sensitive))
    plain = plain or _are_too_large(before, after)
    if plain or whole:
        yield change
    else:
        yield from _deep_changes(pair) or [change]


def _are_too_large(before: Any, after: Any) -> bool:
    """Whether DeepDiff would need seconds for two values."""
    sizes = [
        (_longest_list(value), sum(1 for _ in nodes(None, value))) for value in (before, after)
    ]
    (left, before_parts), (right, after_parts) = sizes
    return left * right > _MOST_COMPARED or before_parts + after_parts > _MOST_PARTS


def _longest_list(value: Any) -> int:
    """The number of entries of the longest list in a value."""
    lists = (len(node.value) for node in nodes(None, value) if isinstance(node.value, list))
    return max(lists, default=0)


def _both_nested(before: Any, after: Any) -> bool:
    same_kind = type(before) is type(after) and isinstance(before, _CONTAINERS)
    return same_kind and bool(before and after)


def _deep_changes(pair: Pair) -> list[FieldChange]:
    """The changes inside two values that DeepDiff finds, without those that are equal under the
    schema."""
    from deepdiff import DeepDiff

    tree = DeepDiff(
        pair.before,
        pair.after,
        view="tree",
        ignore_private_variables=False,
        threshold_to_diff_deeper=0,
    )
    changes: list[FieldChange] = []
    for level in (level for group in tree.values() for level in group):
        inside = tuple(level.path(output_format="list"))
        old, new = _or_absent(level.t1), _or_absent(level.t2)
        leaf = _field_at(pair.field, inside)
        both_unset = old in (None, ABSENT) and new in (None, ABSENT)
        if not (both_unset or equal(leaf, old, new)):
            path, place = (*pair.path, *inside), (*pair.place, *inside)
            changes.append(_change(leaf or pair.field, path, place, old, new))
    return sorted(changes, key=lambda change: [_sort_key(part) for part in change.path])


def _sort_key(part: str | int) -> str:
    return part if isinstance(part, str) else f"{part:06}"


def _or_absent(value: Any) -> Any:
    """ABSENT for DeepDiff's marker of a missing value; any other value as it is."""
    return ABSENT if type(value).__name__ == "NotPresent" else value


def _field_at(field: Field | None, path: Path) -> Field | None:
    for part in path:
        if field is None:
            return None
        inside = (field.fields or {}).get(str(part), field.others)
        field = field.items if isinstance(part, int) else inside
    return field


def _change(field: Field | None, path: Path, place: Path, before: Any, after: Any) -> FieldChange:
    sensitive = bool(field and field.sensitive) or isinstance(after, Secret)
    immutable = bool(field and field.immutable)
    return FieldChange(path, before, after, sensitive, immutable, () if place == path else place)
