"""Prices for the vendors that take them as JSON numbers only."""

from __future__ import annotations

from math import isfinite
from typing import Any

from reconciler.kinds import Raw


def with_numbers(fields: Raw, *names: str) -> Raw:
    """The fields, with text that is a decimal as a number in those named.

    Text that is no number goes out as it came: the vendor may judge it.
    """
    numbers = {name: _number(fields[name]) for name in names if name in fields}
    return {**fields, **numbers}


def _number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return number if isfinite(number) else value
