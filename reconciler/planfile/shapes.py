"""Check that what was read from a file has the types that the classes of the model declare.

The fingerprint of a plan says that it is as it was saved, not that this tool saved it: whoever can
write the file can make one. What follows trusts the types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

Check = Callable[[Any], bool]


def check(value: object) -> None:
    """Raise TypeError where a member of an instance of a dataclass, or of what is in it, has
    another type than it declares."""
    type_: Any = type(value)
    if not _check_of(type_)(value):
        raise TypeError(f"a {type(value).__name__} with a member of another type")


@cache
def _check_of(type_: Any) -> Check:
    """What tells whether a value has a type."""
    origin, arguments = get_origin(type_), get_args(type_)
    if type_ is Any or type_ is object:
        return lambda value: True
    if origin in (Union, UnionType):
        options = [_check_of(option) for option in arguments]
        return lambda value: any(option(value) for option in options)
    if origin is tuple and arguments[-1:] == (...,):
        part = _check_of(arguments[0])
        return lambda value: type(value) is tuple and all(map(part, value))
    if origin is tuple:
        parts = [_check_of(argument) for argument in arguments]
        return lambda value: (
            type(value) is tuple
            and len(value) == len(parts)
            and all(part(member) for part, member in zip(parts, value, strict=True))
        )
    if isinstance(origin, type) and issubclass(origin, Mapping):
        key, member = map(_check_of, arguments)
        return lambda value: (
            isinstance(value, Mapping)
            and all(map(key, value))
            and (arguments[1] is Any or all(map(member, value.values())))
        )
    if type_ in (str, int, bool, NoneType):
        return lambda value: type(value) is type_
    return _check_of_class(type_)


def _check_of_class(type_: Any) -> Check:
    """What tells whether a value is an instance, with members of the types that it declares."""
    if not isinstance(type_, type):
        raise TypeError(f"no check for {type_}")
    hints = get_type_hints(type_)
    if is_dataclass(type_):
        members = [(field.name, _check_of(hints[field.name])) for field in fields(type_)]
    elif issubclass(type_, tuple) and hasattr(type_, "_fields"):
        members = [(name, _check_of(hint)) for name, hint in hints.items()]
    else:
        members = []
    return lambda value: (
        isinstance(value, type_) and all(fits(getattr(value, name)) for name, fits in members)
    )
