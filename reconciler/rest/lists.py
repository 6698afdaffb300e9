"""Every object of a kind: one list, a list below each parent, a hook, or one look after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from reconciler.errors import Diagnostic, Incomplete, NotFound, VendorError
from reconciler.frozen import frozen
from reconciler.http.client import Client
from reconciler.kinds import Call, Kind, Paging, Raw, Verb
from reconciler.rest.bodies import unwrapped
from reconciler.rest.paging import read_least, read_list, read_page
from reconciler.rest.paths import fill_path, fill_query
from reconciler.values.scalars import text_form

AT_ONCE = 8

Kept = TypeVar("Kept")


@frozen
class VendorRequests:
    """What a hook may ask of the vendor: `kinds.Requests` has the words."""

    client: Client

    def read(self, path: str, query: Mapping[str, str | int] | None = None) -> Any:
        """GET."""
        return self.client.read(path, query).data

    def query(self, path: str, body: Any) -> Any:
        """A POST that changes nothing."""
        return self.client.query(path, body).data

    def pages(self, call: Call, paging: Paging | None) -> list[Raw]:
        """Every object of a list."""
        return read_list(self.client, call, paging, _unchanged, _own_id)

    def write(self, method: str, path: str, body: Any = None, silent: bool = False) -> Any:
        """A write."""
        return self.client.write(method, path, body, silent=silent).data


def _unchanged(raw: Raw) -> Raw:
    return raw


def _own_id(raw: Raw) -> str | None:
    return str(raw["id"]) if raw.get("id") is not None else None


def objects(
    client: Client, kind: Kind, parents: Sequence[str], keep: Callable[[Raw], Kept]
) -> list[Kept]:
    """What `keep` makes of each object of a kind that can be listed; `parents` are the ids of the
    parents to look below, where the kind is nested. Raises VendorError."""
    call = kind.calls[Verb.LIST]
    if kind.within is not None:
        return [keep(raw) for raw in _shown_within(client, kind, call, kind.within.field)]
    if not kind.nested and kind.lister is None and kind.collect is None:
        return read_list(client, call, kind.paging, keep, kind.id_in)
    raws = list(_raws(client, kind, call, parents))
    return [keep(raw) for raw in (kind.collect(raws) if kind.collect else raws)]


def page_size(kind: Kind) -> int:
    """How many objects a page of the list has; 0 where the kind has no list in numbered pages."""
    return kind.paging.per_page if kind.listed_plainly and kind.paging is not None else 0


def page(client: Client, kind: Kind, number: int) -> list[Raw]:
    """The objects on a page of the list; the first has the number 0. Raises VendorError."""
    if kind.paging is None:
        return []
    return read_page(client, kind.calls[Verb.LIST], kind.paging, number)


def archived(client: Client, kind: Kind, keep: Callable[[Raw], Kept]) -> list[Kept]:
    """What `keep` makes of the objects that are archived, where the list leaves those out."""
    archive, call = kind.archive, kind.calls[Verb.LIST]
    if archive is None or archive.query is None:
        return []
    asked = Call(call.method, call.path, call.envelope, {**call.query, **archive.query})
    raws = read_list(client, asked, kind.paging, _unchanged, kind.id_in)
    return [keep(raw) for raw in raws if raw.get(archive.member)]


def each(
    client: Client, kind: Kind, call: Call, ids: Sequence[str]
) -> Iterator[Raw | VendorError | None]:
    """What a GET answers about each of the objects with these ids: an object, the error, or None
    where the vendor has no such object."""

    def ask(id: str) -> Raw | VendorError | None:
        parts = kind.parts(id)
        try:
            answer = client.read(fill_path(call.path, parts), fill_query(call.query, parts))
        except NotFound:
            return None
        except VendorError as error:
            return error
        return unwrapped(answer.data, call) or {}

    return client.pool.map(ask, ids)


def probe(client: Client, kind: Kind) -> None:
    """Ask for as little as can be asked for. Raises VendorError."""
    if not kind.nested and kind.lister is None:
        read_least(client, kind.calls[Verb.LIST], kind.paging)
        return
    try:
        objects(client, kind, ["-"], _unchanged)
    except NotFound:  # nobody has this name: the answer that was hoped for
        return


def _shown_within(client: Client, kind: Kind, call: Call, field: str) -> list[Raw]:
    """What the objects of another kind show in a list, each once."""
    holders = read_list(client, call, kind.paging, _unchanged, _own_id)
    shown = (raw for holder in holders for raw in holder.get(field) or ())
    return list({kind.id_of(raw): raw for raw in shown if isinstance(raw, dict)}.values())


def _raws(client: Client, kind: Kind, call: Call, parents: Sequence[str]) -> Iterable[Raw]:
    if kind.lister is not None:
        return kind.lister(VendorRequests(client), parents)
    if not kind.nested:
        return read_list(client, call, kind.paging, _unchanged, kind.id_in)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        lists = pool.map(lambda parent: _below(client, kind, call, parent), parents)
        return [raw for raws in lists for raw in raws]


def _below(client: Client, kind: Kind, call: Call, parent: str) -> list[Raw]:
    """The objects of one parent, each with the parent's id; none where the parent is gone."""
    member = kind.parent.member if kind.parent else ""
    below = Call(
        call.method,
        fill_path(call.path, {member: parent}),
        call.envelope,
        fill_query(call.query, {member: parent}),
    )

    def own_id(raw: Raw) -> str | None:
        many = len(kind.identifier) > 1
        return kind.id_of({member: parent, **raw}) if many else kind.id_in(raw)

    try:
        raws = read_list(client, below, kind.paging, _unchanged, own_id)
    except NotFound:
        return []
    if any(text_form(str(raw.get(member, parent))) != text_form(parent) for raw in raws):
        raise Incomplete(
            Diagnostic(
                f"{client.connection.name}: the list {below.path} has objects "
                "that belong elsewhere",
                "Nothing is concluded from it. If it stays, tell the vendor.",
            )
        )
    return [raw if member in raw else {**raw, member: parent} for raw in raws]
