"""Whom a brand buys from and sells to, and what it buys: suppliers, components, customers."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.kinds import Raw
from reconciler.model import Pointer
from reconciler.providers.kobo_plm.declaring import managed, number_of
from reconciler.providers.numbers import with_numbers


def decode_component(raw: Raw) -> Raw:
    """A component's supplier is read as `{id, name}` (section Components, example response)."""
    fields = {name: value for name, value in raw.items() if name != "supplier_id"}
    if "supplier" in raw or "supplier_id" in raw:
        nested = raw.get("supplier")
        number = nested.get("id") if isinstance(nested, Mapping) else raw.get("supplier_id")
        fields["supplier"] = None if number is None else Pointer(id=str(number))
    return fields


def encode_component(fields: Raw) -> Raw:
    """A component's supplier is written as `supplier_id` and prices as JSON numbers.

    Section Components lists the filter `supplier_id`; sections Styles and Quotations show
    bodies with `supplier_id` and with prices as numbers, though answers give them as text.
    """
    body = dict(fields)
    if "supplier" in body:
        body["supplier_id"] = number_of(body.pop("supplier"))
    return with_numbers(body, "unit_price")


SUPPLIERS = managed(
    "suppliers",
    "supplier",
    "code",
    "Suppliers",
    "`rating` is assumed to be computed by Kobo PLM and is never written.",
    "The documentation shows no body for a write: it is assumed to have the fields of the answer.",
)

COMPONENTS = managed(
    "components",
    "component",
    "code",
    "Components",
    "The supplier is read as `supplier: {id, name}` and assumed to be written as `supplier_id`.",
    "The price is read as text and assumed to be written as a number, as styles are.",
    decode=decode_component,
    encode=encode_component,
)

CUSTOMERS = managed(
    "customers",
    "customer",
    "code",
    "Customers",
    "The documentation shows no customer: only `type` is named there (as a filter, with its two "
    "values), the other fields are assumed to be those of a supplier.",
)

KINDS = (SUPPLIERS, COMPONENTS, CUSTOMERS)
