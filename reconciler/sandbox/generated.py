"""What the vendors make objects by number from: the n-th is the same whenever it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from reconciler.sandbox.store import Object

T = TypeVar("T")

START = datetime(2024, 1, 1)

CITIES = (
    ("Los Angeles", "CA", "90001", "US"),
    ("İstanbul", "", "34000", "TR"),
    ("Porto", "", "4000-001", "PT"),
    ("Ahmedabad", "GJ", "380001", "IN"),
)
CURRENCIES = ("USD", "EUR", "GBP", "TRY")


def one(choices: Sequence[T], number: int) -> T:
    """One of the choices, each in its turn."""
    return choices[number % len(choices)]


def stamps(number: int) -> Object:
    """When the n-th object was made and last changed."""
    moment = f"{(START + timedelta(minutes=number)).isoformat()}Z"
    return {"created_at": moment, "updated_at": moment}
