"""Requests as data: one, many pages, many objects, jobs, and what hooks may ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from reconciler.frozen import frozen
from reconciler.model import Fields, Live

Raw = dict[str, Any]


class Verb(StrEnum):
    """What can be done with the objects of a kind."""

    LIST = "list"
    GET = "get"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Carries(StrEnum):
    """What the body of an update holds."""

    KNOWN = "known"  # all fields the schema knows: right whether the vendor replaces or merges
    CHANGED = "changed"  # what changed: the vendor merges
    ALL = "all"  # what is there, read again just before, and the changes: the vendor replaces


@frozen
class Call:
    """One request.

    `{id}` in the path or the query is the object's id; where an identifier has several members,
    each stands there by its name, and so does the parent's. `envelope` is the answer's member that
    holds the object or the list (None: the answer itself); `adds` are members that every body has.
    The answer to a `silent` one says nothing but that it was done: it is not read, and need not be
    JSON.
    """

    method: str
    path: str
    envelope: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    carries: Carries = Carries.KNOWN
    adds: Mapping[str, Any] = field(default_factory=dict)
    silent: bool = False

    @property
    def sends_whole(self) -> bool:
        """Whether an update by this request sends the fields that stay as they are as well."""
        return self.carries is Carries.ALL or (
            self.carries is Carries.KNOWN and self.method != "PATCH"
        )


@frozen
class Paging:
    """How a list comes in pages, counted from 1: the two query parameters and the page size.

    `total` is the path in the answer of the number of objects there are; without one, a list
    ends with the first page that is not full. With `by_offset` the first parameter is the number
    of objects to pass over instead. `whole` says that nothing which the vendor documents shows more
    of an object than a list does.
    """

    page: str
    size: str
    per_page: int
    total: tuple[str, ...] = ()
    by_offset: bool = False
    whole: bool = False


@frozen
class Parent:
    """What the objects of a kind belong to.

    `field` is the manifest's reference to it (`x-ref`, `x-immutable`, needed to create); `member`
    is what its id is called in answers, paths and identifiers. Where the path of the list holds
    `{member}`, there is one list for each parent, and `member` is added to what it answers.
    """

    field: str
    member: str


@frozen
class After:
    """Objects of another kind of the same vendor that are written first: those with the same value
    in the field `by`, where one of their `fields` changes. If that fails, this is not written."""

    kind: str
    by: str
    fields: tuple[str, ...]


@frozen
class Within:
    """Objects that have no list of their own: objects of another `kind` of the provider show them
    in the list `field`, under the same name in answers and in manifests."""

    kind: str
    field: str


@frozen
class Archive:
    """Objects are archived instead of deleted, and brought back instead of made anew.

    member    what an answer's object has, and true, where it is archived
    restore   the request that brings one back; None: `member` is a field of the manifest too, and
              an update that sets it to false brings the object back
    query     what a list is asked with to show those archived; None: it shows them anyway
    """

    member: str
    restore: Call | None = None
    query: Mapping[str, str] | None = None

    @property
    def field(self) -> str | None:
        """The manifest's boolean that says whether an object is archived, where there is one."""
        return None if self.restore else self.member


@frozen
class Bulk:
    """Requests for many objects: `most` at once, and only objects of one parent where they are
    `apart`. The body of a delete has the members of each object's identifier."""

    calls: Mapping[Verb, Call]
    most: int
    apart: bool = False


@frozen
class Job:
    """A write is only begun by its answer, whose `member` is the number of a job: `call` is asked
    for it until `status` is one of `done` or `failed`."""

    member: str
    call: Call
    status: str
    done: frozenset[str]
    failed: frozenset[str]


@frozen
class Watch:
    """What a vendor does by itself, and `drift` and `doctor` look at: `call` answers the latest of
    it as a list; `wrong` says what went wrong with one of them ("": nothing), and `advice` what to
    do about it.

    Where a `kind` is named, `call` is sent for each object of it that the workspace owns or
    declares, and `wrong` says what is wrong with the object, by the answer.
    """

    name: str
    call: Call
    wrong: Callable[[Raw], str]
    advice: str
    kind: str = ""


class Objection(NamedTuple):
    """What a vendor has against an object: why, and what to do; whether it would refuse it."""

    summary: str
    detail: str
    refused: bool = True


class Requests(Protocol):
    """What a hook may ask of the vendor; each answer is decoded JSON. All raise VendorError."""

    def read(self, path: str, query: Mapping[str, str | int] | None = None) -> Any:
        """GET."""

    def query(self, path: str, body: Any) -> Any:
        """A POST that changes nothing: one of the provider's `queries`."""

    def pages(self, call: Call, paging: Paging | None) -> list[Raw]:
        """Every object of a list."""

    def write(self, method: str, path: str, body: Any = None, silent: bool = False) -> Any:
        """A write; None is the answer of a `silent` one, see `Call`."""


# The objects of a kind, as answers have them; `parents` are the ids to look below.
Lister = Callable[[Requests, Sequence[str]], Iterable[Raw]]
# Why some of the objects with these ids must not be deleted now, by id.
Blocker = Callable[[Requests, Sequence[str]], Mapping[str, str]]
# A write that one request cannot make: of this live object (None: a new one; of one that is to be
# deleted, only the id is known), with this body.
Writer = Callable[[Requests, Live | None, Raw], Any]
# What the vendor has against writing these fields: declared, live (None: a new object), and the
# live objects of each kind that this one refers to, by the name by which references mean them.
Objections = Callable[
    [Fields, Fields | None, Mapping[str, Mapping[str, Fields]]], Iterable[Objection]
]
