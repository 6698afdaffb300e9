"""Classes of values: what `@dataclass(frozen=True, slots=True)` makes, in a fifth of its time.

The standard decorator compiles six methods for each class, which for all our classes takes longer
than many a command. Here it only collects the fields: the methods are closures over their names,
and only `__init__` is compiled, for the first object of the class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, dataclass_transform

Value = TypeVar("Value")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[Value]) -> type[Value]:
    """The class, which has at least one field, as a dataclass with slots: its objects cannot be
    changed, and are equal where their fields are. A method that it has itself is left alone."""
    made = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    for name, method in {**_SHARED, **_methods(made)}.items():
        if name not in cls.__dict__:
            setattr(made, name, method)
    return made


def _methods(made: Any) -> Mapping[str, Callable[..., Any]]:
    compared = attrgetter(*(each.name for each in fields(made) if each.compare))
    shown = [each.name for each in fields(made) if each.repr]

    def first_init(self: Any, *values: Any, **named: Any) -> None:
        made.__init__ = _init(made)
        made.__init__(self, *values, **named)

    def equal(self: Any, other: object) -> bool:
        same = other.__class__ is self.__class__
        return compared(self) == compared(other) if same else NotImplemented

    def hash_of(self: Any) -> int:
        return hash(compared(self))

    def text(self: Any) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{made.__qualname__}({values})"

    return {"__init__": first_init, "__eq__": equal, "__hash__": hash_of, "__repr__": text}


def _init(made: Any) -> Any:
    """The `__init__` of a class. It sets each field with the function of its slot: that takes half
    the time of `object.__setattr__`, which has to find the slot first."""
    scope: dict[str, Any] = {"__missing__": MISSING}
    parameters, lines = ["self"], []
    for each in fields(made):
        scope[f"__set_{each.name}__"] = getattr(made, each.name).__set__
        parameter, value = _parameter(each, scope)
        parameters += [parameter] if each.init else []
        lines += [f"__set_{each.name}__(self, {value})"] if value else []
    if hasattr(made, "__post_init__"):
        lines.append("self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}):\n  " + "\n  ".join(lines), scope)
    init = scope["__init__"]
    init.__qualname__ = f"{made.__qualname__}.__init__"
    return init


def _parameter(each: Field[Any], scope: dict[str, Any]) -> tuple[str, str]:
    """The parameter of a field and the expression of its value, "" where it has none."""
    name, default = each.name, f"__default_{each.name}__"
    if each.default_factory is not MISSING:
        scope[default] = each.default_factory
        given = f"{default}() if {name} is __missing__ else {name}"
        return f"{name}=__missing__", given if each.init else f"{default}()"
    if each.default is not MISSING:
        scope[default] = each.default
        return f"{name}={default}", name if each.init else default
    return name, name if each.init else ""


def _refuse_set(self: Any, name: str, value: Any) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_delete(self: Any, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, each.name) for each in fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for each, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, each.name, value)


_SHARED: Mapping[str, Callable[..., Any]] = {
    "__setattr__": _refuse_set,
    "__delattr__": _refuse_delete,
    "__getstate__": _state,
    "__setstate__": _set_state,
}
