"""How answers and bodies of a kind are named, as a driver does it."""

from __future__ import annotations

from reconciler.providers import PROVIDERS
from reconciler.rest.naming import Naming
from reconciler.values.fields import facts_of


def naming(vendor: str, kind: str) -> Naming:
    """Decodes answers of a vendor's kind, and encodes fields into bodies."""
    return Naming(PROVIDERS[vendor].kinds[kind], facts_of(vendor, kind))
