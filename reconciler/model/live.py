"""The current state: live objects as they were read, and the ledger's rows about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from reconciler.errors import Diagnostic
from reconciler.frozen import frozen
from reconciler.model.address import Address, Fields, Scope


@frozen
class Live:
    """One object as the vendor has it, in the manifest's shape; references are `Pointer`s.

    An `archived` object counts as deleted, but can be restored. `created` is the time of creation
    as the vendor writes it; empty where the vendor does not say it. `updated` is that of the last
    change, which is shown and never compared.
    """

    scope: Scope
    id: str
    fields: Fields
    archived: bool = False
    created: str = ""
    updated: str = field(default="", compare=False)


@frozen
class Listing:
    """The result of reading one kind. Only a complete listing proves that an object is absent.

    `at` is the monotonic time in seconds at which reading began.
    """

    objects: tuple[Live, ...] = ()
    complete: bool = True
    problem: Diagnostic | None = None
    at: float = 0.0


@frozen
class Snapshot:
    """The live state of every kind that was read."""

    listings: Mapping[Scope, Listing]


@frozen
class Owned:
    """The ledger's row for one address.

    `fields` are the managed fields as last applied, with fingerprints instead of secrets; `origin`
    is `created`, `adopted` or, until something is applied to the object, `imported`; `at` is the
    time in UTC as ISO 8601. `created` is the object's time of creation, as the vendor writes it.
    `stored` holds the live values of those fields that the vendor stored differently from `fields`.
    `refs` holds the ids of the objects that references in `fields` mean, by dotted path.
    `rotate` is the text for which its secret was last rotated.
    `file` is the manifest that declared it at the last apply, relative to the workspace, or empty
    where that was not recorded.
    """

    address: Address
    id: str
    fields: Fields
    origin: str
    at: str
    protect: bool = False
    on_remove: str = "delete"
    created: str = ""
    stored: Fields = field(default_factory=dict)
    refs: Mapping[str, str] = field(default_factory=dict)
    rotate: str | None = None
    file: str = ""


@frozen
class BegunCreate:
    """A create of an earlier run whose outcome is not known.

    `at` is when it was begun, in UTC as ISO 8601; `natural_key` is the object's, as text. `fields`
    are those that were sent and `refs` the ids of the objects that they refer to, as in a row;
    None where an older version did not record them.
    """

    at: str
    natural_key: str | None = None
    idempotency_key: str | None = None
    fields: Fields | None = None
    refs: Mapping[str, str] = field(default_factory=dict)


@frozen
class BegunUpdate:
    """An update of an earlier run whose outcome is not known: the fields that it wrote, as in a
    row, with the ids of what they refer to; None where an older version did not record them. Then
    only the natural key that the object was to have is known, as text."""

    fields: Fields | None = None
    refs: Mapping[str, str] = field(default_factory=dict)
    natural_key: str | None = None
