"""Values for the `make` of fields: what a function of the object's number can give."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

CITIES = (
    ("Los Angeles", "CA", "90001", "US"),
    ("İstanbul", "", "34000", "TR"),
    ("Porto", "", "4000-001", "PT"),
    ("Ahmedabad", "GJ", "380001", "IN"),
)
CURRENCIES = ("USD", "EUR", "GBP", "TRY")
START = datetime(2024, 1, 1)


def in_turn(*choices: Any) -> Callable[[int], Any]:
    """The choices in turn."""
    return lambda number: choices[number % len(choices)]


def constant(value: Any) -> Callable[[int], Any]:
    """The same value for every object."""
    return lambda _: value


def all_but(every: int) -> Callable[[int], bool]:
    """True, but for the numbers that this divides."""
    return lambda number: number % every != 0


def moment(number: int) -> str:
    """A moment for the n-th object, a minute after that of the one before."""
    return f"{(START + timedelta(minutes=number)).isoformat()}Z"


def opaque(word: str) -> Callable[[int], str]:
    """Ids that are text and say nothing, for the vendors whose ids are."""
    return lambda number: f"{word}_{hashlib.sha256(f'{word} {number}'.encode()).hexdigest()[:12]}"


def letters(number: int) -> str:
    """The number in capital letters: three, as ISO 4217 has them, more only beyond 17,575."""
    digits = ""
    while number or len(digits) < 3:
        number, digit = divmod(number, 26)
        digits = chr(ord("A") + digit) + digits
    return digits
