"""Executes any declared kind: list, look, create, update, delete."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace

from reconciler.errors import (
    Diagnostic,
    Incomplete,
    NotAttempted,
    NotFound,
    Unknown,
    VendorError,
)
from reconciler.http.client import Client
from reconciler.kinds import Call, Raw, Verb
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import NOT_NOW, Fields, Listing, Live, Secret, Write
from reconciler.rest import lists
from reconciler.rest.answers import documented_form, with_missing_right
from reconciler.rest.bodies import looked_up
from reconciler.rest.decoder import Decoder
from reconciler.rest.incremental import KeptLists, is_kept
from reconciler.rest.naming import Naming
from reconciler.rest.other_names import OtherNames
from reconciler.rest.paths import fill_path, fill_query
from reconciler.rest.shown import Shown
from reconciler.rest.writes import Writes
from reconciler.values.scalars import text_form


class Driver:
    """One kind at one account. Every method raises `VendorError`s that say what is wrong."""

    def __init__(self, resource_type: ResourceType, client: Client) -> None:
        self.resource_type = resource_type
        self._kind = resource_type.kind
        self._facts = resource_type.facts
        self._client = client
        client.expect_secrets(resource_type.facts.sensitive)
        naming = Naming(resource_type.kind, resource_type.facts)
        self._other_names = OtherNames(self._kind, self._facts, client, naming)
        self.decoder = Decoder(resource_type, naming, self._other_names)
        self._live = self.decoder.live
        self.shown = Shown(client, self._kind, self._raw)
        self._writes = Writes(resource_type, client, naming, self.shown, self.decoder.fields)

    @property
    def given_up(self) -> Diagnostic | None:
        """Why nothing is sent to the account any more; None where requests are sent."""
        return self._client.given_up

    def expect(self, objects: Iterable[Fields]) -> None:
        """Note the declared fields of objects: what is live as it is declared is kept once. Only
        the objects that were noted last count."""
        self.decoder.expect(objects)

    def learn_names(self, objects: Iterable[Fields], declared: bool = True) -> None:
        """Note the names in these fields, declared or recorded, that stand for ids (`x-lookup`):
        objects are read with them from now on."""
        self._other_names.learn(objects, declared)

    def list(self, keys: Sequence[str] = (), kept: KeptLists | None = None) -> Listing:
        """Everything there is of this kind: of a nested one, below the parents with these ids; of
        one that has no list, the objects with these ids; of a list that was `kept`, maybe only what
        changed since is read. A list that cannot be read whole is a listing that is not complete
        and says why; this never raises a VendorError."""
        return self._listing(lambda: self._all(keys, kept))

    @property
    def page_size(self) -> int:
        """How many objects a page of the list has; 0 where there is no list in numbered pages."""
        return lists.page_size(self._kind)

    def page(self, number: int, ids: Collection[str] = ()) -> Sequence[Live]:
        """What a page of the list shows now, the first being 0; the `ids` are to be updated."""
        with self._documented_form():
            return [self._live(raw) for raw in self.shown.page(number, ids)]

    def archive(self) -> Listing:
        """What is archived and in no other list."""
        return self._listing(lambda: (lists.archived(self._client, self._kind, self._live), None))

    def probe(self) -> None:
        """Ask for as little as can be asked for, to see whether the kind can be read at all."""
        try:
            with self._documented_form():
                if self._kind.can(Verb.LIST):
                    lists.probe(self._client, self._kind)
                else:
                    self.get("-" if self._kind.natural_key else self._kind.name)
        except Incomplete:  # an answer, though not one about this object
            if self._kind.can(Verb.LIST):
                raise
        except VendorError as error:
            raise self._explained(error, "read") from None

    def get(self, id: str) -> Live | None:
        """The object as it is now; None where it is gone. Reads the list where there is no GET."""
        with self._documented_form():
            return self._get(id)

    def _get(self, id: str) -> Live | None:
        if not self._kind.can(Verb.GET):
            return self._listed(id)
        self._other_names.look_up()
        if not self._kind.natural_key and id != self._kind.name:
            return None  # there is one object, and this is not its name
        try:
            raw = self._looked_at(id)
        except NotFound:
            return None
        except VendorError as error:
            raise self._explained(error, "read") from None
        if self._kind.can(Verb.LIST) and not self._kind.nested:
            return self._live(raw) if raw else self._listed(id)
        if raw is None:
            raise self._another_object(id)
        return self._live(raw)

    def create(self, fields: Fields, key: str) -> tuple[str | None, Mapping[str, Secret]]:
        """Make an object from fields in the manifest's shape, references as resolved `Pointer`s.

        `key` is the idempotency key, sent where the vendor takes one. Gives the new id (None where
        the vendor does not say it) and the fields that the vendor shows this once.
        """
        with self._writing(fields):
            return self._writes.create(fields, key)

    def update(
        self,
        live: Live,
        fields: Fields,
        changed: Sequence[str],
        ignore: Sequence[str] = (),
        check: Callable[[Live], None] = lambda _live: None,
    ) -> None:
        """Give an object the declared fields; `changed` names those that differ, `ignore` the paths
        of what stays as it is. An object that is archived is brought back. Where the object is read
        just before it is written, `check` is called with it, and may raise to prevent the write."""
        work = Write(live, fields, changed, ignore)
        with self._writing(fields):
            self._writes.update(work, live, lambda raw: check(self._live(raw)))

    def rotate(self, id: str) -> Mapping[str, Secret]:
        """Replace the secret of an object that the vendor shows once; gives the new one."""
        with self._writing():
            return self._writes.rotate(id)

    def delete(self, id: str) -> None:
        """Remove an object; one that is gone already is fine."""
        with suppress(NotFound), self._writing():
            self._writes.delete(id)

    def blocked_deletes(self, ids: Sequence[str]) -> Mapping[str, str]:
        """Why some of the objects with these ids must not be deleted now, by id."""
        blocker = self._kind.delete_blocker
        return blocker(lists.VendorRequests(self._client), ids) if blocker else {}

    def ask_of_each(self, call: Call, ids: Sequence[str]) -> Iterator[Raw | VendorError | None]:
        """What a GET answers about each of the objects with these ids: an object, the error, or
        None where the vendor has no such object."""
        return (
            self._explained(answer, "read") if isinstance(answer, VendorError) else answer
            for answer in lists.each(self._client, self._kind, call, ids)
        )

    def write_many(self, verb: Verb, works: Sequence[Write]) -> None:
        """Make the same change to many objects in one request. Anything else than success for
        all of them raises: what became of each can only be looked up."""
        with self._writing():
            self._writes.many(verb, works)

    @contextmanager
    def _writing(self, fields: Fields | None = None) -> Iterator[None]:
        """Explain the VendorError of a write of these fields, and note the names in them. Where
        only its first requests were sent, and the rest was not attempted, its outcome is
        unknown."""
        before = self._client.writes_sent()
        try:
            with self._documented_form():
                yield
        except NotAttempted as error:
            if self._client.writes_sent() == before:
                raise
            raise Unknown(*error.diagnostics) from None
        except VendorError as error:
            raise self._explained(error, "write") from None
        finally:
            if fields is not None:
                self.learn_names([fields])

    def id_of(self, fields: Fields) -> str | None:
        """The id that an object made from these fields has; None where the vendor chooses it."""
        return self._writes.chosen_id(fields)

    def _documented_form(self) -> AbstractContextManager[None]:
        return documented_form(self.resource_type.scope, self._client)

    def _listing(self, read: Callable[[], tuple[Sequence[Live], float | None]]) -> Listing:
        began = self._client.reading_since()
        try:
            with self._documented_form():
                objects, kept_at = read()
        except VendorError as error:
            problem = replace(self._explained(error, "read").diagnostics[0], address=None)
            return Listing((), False, problem, began)
        at = began if kept_at is None else NOT_NOW
        return Listing(tuple(objects), True, None, at, kept_at)

    def _all(
        self, keys: Sequence[str], kept: KeptLists | None
    ) -> tuple[Sequence[Live], float | None]:
        if not self._kind.can(Verb.LIST):
            return [o for o in self._client.pool.map(self.get, keys) if o is not None], None
        self._other_names.look_up()
        if kept is not None and is_kept(self.resource_type):
            return kept.read(self._client, self.resource_type, self._live)
        return lists.objects(self._client, self._kind, keys, self._live), None

    def _listed(self, id: str) -> Live | None:
        listing = self.list(self._kind.parents_to_list([id]))
        if listing.problem:
            raise VendorError(listing.problem)
        return next((live for live in listing.objects if live.id == id), None)

    def _looked_at(self, id: str) -> Raw | None:
        call, parts = self._kind.calls[Verb.GET], self._kind.parts(id)
        path = fill_path(call.path, parts)
        answer = self._client.read(path, fill_query(call.query, parts))
        raw = looked_up(self._client, path, answer.data, call)
        # An answer may leave out what the path says.
        in_path = {name: parts[name] for name in self._kind.identifier if parts.get(name)}
        if raw and len(self._kind.identifier) > 1:
            raw = {**in_path, **raw}
        answered = self._answered_id(raw) if raw else None
        if answered is not None and text_form(answered) != text_form(id):
            raise self._another_object(id)
        return raw

    def _answered_id(self, raw: Raw) -> str | None:
        """The id that an answer to a GET says; one of a kind that is in no list must say it."""
        listed = self._kind.can(Verb.LIST) and not self._kind.nested
        return self._kind.id_in(raw) if listed else self._kind.id_of(raw)

    def _another_object(self, id: str) -> Incomplete:
        path = fill_path(self._kind.calls[Verb.GET].path, self._kind.parts(id))
        account, title = self._client.connection.name, self._kind.title
        return Incomplete(
            Diagnostic(
                f"{account}: GET {path} answered something else than {title} {id}",
                "base_url may point elsewhere, or the vendor answers errors like this.",
            )
        )

    def _raw(self, id: str) -> Raw:
        """The object as the vendor has it now, undecoded. Raises NotFound where it is gone: neither
        under its id nor in the list."""
        raw: Raw | None = None
        listed = self._kind.can(Verb.LIST) and not self._kind.nested
        try:
            raw = self._looked_at(id) if self._kind.can(Verb.GET) else None
        except NotFound:
            if not listed:
                raise
        if raw is None and (listed or not self._kind.can(Verb.GET)):
            parents = self._kind.parents_to_list([id])
            raws = lists.objects(self._client, self._kind, parents, dict)
            raw = next((raw for raw in raws if self._kind.id_of(raw) == id), None)
        if raw is None:
            raise NotFound(Diagnostic(f"{self.resource_type.scope}: {id} is gone", "Plan again."))
        return raw

    def _explained(self, error: VendorError, right: str) -> VendorError:
        return with_missing_right(error, self._kind, self._client, right)
