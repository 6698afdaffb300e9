"""Generate objects by number: the n-th of a kind is the same whenever it is asked for.

What a generated object has stands beside its field, as `make`: a function of the number, or a text
in which `{n}` is the number (`{n:06}` with six digits).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from reconciler.sandbox.store import Object

if TYPE_CHECKING:
    from reconciler.sandbox.vendor import Kind

T = TypeVar("T")
Make = Callable[[int], Any] | str

START = datetime(2024, 1, 1)

CITIES = (
    ("Los Angeles", "CA", "90001", "US"),
    ("İstanbul", "", "34000", "TR"),
    ("Porto", "", "4000-001", "PT"),
    ("Ahmedabad", "GJ", "380001", "IN"),
)
CURRENCIES = ("USD", "EUR", "GBP", "TRY")


def pick(choices: Sequence[T], number: int) -> T:
    """One of the choices, each in its turn."""
    return choices[number % len(choices)]


def in_turn(*choices: Any) -> Callable[[int], Any]:
    """A maker that picks one of the choices for each number."""
    return lambda number: pick(choices, number)


def itself(number: int) -> int:
    """The number, such as the id of an object of another kind that is generated beside it."""
    return number


def generate(kind: Kind, number: int) -> Object:
    """The n-th object of a kind, without its id."""
    made = {
        field.name: field.make.format(n=number)
        if isinstance(field.make, str)
        else field.make(number)
        for field in kind.fields
        if field.make is not None
    }
    return made | stamps(number) if kind.stamped else made


def stamps(number: int) -> Object:
    """When the n-th object was created and last changed."""
    moment = f"{(START + timedelta(minutes=number)).isoformat()}Z"
    return {"created_at": moment, "updated_at": moment}
