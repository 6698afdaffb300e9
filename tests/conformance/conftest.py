"""Valid objects of any kind, made from its schema and from what is live."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest

from reconciler.app.snapshot import Wanted, read
from reconciler.identity import index_live, resolve_names
from reconciler.kinds import Call, Provider, Verb
from reconciler.kinds.resource_types import ResourceType, ResourceTypes
from reconciler.model import ABSENT, Fields, Scope
from reconciler.planner import scopes_needed
from reconciler.providers import PROVIDERS
from reconciler.rest.account import Account
from reconciler.sandbox.server import Running
from reconciler.values.fields import Schema
from reconciler.values.validate import gate

from .values import resolved

TURKISH = ("İğdır Şubesi", "Çözümü ÖĞÜT ışık")
Refer = Callable[[str, int], str]


class Maker:
    """Makes objects of one kind; what they refer to is declared beside them, or live already.

    `declared` collects the objects that references need, as `Workspace.declare` takes them.
    """

    def __init__(self, resource_type: ResourceType, live: Callable[[Scope], list[Fields]]) -> None:
        self.resource_type = resource_type
        self.declared: dict[str, dict[str, Any]] = {}
        self._live = live
        self._catalogue = ResourceTypes(PROVIDERS)

    def whole(self, number: int = 0) -> dict[str, Any]:
        """An object with every field that can be declared."""
        return {
            **self._least(self.resource_type, number),
            **{n: self.values(n)[0] for n in self.free()},
        }

    def several(self, count: int) -> dict[str, dict[str, Any]]:
        """So many objects of different natural keys that nothing else has, each with every field
        that can be declared; fewer where the kind has fewer natural keys, and at least one."""
        natural = self.resource_type.kind.natural_key
        found = {"/".join(str(one[n]) for n in natural): one for one in [self.whole()]}
        needed = [self.renamed(), *self.declared.get(str(self.resource_type.scope), {}).values()]
        taken = {"/".join(str(one[n]) for n in natural) for one in needed} | self.live_keys()
        for number in range(1, 3 * count if natural else 1):
            if len(found) < count:
                one = {**self.whole(number), **self._named_after(number)}
                name = "/".join(str(one[n]) for n in natural)
                found |= {name: one} if name not in {*taken, *found} else {}
        return {f"one-{number}": one for number, one in enumerate(found.values())}

    def least_and_whole(self) -> dict[str, dict[str, Any]]:
        """An object with no more than the vendor needs, and another one with every field."""
        whole = {**self.whole(1), **self._named_after(1)}
        return {"least": self.least(), "whole": whole}

    def _named_after(self, number: int) -> dict[str, Any]:
        """The natural key of a kind whose objects are told apart by what they refer to alone."""
        properties = self.resource_type.facts.schema["properties"]
        targets = {n: properties[n].get("x-ref") for n in self.resource_type.kind.natural_key}
        if not all(targets.values()):
            return {}
        return {name: self.refer(target, number) for name, target in targets.items()}

    def least(self, number: int = 0) -> dict[str, Any]:
        """An object with no more than the vendor needs to make it."""
        return self._least(self.resource_type, number)

    def free(self) -> list[str]:
        """The fields that can be declared and are no part of the natural key."""
        facts, key = self.resource_type.facts, self.resource_type.kind.natural_key
        return [n for n, f in facts.fields.items() if f.writable and n not in key]

    def values(self, name: str) -> list[Any]:
        """Different valid values of a field, the last ones unset or empty where that may be."""
        return self._values(self.resource_type, name)

    def renamed(self) -> dict[str, Any]:
        """The natural key of another object than any other that is made here."""
        return self._key(self.resource_type, 7)

    def live_keys(self) -> set[str]:
        """The natural keys of what is there."""
        names = self.resource_type.kind.natural_key
        there = self._live(self.resource_type.scope)
        return {"/".join(str(one.get(name)) for name in names) for one in there}

    def _least(self, resource_type: ResourceType, number: int) -> dict[str, Any]:
        required = [n for n, f in resource_type.facts.fields.items() if f.required]
        rest = {
            n: self._values(resource_type, n)[0]
            for n in required
            if n not in resource_type.kind.natural_key
        }
        return {**self._key(resource_type, number), **rest}

    def _values(self, resource_type: ResourceType, name: str) -> list[Any]:
        part = resolved(resource_type.facts.schema["properties"][name], resource_type.facts.schema)
        found = _different(_valid(part, resource_type.facts.schema, self.refer))
        if "null" in _types(part):
            found.append(None)
        if _types(part)[0] == "array" and not resource_type.facts.fields[name].required:
            found.append([])
        return found

    def _key(self, resource_type: ResourceType, number: int) -> dict[str, Any]:
        key = {}
        for name in resource_type.kind.natural_key:
            part = resolved(
                resource_type.facts.schema["properties"][name], resource_type.facts.schema
            )
            values = _different(_valid(part, resource_type.facts.schema, self.refer))
            value = values[number % len(values)]
            if isinstance(value, str) and "enum" not in part and "x-ref" not in part:
                value = _text(part, number + 3)
            key[name] = value
        return key

    def refer(self, target: str, number: int) -> str:
        """The name of an object of a kind that a reference may hold: that of one declared for it,
        or of a live one where none can be made."""
        wanted, _, kind = target.rpartition("/")
        resource_type = self._catalogue.of(Scope(wanted or self.resource_type.scope.provider, kind))
        if not resource_type.kind.can(Verb.CREATE):
            live = self._live(resource_type.scope)
            names = live[-1 - number % len(live)]
            return "/".join(str(names[part]) for part in resource_type.kind.natural_key)
        key = f"target-{number}"
        self.declared.setdefault(str(resource_type.scope), {})[key] = self._least(
            resource_type, 20 + number
        )
        return key


def _valid(part: Schema, root: Schema, refer: Refer) -> Iterator[Any]:
    """At least one valid value, usually two that differ in all they hold; never null."""
    part = resolved(part, root)
    branches = (*part.get("oneOf", ()), *part.get("anyOf", ()))
    if branches:
        for branch in branches:
            yield from _valid(branch, root, refer)
    elif part.get("x-sensitive"):
        yield from ("${secret.one}", "${secret.two}")
    elif "x-ref" in part:
        yield from (refer(part["x-ref"], 0), refer(part["x-ref"], 1))
    elif "enum" in part:
        yield from (value for value in part["enum"] if value is not None)
    else:
        for sort in _types(part):
            yield from MAKERS.get(sort, _nothing)(part, root, refer)


def _nothing(part: Schema, root: Schema, refer: Refer) -> Iterator[Any]:
    yield from ()


def _boolean(part: Schema, root: Schema, refer: Refer) -> Iterator[Any]:
    yield from (False, True)


def _number(part: Schema, root: Schema, refer: Refer) -> Iterator[Any]:
    first, *others = _numbers(part) or [part.get("minimum", 1)]
    yield first
    if others:  # an id must be one that there is
        yield from others
        return
    yield first + 1 if first + 1 <= part.get("maximum", first + 1) else first - 1


def _numbers(part: Schema) -> list[Any]:
    return [e for e in part.get("examples", ()) if isinstance(e, int | float)]


def _string(part: Schema, root: Schema, refer: Refer) -> Iterator[Any]:
    yield from (_text(part, 0), _text(part, 1))


def _array(part: Schema, root: Schema, refer: Refer) -> Iterator[Any]:
    items = _different(_valid(part.get("items", {"type": "string"}), root, refer))
    if "x-key" in part:  # there is one entry of each name
        items = list({item[part["x-key"]]: item for item in items}.values())
    yield items[:1]
    yield items[1:3] or items
    if len(items) > 1:
        yield [items[1], items[0]]


def _object(part: Schema, root: Schema, refer: Refer) -> Iterator[Any]:
    members = part.get("properties")
    if members and len(part.get("examples", ())) > 1:  # it must be one that there is
        yield from part["examples"]
        return
    if members:
        open_ = {n: p for n, p in members.items() if not resolved(p, root).get("readOnly")}
        values = {n: _different(_valid(p, root, refer)) for n, p in open_.items()}
        yield {n: found[0] for n, found in values.items()}
        yield {n: found[-1] for n, found in values.items()}
        return
    more = part.get("additionalProperties")
    inner = more if isinstance(more, Mapping) else {"type": "string"}
    one, *others = _different(_valid(inner, root, refer))
    yield {"renk": one, "en": one}
    yield {"İçindekiler": one, "renk": others[0] if others else one}
    yield {}


MAKERS = {
    "boolean": _boolean,
    "integer": _number,
    "number": _number,
    "string": _string,
    "array": _array,
    "object": _object,
}


def _text(part: Schema, number: int) -> str:
    """The schema's examples, then other texts like the first; free text is Turkish."""
    fits = gate({key: part[key] for key in ("pattern", "minLength", "maxLength") if key in part})
    examples = [str(e) for e in part.get("examples", ()) if isinstance(e, str | int | float)]
    free = TURKISH[number % 2] + (f" {number}" if number > 1 else "")
    words = not examples or re.fullmatch(r"\W|[^\W\d][\w '-]*", examples[0])
    text = free if words and fits(free) and "format" not in part and "x-date" not in part else ""
    if not text and not examples:
        raise AssertionError(f"a text with a pattern or format needs an example: {part}")
    if not text and number < len(examples):
        text = examples[number]
    elif not text:
        text = examples[0]
        for _ in range(number):
            text = next(filter(fits, _bumped(text)))
    assert fits(text), (text, part)
    return text


def _bumped(text: str) -> Iterator[str]:
    """The text with one of its letters or digits moved on, the last one first."""
    for place in reversed([i for i, c in enumerate(text) if c.isascii() and c.isalnum()]):
        turned = {"z": "a", "Z": "A", "9": "1"}.get(text[place], chr(ord(text[place]) + 1))
        yield text[:place] + turned + text[place + 1 :]


def _different(values: Iterator[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if not any(type(one) is type(value) and one == value for one in found):
            found.append(value)
    return found


def _types(part: Schema) -> list[str]:
    said = part.get("type", "object" if "properties" in part else "string")
    return (
        [said]
        if isinstance(said, str)
        else [sort for sort in said if sort != "null"] + (["null"] if "null" in said else [])
    )


Keys = Callable[[Scope], tuple[str, ...]]


@pytest.fixture
def workspace(workspace: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Makes a workspace that knows the secrets which sensitive fields are filled with."""
    for name in ("one", "two"):
        monkeypatch.setenv(f"SECRET_{name.upper()}", f"the secret {name}")
    return partial(workspace, secrets={"one": "${env.SECRET_ONE}", "two": "${env.SECRET_TWO}"})


@pytest.fixture
def keys(sandbox: Running) -> Keys:
    """What reading all objects of a kind takes: the ids of its parents where it is read below
    those, its own where it has no list; nothing of any other kind."""
    resource_types = ResourceTypes(PROVIDERS)

    def of(scope: Scope) -> tuple[str, ...]:
        resource_type = resource_types.of(scope)
        kind, parent = resource_type.kind, resource_type.kind.parent
        if kind.nested and parent is not None:
            scope = next(
                target for path, target in resource_type.targets if path == (parent.field,)
            )
            kind = resource_types.of(scope).kind
        elif kind.can(Verb.LIST):
            return ()
        raws = sandbox.state(scope.provider)[kind.name]
        return tuple(dict.fromkeys(kind.id_of(raw) for raw in raws))

    return of


@pytest.fixture(autouse=True)
def _only_what_is_declared(sandbox: Running) -> Iterator[None]:
    """No test of this suite sends a request that no declaration names."""
    yield
    for vendor, provider in PROVIDERS.items():
        sent_as = [f"{call.method} (/.*)?{re.escape(call.path)}" for call in _declared(provider)]
        hooked = any(kind.writers or kind.delete_blocker for kind in provider.kinds.values())
        known = [re.compile(re.sub(r"\\{\w+\\}", "[^/]+", one)) for one in sent_as]
        for entry in sandbox.journal(vendor):
            path = entry["path"].partition("?")[0]
            login = getattr(provider.auth, "path", None)
            sent = f"{entry['method']} {path}"
            if hooked and entry["method"] == "GET":
                continue  # what a hook reads, only the hook knows
            assert (login and path.endswith(login)) or any(k.fullmatch(sent) for k in known), sent


def _declared(provider: Provider) -> Iterator[Call]:
    """Every request that a vendor's declaration names, but for the login."""
    if provider.tenancy is not None:
        yield Call("GET", provider.tenancy.path)
    yield from (watch.call for watch in provider.watches)
    for kind in provider.kinds.values():
        yield from kind.calls.values()
        yield from kind.bulk.calls.values() if kind.bulk else ()
        if kind.job:
            yield kind.job.call
        if kind.archive and kind.archive.restore:
            yield kind.archive.restore
        if kind.rotate:
            yield kind.rotate


@pytest.fixture
def live(client: Callable[..., Any], keys: Keys) -> Callable[[Scope], list[Fields]]:
    """Reads the objects of a kind in the shape that a manifest would give them."""
    resource_types = ResourceTypes(PROVIDERS)

    def objects(scope: Scope) -> list[Fields]:
        scopes = scopes_needed(resource_types, (), (), [scope])
        accounts = {name: Account(client(name)) for name in {s.provider for s in scopes}}
        everything = Wanted(whole=frozenset(scopes), keys={one: keys(one) for one in scopes})
        snapshot = read(resource_types, scopes, accounts, everything)
        listed = {
            one: tuple(each for each in listing.objects if not each.archived)
            for one, listing in snapshot.listings.items()
        }
        known = index_live([resource_types.of(one) for one in scopes], listed, (), {})
        resource_type = resource_types.of(scope)
        return [
            {
                name: value
                for name, value in resolve_names(resource_type, one.fields, known).items()
                if not resource_type.facts.fields[name].read_only and value is not ABSENT
            }
            for one in listed[scope]
        ]

    return objects


@pytest.fixture
def make(live: Callable[[Scope], list[Fields]]) -> Callable[[Scope], Maker]:
    """Makes the maker of a kind's objects."""
    return lambda scope: Maker(ResourceTypes(PROVIDERS).of(scope), live)
