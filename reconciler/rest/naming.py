"""Answers of a kind in the manifest's shape, and fields in the shape of bodies."""

from __future__ import annotations

from reconciler.kinds import Kind, Raw
from reconciler.values.fields import Facts
from reconciler.values.naming import body_fields, object_reader, object_writer


class Naming:
    """Turns answers of one kind into the manifest's shape, and fields into bodies.

    `body_fields` are the facts of its fields by the names that bodies have for them.
    """

    __slots__ = ("_kind", "_read", "_translated", "_unsent", "_write", "body_fields")

    def __init__(self, kind: Kind, facts: Facts) -> None:
        self._kind = kind
        placed = {name for name in kind.natural_key if facts.fields[name].read}
        self._read = object_reader(facts.fields, placed)
        self._write = object_writer(facts.fields)
        self.body_fields = body_fields(facts.fields) if self._write else facts.fields
        translated = [field for field in facts.fields.values() if field.read]
        self._translated = frozenset(field.name for field in translated if field.write)
        places = {path.partition(".")[0] for field in translated for path in field.read}
        places |= {field.name for field in translated}
        self._unsent = (places - self.body_fields.keys()) | kind.vendor_set | facts.observed

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
        return {**kept, **self.encode({n: known[n] for n in self._translated if n in known})}

    def encode(self, fields: Raw) -> Raw:
        """Fields as a body holds them; raises ValueError for a reference that is not resolved."""
        body: Raw = self._write(fields) if self._write else fields
        return body
