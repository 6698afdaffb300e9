"""How Kobiks reads the values of a product: booleans as words, decimals with commas."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from reconciler.sandbox.vendor import Call

DATE = re.compile(r"\d\d-\d\d-\d{4}")


def text(call: Call, name: str, value: Any) -> str:
    """Text; a number is taken as one writes it."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise call.refuse(422, f"{name} must be text.")
    return str(value)


def flag(call: Call, name: str, value: Any) -> bool:
    """A boolean, or the word for one."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise call.refuse(422, f"{name} must be true or false.")


def decimal(call: Call, name: str, value: Any) -> Decimal:
    """A number, as such or as text with a point or a comma."""
    try:
        number = Decimal(text(call, name, value).strip().replace(",", "."))
    except InvalidOperation:
        raise call.refuse(422, f"{name} must be a number.") from None
    if not number.is_finite():
        raise call.refuse(422, f"{name} must be a number.")
    return number


def whole(call: Call, name: str, value: Any) -> int:
    """A number without a fraction."""
    number = decimal(call, name, value)
    if number != number.to_integral_value():
        raise call.refuse(422, f"{name} must be a whole number.")
    return int(number)


def fraction(call: Call, name: str, value: Any) -> float:
    """A number as JSON has it."""
    return float(decimal(call, name, value))


def date(call: Call, name: str, value: Any) -> str:
    """A day as DD-MM-YYYY."""
    try:
        if not DATE.fullmatch(text(call, name, value)):
            raise ValueError
        return datetime.strptime(value, "%d-%m-%Y").strftime("%d-%m-%Y")
    except ValueError:
        raise call.refuse(422, f"{name} must be a date such as 22-06-2020.") from None


CASTS: Mapping[str, Callable[[Call, str, Any], Any]] = {
    **dict.fromkeys(("name", "sku", "barcode", "brand", "shelf", "short_desc", "desc"), text),
    **dict.fromkeys(("is_active", "sellable", "stock_enabled", "oversell", "consign"), flag),
    **dict.fromkeys(("alert_at", "priority"), whole),
    "tax_rate": fraction,
    "exp_date": date,
}
