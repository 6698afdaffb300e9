"""Answers of a kind in the manifest's shape, and fields in the shape of bodies."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from reconciler.kinds import Kind, Raw
from reconciler.values.fields import Facts, Field
from reconciler.values.naming import body_fields, object_reader, object_writer


class Naming:
    """Turns answers of one kind into the manifest's shape, and fields into bodies.

    What only bodies need is worked out for the first of them.
    """

    def __init__(self, kind: Kind, facts: Facts) -> None:
        self._kind = kind
        self._facts = facts
        placed = {name for name in kind.natural_key if facts.fields[name].read}
        self._read = object_reader(facts.fields, placed)
        self._write = object_writer(facts.fields)
        self._translated = tuple(field for field in facts.fields.values() if field.read)

    @cached_property
    def body_fields(self) -> Mapping[str, Field]:
        """The facts of the fields by the names that bodies have for them."""
        return body_fields(self._facts.fields) if self._write else self._facts.fields

    @cached_property
    def _unsent(self) -> frozenset[str]:
        """The members of an answer that no body has."""
        places = {path.partition(".")[0] for field in self._translated for path in field.read}
        places |= {field.name for field in self._translated}
        unsent = (places - self.body_fields.keys()) | self._kind.vendor_set | self._facts.observed
        return frozenset(unsent)

    @property
    def verbatim(self) -> bool:
        """Whether answers have every field under its own name and in the manifest's form."""
        return self._kind.decode is None and self._read is None

    def decode(self, raw: Raw) -> Raw:
        """An answer's object under the manifest's names, with references as `Pointer`s.

        Raises KeyError where the answer has a part of the natural key in none of its places: the
        object could not be told from others.
        """
        if self._kind.decode is not None:
            raw = self._kind.decode(raw)
        shaped: Raw = self._read(raw) if self._read else raw
        return shaped

    def as_body(self, raw: Raw) -> Raw:
        """An answer's object as a body has it: what the schema knows under the names of bodies,
        and everything else unchanged, without what the vendor sets itself."""
        kept = {name: value for name, value in raw.items() if name not in self._unsent}
        if self._read is None:
            return kept
        known = self._read(raw)
        sent = (field.name for field in self._translated if field.write)
        return {**kept, **self.encode({name: known[name] for name in sent if name in known})}

    def encode(self, fields: Raw) -> Raw:
        """Fields as a body holds them; raises ValueError for a reference that is not resolved."""
        body: Raw = self._write(fields) if self._write else fields
        return body
