"""Fields → requests that write them: one object or many, at once or through a job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reconciler.errors import Diagnostic, NotFound, Partly
from reconciler.http.client import Client
from reconciler.http.messages import Answer
from reconciler.kinds import Call, Carries, Raw, Verb
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Fields, Live, Pointer, Secret, Write
from reconciler.rest import jobs, lists
from reconciler.rest.bodies import refusals, unwrapped
from reconciler.rest.naming import Naming
from reconciler.rest.paths import fill_path, fill_query
from reconciler.rest.shown import Shown
from reconciler.values.fields import fields_below
from reconciler.values.ignored import with_ignored
from reconciler.values.mask import reveal_secrets, secrets_in
from reconciler.values.shape import keep_items, merge, overlay


class Writes:
    """The writes of one kind at one account; `shown` has objects as the vendor has them, and
    `decode` turns those into fields."""

    def __init__(
        self,
        resource_type: ResourceType,
        client: Client,
        naming: Naming,
        shown: Shown,
        decode: Callable[[Raw], Fields],
    ) -> None:
        self._kind = resource_type.kind
        self._facts = resource_type.facts
        self._scope = resource_type.scope
        self._client = client
        self._naming = naming
        self._shown = shown
        self._look = shown.look
        self._decode = decode

    def create(self, fields: Fields, key: str) -> tuple[str | None, Mapping[str, Secret]]:
        """Make an object; its id, where it is known, and what the vendor shows this once."""
        call = self._kind.calls[Verb.CREATE]
        parts = self._parent(fields)
        body = self._body(Write(None, fields))
        if call.carries is Carries.ALL:
            before = self._look(self._kind.id_of(parts))
            body = self._merged(before, body)
        if (write := self._kind.writers.get(Verb.CREATE)) is not None:
            raw = unwrapped(write(lists.VendorRequests(self._client), None, body), call)
        else:
            raw = unwrapped(self._send(call, parts, body, key).data, call)
        self._wait(raw)
        id = self._kind.id_in({**parts, **(raw or {})}) or self.chosen_id(fields)
        return id, self._shown_once(raw)

    def update(self, work: Write, live: Live, check: Callable[[Raw], None]) -> None:
        """Give an object the declared fields, and bring it back where it is archived; `check` is
        called with what is read of it just before."""
        archive, fields, changed = self._kind.archive, work.fields, work.changed
        if live.archived and archive is not None:
            if archive.restore is not None:
                self._send(archive.restore, self._kind.parts(live.id), None)
                changed = [name for name in changed if name in fields]
                if not changed:
                    return
            elif archive.member not in fields:
                fields, changed = {**fields, archive.member: False}, [*changed, archive.member]
        call = self._kind.calls[Verb.UPDATE]
        work = work._replace(fields=fields, changed=changed)
        if call.carries is Carries.ALL:
            check(raw := self._shown.take(live.id))
            body = self._merged(raw, self._body(work, raw))
        else:
            body = self._with_members_of_entries(live.id, self._body(work), check)
        if (write := self._kind.writers.get(Verb.UPDATE)) is not None:
            answer = write(lists.VendorRequests(self._client), live, body)
        else:
            answer = self._send(call, self._kind.parts(live.id), body).data
        self._wait(unwrapped(answer, call))

    def rotate(self, id: str) -> Mapping[str, Secret]:
        """Replace the secret that the vendor shows once; the new one."""
        call = self._kind.rotate
        if call is None:
            raise ValueError(f"{self._scope} has no secret to rotate")
        answer = self._send(call, self._kind.parts(id), None)
        return self._shown_once(unwrapped(answer.data, call))

    def _loses_members(self, name: str) -> bool:
        """Whether a member of a body is a list of objects that nothing identifies. The vendor
        replaces such a list, and members of its entries that the schema does not know with it."""
        field = self._naming.body_fields.get(name)
        if field is None or not field.has_entries or field.key:
            return False
        members = fields_below(field.items.fields or {}) if field.items else ()
        return not any(member.read or member.write is not True for _, member in members)

    def _with_members_of_entries(self, id: str, body: Raw, check: Callable[[Raw], None]) -> Raw:
        """The body with the vendor's other members in the entries of such lists, which are read
        just before."""
        names = [name for name in body if self._loses_members(name)]
        if not names:
            return body
        check(raw := self._look(id))
        known = self._naming.body_fields
        return {**body, **{n: keep_items(known[n], raw.get(n), body[n]) for n in names}}

    def delete(self, id: str) -> None:
        """Remove an object, or archive it. Raises NotFound where it is gone."""
        call, live = self._kind.calls[Verb.DELETE], Live(self._scope, id, {})
        if (write := self._kind.writers.get(Verb.DELETE)) is not None:
            write(lists.VendorRequests(self._client), live, {})
            return
        body = None
        if call.carries is Carries.ALL:
            body = self._merged(self._look(id), {})
        self._send(call, self._kind.parts(id), body)

    def many(self, verb: Verb, works: Sequence[Write]) -> None:
        """One request for many objects. Raises where it did not succeed for all of them."""
        bulk = self._kind.bulk
        if bulk is None:
            raise ValueError(f"{self._scope} has no request for many objects")
        call = bulk.calls[verb]
        bodies, gone = self._bodies(verb, works)
        if bodies:
            answer = self._client.write(
                call.method,
                call.path,
                self._kind.join(bodies) if self._kind.join else bodies,
                query=fill_query(call.query, {}),
            )
            if answer.status == 206:
                raise self._partly(call, answer.data, len(bodies))
            self._wait(unwrapped(answer.data, call))
        if gone:
            raise NotFound(Diagnostic(f"{self._scope}: {len(gone)} are gone", "Plan again."))

    def _partly(self, call: Call, data: Any, count: int) -> Partly:
        hide = self._client.hide
        return Partly(
            Diagnostic(
                f"{self._client.connection.name}: {call.method} {call.path} took only some "
                f"of {count} objects: {hide(str(data))[:300]}",
                "Correct what the vendor names, then plan again.",
            ),
            refused={id: hide(text)[:300] for id, text in refusals(self._kind, data)},
        )

    def chosen_id(self, fields: Fields) -> str | None:
        """The id of an object made from these fields, where it is not the vendor who chooses it."""
        kind = self._kind
        if not kind.natural_key:
            return kind.name
        members = {name: _plain(value) for name, value in fields.items()}
        members |= self._parent(fields)
        if any(self._lacks(name, members) for name in kind.identifier or kind.natural_key):
            return None
        return kind.id_of(members)

    def _lacks(self, name: str, members: Mapping[str, Any]) -> bool:
        if name not in self._kind.natural_key and not self._is_parent(name):
            return True
        field = self._facts.fields.get(name)
        return members.get(name) is None and not (field and "null" in field.types)

    def _is_parent(self, name: str) -> bool:
        return self._kind.parent is not None and self._kind.parent.member == name

    def _parent(self, fields: Fields) -> dict[str, str]:
        """The id of the parent that the fields name, under the name that paths have for it."""
        parent = self._kind.parent
        pointer = fields.get(parent.field) if parent else None
        if parent is None or not isinstance(pointer, Pointer) or pointer.id is None:
            return {}
        return {parent.member: pointer.id}

    def _bodies(self, verb: Verb, works: Sequence[Write]) -> tuple[list[Raw], list[str]]:
        """What is to be sent of each object, and the ids of those that are gone."""
        kind = self._kind
        if verb is Verb.DELETE:
            return [self._named(work.live.id) for work in works if work.live], []
        if verb is not Verb.UPDATE or kind.calls[verb].carries is not Carries.ALL:
            return [self._body(work) for work in works], []
        by_id = {work.live.id: work for work in works if work.live}
        before = {
            id: raw
            for raw in lists.objects(self._client, kind, kind.parents_to_list(by_id), dict)
            if (id := kind.id_of(raw)) in by_id
        }
        bodies = [
            self._merged(before[id], self._body(work, before[id]))
            for id, work in by_id.items()
            if id in before
        ]
        return bodies, [id for id in by_id if id not in before]

    def _named(self, id: str) -> Raw:
        """What identifies an object, as the body of a request names it."""
        parts = self._kind.parts(id)
        return {name: parts[name] for name in self._kind.identifier if parts.get(name)}

    def _body(self, work: Write, raw: Raw | None = None) -> Raw:
        """The encoded fields: those that changed, where the rest is left alone or read anew. `raw`
        is the object as the vendor has it now, where it was read again."""
        call = self._kind.calls[Verb.UPDATE if work.live else Verb.CREATE]
        fields = work.fields
        if work.live is not None:
            if work.ignore:
                now = work.live.fields if raw is None else self._decode(raw)
                fields = with_ignored(self._facts, fields, now, work.ignore)
            if call.carries is Carries.ALL:
                # What the vendor shows in place of a secret is not to be sent back to it.
                secrets = (str(secret.path[0]) for secret in secrets_in(self._facts, fields))
                fields = {name: fields[name] for name in (*work.changed, *secrets)}
            elif not call.sends_whole:
                known, live = self._facts.fields, work.live.fields
                fields = {
                    name: keep_items(known[name], live.get(name), fields[name])
                    if self._facts.has_entries
                    else fields[name]
                    for name in work.changed
                }
            else:
                fields = merge(self._facts.fields, self._writable(work.live.fields), fields)
        return self._naming.encode(reveal_secrets(fields))

    def _writable(self, fields: Fields) -> Fields:
        return {
            name: value
            for name, value in fields.items()
            if self._facts.fields[name].writable and not self._facts.fields[name].volatile
        }

    def _shown_once(self, raw: Raw | None) -> Mapping[str, Secret]:
        """The secrets in an answer that no later answer has."""
        secrets = {
            name: Secret(str(raw[name]), name)
            for name, field in self._facts.fields.items()
            if raw and field.sensitive and field.read_only and raw.get(name)
        }
        for secret in secrets.values():
            self._client.remember(secret)
        return secrets

    def _merged(self, raw: Raw, body: Raw) -> Raw:
        """The whole object to send back: as the vendor has it now, with a body merged in."""
        return overlay(self._naming.body_fields, self._naming.as_body(raw), body)

    def _send(
        self, call: Call, parts: Mapping[str, str], body: Raw | None, key: str | None = None
    ) -> Answer:
        whole = {**(body or {}), **call.adds} if body is not None or call.adds else None
        return self._client.write(
            call.method,
            fill_path(call.path, parts),
            self._kind.join([whole]) if self._kind.join and whole is not None else whole,
            key if self._kind.idempotent else None,
            fill_query(call.query, parts),
            call.silent,
        )

    def _wait(self, raw: Raw | None) -> None:
        if self._kind.job is not None:
            jobs.wait_for(self._client, self._kind.job, raw)


def _plain(value: Any) -> Any:
    return (value.id or value.key) if isinstance(value, Pointer) else value
