"""Make many changes of one kind with one request. Where the vendor did not accept all of them,
determine the outcome of each from the live objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler.errors import Diagnostic, NotAttempted, Partly, Severity, Unknown, VendorError
from reconciler.executor.change import STILL_EXISTS
from reconciler.executor.freshness import DELETED, ChangeFailed, check_unchanged, is_fresh
from reconciler.executor.options import ExecuteOptions, Journal, Settle
from reconciler.executor.references import parent_ids, resolve_references
from reconciler.executor.repetition import may_send_again
from reconciler.executor.verify import differing_fields
from reconciler.frozen import frozen
from reconciler.identity import finder
from reconciler.kinds import Verb
from reconciler.model import Action, Address, Change, Fields, Listing, Live, Outcome, Status, Write
from reconciler.rest.driver import Driver

VERBS = {Action.CREATE: Verb.CREATE, Action.UPDATE: Verb.UPDATE, Action.DELETE: Verb.DELETE}


@frozen
class Part:
    """A change of a batch: what to write, and the function that journals its outcome."""

    change: Change
    write: Write
    settle: Settle


@frozen
class Batch:
    """Changes of one kind and one action that one request makes."""

    changes: Sequence[Change]
    driver: Driver
    journal: Journal
    options: ExecuteOptions
    outcomes: Mapping[Address, Outcome]

    def run(self) -> list[Outcome]:
        """Make the changes and return their outcomes. Raises LedgerError where they cannot be
        journalled."""
        started = self.options.clock()
        with self.options.together():
            outcomes, parts = self._prepare()
        if parts:
            with self.options.together():
                outcomes += self._send(parts)
        seconds = (self.options.clock() - started) / len(outcomes)
        return [replace(outcome, seconds=seconds) for outcome in outcomes]

    def _prepare(self) -> tuple[list[Outcome], list[Part]]:
        """Journal the changes that can be made. Returns the outcomes of the others, all stale,
        and the changes to send."""
        outcomes, parts = [], []
        now = self._current_objects()
        for change in self.changes:
            try:
                write = self._write(change, now)
            except ChangeFailed as failure:
                outcomes.append(_outcome(change, failure.status, change.id, failure.diagnostic))
                continue
            verb = VERBS[change.action]
            parts.append(Part(change, write, self.journal(change, verb, None)))
        return outcomes, parts

    def _write(self, change: Change, now: Callable[[str], Live | None]) -> Write:
        fields = resolve_references(change, self.outcomes)
        if change.id is None:
            return Write(None, fields)
        seen = self.options.seen(change)
        live = seen[0] if seen and is_fresh(self.options, seen[1]) else None
        live = live or check_unchanged(
            self.driver.resource_type, change, seen[0] if seen else None, now(change.id)
        )
        changed = dict.fromkeys(str(field.path[0]) for field in change.fields)
        return Write(live, fields, list(changed), change.options.ignore)

    def _current_objects(self) -> Callable[[str], Live | None]:
        """A function that returns a live object by id, from a new list where the last one is too
        old."""
        sightings = [self.options.seen(c) for c in self.changes if c.id is not None]
        if all(seen is not None and is_fresh(self.options, seen[1]) for seen in sightings):
            return lambda id: None
        return self._read()

    def _read(self) -> Callable[[str], Live | None]:
        ids = [change.id for change in self.changes if change.id is not None]
        listing = self.driver.list(self.driver.resource_type.kind.parents_to_list(ids))
        problem = listing.problem
        if problem is not None:

            def fail(id: str) -> Live | None:
                raise ChangeFailed(Status.FAILED, problem.summary, problem.detail)

            return fail
        return {live.id: live for live in listing.objects if not live.archived}.get

    def _send(self, parts: Sequence[Part], attempt: int = 1) -> Iterator[Outcome]:
        verb = VERBS[parts[0].change.action]
        try:
            self.driver.write_many(verb, [part.write for part in parts])
        except NotAttempted as error:
            status = Status.NOT_ATTEMPTED if attempt == 1 else Status.UNKNOWN
            for part in parts:
                yield self._settle(part, status, None, error.diagnostics[0])
            return
        except VendorError as error:
            yield from self._resolve_lost_answer(parts, error, attempt)
            return
        if verb is Verb.DELETE:
            yield from self._check_deleted(parts)
            return
        find: Callable[[Fields], Live | None] | None = None
        for part in parts:
            id = part.change.id or self.driver.id_of(part.write.fields)
            if id is None:
                find = find or finder(self.driver.resource_type, self._list(parts).objects)
                live = find(part.write.fields)
                id = live.id if live else None
            yield self._settle(part, Status.APPLIED if id else Status.UNKNOWN, id, None)

    def _check_deleted(self, parts: Sequence[Part]) -> Iterator[Outcome]:
        """The outcome of each delete that the vendor reported as done, by the live objects."""
        listing = self._list(parts)
        remaining = {live.id for live in listing.objects if not live.archived}
        for part in parts:
            if listing.problem is not None:
                yield self._settle(part, Status.UNKNOWN, part.change.id, listing.problem)
            elif part.change.id in remaining:
                yield self._settle(part, Status.FAILED, part.change.id, STILL_EXISTS)
            else:
                yield self._settle(part, Status.APPLIED, part.change.id, None)

    def _resolve_lost_answer(
        self, parts: Sequence[Part], error: VendorError, attempt: int
    ) -> Iterator[Outcome]:
        """The outcome of each change, judged by the live objects, after the vendor refused some of
        them or its answer was lost. Where the vendor did not process the request, those that have
        not taken effect are sent again."""
        listing = self._list(parts)
        again: list[Part] = []
        unclear = listing.problem is not None or isinstance(error, Unknown)
        by_id = {live.id: live for live in listing.objects if not live.archived}
        find = finder(self.driver.resource_type, listing.objects)
        for part in parts:
            id = part.change.id
            live = by_id.get(id) if id is not None else find(part.write.fields)
            if listing.problem is None and self._took_effect(part, live):
                yield self._settle(
                    part, Status.APPLIED, live.id if live else id, _lost_answer_warning(error)
                )
            elif listing.problem is None and may_send_again(error, attempt):
                again.append(part)
            else:
                status = Status.UNKNOWN if unclear else Status.FAILED
                deleted = id is not None and live is None and listing.problem is None
                finding = DELETED if deleted else self._refusal(part, error)
                yield self._settle(part, Status.FAILED if deleted else status, id, finding)
        if again:
            yield from self._send(again, attempt + 1)

    def _refusal(self, part: Part, error: VendorError) -> Diagnostic:
        """The vendor's error for this object, or else its error for the whole request."""
        finding = error.diagnostics[0]
        id = part.change.id or self.driver.id_of(part.write.fields)
        text = error.refused.get(id or "") if isinstance(error, Partly) else None
        return replace(finding, summary=f"the vendor refused it: {text}") if text else finding

    def _list(self, parts: Sequence[Part]) -> Listing:
        kind = self.driver.resource_type.kind
        ids = [part.change.id for part in parts if part.change.id is not None]
        parents = [id for part in parts for id in parent_ids(kind, part.write.fields)]
        return self.driver.list(tuple(dict.fromkeys([*parents, *kind.parents_to_list(ids)])))

    def _took_effect(self, part: Part, live: Live | None) -> bool:
        """Whether the live object matches what the change wrote."""
        change = part.change
        if change.action is Action.DELETE:
            return live is None
        if change.action is Action.UPDATE and any(f.sensitive for f in change.fields):
            return False  # no vendor shows whether a secret was stored
        return live is not None and not differing_fields(
            self.driver.resource_type, change, part.write.fields, live
        )

    def _settle(
        self, part: Part, status: Status, id: str | None, finding: Diagnostic | None
    ) -> Outcome:
        message = finding.summary if finding and status is not Status.APPLIED else ""
        part.settle(status, id if status is Status.APPLIED else None, message)
        return _outcome(part.change, status, id, finding)


def parent_of(driver: Driver, change: Change) -> object:
    """A value that is equal for changes to objects with the same parent."""
    parent = driver.resource_type.kind.parent
    if parent is None:
        return None
    fields = change.after or change.before or {}
    return fields.get(parent.field) or driver.resource_type.kind.parents_to_list([change.id or ""])


def _lost_answer_warning(error: VendorError) -> Diagnostic | None:
    """The warning for a change that took effect although its answer was lost."""
    if not isinstance(error, Unknown):
        return None
    return replace(
        error.diagnostics[0],
        summary=f"it took effect, but the answer was lost: {error.diagnostics[0].summary}",
        severity=Severity.WARNING,
    )


def _outcome(change: Change, status: Status, id: str | None, finding: Diagnostic | None) -> Outcome:
    if finding is not None:
        finding = replace(finding, address=str(change.address), source=change.source)
    return Outcome(change, status, id, finding, requests=1)
