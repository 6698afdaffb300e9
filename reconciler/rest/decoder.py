"""Make live objects of what a vendor answers; what is live as it is declared is kept once."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable
from functools import partial

from reconciler.kinds import Raw
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Fields, Live, LiveAsDeclared
from reconciler.rest.bodies import time_in
from reconciler.rest.naming import Naming
from reconciler.rest.other_names import OtherNames
from reconciler.rest.texts import Texts
from reconciler.values.fields import fields_below
from reconciler.values.scalars import is_true
from reconciler.values.shape import known_part
from reconciler.values.walk import is_written_alike

Unpack = Callable[[Fields, bytes], Live]


class Decoder:
    """Makes the live objects of one kind, in the manifest's shape, from those of answers."""

    def __init__(
        self, resource_type: ResourceType, naming: Naming, other_names: OtherNames
    ) -> None:
        kind, facts = resource_type.kind, resource_type.facts
        self._resource_type = resource_type
        self._kind = kind
        self._naming = naming
        self._other_names = other_names
        self._texts = Texts()
        self._readable = tuple(
            (name, known_part(field))
            for name, field in facts.fields.items()
            if not (field.sensitive or field.write_only)
        )
        # Only where answers have the fields as manifests have them can they be compared undecoded.
        hidden = any(field.sensitive or field.write_only for _, field in fields_below(facts.fields))
        verbatim = naming.verbatim and not hidden and not facts.lookups
        self._key = kind.natural_key[0] if verbatim and len(kind.natural_key) == 1 else ""
        self._declared: dict[str, Fields] = {}
        self._unpack: dict[tuple[str, ...], Unpack] = {}

    def expect(self, objects: Iterable[Fields]) -> None:
        """Note the declared fields of objects, to keep those once that are live as declared; no
        others from now on."""
        keyed = ((fields.get(self._key), fields) for fields in objects if self._key)
        self._declared = {key: fields for key, fields in keyed if isinstance(key, str)}

    def fields(self, raw: Raw) -> Fields:
        """An answer's object in the manifest's shape: the fields that the schema knows, without
        those that are shown only once."""
        shaped = self._naming.decode(raw)
        return {
            name: take(shaped[name]) if take else shaped[name]
            for name, take in self._readable
            if name in shaped
        }

    def live(self, raw: Raw) -> Live:
        """The live object; its declared fields are the declared ones where they are alike."""
        declared = self._declared_alike(raw) if self._declared else None
        if declared is None or self._is_archived(raw):
            return self._live(raw, self._texts.shared(self.fields(raw)))
        others = dict(raw)
        for name in declared:
            del others[name]
        # Most objects have the same other members, whose names are not packed with each of them.
        names, packed = tuple(others), marshal.dumps([*others.values()])
        if (unpack := self._unpack.get(names)) is None:
            unpack = self._unpack[names] = partial(self._unpacked, names)
        id = self._kind.id_of(raw)
        return LiveAsDeclared(self._resource_type.scope, id, declared, packed, unpack)

    def _unpacked(self, names: tuple[str, ...], declared: Fields, packed: bytes) -> Live:
        raw = {**declared, **dict(zip(names, marshal.loads(packed), strict=True))}
        return self._live(raw, self.fields(raw))

    def _live(self, raw: Raw, fields: Fields) -> Live:
        return Live(
            self._resource_type.scope,
            self._kind.id_of(raw),
            self._other_names.applied(fields),
            self._is_archived(raw),
            time_in(raw, self._resource_type.created),
            time_in(raw, self._resource_type.updated),
        )

    def _declared_alike(self, raw: Raw) -> Fields | None:
        """The declared fields of the object with the natural key of this one, if it has all of
        them exactly as they are declared."""
        key = raw.get(self._key)
        fields = self._declared.get(key) if type(key) is str else None
        if fields is None or not fields.items() <= raw.items():
            return None
        for name, value in fields.items():
            # Texts that are equal are written alike.
            if type(value) is not str and not is_written_alike(value, raw[name]):
                return None
        return fields

    def _is_archived(self, raw: Raw) -> bool:
        archive = self._kind.archive
        return archive is not None and is_true(raw.get(archive.member))
