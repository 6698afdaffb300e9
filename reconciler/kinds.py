"""The vocabulary in which a vendor is declared: data, and no behaviour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Raw = dict[str, Any]


class Verb(StrEnum):
    """What can be done with the objects of a kind."""

    LIST = "list"
    GET = "get"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Mode(StrEnum):
    """How far a kind can be managed."""

    MANAGED = "managed"
    PARTIAL = "partial"
    OBSERVED = "observed"


class Identity(StrEnum):
    """Who keeps natural keys apart: the vendor (`enforced`) or only good manners (`convention`)."""

    ENFORCED = "enforced"
    CONVENTION = "convention"


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `{id}` in the path is the object's id; `envelope` is the answer's member that
    holds the object or the list (None: the answer itself)."""

    method: str
    path: str
    envelope: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list comes in pages, counted from 1: the two query parameters and the page size.

    `total` is the path in the answer of the number of objects there are; without one, a list
    ends with the first page that is not full. With `by_offset` the first parameter is the number
    of objects to pass over instead.
    """

    page: str
    size: str
    per_page: int
    total: tuple[str, ...] = ()
    by_offset: bool = False


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key in a header."""

    header: str
    setting: str = "api_key"


@dataclass(frozen=True, slots=True)
class Login:
    """A POST of credentials that answers a bearer token.

    The body is `{wrap: {setting: value}}`; `seconds` is how long a token lives.
    """

    path: str
    wrap: str
    settings: tuple[str, ...]
    token: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Basic:
    """HTTP Basic: a user and a password, both settings."""

    user: str = "username"
    password: str = "password"


Auth = ApiKey | Login | Basic


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
    id_field      the answer's id; None where the natural key is all there is
    identity      whether the vendor keeps natural keys unique
    idempotent    the vendor takes an `Idempotency-Key` on creates
    right         the stem of the right that the credentials need (`webhooks` for `webhooks:read`)
    collect       sees the whole list before it is decoded, for what one object does not say
    decode/encode answer → manifest's shape, manifest's shape → body
    notes         oddities and assumptions, for the reference page
    """

    name: str
    title: str
    calls: Mapping[Verb, Call]
    natural_key: tuple[str, ...]
    screen: str
    paging: Paging | None = None
    id_field: str | None = "id"
    identity: Identity = Identity.CONVENTION
    idempotent: bool = False
    right: str | None = None
    collect: Callable[[Sequence[Raw]], Sequence[Raw]] = one_by_one
    decode: Callable[[Raw], Raw] = as_it_is
    encode: Callable[[Raw], Raw] = as_it_is
    notes: tuple[str, ...] = ()

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
    customer has an address of their own.
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
    notes: tuple[str, ...] = ()
