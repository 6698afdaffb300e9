"""Match resources with the live objects that they declare: by vendor id, then by natural key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from reconciler.identity.index import LiveIndex, LiveIndexes, key_in
from reconciler.identity.keys import NaturalKey, key_text
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Address, Fields, Live, Owned, Resource, Scope
from reconciler.timing import Stage, timed
from reconciler.values.compare import differences
from reconciler.values.dates import same_second
from reconciler.values.mask import drop_secrets


@timed(Stage.COMPARE)
def index_live(
    types: Sequence[ResourceType],
    objects: Mapping[Scope, Sequence[Live]],
    desired: Iterable[Resource],
    owned: Mapping[Address, Owned],
) -> LiveIndexes:
    """The index of live objects and resources for each type. `types` are in the order of their
    references, with the referenced kinds first, because a reference may be part of a natural key.
    """
    indexes: LiveIndexes = {}
    resources: dict[Scope, dict[str, Resource]] = {}
    for resource in desired:
        resources.setdefault(resource.address.scope, {})[resource.address.key] = resource
    for resource_type in types:
        index = LiveIndex(resource_type, declared=resources.get(resource_type.scope, {}))
        indexes[resource_type.scope] = index
        _add_live(index, objects.get(resource_type.scope, ()), indexes)
        _match_declared(index, indexes, owned)
    for index in indexes.values():
        index.resolve_references(indexes)
    return indexes


def _add_live(index: LiveIndex, objects: Sequence[Live], indexes: LiveIndexes) -> None:
    for live in objects:
        key = key_in(indexes, index.resource_type, live.at_hand)
        if live.archived:
            index.archived_by_key.setdefault(key, []).append(live)
            continue
        index.by_id[live.id] = live
        if key in index.by_key:
            index.by_key[key].append(live)
        elif key is not None:
            index.by_key[key] = [live]  # has no room for others, which few need
        index.names[live.id] = (key_text(key) if key else "") or live.id


def _match_declared(index: LiveIndex, indexes: LiveIndexes, owned: Mapping[Address, Owned]) -> None:
    """Find the live object of each resource: first by vendor id, as `$id` or the ledger has it, and
    only then, for those without, by natural key among the objects that are left."""
    keys = index.keys = {
        name: key_in(indexes, index.resource_type, resource.fields)
        for name, resource in index.declared.items()
    }
    index.rows = _ledger_rows(index, owned, indexes)
    _take_kept_forms(index, owned, indexes)
    taken: set[str] = set()
    unmatched: list[str] = []
    for name, resource in index.declared.items():
        row = index.rows.get(name)
        live = _match_by_id(index, resource, keys[name], indexes, row)
        if live is None and resource.options.id is None:
            unmatched.append(name)
        else:
            index.matched[name] = live
        if live is not None and row is not None and row.id == live.id:
            taken.add(live.id)
    for name in unmatched:
        index.matched[name] = _match_by_key(index, keys[name], index.rows.get(name), taken)
    for name, match in index.matched.items():
        if isinstance(match, Live):
            index.match(name, match)
    _take_rows_along(index, unmatched, owned)
    _tell_apart(index)


def _ledger_rows(
    index: LiveIndex, owned: Mapping[Address, Owned], indexes: LiveIndexes
) -> dict[str, Owned]:
    """The ledger's row of each resource that has one: under its previous address (`$was`), where
    it has none under its own, or else under its own. Where natural keys cannot change, the same
    natural key means the same object, also under another address."""
    scope = index.resource_type.scope
    moved: dict[str, str] = {}
    for name, resource in index.declared.items():
        was = resource.options.was
        if was and scope.address(name) not in owned and scope.address(was) in owned:
            moved.setdefault(was, name)
    rows = {name: owned[scope.address(was)] for was, name in moved.items()}
    for name, resource in index.declared.items():
        row = owned.get(resource.address)
        if row is not None and name not in moved:
            rows[name] = row
    _keep_keys(index, rows, indexes)
    return rows


def _keep_keys(index: LiveIndex, rows: dict[str, Owned], indexes: LiveIndexes) -> None:
    """Give the row of a resource that is to have another natural key to the one without a row that
    has the row's natural key now, where natural keys cannot change."""
    without = index.declared.keys() - rows.keys()
    facts = index.resource_type.facts.fields
    if not without or not any(facts[name].immutable for name in index.key_names):
        return
    for name, row in list(rows.items()):
        key = key_in(indexes, index.resource_type, row.fields)
        other = index.declared_by_key.get(key) if key and key != index.keys[name] else None
        if other is not None and other.address.key in without:
            rows[other.address.key] = rows.pop(name)


def _take_kept_forms(
    index: LiveIndex, owned: Mapping[Address, Owned], indexes: LiveIndexes
) -> None:
    """Give the resources without a row the row of an address that is not declared any more and has
    their natural key, where the vendor keeps that in a form of its own: its list does not show the
    key as it is declared."""
    without = index.declared.keys() - index.rows.keys()
    if not without:
        return
    names, scope = frozenset(index.key_names), index.resource_type.scope
    taken = {row.address for row in index.rows.values()}
    for address, row in owned.items():
        if not row.stored or address.scope != scope or names.isdisjoint(row.stored):
            continue
        key, live = key_in(indexes, index.resource_type, row.fields), index.by_id.get(row.id)
        resource = index.declared_by_key.get(key) if key and key not in index.by_key else None
        if live is None or resource is None or resource.options.id is not None:
            continue
        free = address.key not in index.declared and address not in taken
        if free and resource.address.key in without and is_recorded(index, indexes, row, live):
            without.remove(resource.address.key)
            index.rows[resource.address.key] = row


def _take_rows_along(
    index: LiveIndex, names: Iterable[str], owned: Mapping[Address, Owned]
) -> None:
    """Give the resources with these keys, which have no row, the row of their live object under an
    address that is not declared any more: the object has got another address, also without `$was`.
    """
    found = {
        match.id: name
        for name in names
        if name not in index.rows and isinstance(match := index.matched[name], Live)
    }
    if not found:
        return
    taken = {row.address for row in index.rows.values()}
    scope = index.resource_type.scope
    for address, row in owned.items():
        known = address.key in index.declared or address in taken
        if address.scope == scope and row.id in found and not known:
            index.rows[found[row.id]] = row


def _match_by_id(
    index: LiveIndex,
    resource: Resource,
    key: NaturalKey | None,
    indexes: LiveIndexes,
    row: Owned | None,
) -> Live | None:
    """The live object with the id in `$id` or else in the ledger; None where there is none. An
    object with the ledger's id that is another one than was recorded is kept in `replaced`."""
    if resource.options.id is not None:
        return index.by_id.get(resource.options.id)
    recorded = index.by_id.get(row.id) if row else None
    if row is None or recorded is None or recorded in index.by_key.get(key or (), ()):
        return recorded
    if is_recorded(index, indexes, row, recorded):
        return recorded
    index.replaced[resource.address.key] = recorded
    return None


def is_recorded(index: LiveIndex, indexes: LiveIndexes, row: Owned, live: Live) -> bool:
    """Whether the live object with the id of a ledger's row is the one that was recorded, and not
    one that got the same id later or has it in another account.

    It is where its natural key is as recorded. Otherwise its time of creation must not differ, and
    of the other fields that were last applied most must be as recorded; all, where the time of
    creation is not known.
    """
    resource_type = index.resource_type
    stored = {name: value for name, value in row.stored.items() if value is not None}
    recorded = {**row.fields, **stored}
    key = key_in(indexes, resource_type, recorded)
    if key is None or key == key_in(indexes, resource_type, live.fields):
        return True
    dated = bool(row.created and live.created)
    if dated and not same_second(row.created, live.created):
        return False
    changed, compared = _changed_fields(index, recorded, live)
    return not changed or (dated and 2 * changed < compared)


def shows_account(index: LiveIndex, row: Owned, live: Live) -> bool:
    """Whether the live object with the id of a row shows that it is in the account of the ledger.
    Its natural key, which may be its id, can be the same in another account: its time of creation
    must not differ, or where that is not known, none of its other fields."""
    if row.created and live.created:
        return same_second(row.created, live.created)
    stored = {name: value for name, value in row.stored.items() if value is not None}
    changed, _ = _changed_fields(index, {**row.fields, **stored}, live)
    return not changed


def _changed_fields(index: LiveIndex, recorded: Fields, live: Live) -> tuple[int, int]:
    """How many of the recorded fields differ from the live object's, without the natural key and
    references, and how many were compared."""
    resource_type = index.resource_type
    references = {path[0] for path, _ in resource_type.targets}
    compared = {
        name: value
        for name, value in drop_secrets(resource_type.facts, recorded).items()
        if name not in references and name not in resource_type.kind.natural_key
    }
    differing = differences(resource_type.facts, compared, live.fields)
    return len({change.path[0] for change in differing}), len(compared)


def _match_by_key(
    index: LiveIndex, key: NaturalKey | None, row: Owned | None, taken: set[str]
) -> Live | tuple[Live, ...] | None:
    """The live object with this natural key that the ledger gives to no other resource (`taken`);
    a tuple where several could be it; else the archived one."""
    candidates = index.by_key.get(key, []) if key is not None else []
    free = [live for live in candidates if live.id not in taken]
    if len(free) > 1:
        return tuple(free)
    return free[0] if free else _archived(index, key, row)


def _archived(index: LiveIndex, key: NaturalKey | None, row: Owned | None) -> Live | None:
    """The archived object with this natural key: the one in the ledger, or else the last one."""
    candidates = index.archived_by_key.get(key, []) if key is not None else []
    recorded = [live for live in candidates if row is not None and live.id == row.id]
    return (recorded or candidates)[-1] if candidates else None


def _tell_apart(index: LiveIndex) -> None:
    """Add the id to the name of each undeclared object that has the same name as another object,
    so that references to the two are never equal."""
    counts = Counter(index.names.values())
    for id, name in index.names.items():
        if id not in index.declared_ids and (counts[name] > 1 or name in index.declared):
            index.names[id] = f"{name} (id {id})"
