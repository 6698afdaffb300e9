"""The fields that objects had before a run, from the journal and the rows of that time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.app.project import Project
from reconciler.identity import path_text, references_in
from reconciler.kinds.resource_types import ResourceType
from reconciler.ledger import Intent
from reconciler.model import (
    ABSENT,
    FINGERPRINT,
    Fields,
    Live,
    Owned,
    Pointer,
    Ref,
    Scope,
    Secret,
    is_secret,
)
from reconciler.values.compare import equal, null_if_absent
from reconciler.values.fields import Field
from reconciler.values.mask import restore_fingerprints
from reconciler.values.shape import restrict_to
from reconciler.values.walk import DESCEND, map_value, nodes, replace_at, values_at, zip_value

Lost = Mapping[str, str]
"""The fields whose old value cannot be written, each with the reason."""

NO_SECRET = (
    "its old value is a secret, of which only a fingerprint is kept, and no secret of "
    "reconciler.yaml has that value now"
)
NOT_UNSET = "it had no value, and the vendor cannot unset it"


class Before:
    """Makes fields of the journal's images; `rows` are what is owned now, by kind and id."""

    def __init__(self, project: Project, rows: Mapping[tuple[Scope, str], Owned]) -> None:
        self._secrets = [s for s in project.config.secrets.values() if s.missing is None]
        self._fingerprints = project.fingerprints
        self._rows = rows

    def image(self, resource_type: ResourceType, intent: Intent) -> dict[str, Any]:
        """The fields before a write, with the names that objects have now where they are owned."""
        return self._with_names(resource_type, intent.before or {}, intent.before_refs)

    def template(self, resource_type: ResourceType, intent: Intent, image: Fields) -> Live:
        """A deleted object as it was live, references as pointers; without those that mean an
        object that is not known any more."""
        fields: Any = dict(image)
        for path, target in resource_type.targets:
            for place, name in [*values_at(image, path)]:
                id = intent.before_refs.get(path_text(place))
                fields = replace_at(fields, place, Pointer(id, name))
                if id is not None and (target, id) not in self._rows and place[0] in fields:
                    fields = {n: v for n, v in fields.items() if n != place[0]}
        return Live(resource_type.scope, intent.id or "", fields)

    def declared(self, resource_type: ResourceType, row: Owned) -> tuple[dict[str, Any], Lost]:
        """The fields of a row, with its secrets as far as they are known."""
        fields = self._with_names(resource_type, row.fields, row.refs)
        return self._with_secrets(resource_type, fields)

    def fields_of_deleted(
        self, resource_type: ResourceType, image: Fields, row: Owned | None
    ) -> tuple[dict[str, Any], Lost]:
        """The fields of a deleted object: those that were managed, as they were live, and what a
        new object must have; all of them where it was not managed."""
        if row is None:
            return dict(image), {}
        facts = resource_type.facts.fields
        recorded = self._with_names(resource_type, row.fields, row.refs)
        fields = {
            name: _as_recorded(facts.get(name), image.get(name, ABSENT), value, value)
            for name, value in recorded.items()
        }
        needed = {n: v for n, v in image.items() if n in facts and facts[n].required}
        return self._with_secrets(resource_type, {**needed, **fields})

    def fields_of_updated(
        self, resource_type: ResourceType, sent: Fields, old: Fields, row: Owned | None
    ) -> tuple[dict[str, Any], Lost]:
        """The values to write for the fields that were `sent`, which were `old` before; of secrets
        those that the row of that time had."""
        facts = resource_type.facts.fields
        recorded = self._with_names(resource_type, row.fields, row.refs) if row else {}
        fields: dict[str, Any] = {}
        lost: dict[str, str] = {}
        for name, value in sent.items():
            known = facts.get(name)
            was, had = old.get(name, ABSENT), recorded.get(name, ABSENT)
            before = _as_recorded(known, was, had, value)
            if before is ABSENT and _has_secret(known, value):
                lost[name] = NO_SECRET
                continue
            fields[name] = _unset_where_missing(known, value, before)
            if fields[name] is ABSENT:
                lost[name] = NOT_UNSET
        known_fields, without = self._with_secrets(resource_type, fields)
        return known_fields, {**lost, **without}

    def _with_names(
        self, resource_type: ResourceType, fields: Fields, refs: Mapping[str, str]
    ) -> dict[str, Any]:
        named: Any = dict(fields)
        for path, target in resource_type.targets:
            for place, _ in [*values_at(fields, path)]:
                row = self._rows.get((target, refs.get(path_text(place), "")))
                if row is not None:
                    named = replace_at(named, place, row.address.key)
        return dict(named)

    def _with_secrets(
        self, resource_type: ResourceType, fields: Fields
    ) -> tuple[dict[str, Any], Lost]:
        lost: dict[str, str] = {}
        result: dict[str, Any] = {}
        for name, value in fields.items():
            missing: list[Any] = []

            def choose(_: Field | None, part: Any, missing: list[Any] = missing) -> Any:
                if not is_secret(part):
                    return DESCEND if isinstance(part, (dict, list)) else part
                secret = self._secret(part)
                if secret is None:
                    missing.append(part)
                return secret or ABSENT

            result[name] = map_value(resource_type.facts.fields.get(name), value, choose)
            if missing:
                lost[name] = NO_SECRET
        return {n: v for n, v in result.items() if v is not ABSENT}, lost

    def _secret(self, recorded: Any) -> Secret | None:
        """The secret of the workspace that has a recorded fingerprint."""
        if isinstance(recorded, Secret):
            return recorded
        fingerprint = str(recorded[FINGERPRINT])
        same = (s for s in self._secrets if self._fingerprints.same(s, fingerprint))
        return next(same, None)


def named_references(resource_type: ResourceType, fields: Fields) -> tuple[Ref, ...]:
    """The references in a row's fields, which have names in their place."""
    return tuple(ref for ref in references_in(resource_type.targets, fields) if not ref.by_id)


def _has_secret(field: Field | None, value: Any) -> bool:
    return any(is_secret(node.value) for node in nodes(field, value))


def _as_recorded(field: Field | None, live: Any, recorded: Any, sent: Any) -> Any:
    """A value as it was live, with the secrets that the ledger had; as the ledger had it, where
    that says the same of all that was recorded and all that was `sent`."""
    if recorded is ABSENT:
        return live
    shown = map_value(field, recorded, lambda _, part: ABSENT if is_secret(part) else DESCEND)
    if shown is ABSENT:
        return recorded
    parts = [restrict_to(field, declared, live) for declared in (shown, sent)]
    of_sent = restrict_to(field, sent, shown)
    if _are_equal(field, parts[0], shown) and _are_equal(field, parts[1], of_sent):
        return recorded
    return restore_fingerprints(field, live, recorded) if _has_secret(field, recorded) else live


def _are_equal(field: Field | None, left: Any, right: Any) -> bool:
    return equal(field, null_if_absent(left), null_if_absent(right))


def _unset_where_missing(field: Field | None, sent: Any, old: Any) -> Any:
    """The old value, with null for what was sent and was not there before; ABSENT where the schema
    does not allow that."""

    def choose(field: Field | None, sent: Any, old: Any) -> Any:
        if old is ABSENT:
            can_be_null = field is None or not field.types or "null" in field.types
            return None if can_be_null else ABSENT
        if sent is ABSENT or is_secret(old):
            return old
        members = field is not None and field.has_members
        return DESCEND if members and isinstance(sent, dict) and isinstance(old, dict) else old

    return zip_value(field, sent, old, choose)
