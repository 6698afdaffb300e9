"""A kind: one sort of object at a vendor, as data, with functions where data is not enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Any
from urllib.parse import quote, unquote

from reconciler.frozen import frozen
from reconciler.kinds.calls import (
    After,
    Archive,
    Blocker,
    Bulk,
    Call,
    Job,
    Lister,
    Objections,
    Paging,
    Parent,
    Raw,
    Verb,
    Within,
    Writer,
)
from reconciler.model import Fields
from reconciler.values.dates import instant_form


class Mode(StrEnum):
    """How far a kind can be managed."""

    MANAGED = "managed"
    PARTIAL = "partial"
    OBSERVED = "observed"


@frozen
class Kind:
    """One sort of object at a vendor.

    Most of it is data, which `x-kind` of the kind's schema states (see `conventions`):

    name          as manifests write it; its schema is `schemas/<provider type>/<name>.json`
    title         what a person calls one of them
    calls         the request for each verb that the vendor has
    natural_key   the fields by which an object is found; none where there is one object
    screen        where a person changes it in the vendor's screens
    paging        None where the list comes whole
    updated_since  the query parameter that leaves of the list what changed since a point in time;
                  "" where the vendor documents none
    identifier    the answer's members that make an object's id, joined with `/`; none where the
                  natural key is all there is
    unique        the vendor refuses a second object with the same natural key
    idempotent    the vendor takes an `Idempotency-Key` on creates
    right         the stem of the right that the credentials need (`webhooks` for `webhooks:read`)
    parent        what each object belongs to
    within        in which objects of another kind they are shown, where they have no list
    archive       how objects are archived and brought back, where deleting means that
    after         what is written first although no object refers to it
    rotate        the request that replaces the secret which the vendor shows once, and shows the
                  new one
    undeletable   objects are never removed: what leaves the manifests is let go
    delete_hint   what else a person may do, where the vendor deletes none: "or …"
    vendor_set    members of an answer that only the vendor sets: never sent back
    instants      members of the identifier that are points in time, which vendors spell in
                  several ways: an id has the one in UTC
    notes         oddities and assumptions, for the reference page

    The exceptions are functions, each with what the vendor says about it in its docstring:

    lister        reads the objects, where one list does not
    collect       sees the whole list before it is decoded, for what one object does not say
    decode        changes an answer's object before the words of the schema are applied to it
    join          makes one body of those of several objects, and of that of a single one
    objections    what the vendor would say to an object, given those that it refers to
    update_blocker  why the vendor would refuse to change these live fields into those declared; ""
    delete_blocker  why some of the objects with these ids must not be deleted, by id; asked only
                  where a plan would delete some
    writers       makes a write, where one request does not
    bulk          requests for many objects at once
    job           how the end of a write is learnt, where its answer is only the beginning
    """

    name: str
    title: str
    calls: Mapping[Verb, Call]
    natural_key: tuple[str, ...]
    screen: str
    paging: Paging | None = None
    updated_since: str = ""
    identifier: tuple[str, ...] = ("id",)
    unique: bool = False
    idempotent: bool = False
    right: str | None = None
    parent: Parent | None = None
    within: Within | None = None
    archive: Archive | None = None
    after: tuple[After, ...] = ()
    rotate: Call | None = None
    undeletable: bool = False
    delete_hint: str = ""
    vendor_set: frozenset[str] = frozenset()
    instants: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    lister: Lister | None = None
    collect: Callable[[Sequence[Raw]], Sequence[Raw]] | None = None
    decode: Callable[[Raw], Raw] | None = None
    join: Callable[[Sequence[Raw]], Any] | None = None
    objections: Objections | None = None
    update_blocker: Callable[[Fields, Fields], str] | None = None
    delete_blocker: Blocker | None = None
    writers: Mapping[Verb, Writer] = field(default_factory=dict)
    bulk: Bulk | None = None
    job: Job | None = None

    @property
    def nested(self) -> bool:
        """Whether its objects are read below each of their parents."""
        if self.parent is None:
            return False
        listed, place = self.calls.get(Verb.LIST), f"{{{self.parent.member}}}"
        return listed is None or self.lister is not None or place in listed.path

    @property
    def listed_plainly(self) -> bool:
        """Whether one list in numbered pages shows its objects as they are decoded."""
        exceptional = self.nested or self.within or self.lister or self.collect
        return self.can(Verb.LIST) and self.paging is not None and not exceptional

    def id_of(self, members: Mapping[str, Any]) -> str:
        """The id of an object with these members of the identifier or the natural key. A part that
        may be null may be left out."""
        if not self.natural_key:
            return self.name
        names = self.identifier
        if len(names) > 1:
            parts = ("" if (part := members.get(name)) is None else str(part) for name in names)
            if self.instants:
                parts = (
                    (instant_form(part) or part) if name in self.instants else part
                    for name, part in zip(names, parts, strict=True)
                )
            return "/".join(quote(part, safe="") for part in parts)
        if names and members.get(names[0]) is not None:
            return str(members[names[0]])
        return "/".join(str(members.get(name)) for name in self.natural_key)

    def id_in(self, raw: Raw) -> str | None:
        """The id that an answer's object says it has; None where it says none."""
        names = self.identifier
        if not names or any(name not in raw for name in names):
            return None
        return None if len(names) == 1 and raw[names[0]] is None else self.id_of(raw)

    def parts(self, id: str) -> Mapping[str, str]:
        """The members of the identifier in an id, which is one too."""
        if len(self.identifier) < 2:
            return {"id": id, **dict.fromkeys(self.identifier, id)}
        named = zip(self.identifier, id.split("/"), strict=False)
        return {"id": id, **{name: unquote(part) for name, part in named}}

    def parents_to_list(self, ids: Iterable[str]) -> tuple[str, ...]:
        """What reading the objects with these ids takes: their parents' ids, where they are read
        below those; where there is no list, the ids; else nothing."""
        if not self.can(Verb.LIST):
            return tuple(ids)
        if not self.nested or self.parent is None:
            return ()
        parents = (self.parts(id).get(self.parent.member) for id in ids)
        return tuple(dict.fromkeys(parent for parent in parents if parent))

    def can(self, verb: Verb) -> bool:
        """Whether the vendor offers `verb` for this kind."""
        return verb in self.calls

    @property
    def mode(self) -> Mode:
        """Managed, partial or observed, from the verbs that exist."""
        writes = sum(self.can(verb) for verb in (Verb.CREATE, Verb.UPDATE, Verb.DELETE))
        return {0: Mode.OBSERVED, 3: Mode.MANAGED}.get(writes, Mode.PARTIAL)

    @property
    def allow_list(self) -> bool:
        """Objects that can be removed but never made: a manifest says which may exist."""
        return self.can(Verb.DELETE) and not self.can(Verb.CREATE)
