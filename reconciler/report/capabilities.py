"""Which kinds there are and how far each can be managed, as a plain table and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reconciler.kinds import Kind, Provider, Verb
from reconciler.report.columns import columns
from reconciler.values.text import printable

HEAD = ("PROVIDER", "KIND", "MODE", *(verb.value.upper() for verb in Verb), "NATURAL KEY")


def capability_lines(
    providers: Iterable[Provider], configured: Mapping[str, Provider]
) -> Iterator[str]:
    """Every kind with its mode, verbs and natural key; then the workspace's own names."""
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


def capability_document(
    providers: Iterable[Provider], configured: Mapping[str, Provider]
) -> dict[str, Any]:
    """The same for a program."""
    return {
        "format_version": "1.0",
        "providers": [
            {
                "type": provider.type,
                "title": provider.title,
                "names": [n for n, one in configured.items() if one.type == provider.type],
                "base_url": provider.base_url or None,
                "settings": list(provider.settings),
                "kinds": [kind_document(kind) for kind in provider.kinds.values()],
            }
            for provider in providers
        ],
    }


def kind_document(kind: Kind) -> dict[str, Any]:
    """What a kind's declaration says, for a program."""
    return {
        "name": kind.name,
        "title": kind.title,
        "mode": kind.mode.value,
        "verbs": [verb.value for verb in Verb if kind.can(verb)],
        "natural_key": list(kind.natural_key),
        "identity": "enforced" if kind.unique else "convention",
        "right": kind.right,
        "screen": kind.screen,
    }
