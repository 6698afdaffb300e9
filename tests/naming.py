"""Answers and bodies of a kind, as a driver reads and writes them."""

from __future__ import annotations

from typing import Any

from reconciler.providers import PROVIDERS
from reconciler.rest.naming import Naming
from reconciler.values.fields import Field, facts_of
from reconciler.values.shape import known_part


def naming(vendor: str, kind: str) -> Naming:
    """Decodes answers of a vendor's kind, and encodes fields into bodies."""
    return Naming(PROVIDERS[vendor].kinds[kind], facts_of(vendor, kind))


def known(field: Field, value: Any) -> Any:
    """A live value of a field without what its schema does not know, and without secrets."""
    take = known_part(field)
    return take(value) if take else value
