"""Which kinds each vendor has and how far each can be managed, as a plain table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.kinds import Provider, Verb
from reconciler.report.columns import columns
from reconciler.values.text import printable

HEAD = ("PROVIDER", "KIND", "MODE", *(verb.value.upper() for verb in Verb), "NATURAL KEY")


def capability_lines(
    providers: Iterable[Provider], configured: Mapping[str, Provider]
) -> Iterator[str]:
    """A table of every kind with its mode, verbs and natural key, and the workspace's own names."""
    rows = [
        (
            provider.type,
            kind.name,
            kind.mode.value,
            *("yes" if kind.can(verb) else "-" for verb in Verb),
            " + ".join(kind.natural_key) or "-",
        )
        for provider in providers
        for kind in provider.kinds.values()
    ]
    yield from columns([HEAD, *rows])
    if configured:
        yield ""
        yield "Configured in this workspace:"
        yield from columns(((printable(n, 200), p.type) for n, p in configured.items()), "  ")
