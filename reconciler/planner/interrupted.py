"""Complete the ledger's rows by what interrupted runs wrote and did not come to record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import field, replace
from typing import Any

from reconciler.frozen import frozen
from reconciler.identity import (
    LiveIndex,
    LiveIndexes,
    current_names,
    index_live,
    is_recorded,
    key_text,
    natural_key,
)
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import (
    ABSENT,
    Address,
    BegunUpdate,
    Fields,
    Live,
    Owned,
    Resource,
    Snapshot,
)
from reconciler.timing import Stage, timed
from reconciler.values.compare import equal, null_if_absent
from reconciler.values.ignored import without_ignored
from reconciler.values.mask import drop_secrets
from reconciler.values.normal_form import is_normal_form
from reconciler.values.shape import restrict_to


@frozen
class Interrupted:
    """What earlier runs left open: the updates whose outcome is not known, oldest first, and the
    objects that were written and not read back."""

    updates: Mapping[Address, Sequence[BegunUpdate]] = field(default_factory=dict)
    unread: Set[Address] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.updates or self.unread)


@frozen
class Completed:
    """A row as it would be if no run had been interrupted. Of the fields in `guessed`, `stored` has
    a live value that says the same as the written one in another form: probably the vendor's, but
    nobody has read it back. So it explains a difference, and is not taken for equal. `written` says
    whether an open update had an effect."""

    row: Owned
    guessed: frozenset[str] = frozenset()
    written: bool = False

    @property
    def certain(self) -> Owned:
        """The row without what is guessed."""
        return replace(self.row, stored=without_names(self.row.stored, self.guessed))


def without_names(fields: Fields, names: Set[str]) -> Fields:
    """The fields without those of these names."""
    return {name: value for name, value in fields.items() if name not in names}


@timed(Stage.COMPARE)
def completed_rows(
    types: Sequence[ResourceType],
    snapshot: Snapshot,
    desired: Sequence[Resource],
    owned: Mapping[Address, Owned],
    interrupted: Interrupted,
) -> dict[Address, Completed]:
    """The rows that would be different if the runs had not been interrupted: with the values that
    an open update wrote, where the live object has them now, and with the vendor's form of what was
    not read back."""
    objects = {scope: listing.objects for scope, listing in snapshot.listings.items()}
    indexes = index_live(types, objects, desired, owned)
    ignored = {resource.address: resource.options.ignore for resource in desired}
    completed: dict[Address, Completed] = {}
    for address in sorted({*interrupted.updates, *interrupted.unread} & owned.keys()):
        index, row = indexes.get(address.scope), owned[address]
        live = index.by_id.get(row.id) if index else None
        if index is None or live is None:
            continue
        facts, ignore = index.resource_type.facts, ignored.get(address, ())
        actual = without_ignored(facts, index.live_fields(live), ignore)
        view = _View(index, indexes, owned, live, actual)
        written = row
        for update in interrupted.updates.get(address, ()):
            written = view.with_written(written, update)
        forms = view.forms(written)
        made = replace(written, stored={**written.stored, **forms})
        if made != row and is_recorded(index, indexes, made, live):
            made = replace(made, created=made.created or live.created)
            completed[address] = Completed(made, frozenset(forms), written != row)
    return completed


def has_fields(
    index: LiveIndex,
    indexes: LiveIndexes,
    owned: Mapping[Address, Owned],
    live: Live,
    fields: Fields,
    refs: Mapping[str, str],
) -> bool:
    """Whether a live object has all of these fields, which are as in a row, or forms of them."""
    view = _View(index, indexes, owned, live, index.live_fields(live))
    row = Owned(live.scope.address(""), live.id, fields, "created", "", refs=refs)
    return all(
        view.is_as_written(name, value) for name, value in view.named(fields, refs, row).items()
    )


@frozen
class _View:
    """A live object; `actual` are its fields with the names that manifests use for references."""

    index: LiveIndex
    indexes: LiveIndexes
    owned: Mapping[Address, Owned]
    live: Live
    actual: Fields

    def with_written(self, row: Owned, update: BegunUpdate) -> Owned:
        """The row with those values of an update that the live object has."""
        if update.fields is None:
            return self._with_key(row, update.natural_key)
        before = self._known(row)
        fields, refs = dict(row.fields), dict(row.refs)
        for name, value in self.named(update.fields, update.refs, row).items():
            live = self._part(name, value)
            if not self._equal(name, value, live) and (
                self._equal(name, live, before.get(name, ABSENT))
                or not self._is_form(name, value, live)
            ):
                continue
            fields[name] = update.fields[name]
            refs = {path: id for path, id in refs.items() if not _is_below(path, name)}
            refs |= {path: id for path, id in update.refs.items() if _is_below(path, name)}
        stored = {
            name: value for name, value in row.stored.items() if fields[name] == row.fields[name]
        }
        return replace(row, fields=fields, stored=stored, refs=refs)

    def forms(self, row: Owned) -> Fields:
        """The live values that say the same as the row's fields, in another form than is known."""
        return {
            name: live
            for name, value in self.named(row.fields, row.refs, row).items()
            if self._is_form(name, value, live := self._part(name, value))
            and not self._equal(name, live, row.stored.get(name, ABSENT))
        }

    def _with_key(self, row: Owned, written: str | None) -> Owned:
        """The row with the live natural key, where that is the one that was written."""
        key = natural_key(self.index.resource_type, self.actual)
        if written is None or key is None or key_text(key) != written:
            return row
        parts = {name: self.actual.get(name) for name in self.index.key_names if name in row.fields}
        stored = without_names(row.stored, parts.keys())
        return replace(row, fields={**row.fields, **parts}, stored=stored)

    def _known(self, row: Owned) -> Fields:
        """The values that the row says the live object has."""
        return {**self.named(row.fields, row.refs, row), **row.stored}

    def named(self, fields: Fields, refs: Mapping[str, str], row: Owned) -> Fields:
        """The fields without secrets, with the names that their references have now."""
        resource_type = self.index.resource_type
        written = replace(row, fields=drop_secrets(resource_type.facts, fields), refs=refs)
        return current_names(resource_type, written, self.indexes, self.owned)

    def _part(self, name: str, value: Any) -> Any:
        facts = self.index.resource_type.facts
        part = restrict_to(facts.fields.get(name), value, self.actual.get(name, ABSENT))
        return null_if_absent(part)

    def is_as_written(self, name: str, value: Any) -> bool:
        """Whether the live object has this value of a field, or a form of it."""
        live = self._part(name, value)
        return self._equal(name, value, live) or self._is_form(name, value, live)

    def _equal(self, name: str, left: Any, right: Any) -> bool:
        return equal(self.index.resource_type.facts.fields.get(name), left, right)

    def _is_form(self, name: str, value: Any, live: Any) -> bool:
        """Whether a live value is another form of a written one."""
        references = {path[0] for path, _ in self.index.resource_type.targets}
        if name in references or self._equal(name, value, live):
            return False
        return is_normal_form(value, live)


def _is_below(path: str, name: str) -> bool:
    return path == name or path.startswith(f"{name}.")
