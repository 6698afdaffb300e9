"""Names that a vendor takes for an id that it answers, such as the e-mail address of a user."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

from reconciler.errors import Diagnostic, VendorError
from reconciler.http.client import Client
from reconciler.kinds import Kind, Raw, Verb
from reconciler.model import Fields
from reconciler.rest.naming import Naming
from reconciler.values.fields import Facts


@dataclass(slots=True)
class OtherNames:
    """The other names in fields of one kind (`x-lookup`), and the ids that they stand for.

    An id is looked up once a name is declared or written: the list, asked for what has that name,
    shows objects with the id. A name without any such object stands for nothing that is live.
    """

    kind: Kind
    facts: Facts
    client: Client
    naming: Naming
    _declared: dict[str, set[str]] = field(default_factory=dict)
    _pending: dict[tuple[str, str], None] = field(default_factory=dict)
    _names: dict[str, dict[str, str]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def learn(self, objects: Iterable[Fields], declared: bool) -> None:
        """Note the names in these fields: `declared`, or recorded by an earlier run."""
        for fields in objects if self.facts.lookups else ():
            for name in self.facts.lookups:
                lookup, value = self.facts.fields[name].lookup, fields.get(name)
                if lookup is None or not isinstance(value, str):
                    continue
                if declared:
                    self._declared.setdefault(name, set()).add(value)
                known = self._names.get(name, {}).values()
                if re.search(lookup["pattern"], value) and value not in known:
                    self._pending[name, value] = None

    def look_up(self) -> None:
        """Find the ids of the names noted since. Raises VendorError where that cannot be done, or
        where an id and a name that stands for it are both declared: only one can be compared."""
        with self._lock:
            for name, value in tuple(self._pending):
                self._note(name, value, self._id_of(name, value))
                del self._pending[name, value]

    def _note(self, name: str, value: str, id: str | None) -> None:
        declared = self._declared.get(name, ())
        if id is None or id == value:
            return
        if id not in declared:
            self._names.setdefault(name, {})[id] = value
        elif value in declared:
            raise VendorError(
                Diagnostic(
                    f"{self.kind.name}: {name} {id} and {name} {value} are the same",
                    "Declare one of the two everywhere.",
                )
            )

    def applied(self, fields: Fields) -> Fields:
        """Live fields with the names that are declared instead of the ids."""
        if not self._names:
            return fields
        return {
            name: self._names.get(name, {}).get(value, value) if isinstance(value, str) else value
            for name, value in fields.items()
        }

    def _id_of(self, name: str, value: str) -> str | None:
        call, lookup = self.kind.calls[Verb.LIST], self.facts.fields[name].lookup
        query = {**call.query, **({lookup["query"]: value} if lookup else {})}
        if self.kind.paging is not None:
            query[self.kind.paging.size] = "1"
        data = self.client.read(call.path, query).data
        found = data.get(call.envelope) if call.envelope and isinstance(data, dict) else data
        for raw in found if isinstance(found, list) else ():
            return self._value(raw, name)
        return None

    def _value(self, raw: Raw, name: str) -> str | None:
        value = self.naming.decode(raw).get(name) if isinstance(raw, dict) else None
        return str(value) if value is not None else None
