"""The words a vendor is described in: kinds and fields as data, routes for its oddities."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.sandbox.generated import Make
from reconciler.sandbox.store import Clock, Object, Store


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind, as its vendor checks it."""

    name: str
    type: str = "string"
    required: bool = False
    default: Any = None
    unique: bool = False
    one_of: tuple[str, ...] = ()
    """The only values a choice, or an element of an array, may have."""
    keys: tuple[str, ...] = ()
    """For objects, and arrays of objects: the keys the vendor keeps."""
    writable: bool = True
    refers: str = ""
    """The kind whose id this holds: stored as `x_id`, read as `x: {id, name}`."""
    make: Make | None = None
    """How the field of a generated object is made; None leaves it out."""
    nested: bool = True
    """Whether a reference is read nested; if not, it is read as the id it is stored as."""

    def initial(self) -> Any:
        """The default, as a value of its own."""
        return list(self.default) if isinstance(self.default, tuple) else self.default


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of object: where it lives and what a client may do with it.

    `verbs` are letters of LGCUD (list, get, create, update, delete). `key` is the field that
    stands in the path of one object. `hidden` fields are stored but never read through the API.
    `filters` maps a query parameter to the (dotted) field it must equal. `born` gives the fields
    a new object has beyond those a client may send. `present` makes the read shape where it needs
    more than the object itself, and `embeds` names the kinds it looks at then. `archives` tells
    that objects whose `archived_at` is set stay, but are left out of lists. A kind that is not
    `numbered` has no `id` but the one among its fields, if any.
    """

    name: str
    path: str
    fields: tuple[Field, ...] = ()
    verbs: str = "L"
    key: str = "id"
    scope: str = ""
    numbered: bool = True
    stamped: bool = False
    sparse: bool = False
    """Whether a field without a value is left out of an object rather than null."""
    hidden: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    born: Callable[[int], Object] = lambda _: {}
    present: Callable[[Account, Object], Object] | None = None
    embeds: tuple[str, ...] = ()
    archives: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to a client: bytes as they are, anything else as JSON, None as no body."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """The body as it goes over the wire."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else encode(self.body)


class Refused(Exception):
    """A request the vendor turns down; the engine sends the answer it carries."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(slots=True)
class Account:
    """Everything that changes at one vendor: its objects, scopes, tokens and past answers."""

    vendor: Vendor
    store: Store
    clock: Clock
    scopes: dict[str, tuple[str, ...]]
    tokens: dict[str, float] = field(default_factory=dict)
    """Bearer tokens given out, with the moment (Unix seconds) at which each expires."""
    replays: dict[str, tuple[str, Answer]] = field(default_factory=dict)
    """Idempotency keys, with what they were used for and what was answered."""
    job_seconds: float = 1.0
    """How long a job of the vendor's queue takes: half of it waiting, half of it at work."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request as a handler sees it."""

    account: Account
    method: str
    path: str
    raw: str
    """The path as it was sent, where an encoded slash is no separator."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    url: str
    """Scheme, host, port and path: the base of links."""
    params: Mapping[str, str] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()
    """The query as it was sent, for parameters that are repeated."""
    twist: str = ""
    """The list fault in force for this request: `repeat_page`, `shift` or nothing."""

    def refuse(self, status: int, message: str, **more: Any) -> Refused:
        """The vendor's own error body, to be raised."""
        return Refused(Answer(status, self.account.vendor.problem(message) | more))

    def given(self) -> Any:
        """The request's JSON; an empty body is an empty object."""
        try:
            return json.loads(self.body or b"{}", parse_constant=_no_number)
        except ValueError:
            raise self.refuse(400, "The request body is not valid JSON.") from None

    def json(self) -> Object:
        """The request's JSON object."""
        given = self.given()
        if not isinstance(given, dict):
            raise self.refuse(400, "The request body must be a JSON object.")
        return given

    def window(self, ids: list[int], start: int, size: int) -> tuple[list[int], int]:
        """The ids of one page and the total, bent by the list fault in force."""
        if self.twist == "shift" and start > 0:
            ids = ids[1:]
        first = max(0, start - size) if self.twist == "repeat_page" else start
        return ids[first : first + size], len(ids)


Handler = Callable[[Call], Answer]


def never(_: Call) -> bool:
    """Of a route whose writes say what should be."""
    return False


def always(_: Call) -> bool:
    """Of a route whose writes say by how much something is to change."""
    return True


def of(kind: Kind, handle: Callable[[Call, Kind], Answer]) -> Handler:
    """A handler for every kind, bound to one."""
    return lambda call: handle(call, kind)


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path (`{name}` matches one segment) with what answers it."""

    method: str
    path: str
    handle: Handler
    scope: str = ""
    creates: bool = False
    public: bool = False
    """Whether it answers without credentials (a login does)."""
    relative: Callable[[Call], bool] = never
    """Whether a request changes a quantity by so much instead of setting it."""

    def pattern(self, prefix: str) -> re.Pattern[str]:
        """The path, prefix included, as a regular expression."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", prefix + self.path))


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor: where it answers, whom it lets in, what it holds."""

    name: str
    prefix: str
    credentials: Mapping[str, str]
    """Environment variables a user exports, with the only values the sandbox accepts."""
    kinds: tuple[Kind, ...]
    routes: tuple[Route, ...]
    rate: int
    greet: Callable[[Call], None]
    """Raises Refused for a request no route should see (a missing header)."""
    admit: Callable[[Call, Route], None]
    """Raises Refused for missing or insufficient credentials."""
    problem: Callable[[str], Object]
    """The body of an error answer."""
    generate: Mapping[str, Callable[[int], Object]] = field(default_factory=dict)
    """Makes the n-th object of the kinds whose fields do not say how (`make`)."""
    scopes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rate_headers: bool = True
    content_type: str = "application/json"
    retry_after: int = 0
    """The seconds told over the limit, where a vendor always tells the same."""
    dress: Callable[[Call, Answer], Answer] = lambda _, answer: answer
    """The last touch to every answer, error or not: headers they all have, bodies by path."""
    settle: Callable[[Account], None] = lambda _: None
    """What has happened by itself by now, done before anything is read."""

    def kind(self, name: str) -> Kind:
        """The kind of that name."""
        return next(kind for kind in self.kinds if kind.name == name)


def _no_number(text: str) -> float:
    raise ValueError(text)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encode(value: Any) -> bytes:
    """Compact JSON in UTF-8."""
    return _ENCODER.encode(value).encode()
