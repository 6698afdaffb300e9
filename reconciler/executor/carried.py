"""What a new object takes over from the one it replaces: all that the manifest leaves alone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

from reconciler.errors import Diagnostic, Rejected, Severity, Unknown
from reconciler.executor.lookup import IsKnown
from reconciler.executor.repetition import is_open
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Change, Fields, Live, Secret
from reconciler.rest.driver import Driver
from reconciler.values.ignored import with_ignored
from reconciler.values.shape import drop_read_only, merge


def carried_over(
    resource_type: ResourceType, change: Change, declared: Fields, old: Live
) -> Fields:
    """The declared fields, with what else a request may set as the old object has it: fields and
    members that are not declared, and the parts that `$ignore` names. What moves by itself, what
    identifies the object and what is not set there is left to the vendor."""
    facts, kind = resource_type.facts, resource_type.kind
    own = {*kind.natural_key, *kind.identifier}
    kept = {
        name: drop_read_only(field, old.fields[name])
        for name, field in facts.fields.items()
        if name in old.fields and field.writable and not field.volatile and name not in own
    }
    whole = merge(facts.fields, {n: v for n, v in kept.items() if not _is_unset(v)}, declared)
    return with_ignored(facts, whole, old.fields, change.options.ignore)


class Created(NamedTuple):
    """An object that was created: its id, where the answer says it and it is that of no object that
    there was before; the secrets that the vendor shows this once; and a warning where what the old
    object had was refused."""

    id: str | None
    secrets: Mapping[str, Secret]
    warning: Diagnostic | None = None


def send_create(
    driver: Driver, whole: Fields, declared: Fields, key: str, is_known: IsKnown
) -> Created:
    """Create an object from `whole`; from the `declared` part of it, where the vendor refuses the
    rest. `is_known` says which ids there were before. Raises VendorError."""

    def create(fields: Fields, key: str) -> tuple[str | None, Mapping[str, Secret]]:
        id, secrets = driver.create(fields, key)
        taken = id != driver.id_of(fields) and is_known(driver.resource_type.scope, id or "")
        return None if taken else id, secrets

    try:
        return Created(*create(whole, key))
    except Rejected as error:
        if whole == declared or is_open(error):
            raise
        refusal = error.diagnostics[0].summary
    except Unknown as error:
        error.again |= driver.resource_type.kind.idempotent
        raise
    names = ", ".join(n for n in whole if n not in declared) or "members that are not declared"
    warning = Diagnostic(
        f"replaced without what the old object had beside the declared fields: {names}",
        f"The vendor does not take that for a new object ({refusal}). Declare what is needed.",
        Severity.WARNING,
    )
    return Created(*create(declared, str(uuid.uuid4())), warning)


def _is_unset(value: Any) -> bool:
    return value is None or value in ("", [], {})
