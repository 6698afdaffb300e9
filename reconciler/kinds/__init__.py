"""The vocabulary in which a vendor is declared: data, and no behaviour."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote, unquote

from reconciler.kinds.auth import ApiKey, Auth, Basic, Login, Tenancy
from reconciler.kinds.calls import (
    Archive,
    Bulk,
    Call,
    Carries,
    Job,
    Lister,
    Paging,
    Parent,
    Raw,
    Requests,
    Verb,
    Watch,
    Writer,
)
from reconciler.model import Fields

__all__ = [
    "ApiKey",
    "Archive",
    "Auth",
    "Basic",
    "Bulk",
    "Call",
    "Carries",
    "Identity",
    "Job",
    "Kind",
    "Lister",
    "Login",
    "Mode",
    "Paging",
    "Parent",
    "Provider",
    "Raw",
    "Requests",
    "Tenancy",
    "Verb",
    "Watch",
    "Writer",
    "as_it_is",
    "one_by_one",
]


class Mode(StrEnum):
    """How far a kind can be managed."""

    MANAGED = "managed"
    PARTIAL = "partial"
    OBSERVED = "observed"


class Identity(StrEnum):
    """Who keeps natural keys apart: the vendor (`enforced`) or only good manners (`convention`)."""

    ENFORCED = "enforced"
    CONVENTION = "convention"


def as_it_is(raw: Raw) -> Raw:
    """The decoding of a kind that reads and writes alike."""
    return raw


def one_by_one(raws: Sequence[Raw]) -> Sequence[Raw]:
    """The collecting of a kind whose objects can be understood one by one."""
    return raws


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of object at a vendor.

    name          as manifests write it; its schema is `schemas/<provider type>/<name>.json`
    title         what a person calls one of them
    calls         the request for each verb the vendor has
    natural_key   the fields by which an object is found, joined with `/` where there are several
    screen        where a person changes it in the vendor's screens
    paging        None where the list comes whole
    identifier    the answer's members that make an object's id, joined with `/`; none where the
                  natural key is all there is
    identity      whether the vendor keeps natural keys unique
    idempotent    the vendor takes an `Idempotency-Key` on creates
    right         the stem of the right that the credentials need (`webhooks` for `webhooks:read`)
    collect       sees the whole list before it is decoded, for what one object does not say
    decode/encode answer → manifest's shape, manifest's shape → body
    wrap          what one body is sent as
    parent        what each object belongs to
    archive       how objects are put away and brought back, where deleting means that
    bulk          requests for many objects at once
    job           how a write's end is learnt, where its answer is only the beginning
    undeletable   objects are never removed: what leaves the manifests is let go
    update_blocker  why the vendor would refuse to change these live fields into those declared; ""
    delete_hint   what else a person may do, where the vendor deletes none: "or …"
    lister        reads the objects, where one list does not
    writers       makes a write, where one request does not
    notes         oddities and assumptions, for the reference page

    A natural key may be empty (there is one object); a part that may be null may be left out.
    """

    name: str
    title: str
    calls: Mapping[Verb, Call]
    natural_key: tuple[str, ...]
    screen: str
    paging: Paging | None = None
    identifier: tuple[str, ...] = ("id",)
    identity: Identity = Identity.CONVENTION
    idempotent: bool = False
    right: str | None = None
    collect: Callable[[Sequence[Raw]], Sequence[Raw]] = one_by_one
    decode: Callable[[Raw], Raw] = as_it_is
    encode: Callable[[Raw], Raw] = as_it_is
    wrap: Callable[[Raw], Any] = as_it_is
    parent: Parent | None = None
    archive: Archive | None = None
    bulk: Bulk | None = None
    job: Job | None = None
    undeletable: bool = False
    update_blocker: Callable[[Fields, Fields], str] | None = None
    delete_hint: str = ""
    lister: Lister | None = None
    writers: Mapping[Verb, Writer] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def nested(self) -> bool:
        """Whether its objects are read below each of their parents."""
        if self.parent is None:
            return False
        listed, place = self.calls.get(Verb.LIST), f"{{{self.parent.member}}}"
        return listed is None or self.lister is not None or place in listed.path

    def id_of(self, members: Mapping[str, Any]) -> str:
        """The id of an object with these members of the identifier or the natural key."""
        if not self.natural_key:
            return self.name
        names = self.identifier
        if len(names) > 1:
            found = ("" if (one := members.get(name)) is None else str(one) for name in names)
            return "/".join(quote(one, safe="") for one in found)
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
        found = (self.parts(id).get(self.parent.member) for id in ids)
        return tuple(dict.fromkeys(one for one in found if one))

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


@dataclass(frozen=True, slots=True)
class Provider:
    """A vendor.

    `rate` is the limit in requests a minute, by the value of the `tier` setting where the vendor
    has tiers (the key "" is the default); `parallelism` the requests in flight at once;
    `settings` are the workspace settings that this vendor needs; `headers` go with each request,
    and so do `setting_headers`, whose values are settings. A `base_url` of "" means that each
    customer has an address of their own. `queries` are the paths of POSTs that only read;
    `enumerations` the lists that say which values a field marked `x-live` may have; `watches` are
    what `drift` looks at besides. A `sparse` vendor leaves out of its answers what is not set.
    """

    type: str
    title: str
    base_url: str
    auth: Auth
    kinds: Mapping[str, Kind]
    rate: Mapping[str, int]
    parallelism: int = 8
    headers: Mapping[str, str] = field(default_factory=dict)
    setting_headers: Mapping[str, str] = field(default_factory=dict)
    settings: tuple[str, ...] = ()
    tenancy: Tenancy | None = None
    queries: frozenset[str] = frozenset()
    enumerations: Mapping[str, Call] = field(default_factory=dict)
    watches: tuple[Watch, ...] = ()
    sparse: bool = False
    notes: tuple[str, ...] = ()
