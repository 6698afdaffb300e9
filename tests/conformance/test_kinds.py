"""What every kind of every vendor keeps, from the command line to the vendor and back.

Nothing here names a vendor, a kind or a field: a new kind is covered by being declared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.errors import VendorError
from reconciler.kinds import Kind, Verb
from reconciler.kinds.resource_types import Catalogue, Shape
from reconciler.providers import PROVIDERS

SHAPES = [Catalogue(PROVIDERS).shape(scope) for scope in Catalogue(PROVIDERS).scopes()]
MADE = {Verb.CREATE, Verb.UPDATE, Verb.DELETE}
GENERATED = pytest.mark.parametrize("sandbox", ["3"], indirect=True)


def each(choose: Callable[[Kind], bool]) -> Any:
    """The kinds for which this holds, as parameters."""
    chosen = [shape for shape in SHAPES if choose(shape.kind)]
    return pytest.mark.parametrize("shape", chosen, ids=lambda shape: str(shape.scope))


def managed(kind: Kind) -> bool:
    """Whether everything can be done with its objects."""
    return all(kind.can(verb) for verb in MADE)


def made(kind: Kind) -> bool:
    """Whether its objects can be made and changed."""
    return kind.can(Verb.CREATE) and kind.can(Verb.UPDATE)


FIELDS = [
    pytest.param(shape, name, id=f"{shape.scope}/{name}")
    for shape in SHAPES
    if made(shape.kind)
    for name, field in shape.facts.fields.items()
    # What nobody can remove has its name for good.
    if field.writable and (managed(shape.kind) or name not in shape.kind.natural_key)
]


@each(managed)
@pytest.mark.parametrize("size", ["least", "whole"])
def test_an_object_comes_and_goes(
    shape: Shape, size: str, workspace: Any, make: Any, live: Any
) -> None:
    """Created, the vendor has what was declared and there is nothing left to do; no longer
    declared, it is gone, and there is nothing left to do."""
    here, maker = workspace(), make(shape.scope)
    one = getattr(maker, size)()
    before = live(shape.scope)
    here.declare({**maker.declared, str(shape.scope): {**_beside(maker, shape), "one": one}})
    entries = here.plan()
    assert {entry["x_action"] for entry in entries} == {"create"}
    assert f"{shape.scope}/one" in {entry["address"] for entry in entries}
    assert here.apply().last.startswith(f"Apply complete! Resources: {len(entries)} added, 0 ")
    assert here.settled()
    assert len(live(shape.scope)) == len(before) + 1 + len(_beside(maker, shape))

    here.declare({scope: dict(objects) for scope, objects in maker.declared.items()})
    gone = here.plan()
    assert [(e["address"], e["x_action"]) for e in gone] == [(f"{shape.scope}/one", "delete")]
    here.apply()
    assert here.settled()
    assert len(live(shape.scope)) == len(before) + len(_beside(maker, shape))


@each(lambda kind: made(kind) and not managed(kind) and bool(kind.natural_key))
@pytest.mark.parametrize("size", ["least", "whole"])
def test_an_object_that_nobody_can_remove_is_made(
    shape: Shape, size: str, workspace: Any, make: Any, live: Any, sandbox: Any
) -> None:
    """Created, the vendor has what was declared and there is nothing left to do; no longer
    declared, it is named or let go, and nothing is written."""
    here, maker = workspace(), make(shape.scope)
    one = getattr(maker, size)()
    here.declare({**maker.declared, str(shape.scope): {**_beside(maker, shape), "one": one}})
    assert {entry["x_action"] for entry in here.plan()} == {"create"}
    here.apply()
    assert here.settled()
    there = live(shape.scope)

    here.declare({scope: dict(objects) for scope, objects in maker.declared.items()})
    sandbox.clear_journal()
    actions = {e["address"]: e["x_action"] for e in here.plan()}
    assert actions in ({f"{shape.scope}/one": "by-hand"}, {f"{shape.scope}/one": "forget"})
    here.apply()
    assert here.writes() == []
    assert live(shape.scope) == there


@pytest.mark.parametrize(("shape", "name"), FIELDS)
def test_each_field_changes_alone(shape: Shape, name: str, workspace: Any, make: Any) -> None:
    """A changed field is one update of exactly this field, or a replacement where it cannot be
    changed; after apply there is nothing left to do. What can be done in neither way is named."""
    here, maker = workspace(), make(shape.scope)
    one = maker.whole()
    natural = name in shape.kind.natural_key
    values = [maker.renamed()[name]] if natural else [*maker.values(name)[1:], one[name]]
    beside = {**maker.declared}

    def declare(fields: dict[str, Any]) -> None:
        mine = {**beside.get(str(shape.scope), {}), "one": fields}
        here.declare({**beside, str(shape.scope): mine})

    declare(one)
    here.apply()
    for value in values:
        declare({**one, name: value})
        (entry,) = here.plan()
        assert (entry["address"], entry["x_cause"]) == (f"{shape.scope}/one", "edit")
        assert entry["x_action"] in _ways(shape, name)
        assert {change["path"][0] for change in entry["x_fields"]} == {name}
        if entry["x_action"] == "by-hand":
            assert shape.kind.screen in entry["x_reason"]
            continue
        one = {**one, name: value}
        here.apply()
        assert here.settled(), value


@GENERATED
@each(lambda kind: True)
def test_what_is_live_is_adopted_without_a_write(
    shape: Shape, workspace: Any, sandbox: Any, live: Any
) -> None:
    """Declared as they are, live objects are no change; apply records them and writes nothing."""
    here, objects = workspace(), live(shape.scope)
    assert objects
    here.declare({str(shape.scope): {f"key-{n}": one for n, one in enumerate(objects)}})
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
    shape: Shape, workspace: Any, sandbox: Any, make: Any, live: Any
) -> None:
    """Each field that differs is named, with the screen where it is changed; the exit code is 0
    and nothing is written, by plan or by apply."""
    here, maker = workspace(), make(shape.scope)
    one = live(shape.scope)[0]
    other = {n: next(v for v in maker.values(n) if v != one.get(n)) for n in maker.free()}
    key = {name: one[name] for name in shape.kind.natural_key}
    here.declare({str(shape.scope): {"one": {**key, **other}}})
    sandbox.clear_journal()
    if other:
        (entry,) = here.plan()
        assert entry["x_action"] == "by-hand"
        assert {change["path"][0] for change in entry["x_fields"]} == set(other)
        shown = here.run("plan", "--detailed-exitcode")
        assert (shown.code, shown.last[-12:]) == (0, ", 1 by hand.")
        assert shape.kind.screen in shown.out
        assert here.run("drift", "--detailed-exitcode").code == 2
    here.apply()
    assert here.writes() == []


@GENERATED
@each(lambda kind: not kind.can(Verb.CREATE))
def test_an_object_nobody_can_make_is_for_a_person(
    shape: Shape, workspace: Any, sandbox: Any, make: Any
) -> None:
    """A declared object that is not there, of a kind that has no create, is named with the
    screen where it is made, and nothing is written."""
    here, maker = workspace(), make(shape.scope)
    here.declare({str(shape.scope): {"one": maker.renamed()}})
    (entry,) = here.plan()
    assert entry["x_action"] == "by-hand"
    assert shape.kind.screen in entry["x_reason"]
    sandbox.clear_journal()
    here.apply()
    assert here.writes() == []


@each(lambda kind: kind.can(Verb.UPDATE) and not kind.can(Verb.CREATE))
def test_a_field_of_what_nobody_can_make_changes_alone(
    shape: Shape, workspace: Any, make: Any, live: Any
) -> None:
    """Each field of an object that is there already is one update of exactly this field; after
    apply there is nothing left to do."""
    here, maker = workspace(), make(shape.scope)
    one = live(shape.scope)[0]
    here.declare({str(shape.scope): {"one": one}})
    here.apply()
    for name in maker.free():
        one[name] = next(v for v in reversed(maker.values(name)) if v != one.get(name))
        here.declare({str(shape.scope): {"one": one}})
        (entry,) = here.plan()
        assert (entry["x_action"], entry["x_cause"]) == ("update", "edit"), name
        assert {change["path"][0] for change in entry["x_fields"]} == {name}
        here.apply()
        assert here.settled(), name


@GENERATED
@each(lambda kind: kind.allow_list)
def test_what_may_no_longer_exist_is_revoked(shape: Shape, workspace: Any, live: Any) -> None:
    """An adopted object of a kind that has no create is removed with its declaration; the
    others, which nobody declared, stay."""
    here, objects = workspace(), live(shape.scope)
    here.declare({str(shape.scope): {f"key-{n}": one for n, one in enumerate(objects[:2])}})
    here.apply()
    here.declare({str(shape.scope): {"key-0": objects[0]}})
    (entry,) = here.plan()
    assert (entry["address"], entry["x_action"]) == (f"{shape.scope}/key-1", "delete")
    here.apply()
    assert live(shape.scope) == [objects[0], *objects[2:]]
    assert here.settled()


@GENERATED
@each(lambda kind: kind.can(Verb.UPDATE))
def test_writing_back_what_was_read_changes_nothing(
    shape: Shape, driver: Any, sandbox: Any, keys: Any
) -> None:
    """Decoding a field and encoding it again gives the vendor the object it has. A vendor may
    refuse to be told some fields of some objects, but no field of all."""
    one = driver(str(shape.scope), writable=True)
    kinds = PROVIDERS[shape.scope.provider].kinds  # a vendor may count the writes in others

    def state() -> dict[str, Any]:
        found = sandbox.state(shape.scope.provider)
        return {name: objects for name, objects in found.items() if name in kinds}

    before = state()
    listing = one.list(keys(shape.scope))
    assert listing.objects
    told, taken = set(), set()
    facts = shape.facts.fields.items()
    moving = {name for name, field in facts if field.required and field.volatile}
    for live in listing.objects:
        for name in live.fields.keys() & changeable(shape):
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
def test_looking_at_one_is_looking_at_the_list(shape: Shape, driver: Any, keys: Any) -> None:
    """An object looked at by its id is the object in the list, and an id that nobody has is no
    object."""
    one = driver(str(shape.scope))
    listed = one.list(keys(shape.scope)).objects
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


def _ways(shape: Shape, name: str) -> set[str]:
    """What may become of a changed field."""
    if shape.facts.fields[name].immutable:
        return {"replace"} if shape.kind.can(Verb.DELETE) else {"by-hand"}
    return {"update", "by-hand"} if shape.kind.refuses else {"update"}


def changeable(shape: Shape) -> set[str]:
    """The fields that an update may send."""
    facts = shape.facts.fields.items()
    return {name for name, field in facts if field.writable and not field.immutable}


def _beside(maker: Any, shape: Shape) -> dict[str, Any]:
    """The objects of this very kind that references need."""
    return dict(maker.declared.get(str(shape.scope), {}))
