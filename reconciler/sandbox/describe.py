"""How a vendor is described: its kinds and fields as data, and the routes that answer."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.sandbox.outbox import Outbox
from reconciler.sandbox.store import Clock, Collection, Object, Store

Make = str | Callable[[int], Any]
"""How the n-th generated value is made: text with `{n}` in it, or a function of n."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind, as its vendor checks it."""

    name: str
    type: str = "string"
    """A key of the vendor's table in `casts`."""
    required: bool = False
    default: Any = None
    unique: bool = False
    one_of: tuple[str, ...] = ()
    """The only values a choice, or an element of an array, may have."""
    keys: tuple[str, ...] = ()
    """For objects, and arrays of objects: the keys the vendor keeps."""
    writable: bool = True
    refers: str = ""
    """The kind this field refers to."""
    by: str = ""
    """The field of that kind whose values this field holds; empty for the id, which is stored as
    `x_id` and read as `x: {id, name}`."""
    within: str = ""
    """Where the reference is in each element, for an array of objects."""
    nested: bool = True
    """Whether an id is read nested; if not, it is read as the id it is stored as."""
    holds: bool = True
    """Whether what this refers to cannot be deleted."""
    make: Make | None = None
    """Without it, generated objects refer to those of the same number, or have the default."""

    @property
    def path(self) -> str:
        """The dotted path at which the values of a reference are found."""
        return f"{self.name}.{self.within}" if self.within else self.name

    @property
    def nests(self) -> bool:
        """Whether this is an id that is read as a nested object."""
        return bool(self.refers) and self.nested and not self.by

    def initial(self) -> Any:
        """The default; a list is a new one each time."""
        return list(self.default) if isinstance(self.default, tuple) else self.default

    @property
    def is_generated(self) -> bool:
        """Whether generated objects have something else here than the default."""
        return self.make is not None or bool(self.refers and not self.by)

    def generated(self, number: int) -> Any:
        """The value of this field in the generated object of that number."""
        if self.make is None:
            return number
        return self.make.format(n=number) if isinstance(self.make, str) else self.make(number)


def fields(type: str, names: str, **facts: Any) -> tuple[Field, ...]:
    """Several fields that differ in nothing but their names."""
    return tuple(Field(name, type, **facts) for name in names.split())


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of object: where it lives and what a client may do with it."""

    name: str
    path: str
    fields: tuple[Field, ...] = ()
    verbs: str = "L"
    """Letters of `crud.VERBS`: list, get, create, update, delete, patch."""
    key: str = "id"
    """The field that stands in the path of an object."""
    scope: str = ""
    numbered: bool = True
    """Whether objects have an integer `id` beside their fields."""
    stamped: bool = False
    """Whether objects have `created_at` and `updated_at`."""
    sparse: bool = False
    """Whether a field without a value is left out of an object rather than null."""
    hidden: tuple[str, ...] = ()
    """Fields that are stored but never read through the API."""
    revealed: tuple[str, ...] = ()
    """The hidden fields that the answer to a create shows."""
    filters: Mapping[str, str] = field(default_factory=dict)
    """Query parameters, each with the (dotted) field it must equal."""
    before: Mapping[str, str] = field(default_factory=dict)
    """Query parameters that are days, each with the field whose day must be before it."""
    after: Mapping[str, str] = field(default_factory=dict)
    """The same with the field whose day must be after it."""
    server_fields: Callable[[int], Object] = lambda _: {}
    """What the server sets in a new object of that number, beyond the fields."""
    render: Callable[[Account, Object], Object] | None = None
    """Makes the shape that is read, where it needs more than the object itself."""
    embeds: tuple[str, ...] = ()
    """The kinds that `render` looks at."""
    archives: bool = False
    """Whether objects whose `archived_at` is set stay, but are left out of lists."""
    find: Callable[[Call], int] | None = None
    """Finds the object a path names, where that takes more than its key; Refused for none."""
    not_found: str = ""
    """The message of a 404, with `{key}`, where it is not the vendor's usual one."""
    prepare: Callable[[Call, Object, Object | None], Object] | None = None
    """Makes checked fields ready to store; gets the object before, None for a new one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a client: bytes as they are, anything else as JSON, None as no body."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """The body as it goes over the wire."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else encode(self.body)


class Refused(Exception):
    """A request that the vendor refuses; the engine sends the answer it carries."""

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
    uses: Counter[str] = field(default_factory=Counter)
    """How many requests each credential was sent with."""
    last_uses: dict[str, str] = field(default_factory=dict)
    """When each credential was last sent, as vendors write it."""
    revoked: dict[str, str] = field(default_factory=dict)
    """Credentials that open nothing any more, with the kind among whose objects each was."""
    outbox: Outbox = field(default_factory=Outbox)
    """What the vendor posts to its customers."""
    due: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    """What the vendor is to do by itself, with the moments (Unix seconds) from which on."""
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
    list_fault: str = ""
    """The fault in force that bends lists: `repeat_page`, `shift` or nothing."""
    adds: bool = False
    """Whether a write that sets a quantity is to add it, against what the vendor documents."""
    lies: Mapping[str, Any] = field(default_factory=dict)
    """What the vendor is to say wrong, by the name of the fault."""
    replaces: bool = False
    """Whether the fault in force makes a PUT replace the object, where it usually merges."""

    def refuse(self, status: int, message: str, **more: Any) -> Refused:
        """The vendor's own error body, to be raised."""
        return Refused(Answer(status, self.account.vendor.error_body(message) | more))

    def collection(self, kind: Kind) -> Collection:
        """The objects of a kind."""
        return self.account.store[kind.name]

    def write(self, kind: Kind, number: int, thing: Object | None) -> None:
        """Put an object in place, or take it away."""
        before = self.collection(kind).get(number)
        self.account.store.write(kind.name, number, thing)
        self.account.vendor.wrote(self, kind, number, before, thing)

    def any_json(self) -> Any:
        """The request's JSON of any type; an empty body is an empty object."""
        try:
            return json.loads(self.body or b"{}", parse_constant=_reject_constant)
        except ValueError:
            raise self.refuse(400, "The request body is not valid JSON.") from None

    def json(self) -> Object:
        """The request's JSON object."""
        body = self.any_json()
        if not isinstance(body, dict):
            raise self.refuse(400, "The request body must be a JSON object.")
        return body

    def count(self, name: str, default: int, least: int = 1, stop: str = ".") -> int:
        """A whole number from the query; a 400 for what is none, or less than `least`."""
        text = self.query.get(name, str(default))
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
            raise self.refuse(400, f"{name} must be a whole number from {least}{stop}")
        return int(text)

    def window(self, ids: list[int], start: int, size: int) -> tuple[list[int], int]:
        """The ids of one page and the total, bent by the list fault in force."""
        if self.list_fault == "shift" and start > 0:
            ids = ids[1:]
        first = max(0, start - size) if self.list_fault == "repeat_page" else start
        return ids[first : first + size], max(0, len(ids) + self.lies.get("count", 0))


Handler = Callable[[Call], Answer]
KindHandler = Callable[[Call, Kind], Answer]


def of(kind: Kind, handle: KindHandler) -> Handler:
    """A handler that serves any kind, bound to this one."""
    return lambda call: handle(call, kind)


def whole_number(text: str) -> int | None:
    """The number in a path or query, None where it is none."""
    return int(text) if text.isascii() and text.isdigit() else None


def always(_: Call) -> bool:
    """For `Route.relative`: every request to this route moves a quantity."""
    return True


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path (`{name}` matches one segment) with the function that answers."""

    method: str
    path: str
    handle: Handler
    scope: str = ""
    creates: bool = False
    public: bool = False
    """Whether it answers without credentials (a login does)."""
    relative: Callable[[Call], bool] | None = None
    """Whether a request moves a quantity instead of setting one, where any can."""

    def pattern(self, prefix: str) -> re.Pattern[str]:
        """The path, prefix included, as a regular expression."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", prefix + self.path))


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor: its address, credentials, kinds and routes."""

    name: str
    prefix: str
    credentials: Mapping[str, str]
    """Environment variables a user exports, with the only values the sandbox accepts."""
    kinds: tuple[Kind, ...]
    routes: tuple[Route, ...]
    rate: int
    authorize: Callable[[Call, Route], None]
    """Raises Refused for missing or insufficient credentials."""
    error_body: Callable[[str], Object]
    """The body of an error answer."""
    not_found: str = "{kind} {key} was not found."
    """The message of a 404, where the kind has none of its own."""
    precheck: Callable[[Call], None] = lambda _: None
    """Raises Refused for a request no route should see (a missing header)."""
    scopes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rate_headers: bool = True
    content_type: str = "application/json"
    retry_after: int = 0
    """The seconds in the header of that name, where a vendor always sends the same."""
    finish: Callable[[Call, Answer], Answer] = lambda _, answer: answer
    """Changes every answer, error or not: headers they all have, bodies by path."""
    wrote: Callable[[Call, Kind, int, Object | None, Object | None], None] = (
        lambda _call, _kind, _number, _before, _after: None
    )
    """Told of each object that a request put in place or took away: before, and after."""
    advance: Callable[[Account], None] = lambda _: None
    """Does what is due by now (the jobs of a queue), before anything is read."""
    resume: Callable[[Account], None] = lambda _: None
    """Takes up what was under way when the state was saved that an account begins with."""

    def kind(self, name: str) -> Kind:
        """The kind of that name."""
        return next(kind for kind in self.kinds if kind.name == name)


def _reject_constant(text: str) -> float:
    raise ValueError(text)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encode(value: Any) -> bytes:
    """Compact JSON in UTF-8."""
    return _ENCODER.encode(value).encode()
