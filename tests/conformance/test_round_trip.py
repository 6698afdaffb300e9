"""What is written, read back and compared is equal: every field of every kind, many values each.

Nothing here names a vendor, a kind or a field: a new one is covered by being declared.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from math import isqrt
from typing import Any

import pytest
from hypothesis import strategies as st

from reconciler.kinds import Kind, Verb
from reconciler.kinds.resource_types import ResourceType, ResourceTypes
from reconciler.providers import PROVIDERS
from reconciler.values.compare import equal
from reconciler.values.scalars import text_form

from ..naming import known
from .values import LONG, TEXTS, Values, drawn, resolved, types, written

SHAPES = [ResourceTypes(PROVIDERS).of(scope) for scope in ResourceTypes(PROVIDERS).scopes()]
FEW = 20
ROUNDS = 10
MANY = 100
SIZES = [FEW, pytest.param(1000, marks=pytest.mark.campaign)]
"""Values of each field: few by default, and in no more than so many rounds where few objects can
be made; a campaign tries a thousand, of many objects where each is named after another."""


def _data(kind: Kind, count: int) -> int:
    """How many objects the vendor has in each kind, for at least so many of this one: of what is
    below others there may be one for each pair of those."""
    return isqrt(count) + 1 if kind.nested or kind.lister else count


def each(choose: Callable[[Kind], bool], live: bool) -> Any:
    """The kinds for which this holds, with so many values and, if `live`, as many objects."""
    chosen = [
        pytest.param(
            resource_type,
            *size.values,
            str(_data(resource_type.kind, size.values[0])) if live else "docs",
            id=f"{resource_type.scope}-{size.values[0]}",
            marks=size.marks,
        )
        for resource_type in SHAPES
        if choose(resource_type.kind)
        for size in (one if hasattr(one, "values") else pytest.param(one) for one in SIZES)
    ]
    return pytest.mark.parametrize(
        ("resource_type", "count", "sandbox"), chosen, indirect=["sandbox"]
    )


@dataclass
class Bench:
    """A workspace in which objects of one kind are declared with generated values."""

    resource_type: ResourceType
    here: Any
    maker: Any
    known: set[str] = field(default_factory=set)
    names: dict[str, list[str]] = field(default_factory=dict)
    taken: Counter[str] = field(default_factory=Counter)
    tried: int = 0
    refused: int = 0
    by_hand: set[str] = field(default_factory=set)
    why: dict[str, str] = field(default_factory=dict)

    def take(self, objects: Mapping[str, Collection[str]]) -> None:
        """Count the fields of objects that were read back as they were declared; not of those
        that the plan left to a person."""
        for key, names in objects.items():
            if key in self.by_hand:
                self.refused += 1
            else:
                self.taken.update(list(names))

    def missing(self, count: int, without: Collection[str] = ()) -> int:
        """How many values are still to be tried of the field that had the fewest."""
        return max((0, *(count - self.taken[name] for name in self.writable(without))))

    def writable(self, without: Collection[str] = ()) -> list[str]:
        """The fields that can be declared, but for these."""
        facts = self.resource_type.facts.fields
        return [n for n, one in facts.items() if one.writable and n not in without]

    def told(self) -> str:
        """What was tried, for the report of a campaign."""
        some = {name: self.taken[name] for name in self.writable()}
        return (
            f"{self.tried} objects, {self.refused} refused by the vendor; values of each field: "
            f"{some}; only documented examples: {self.why or 'of none'}"
        )

    def strategy(self, name: str) -> st.SearchStrategy[Any]:
        """The values of a field."""
        facts = self.resource_type.facts
        if facts.fields[name].sensitive:
            return st.just("${secret.one}")
        return Values(facts.schema, self.refer, name in self.known).of(
            facts.schema["properties"][name]
        )

    def refer(self, target: str) -> list[str]:
        """The names that a reference may hold: declared beside it, or live."""
        if target not in self.names:
            most = MANY if target in self._named_after() else 2
            self.names[target] = [self.maker.refer(target, number) for number in range(most)]
        return self.names[target]

    def _named_after(self) -> set[str]:
        """The kinds after whose objects these are named, where nothing else tells them apart."""
        parts = [self._part(name) for name in self.resource_type.kind.natural_key]
        return {part["x-ref"] for part in parts} if all("x-ref" in p for p in parts) else set()

    def bodies(self, count: int, without: Collection[str] = ()) -> list[dict[str, Any]]:
        """So many more objects with a generated value in every field but these."""
        each = {name: self.strategy(name) for name in self.writable(without)}
        whole = drawn(st.fixed_dictionaries(each), self.tried + count)
        return whole[self.tried :]

    def rounds(self, count: int) -> list[list[dict[str, Any]]]:
        """So many more objects in rounds of different natural keys; where there can be few, as of
        a kind that is one object, there are many rounds. What can be removed is none that was
        there before: others may refer to that."""
        natural = self.resource_type.kind.natural_key
        before = self.maker.live_keys() if self.resource_type.kind.can(Verb.DELETE) else set()
        free = next((n for n in natural if self._free(n)), None)
        rounds: list[dict[str, dict[str, Any]]] = []
        seen: Counter[str] = Counter()
        for number, body in enumerate(self.bodies(count), self.tried):
            if free:
                body = {**body, free: self._numbered(free, body[free], number)}
            key = text_form("/".join(str(body.get(n)) for n in natural))
            if key in before:
                continue
            if seen[key] == len(rounds):
                rounds.append({})
            rounds[seen[key]][key] = body
            seen[key] += 1
        return [list(one.values()) for one in rounds]

    def numbered(self, body: Mapping[str, Any], number: int) -> dict[str, Any]:
        """The object with a number in each free text, so that it is like no other."""
        free = {n: self._numbered(n, v, number) for n, v in body.items() if self._free(n)}
        return {**body, **free}

    def _free(self, name: str) -> bool:
        part = self._part(name)
        return types(part)[0] == "string" and not {"enum", "format", "x-ref"} & set(part)

    def _numbered(self, name: str, value: str | None, number: int) -> str:
        text, part = value or "", self._part(name)
        tail = str(number) if "pattern" in part else f" {number}"
        most = part.get("maxLength")
        found = (text if most is None else text[: most - len(tail)]) + tail
        return found if re.search(part.get("pattern", ""), found) else text

    def _part(self, name: str) -> Mapping[str, Any]:
        schema = self.resource_type.facts.schema
        return resolved(schema["properties"][name], schema)

    def declare(self, objects: Mapping[str, Mapping[str, Any]]) -> None:
        """Write the objects as a person would, beside those that references need."""
        scope = self.resource_type.scope
        beside = {name: dict(held) for name, held in self.maker.declared.items()}
        mine = beside.pop(str(scope), {})
        self.here.declare(beside)
        lines = [f"provider: {scope.provider}", f"{scope.kind}:"]
        for key, body in {**mine, **objects}.items():
            lines.append(f"  {written(key)}:")
            lines += [f"    {written(name)}: {written(value)}" for name, value in body.items()]
        self.here.write("\n".join(lines) + "\n", "objects")

    def apply(self) -> dict[str, str]:
        """Apply; gives what could not be done, by key, and why."""
        result = self.here.run(
            "apply", "--auto-approve", "--on-error", "continue", "--format", "json"
        )
        assert result.out, result.err
        return {
            one["address"].split("/", 2)[2]: json.dumps(one["diagnostic"], ensure_ascii=False)
            for one in result.json["outcomes"]
            if one["status"] != "applied"
        }

    def learn(self) -> None:
        """Find the fields whose made-up values the vendor refuses, because they name something
        that must be there; the schema's examples are such names."""
        samples = {name: self._samples(name) for name in self.resource_type.facts.fields}
        doubtful = [name for name, several in samples.items() if several]
        if not doubtful:
            return
        self.known = set(doubtful)
        left = iter(doubtful)
        refused: dict[str, str] = {}
        for bodies in self.rounds(len(doubtful)):
            made = {}
            for body, name in zip(bodies, left, strict=False):
                self.known = set(doubtful) - {name}
                made[name] = {**body, name: drawn(self.strategy(name), 10)[-1]}
            self.declare(made)
            for name in self.apply():  # alone, as one request may have been for several
                self.declare({name: made[name]})
                refused |= self.apply()
        self.known, self.why = set(refused), refused

    def _samples(self, name: str) -> bool:
        """Whether a part of the field has several examples, and is no day or moment."""

        def inside(part: Mapping[str, Any]) -> bool:
            part = resolved(part, self.resource_type.facts.schema)
            if "x-ref" in part or not self.resource_type.facts.fields[name].writable:
                return False
            parts = [*part.get("properties", {}).values(), part.get("items", {})]
            scalar = types(part)[0] in ("string", "integer", "number")
            return (scalar and len(part.get("examples", ())) > 1) or any(
                map(inside, filter(None, parts))
            )

        return inside(self.resource_type.facts.schema["properties"][name])

    def differ(self) -> list[Any]:
        """What a plan says is different, the first few of it. What nobody can remove may be left
        over from before, and what the vendor would refuse is left to a person."""
        kind, entries = self.resource_type.kind, self.here.plan()
        left = [e["address"] for e in entries if e["x_action"] == "by-hand"]
        self.by_hand = {address.split("/", 2)[2] for address in left}
        return [
            (e["address"], e["x_action"], e["x_fields"][:2], e.get("x_reason"))
            for e in entries
            if (kind.can(Verb.DELETE) or e["x_fields"])
            and not (kind.update_blocker and e["x_action"] == "by-hand")
        ][:3]


@pytest.fixture
def bench(
    workspace: Any, make: Any, request: pytest.FixtureRequest
) -> Iterator[Callable[[ResourceType], Bench]]:
    """Makes the bench of a kind; `--junitxml` tells afterwards what was tried on it."""
    made: list[Bench] = []

    def begin(resource_type: ResourceType) -> Bench:
        made.append(
            Bench(
                resource_type, workspace(secrets={"one": "${env.HOME}"}), make(resource_type.scope)
            )
        )
        return made[-1]

    yield begin
    for one in made:
        request.node.user_properties.append(("tried", one.told()))


@pytest.fixture(autouse=True)
def _only_what_is_declared() -> None:
    """Not judged here: the sandbox's journal shows paths decoded, and in those an id that holds a
    slash looks like another request."""


def test_texts_are_of_every_sort() -> None:
    """Among the generated texts are empty, Turkish, decomposed and long ones, and some that are
    no text in YAML unless they are in quotes."""
    texts = drawn(TEXTS, 500)
    assert {"", "İğdır Şubesi", "no", "null", "2024-01-15"} <= set(texts)
    assert max(map(len, texts)) >= LONG
    assert any(text != text_form(text) for text in texts)
    assert (written("no"), written("null"), written("12:30")) == ("no", '"null"', "12:30")


@each(lambda kind: kind.can(Verb.CREATE), live=False)
def test_what_is_made_and_changed_is_read_back(
    resource_type: ResourceType, count: int, bench: Any
) -> None:
    """Objects made with generated values in all their fields, and then changed to others, are
    read back as they were declared. A vendor may refuse an object only for a field of which
    the schema says so."""
    one = bench(resource_type)
    one.learn()
    while one.missing(count) and one.tried < 4 * count:
        some = one.rounds(max(one.missing(count), FEW))
        for bodies in some if count > FEW else some[:ROUNDS]:
            _made_and_changed(one, bodies)
        if count == FEW:
            return
    assert one.missing(count) == 0, one.told()


def _made_and_changed(one: Bench, bodies: list[dict[str, Any]]) -> None:
    """Make these objects, and then change each to what another is like."""
    fixed = {n for n, f in one.resource_type.facts.fields.items() if f.immutable}
    fixed |= {*one.resource_type.kind.natural_key}
    made = {f"k{n}": body for n, body in enumerate(bodies, one.tried)}
    one.tried += len(bodies)
    refused = _refused(one, made)
    made = {key: body for key, body in made.items() if key not in refused}
    assert len(made) * 2 >= len(bodies)
    one.declare(made)
    assert one.differ() == []
    one.take(made)
    others = reversed(bodies) if one.resource_type.kind.can(Verb.UPDATE) and len(bodies) > 1 else ()
    changed = {
        key: {**body, **{n: v for n, v in other.items() if n not in fixed}}
        for (key, body), other in zip(made.items(), others, strict=False)
    }
    if not changed:
        return
    refused = _refused(one, {**made, **changed})
    assert len(refused) * 2 <= len(bodies)
    changed = {key: body for key, body in changed.items() if key not in refused}
    one.declare({**made, **changed})
    assert one.differ() == []
    one.take({key: body.keys() - fixed for key, body in changed.items()})


def _refused(one: Bench, objects: Mapping[str, Any]) -> set[str]:
    """The keys of those objects that the vendor refuses for a field that is conditional."""
    conditional = _conditional(one.resource_type)
    one.declare(objects)
    refused = one.apply()
    for key, why in refused.items():
        assert any(re.search(rf"\b{name}\b", why) for name in conditional), f"{why} {objects[key]}"
    one.refused += len(refused)
    return set(refused)


@each(lambda kind: kind.can(Verb.UPDATE) and not kind.can(Verb.CREATE), live=True)
def test_what_is_changed_is_read_back(
    resource_type: ResourceType, count: int, bench: Any, live: Any
) -> None:
    """Live objects whose fields were all given generated values are read back as declared. A
    vendor may refuse a field of an object only where the schema says so."""
    one, key = bench(resource_type), resource_type.kind.natural_key
    objects = {f"k{n}": body for n, body in enumerate(live(resource_type.scope))}
    conditional = _conditional(resource_type)
    while one.missing(count, key) and one.tried < 8 * count:
        given = {
            name: {**{n: body[n] for n in key}, **other}
            for (name, body), other in zip(
                objects.items(), one.bodies(len(objects), key), strict=True
            )
        }
        one.tried += len(given)
        for _ in range(len(conditional) + 1):
            one.declare(given)
            refused = one.apply()
            for name, why in refused.items():
                blamed = {n for n in given[name] if re.search(rf"\b{n}\b", why)}
                assert blamed & conditional, (why, given[name])
                given[name] = {
                    n: v for n, v in given[name].items() if n not in blamed & conditional
                }
            one.refused += len(refused)
            if not refused:
                break
        assert refused == {}
        assert one.differ() == []
        one.take(given)
    assert one.missing(count, key) == 0, one.told()


@each(lambda kind: not kind.can(Verb.CREATE) and not kind.can(Verb.UPDATE), live=True)
def test_what_the_vendor_holds_is_read(
    resource_type: ResourceType,
    count: int,
    bench: Any,
    sandbox: Any,
    driver: Any,
    keys: Any,
    live: Any,
) -> None:
    """Whatever value a field has at the vendor, a manifest that declares just that is no
    change: all that cannot be written is read as it is."""
    one, vendor, name = bench(resource_type), resource_type.scope.provider, resource_type.kind.name
    reading = driver(str(resource_type.scope))
    decode = reading.decoder.fields
    raws = sandbox.state(vendor)[name]
    bodies = one.rounds(len(raws))[0]
    one.tried = len(bodies)
    placed = [_put(resource_type, *pair, decode) for pair in zip(raws, bodies, strict=False)]
    derived = {part for _, left in placed for part in left}
    if derived & {*resource_type.kind.natural_key}:  # and it may follow from any text
        bodies = [one.numbered(body, number) for number, body in enumerate(bodies)]
        placed = [_put(resource_type, *pair, decode) for pair in zip(raws, bodies, strict=False)]
    sandbox.put_state(vendor, {name: [raw for raw, _ in placed]})
    assert derived <= {path[0] for path, _ in resource_type.targets} | {
        *resource_type.kind.natural_key
    }
    ids = [found.id for found in reading.list(keys(resource_type.scope)).objects]
    told = dict(zip(ids, live(resource_type.scope), strict=True)) if derived else {}
    shared = Counter(
        text_form("/".join(str(b[n]) for n in resource_type.kind.natural_key))
        for b in told.values()
    )
    given: dict[str, dict[str, Any]] = {}
    for (raw, _), body in zip(placed, bodies, strict=False):
        here = told["/".join(str(raw[n]) for n in resource_type.kind.identifier)] if derived else {}
        body = {**body, **{n: here[n] for n in derived if n in here}}
        key = [body[n] for n in resource_type.kind.natural_key]
        inside = [
            body[p[0]]
            for p, target in resource_type.targets
            if target == resource_type.scope and p[0] in body
        ]
        # What has no name of its own can be neither declared nor referred to.
        name = text_form("/".join(map(str, key)))
        known_above = all(n is None or shared[text_form(n)] == 1 for n in inside)
        if "" not in key and shared.get(name, 1) == 1 and known_above:
            given.setdefault(name, body)
    assert len(given) == len(bodies) or derived
    one.declare({f"k{n}": body for n, body in enumerate(given.values())})
    entries = one.here.plan()
    wrong = [
        (e["x_action"], e["x_fields"], e["x_reason"]) for e in entries if e["x_action"] != "adopt"
    ]
    assert wrong[:3] == []
    assert len(entries) == len(given)
    one.take(given)


def _conditional(resource_type: ResourceType) -> set[str]:
    """The fields that the vendor may refuse for reasons that no schema states (`x-conditional`)."""
    return {name for name, field in resource_type.facts.fields.items() if field.conditional}


def _put(
    resource_type: ResourceType,
    raw: dict[str, Any],
    body: Mapping[str, Any],
    decode: Callable[..., Any],
) -> tuple[dict[str, Any], list[str]]:
    """The vendor's object with the values of the body where it has those fields, and the fields
    that it has in no one place: they follow from others."""
    raw, read, left = dict(raw), decode(raw), []
    refers = {path[0] for path, _ in resource_type.targets} | {*resource_type.kind.natural_key}
    for name, value in body.items():
        fact, held = resource_type.facts.fields[name], raw.get(name)
        if name in read and equal(fact, known(fact, held), read[name]):
            raw[name] = value
            continue
        within = [
            n for n, v in (held if isinstance(held, dict) else {}).items() if v == read.get(name)
        ]
        if len(within) == 1:
            raw[name] = {**held, within[0]: value}
        elif name not in raw and name not in read and name not in refers:
            raw[name] = value
        else:
            left.append(name)
    return raw, left
