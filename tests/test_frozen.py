"""`@frozen` makes what `@dataclass(frozen=True, slots=True)` makes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Mapping
from dataclasses import (
    FrozenInstanceError,
    asdict,
    astuple,
    dataclass,
    field,
    fields,
    is_dataclass,
    replace,
)
from typing import Any

import pytest

from reconciler.frozen import frozen

Decorator = Callable[[type[Any]], type[Any]]
STANDARD: Decorator = dataclass(frozen=True, slots=True)


def point(decorate: Decorator) -> type[Any]:
    """A class with every sort of field that ours have."""

    class Point:
        """A place."""

        x: int
        y: int = 2
        tags: list[str] = field(default_factory=list)
        seen: str = field(default="", compare=False)
        key: str = field(default="", repr=False)
        sum: int = field(init=False)
        notes: list[str] = field(init=False, default_factory=list)
        unit: str = field(init=False, default="mm")

        def __post_init__(self) -> None:
            object.__setattr__(self, "sum", self.x + self.y)

        def __str__(self) -> str:
            return f"{self.x}, {self.y}"

    return decorate(Point)


def special(decorate: Decorator) -> type[Any]:
    """A class that has its own idea of equality and of how it is shown."""

    class Special:
        """All are equal."""

        name: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Special)

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return "special"

    return decorate(Special)


OURS, THEIRS = point(frozen), point(STANDARD)


@frozen
class Named:
    """Fields that are named as what `frozen` itself works with."""

    made: int = 1
    missing: str = "a"
    set: Mapping[str, int] = field(default_factory=dict)
    open: bool = False
    fields: tuple[str, ...] = ()


@frozen
class Pair:
    """Two values, in a module, where pickle finds it."""

    left: int
    right: Any = ()


def test_fields_and_text_are_those_of_a_dataclass() -> None:
    """Defaults, factories, what `__post_init__` sets, and `repr` without what it leaves out."""
    ours, theirs = OURS(1, key="secret"), THEIRS(1, key="secret")
    assert repr(ours) == repr(theirs)
    assert "secret" not in repr(ours)
    assert (str(ours), asdict(ours)) == (str(theirs), asdict(theirs))
    assert astuple(ours) == (1, 2, [], "", "secret", 3, [], "mm")
    assert [f.name for f in fields(ours)] == [f.name for f in fields(theirs)]
    assert (OURS.__slots__, OURS.__match_args__) == (THEIRS.__slots__, THEIRS.__match_args__)
    assert is_dataclass(OURS)
    assert not hasattr(ours, "__dict__")
    assert type(ours) is OURS


def test_fields_may_have_any_name() -> None:
    """No name of a field is mixed up with another."""
    assert astuple(Named(open=True)) == (1, "a", {}, True, ())


def test_factories_make_a_value_for_each_object() -> None:
    """No object shares the list of another."""
    first, second = OURS(1), OURS(1)
    first.tags.append("a")
    first.notes.append("b")
    assert (second.tags, second.notes) == ([], [])


@pytest.mark.parametrize("values", [(), (1, 2, [], "", "", 6)])
@pytest.mark.parametrize("named", [{}, {"x": 1}, {"z": 1}, {"sum": 1}])
def test_wrong_arguments_are_refused_in_the_same_words(
    values: tuple[Any, ...], named: Mapping[str, Any]
) -> None:
    """Missing, unknown and doubled ones, also for the first object of a class."""
    outcomes = []
    for made in (point(frozen), point(STANDARD)):
        try:
            outcomes.append(repr(made(*values, **named)))
        except TypeError as error:
            outcomes.append(str(error).replace(repr(made), "").split(".")[-1])
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("name", ["x", "sum", "other", "__class__"])
def test_nothing_can_be_assigned_or_deleted(name: str) -> None:
    """Neither a field nor anything else, and the value stays what it was."""
    value = OURS(1)
    with pytest.raises(FrozenInstanceError, match=f"cannot assign to field '{name}'"):
        setattr(value, name, OURS)
    with pytest.raises(FrozenInstanceError, match=f"cannot delete field '{name}'"):
        delattr(value, name)
    assert value == OURS(1)
    assert type(value) is OURS


def test_equality_and_hash_are_those_of_the_fields() -> None:
    """`compare=False` leaves a field out; another class is never equal; a list cannot be hashed."""
    assert OURS(1, seen="a") == OURS(1, seen="b") != OURS(2)
    assert OURS(1) != THEIRS(1)
    assert Pair(1) != (1, ())
    assert len({Pair(1, 2), Pair(1, 2), Pair(1, 3)}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(OURS(1))


def test_own_methods_are_kept() -> None:
    """What a class defines itself is not replaced."""
    ours, theirs = special(frozen), special(STANDARD)
    assert repr(ours("a")) == repr(theirs("a")) == "special"
    assert hash(ours("a")) == hash(theirs("a")) == 7


def test_changed_copies_are_made_with_replace() -> None:
    """The others keep their values, `__post_init__` runs again, and what it sets is not given."""
    value = OURS(1, tags=["a"])
    changed = replace(value, x=5)
    assert (changed.x, changed.sum, changed.tags) == (5, 7, ["a"])
    assert value == OURS(1, tags=["a"])
    with pytest.raises(ValueError, match="sum"):
        replace(value, sum=1)


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))]
)
def test_copies_are_equal(copied: Callable[[Pair], Pair]) -> None:
    """Copies and what was pickled are as frozen as the value."""
    value = Pair(1, [Pair(2)])
    other = copied(value)
    assert other == value
    assert other is not value
    with pytest.raises(FrozenInstanceError):
        other.left = 3  # type: ignore[misc]


def test_matching_by_position() -> None:
    """A class pattern takes the fields in their order."""
    match Pair(1, 2):
        case Pair(left, right):
            assert (left, right) == (1, 2)
