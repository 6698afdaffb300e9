"""The current state: live objects as they were read, and the ledger's rows about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

    @property
    def at_hand(self) -> Fields:
        """The fields that can be looked at for nothing: those that are declared, or all."""
        return self.fields

    @property
    def whole(self) -> Live:
        """The object with all its fields at hand."""
        return self

    def with_fields(self, fields: Fields) -> Live:
        """The same object with other fields."""
        return Live(self.scope, self.id, fields, self.archived, self.created, self.updated)


class LiveAsDeclared(Live):
    """A live object whose declared fields are as they are declared: it has them in common with the
    resource. What else it has is packed until somebody asks for it. Of most objects nobody does,
    and packed it takes a quarter of the memory.

    `unpack` makes the whole object of the declared fields and of what is `packed`. An archived
    object is none of these.
    """

    __slots__ = ("_fields", "_packed", "_unpack", "at_hand")

    archived = False
    at_hand: Fields
    _packed: bytes
    _unpack: Callable[[Fields, bytes], Live]
    _fields: Fields

    def __init__(
        self,
        scope: Scope,
        id: str,
        declared: Fields,
        packed: bytes,
        unpack: Callable[[Fields, bytes], Live],
    ) -> None:
        _set(self, "scope", scope)
        _set(self, "id", id)
        _set(self, "at_hand", declared)
        _set(self, "_packed", packed)
        _set(self, "_unpack", unpack)

    @property
    def whole(self) -> Live:
        """The object with everything that the vendor returned of it."""
        return self._unpack(self.at_hand, self._packed)

    @property
    def fields(self) -> Fields:
        """All fields, which stay unpacked: who asks for them once compares them with others."""
        try:
            return self._fields
        except AttributeError:
            _set(self, "_fields", self.whole.fields)
            return self._fields

    @property
    def created(self) -> str:
        """The time of creation."""
        return self.whole.created

    @property
    def updated(self) -> str:
        """The time of the last change."""
        return self.whole.updated

    def __eq__(self, other: object) -> bool:
        return self.whole == (other.whole if isinstance(other, LiveAsDeclared) else other)

    def __repr__(self) -> str:
        return repr(self.whole)


_set = object.__setattr__


NOT_NOW = float("-inf")
"""When what was read by an earlier run was read, as a monotonic time."""


@frozen
class Listing:
    """The result of reading one kind. Only a complete listing proves that an object is absent.

    `at` is the monotonic time in seconds at which reading began. `kept_at` is when all of it was
    read, in seconds since the epoch, where an earlier run did that and only what the vendor says
    changed since was read now: `at` is NOT_NOW then, until every object that a plan would change
    has been asked for.
    """

    objects: tuple[Live, ...] = ()
    complete: bool = True
    problem: Diagnostic | None = None
    at: float = 0.0
    kept_at: float | None = None


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
