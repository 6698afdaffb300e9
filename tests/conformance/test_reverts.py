"""A run is undone for every kind of every vendor: what was destroyed is there again, and each field
has its old value.

Nothing here names a vendor, a kind or a field: a new kind is covered by being declared.
"""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kinds import Verb
from reconciler.kinds.resource_types import ResourceType

from .test_kinds import _beside, each, made, managed

CANNOT = ("and the vendor cannot unset it",)


def last_run(here: Any) -> str:
    """The id of the newest run."""
    (run,) = here.run("history", "--last", "1", "--format", "json").json["runs"]
    return str(run["run"])


def undo(here: Any) -> str:
    """Undo the newest run; returns why not all of it could be undone, or no text."""
    plan = str(here.root / "undo.plan")
    planned = here.run("revert", last_run(here), "--out", plan, "--allow-partial")
    if planned.code:
        assert planned.code == 1, planned
        assert any(words in planned.err for words in CANNOT), planned.err
        return str(planned.err)
    applied = here.run("apply", plan)
    assert applied.code == 0, planned.out + planned.err + applied.out + applied.err
    return ""


def acceptable(here: Any) -> bool:
    """Whether one object is to be changed, and nothing is left to a person."""
    planned = here.run("plan", "--format", "json")
    entries = [] if planned.code else planned.json["resource_changes"]
    return {e["x_action"] for e in entries} - {"no-op"} in ({"update"}, {"replace"})


@each(managed)
def test_what_was_destroyed_comes_back(
    resource_type: ResourceType, workspace: Any, make: Any, live: Any
) -> None:
    """With every field that it had, also those that nobody had declared; with the old manifests
    there is nothing left to do."""
    here, maker = workspace(), make(resource_type.scope)
    whole, scope = maker.whole(), str(resource_type.scope)
    beside = _beside(maker, resource_type)
    here.declare({**maker.declared, scope: {**beside, "one": whole}})
    here.apply()
    before = sorted(map(str, live(resource_type.scope)))
    here.declare({**maker.declared, **({scope: beside} if beside else {})})
    here.apply()
    assert undo(here) == ""
    assert sorted(map(str, live(resource_type.scope))) == before
    here.declare({**maker.declared, scope: {**beside, "one": whole}})
    assert here.settled(), here.run("plan").out
    undo(here)
    here.declare({**maker.declared, **({scope: beside} if beside else {})})
    assert here.settled()


@each(made)
def test_fields_get_their_old_values(
    resource_type: ResourceType, workspace: Any, make: Any
) -> None:
    """Whatever a run changed: every second field is unset where that may be, and the others have
    another value. What the vendor cannot unset is said."""
    maker = make(resource_type.scope)
    unset, other = choices(maker)
    mixed = {name: (unset, other)[at % 2][name] for at, name in enumerate(unset)}
    changed_and_undone(workspace(), maker, [mixed])


@pytest.mark.campaign
@each(made)
def test_all_fields_get_their_old_values(
    resource_type: ResourceType, workspace: Any, make: Any
) -> None:
    """The same, with each field in both ways."""
    maker = make(resource_type.scope)
    changed_and_undone(workspace(), maker, choices(maker))


def choices(maker: Any) -> list[dict[str, Any]]:
    """For each field its last value, by which it is unset where that may be, and its second."""
    values = {name: maker.values(name) for name in maker.free()}
    return [
        {name: found[-1] for name, found in values.items()},
        {name: found[1] if found[1:] else found[0] for name, found in values.items()},
    ]


def changed_and_undone(here: Any, maker: Any, others: list[dict[str, Any]]) -> None:
    """Change an object in each of these ways as far as it can be, and undo that."""
    scope, one = str(maker.resource_type.scope), maker.whole()
    beside = {**maker.declared}

    def declare(fields: dict[str, Any]) -> None:
        here.declare({**beside, scope: {**beside.get(scope, {}), "one": fields}})

    declare(one)
    here.apply()
    for other in others:
        declare({**one, **other})
        changed = {**one, **other} if acceptable(here) else {**one}
        for name, value in () if changed != one else other.items():
            declare({**changed, name: value})
            if acceptable(here):
                changed = {**changed, name: value}
        if changed == one:
            continue
        declare(changed)
        if here.run("apply", "--auto-approve").code:
            declare(one)
            here.apply()
            continue
        whole = not undo(here)
        declare(one)
        if whole:
            assert here.settled(), here.run("plan").out
        else:
            here.apply()


@each(lambda kind: kind.can(Verb.UPDATE) and not kind.can(Verb.CREATE))
def test_fields_of_what_nobody_can_make_get_their_old_values(
    resource_type: ResourceType, workspace: Any, make: Any, live: Any
) -> None:
    """Where an object is there already, what a run changed of it is as before."""
    here, maker = workspace(), make(resource_type.scope)
    one = live(resource_type.scope)[0]
    here.declare({str(resource_type.scope): {"one": one}})
    here.apply()
    other = {n: next(v for v in reversed(maker.values(n)) if v != one.get(n)) for n in maker.free()}
    here.declare({str(resource_type.scope): {"one": {**one, **other}}})
    here.apply()
    assert undo(here) == ""
    here.declare({str(resource_type.scope): {"one": one}})
    assert here.settled(), here.run("plan").out


@each(lambda kind: made(kind) and not managed(kind) and bool(kind.natural_key))
def test_what_nobody_can_remove_is_left_to_a_person(
    resource_type: ResourceType, workspace: Any, make: Any, sandbox: Any
) -> None:
    """Or let go, or refused because it stays at the vendor; nothing is written."""
    here, maker = workspace(), make(resource_type.scope)
    scope, whole = str(resource_type.scope), maker.whole()
    beside = _beside(maker, resource_type)
    here.declare({**maker.declared, **({scope: beside} if beside else {})})
    here.apply()
    here.declare({**maker.declared, scope: {**beside, "one": whole}})
    here.apply()
    sandbox.clear_journal()
    planned = here.run("revert", last_run(here), "--format", "json")
    entries = planned.json["resource_changes"]
    actions = {e["x_action"] for e in entries if e["address"] == f"{scope}/one"}
    # What the vendor makes by itself was there before: it gets its old values.
    left = "not undone: it stays at the vendor" in planned.err
    assert actions in ((set(),) if left else ({"by-hand"}, {"forget"}, {"update"})), planned
    assert here.writes() == []
