"""What every kind of every vendor keeps, from the command line to the vendor and back.

Nothing here names a vendor, a kind or a field: a new kind is covered by being declared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from reconciler.errors import VendorError
from reconciler.kinds import Kind, Verb
from reconciler.kinds.resource_types import ResourceType, ResourceTypes
from reconciler.providers import PROVIDERS

SHAPES = [ResourceTypes(PROVIDERS).of(scope) for scope in ResourceTypes(PROVIDERS).scopes()]
MADE = {Verb.CREATE, Verb.UPDATE, Verb.DELETE}
GENERATED = pytest.mark.parametrize("sandbox", ["3"], indirect=True)


def each(choose: Callable[[Kind], bool]) -> Any:
    """The kinds for which this holds, as parameters."""
    chosen = [resource_type for resource_type in SHAPES if choose(resource_type.kind)]
    return pytest.mark.parametrize(
        "resource_type", chosen, ids=lambda resource_type: str(resource_type.scope)
    )


def managed(kind: Kind) -> bool:
    """Whether everything can be done with its objects."""
    return all(kind.can(verb) for verb in MADE)


def made(kind: Kind) -> bool:
    """Whether its objects can be made and changed."""
    return kind.can(Verb.CREATE) and kind.can(Verb.UPDATE)


OBSERVED = [
    pytest.param(resource_type, name, id=f"{resource_type.scope}/{name}")
    for resource_type in SHAPES
    if resource_type.kind.can(Verb.UPDATE)
    for name in sorted(resource_type.facts.observed)
]


@each(managed)
def test_an_object_comes_and_goes(
    resource_type: ResourceType, workspace: Any, make: Any, live: Any
) -> None:
    """Created with the least that there must be, and with all that there can be, the vendor has
    what was declared and there is nothing left to do; no longer declared, it is gone, and there
    is nothing left to do."""
    here, maker = workspace(), make(resource_type.scope)
    two = maker.least_and_whole()
    before = live(resource_type.scope)
    _declare(here, maker, two)
    entries, beside = here.plan(), _beside(maker, resource_type)
    assert {entry["x_action"] for entry in entries} == {"create"}
    addresses = {f"{resource_type.scope}/{key}" for key in two}
    assert addresses <= {entry["address"] for entry in entries}
    assert here.apply().last.startswith(f"Apply complete! Resources: {len(entries)} added, 0 ")
    assert here.settled()
    assert len(live(resource_type.scope)) == len(before) + len(two) + len(beside)

    here.declare({scope: dict(objects) for scope, objects in maker.declared.items()})
    gone = here.plan()
    assert {entry["address"]: entry["x_action"] for entry in gone} == dict.fromkeys(
        addresses, "delete"
    )
    here.apply()
    assert here.settled()
    assert len(live(resource_type.scope)) == len(before) + len(beside)


@each(lambda kind: made(kind) and not managed(kind) and bool(kind.natural_key))
def test_an_object_that_nobody_can_remove_is_made(
    resource_type: ResourceType, workspace: Any, make: Any, live: Any, sandbox: Any
) -> None:
    """Created with the least that there must be, and with all that there can be, the vendor has
    what was declared and there is nothing left to do; no longer declared, it is named or let go,
    and nothing is written."""
    here, maker = workspace(), make(resource_type.scope)
    two = maker.least_and_whole()
    _declare(here, maker, two)
    assert {entry["x_action"] for entry in here.plan()} == {"create"}
    here.apply()
    assert here.settled()
    there = live(resource_type.scope)

    here.declare({scope: dict(objects) for scope, objects in maker.declared.items()})
    sandbox.clear_journal()
    addresses = [f"{resource_type.scope}/{key}" for key in two]
    actions = {e["address"]: e["x_action"] for e in here.plan()}
    assert actions in (dict.fromkeys(addresses, "by-hand"), dict.fromkeys(addresses, "forget"))
    here.apply()
    assert here.writes() == []
    assert live(resource_type.scope) == there


@each(made)
def test_each_field_changes_alone(resource_type: ResourceType, workspace: Any, make: Any) -> None:
    """A changed field is one update of exactly this field, or a replacement where it cannot be
    changed; after apply there is nothing left to do. What can be done in neither way is named.

    Each field has an object of its own, and the objects are changed together, as far as there can
    be so many of the kind."""
    here, maker = workspace(), make(resource_type.scope)
    names, natural = maker.free(), resource_type.kind.natural_key
    objects = maker.several(len(names))
    _declare(here, maker, objects)
    here.apply()
    for start in range(0, len(names), len(objects)):
        _change(here, maker, objects, dict(zip(objects, names[start:], strict=False)))
    first = next(iter(objects))
    # What nobody can remove has its name for good.
    for name in natural if managed(resource_type.kind) else ():
        _change(here, maker, objects, {first: name})
    # Before the last value, the plan of the next one has shown that nothing else is left.
    assert here.settled()


def _change(here: Any, maker: Any, objects: dict[str, Any], names: dict[str, str]) -> None:
    """Give the named field of each object, by the object's key, one other value after another."""
    resource_type = maker.resource_type
    values = {key: _others(maker, objects[key], name) for key, name in names.items()}
    for turn in range(max(map(len, values.values()))):
        given = {key: values[key][turn] for key in names if turn < len(values[key])}
        changed = {
            key: {**objects[key], names[key]: value}
            for key, value in given.items()
            # Not where it goes back to what it still is, as a person did not change it.
            if value != objects[key][names[key]]
        }
        _declare(here, maker, {**objects, **changed})
        entries = {entry["address"]: entry for entry in here.plan()}
        assert entries.keys() == {f"{resource_type.scope}/{key}" for key in changed}, names
        for key in changed:
            entry, name = entries[f"{resource_type.scope}/{key}"], names[key]
            assert {change["path"][0] for change in entry["x_fields"]} == {name}
            assert entry["x_cause"] == "edit", name
            assert entry["x_action"] in _ways(resource_type, name), name
            if entry["x_action"] == "by-hand":
                assert resource_type.kind.screen in entry["x_reason"], name
            else:
                objects[key] = changed[key]
        _declare(here, maker, objects)
        here.apply()


def _others(maker: Any, one: Mapping[str, Any], name: str) -> list[Any]:
    """Other values of a field of an object, and at last the one that it has."""
    if name in maker.resource_type.kind.natural_key:
        return [maker.renamed()[name]]
    return [*maker.values(name)[1:], one[name]]


def _declare(here: Any, maker: Any, objects: Mapping[str, Any]) -> None:
    """Declare these objects, and those that they refer to."""
    scope = str(maker.resource_type.scope)
    here.declare({**maker.declared, scope: {**maker.declared.get(scope, {}), **objects}})


@GENERATED
@each(lambda kind: True)
def test_what_is_live_is_adopted_without_a_write(
    resource_type: ResourceType, workspace: Any, sandbox: Any, live: Any
) -> None:
    """Declared as they are, live objects are no change; apply records them and writes nothing."""
    here, objects = workspace(), live(resource_type.scope)
    assert objects
    here.declare({str(resource_type.scope): {f"key-{n}": one for n, one in enumerate(objects)}})
    shown = here.run("plan", "--detailed-exitcode")
    assert (shown.code, shown.last) == (0, "No changes. Your vendors match the manifests.")
    sandbox.clear_journal()
    many = "object" if len(objects) == 1 else "objects"
    assert f"{len(objects)} {many} recorded in the ledger." in here.apply().out
    assert here.writes() == []
    assert here.settled()


@GENERATED
@each(lambda kind: not kind.can(Verb.UPDATE))
def test_a_difference_nobody_can_write_is_for_a_person(
    resource_type: ResourceType, workspace: Any, sandbox: Any, make: Any, live: Any
) -> None:
    """Each field that differs is named, with the screen where it is changed; the exit code is 0
    and nothing is written, by plan or by apply."""
    here, maker = workspace(), make(resource_type.scope)
    one = live(resource_type.scope)[0]
    other = {n: next(v for v in maker.values(n) if v != one.get(n)) for n in maker.free()}
    key = {name: one[name] for name in resource_type.kind.natural_key}
    here.declare({str(resource_type.scope): {"one": {**key, **other}}})
    sandbox.clear_journal()
    if other:
        (entry,) = here.plan()
        assert entry["x_action"] == "by-hand"
        assert {change["path"][0] for change in entry["x_fields"]} == set(other)
        shown = here.run("plan", "--detailed-exitcode")
        assert (shown.code, shown.last[-12:]) == (0, ", 1 by hand.")
        assert resource_type.kind.screen in shown.out
        assert here.run("drift", "--detailed-exitcode").code == 2
    here.apply()
    assert here.writes() == []


@GENERATED
@each(lambda kind: not kind.can(Verb.CREATE))
def test_an_object_nobody_can_make_is_for_a_person(
    resource_type: ResourceType, workspace: Any, sandbox: Any, make: Any
) -> None:
    """A declared object that is not there, of a kind that has no create, is named with the
    screen where it is made, and nothing is written."""
    here, maker = workspace(), make(resource_type.scope)
    here.declare({str(resource_type.scope): {"one": maker.renamed()}})
    (entry,) = here.plan()
    assert entry["x_action"] == "by-hand"
    assert resource_type.kind.screen in entry["x_reason"]
    sandbox.clear_journal()
    here.apply()
    assert here.writes() == []


@each(lambda kind: kind.can(Verb.UPDATE) and not kind.can(Verb.CREATE))
def test_a_field_of_what_nobody_can_make_changes_alone(
    resource_type: ResourceType, workspace: Any, make: Any, live: Any
) -> None:
    """Each field of an object that is there already is one update of exactly this field; after
    apply there is nothing left to do."""
    here, maker = workspace(), make(resource_type.scope)
    one = live(resource_type.scope)[0]
    here.declare({str(resource_type.scope): {"one": one}})
    here.apply()
    for name in maker.free():
        one[name] = next(v for v in reversed(maker.values(name)) if v != one.get(name))
        here.declare({str(resource_type.scope): {"one": one}})
        (entry,) = here.plan()
        assert (entry["x_action"], entry["x_cause"]) == ("update", "edit"), name
        assert {change["path"][0] for change in entry["x_fields"]} == {name}
        here.apply()
        assert here.settled(), name


@GENERATED
@pytest.mark.parametrize(("resource_type", "name"), OBSERVED)
def test_a_field_that_no_request_sets_is_for_a_person(
    resource_type: ResourceType, name: str, workspace: Any, make: Any, live: Any
) -> None:
    """Where it differs alone, the entry is for a person. Beside another difference, that one is
    written and this one is named; afterwards it is all that is left, and still not recorded."""
    here, maker = workspace(), make(resource_type.scope)
    one = live(resource_type.scope)[0]
    here.declare({str(resource_type.scope): {"one": one}})
    here.apply()
    assert here.settled()
    other = {**one, name: next(v for v in maker.values(name) if v != one.get(name))}
    here.declare({str(resource_type.scope): {"one": other}})
    _is_by_hand(here, resource_type, name)
    here.apply()
    assert here.run("drift", "--detailed-exitcode").code == 2

    free = _simple_field(resource_type, maker.free())
    other[free] = next(v for v in maker.values(free) if v != one.get(free))
    here.declare({str(resource_type.scope): {"one": other}})
    (entry,) = here.plan()
    assert entry["x_action"] == "update"
    assert {change["path"][0] for change in entry["x_fields"]} == {free}
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 0
    assert f"the API cannot set {name}" in shown.out + shown.err
    assert live(resource_type.scope)[0] == {**one, free: other[free]}
    _is_by_hand(here, resource_type, name)


@pytest.mark.parametrize(
    ("resource_type", "name"), [one for one in OBSERVED if one.values[0].kind.can(Verb.CREATE)]
)
def test_a_new_object_is_made_without_what_no_request_sets(
    resource_type: ResourceType, name: str, workspace: Any, make: Any
) -> None:
    """The plan says that the field is left out, and the object is made; afterwards the field is
    compared like any other."""
    here, maker = workspace(), make(resource_type.scope)
    one, values = maker.whole(), maker.values(name)
    beside = {**maker.declared}
    for value in values:
        mine = {**beside.get(str(resource_type.scope), {}), "one": {**one, name: value}}
        here.declare({**beside, str(resource_type.scope): mine})
        shown = here.run("apply", "--auto-approve")
        assert shown.code == 0
        if value is values[0]:
            assert f"the API cannot set {name}: it will be created without" in shown.err
        entries = [e for e in here.plan() if e["x_action"] != "adopt"]
        assert [e["x_action"] for e in entries] in ([], ["by-hand"])
        assert {change["path"][0] for e in entries for change in e["x_fields"]} <= {name}


def _is_by_hand(here: Any, resource_type: ResourceType, name: str) -> None:
    (entry,) = here.plan()
    assert entry["x_action"] == "by-hand"
    assert {change["path"][0] for change in entry["x_fields"]} == {name}
    assert resource_type.kind.screen in entry["x_reason"]


def _simple_field(resource_type: ResourceType, names: list[str]) -> str:
    """A field that an update can set without conditions, and that refers to nothing."""
    facts = resource_type.facts.fields
    return next(
        name
        for name in names
        if not (facts[name].immutable or facts[name].conditional or facts[name].sensitive)
        and ("string" in facts[name].types or facts[name].types == {"boolean"})
        and not facts[name].ref
        and not facts[name].enum
    )


@GENERATED
@each(lambda kind: kind.allow_list)
def test_what_may_no_longer_exist_is_revoked(
    resource_type: ResourceType, workspace: Any, live: Any
) -> None:
    """An adopted object of a kind that has no create is removed with its declaration; the
    others, which nobody declared, stay."""
    here, objects = workspace(), live(resource_type.scope)
    here.declare({str(resource_type.scope): {f"key-{n}": one for n, one in enumerate(objects[:2])}})
    here.apply()
    here.declare({str(resource_type.scope): {"key-0": objects[0]}})
    (entry,) = here.plan()
    assert (entry["address"], entry["x_action"]) == (f"{resource_type.scope}/key-1", "delete")
    here.apply()
    assert live(resource_type.scope) == [objects[0], *objects[2:]]
    assert here.settled()


@GENERATED
@each(lambda kind: kind.can(Verb.UPDATE))
def test_writing_back_what_was_read_changes_nothing(
    resource_type: ResourceType, driver: Any, sandbox: Any, keys: Any
) -> None:
    """Decoding a field and encoding it again gives the vendor the object it has. A vendor may
    refuse to be told some fields of some objects, but no field of all."""
    one = driver(str(resource_type.scope), writable=True)
    kinds = PROVIDERS[resource_type.scope.provider].kinds  # a vendor may count the writes in others

    def state() -> dict[str, Any]:
        found = sandbox.state(resource_type.scope.provider)
        return {name: objects for name, objects in found.items() if name in kinds}

    before = state()
    listing = one.list(keys(resource_type.scope))
    assert listing.objects
    told, taken = set(), set()
    facts = resource_type.facts.fields.items()
    moving = {name for name, field in facts if field.required and field.volatile}
    for live in listing.objects:
        for name in live.fields.keys() & changeable(resource_type):
            told.add(name)
            declared = {n: live.fields[n] for n in live.fields.keys() & {name, *moving}}
            try:
                one.update(live, declared, [name])
            except VendorError:
                continue
            taken.add(name)
    assert told == taken
    assert state() == before


@GENERATED
@each(lambda kind: True)
def test_looking_at_one_is_looking_at_the_list(
    resource_type: ResourceType, driver: Any, keys: Any
) -> None:
    """An object looked at by its id is the object in the list, and an id that nobody has is no
    object."""
    one = driver(str(resource_type.scope))
    listed = one.list(keys(resource_type.scope)).objects
    assert listed
    for live in listed:
        assert one.get(live.id) == live
    assert one.get("987654321") is None


@GENERATED
def test_all_that_is_live_can_be_imported(workspace: Any, sandbox: Any) -> None:
    """Import everything, then plan: no changes."""
    here = workspace()
    before = {vendor: sandbox.state(vendor) for vendor in sandbox.urls}
    (here.root / "manifests" / "main.yaml").unlink()
    assert here.run("import", "--all").code == 0
    shown = here.run("plan", "--detailed-exitcode")
    assert (shown.code, shown.last) == (0, "No changes. Your vendors match the manifests."), shown
    here.apply()
    assert here.settled()
    assert here.writes() == []
    assert {vendor: sandbox.state(vendor) for vendor in sandbox.urls} == before


def _ways(resource_type: ResourceType, name: str) -> set[str]:
    """What may become of a changed field."""
    if resource_type.facts.fields[name].immutable:
        return {"replace"} if resource_type.kind.can(Verb.DELETE) else {"by-hand"}
    return {"update", "by-hand"} if resource_type.kind.update_blocker else {"update"}


def changeable(resource_type: ResourceType) -> set[str]:
    """The fields that an update may send."""
    facts = resource_type.facts.fields.items()
    return {name for name, field in facts if field.writable and not field.immutable}


def _beside(maker: Any, resource_type: ResourceType) -> dict[str, Any]:
    """The objects of this very kind that references need."""
    return dict(maker.declared.get(str(resource_type.scope), {}))
