"""Executes any declared kind: list, look, create, update, delete."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from reconciler.catalogue import Shape
from reconciler.errors import Diagnostic, Forbidden, Incomplete, NotFound, VendorError
from reconciler.fields import text_form
from reconciler.kinds import Call, Raw, Verb, as_it_is, one_by_one
from reconciler.model import Fields, Listing, Live, Secret
from reconciler.rest.bodies import known, merged, ready
from reconciler.rest.client import Answer, Client
from reconciler.rest.paging import read_least, read_list
from reconciler.rest.texts import Texts

_NESTED = (dict, list)
_MISSHAPEN = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What reading a value meets that is not at all of the documented form."""


class Driver:
    """One kind at one account. Every method raises `VendorError`s that say what is wrong."""

    def __init__(self, shape: Shape, client: Client) -> None:
        self.shape = shape
        self._kind = shape.kind
        self._facts = shape.facts
        self._client = client
        self._texts = Texts()
        self._readable = tuple(
            (name, field)
            for name, field in shape.facts.fields.items()
            if not (field.sensitive or field.write_only)
        )

    def list(self, keys: Sequence[str] = ()) -> Listing:
        """Everything there is of this kind; of a kind that has no list, the objects with these
        ids, looked at one by one. A list that cannot be read whole is a listing that is not
        complete and says why; this never raises a VendorError."""
        began = time.monotonic()
        try:
            objects = self._all() if self._kind.can(Verb.LIST) else self._each(keys)
        except VendorError as error:
            problem = replace(self._explained(error, "read").diagnostics[0], address=None)
            return Listing((), False, problem, began)
        return Listing(tuple(objects), True, None, began)

    def _all(self) -> Sequence[Live]:
        call, paging = self._kind.calls[Verb.LIST], self._kind.paging
        if self._kind.collect is one_by_one:
            return read_list(self._client, call, paging, self._live)
        raws = read_list(self._client, call, paging, as_it_is)
        return [self._live(raw) for raw in self._collected(raws)]

    def _each(self, keys: Sequence[str]) -> Sequence[Live]:
        found = self._client.pool.map(self.get, keys)
        return [live for live in found if live is not None]

    def probe(self) -> None:
        """Ask for as little as can be asked for, to see whether the kind can be read at all."""
        try:
            if self._kind.can(Verb.LIST):
                read_least(self._client, self._kind.calls[Verb.LIST], self._kind.paging)
            else:
                self.get("-")
        except Incomplete:  # an answer, though not one about this object
            if self._kind.can(Verb.LIST):
                raise
        except VendorError as error:
            raise self._explained(error, "read") from None

    def get(self, id: str) -> Live | None:
        """The object as it is now; None where it is gone. Reads the list where there is no GET."""
        if not self._kind.can(Verb.GET):
            return self._listed(id)
        call = self._kind.calls[Verb.GET]
        try:
            answer = self._client.read(_filled(call.path, id), call.query)
        except NotFound:
            return None
        except VendorError as error:
            raise self._explained(error, "read") from None
        raw = self._object(answer, call)
        if self._kind.can(Verb.LIST):
            return self._live(raw) if raw else self._listed(id)
        if raw is None or text_form(self._id(raw)) != text_form(id):
            raise Incomplete(
                Diagnostic(
                    f"{self._client.connection.name}: GET {_filled(call.path, id)} answered "
                    f"something else than {self._kind.title} {id}",
                    "base_url may point elsewhere, or the vendor answers errors like this.",
                )
            )
        return self._live(raw)

    def create(self, fields: Fields, key: str) -> tuple[str | None, Mapping[str, Secret]]:
        """Make an object from fields in the manifest's shape, references as resolved `Pointer`s.

        `key` is the idempotency key, sent where the vendor takes one. Gives the new id (None where
        the vendor does not say it) and the fields that the vendor shows this once.
        """
        call = self._kind.calls[Verb.CREATE]
        answer = self._write(call, call.path, self._kind.encode(ready(fields)), key)
        raw = self._object(answer, call)
        return (self._id(raw) if raw else None), self._shown_once(raw or {})

    def update(self, live: Live, fields: Fields, changed: Sequence[str]) -> None:
        """Give an object the declared fields; `changed` names those that differ.

        PUT sends the whole object, so that fields nobody declares keep their live values whether
        the vendor replaces or merges; PATCH sends what changed.
        """
        call = self._kind.calls[Verb.UPDATE]
        if call.method == "PATCH":
            body = {name: fields[name] for name in changed}
        else:
            body = merged(self._facts.fields, self._writable(live.fields), fields)
        body = self._kind.encode(ready(body))
        self._write(call, _filled(call.path, live.id), body)

    def delete(self, id: str) -> None:
        """Remove an object; one that is gone already is fine."""
        call = self._kind.calls[Verb.DELETE]
        try:
            self._write(call, _filled(call.path, id), None)
        except NotFound:
            return

    def decode(self, raw: Raw) -> Fields:
        """An answer's object in the manifest's shape: the fields that the schema knows, without
        those that are shown only once."""
        shaped = self._kind.decode(raw)
        return {
            name: known(field, shaped[name]) if isinstance(shaped[name], _NESTED) else shaped[name]
            for name, field in self._readable
            if name in shaped
        }

    def _write(self, call: Call, path: str, body: Any, key: str | None = None) -> Answer:
        try:
            return self._client.write(
                call.method, path, body, key if self._kind.idempotent else None
            )
        except VendorError as error:
            raise self._explained(error, "write") from None

    def _live(self, raw: Raw) -> Live:
        try:
            return Live(self.shape.scope, self._id(raw), self._texts.shared(self.decode(raw)))
        except _MISSHAPEN:
            raise self._misshapen() from None

    def _collected(self, raws: Sequence[Raw]) -> Sequence[Raw]:
        try:
            return self._kind.collect(raws)
        except _MISSHAPEN:
            raise self._misshapen() from None

    def _misshapen(self) -> Incomplete:
        summary = f"{self.shape.scope}: an object there is not of the form that is documented"
        return Incomplete(Diagnostic(summary, "The vendor may have changed its API."))

    def _id(self, raw: Raw) -> str:
        names = self._kind.identifier
        if len(names) == 1 and raw.get(names[0]) is not None:
            return str(raw[names[0]])
        return "/".join(str(raw.get(name)) for name in self._kind.natural_key)

    def _listed(self, id: str) -> Live | None:
        listing = self.list()
        if listing.problem:
            raise VendorError(listing.problem)
        return next((live for live in listing.objects if live.id == id), None)

    def _object(self, answer: Answer, call: Call) -> Raw | None:
        data = answer.data
        if call.envelope and isinstance(data, dict):
            data = data.get(call.envelope, data)
        return data if isinstance(data, dict) else None

    def _shown_once(self, raw: Raw) -> dict[str, Secret]:
        return {
            name: Secret(str(raw[name]), name)
            for name, field in self._facts.fields.items()
            if field.sensitive and field.read_only and raw.get(name)
        }

    def _writable(self, fields: Fields) -> Fields:
        return {
            name: value
            for name, value in fields.items()
            if self._facts.fields[name].writable and not self._facts.fields[name].volatile
        }

    def _explained(self, error: VendorError, right: str) -> VendorError:
        """The error with the right that is missing, where the vendor's scopes have a name."""
        if isinstance(error, Forbidden) and self._kind.right:
            scope = f"{self._kind.right}:{right}"
            finding = replace(
                error.diagnostics[0],
                detail=f"The credentials of {self._client.connection.name} lack the scope {scope}.",
            )
            return Forbidden(finding, status=error.status)
        return error


def _filled(path: str, id: str) -> str:
    from urllib.parse import quote

    return path.replace("{id}", quote(id, safe=""))
