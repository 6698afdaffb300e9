"""Ask a kind what its vendor would say to an object, given the other objects that are live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from reconciler.errors import Diagnostic, Severity
from reconciler.frozen import frozen
from reconciler.model import Action, Change, Fields, Scope
from reconciler.planner.context import Context
from reconciler.planner.subject import Subject

_WRITTEN = (Action.CREATE, Action.UPDATE, Action.REPLACE)


@frozen
class Objections:
    """The objections of vendors to the changes of a plan; the live objects that they depend on are
    collected once for each kind."""

    context: Context
    _live: dict[Scope, Mapping[str, Fields]] = field(default_factory=dict)

    def to(self, subject: Subject, change: Change) -> Iterator[Diagnostic]:
        """The findings about a change: an error where the vendor would refuse it."""
        object_to = subject.resource_type.kind.objections
        if object_to is None or change.action not in _WRITTEN or change.after is None:
            return
        before = subject.before if subject.live is not None else None
        for objection in object_to(change.after, before, self._others(subject)):
            yield Diagnostic(
                objection.summary,
                objection.detail,
                Severity.ERROR if objection.refused else Severity.WARNING,
                address=str(change.address),
                source=change.source,
            )

    def _others(self, subject: Subject) -> Mapping[str, Mapping[str, Fields]]:
        """The live objects of the kinds that this one refers to, by the name of the kind and the
        name by which references mean them."""
        scopes = {target for _, target in subject.resource_type.targets}
        for scope in scopes - self._live.keys():
            index = self.context.indexes[scope]
            self._live[scope] = {
                index.names[id]: index.live_fields(live) for id, live in index.by_id.items()
            }
        return {scope.kind: self._live[scope] for scope in scopes}
