"""What is owned, as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reconciler.ledger import State
from reconciler.model import Owned
from reconciler.report.columns import columns
from reconciler.report.yaml_text import entries
from reconciler.values.mask import redacted
from reconciler.values.text import printable

LONGEST = 2_000


def owned_lines(state: State) -> Iterator[str]:
    """Address, id and origin of every owned object, one object on a line."""
    yield from columns(
        (_safe(str(owned.address)), f"id={_safe(owned.id)}", _safe(owned.origin))
        for owned in state.owned.values()
    )


def owned_object_lines(owned: Owned, unknown: bool) -> Iterator[str]:
    """Everything that the ledger knows of one object; `unknown` says that the outcome of its last
    write is unknown."""
    yield _safe(str(owned.address))
    facts = [
        ("id:", _safe(owned.id)),
        ("origin:", _safe(owned.origin)),
        ("last applied:", _safe(owned.at)),
    ]
    if owned.protect:
        facts.append(("protected:", "yes, it cannot be destroyed or replaced"))
    if owned.on_remove == "keep":
        facts.append(("on removal:", "kept at the vendor"))
    if owned.rotate is not None:
        facts.append(("rotated for:", _safe(owned.rotate)))
    yield from columns(facts, "  ")
    if unknown:
        yield "  The outcome of the last write is unknown; the next apply finds out."
    yield "  fields:" if owned.fields else "  fields: {}"
    yield from entries(shown_fields(owned), "    ")
    if owned.stored:
        yield "  stored by the vendor in another form, which counts as equal while neither changes:"
        yield from entries(dict(owned.stored), "    ")


def shown_fields(owned: Owned) -> dict[str, Any]:
    """The fields as last applied; of a secret not even the fingerprint."""
    shown: dict[str, Any] = redacted(owned.fields)
    return shown


def _safe(text: str) -> str:
    return printable(text, LONGEST)
