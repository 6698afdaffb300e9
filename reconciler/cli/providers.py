"""`providers`: show which kinds each vendor has."""

from __future__ import annotations

from collections.abc import Mapping

import click

from reconciler.cli.options import GlobalOptions, format_option, global_options
from reconciler.cli.terminal import note, say_all
from reconciler.errors import Invalid
from reconciler.kinds import Provider
from reconciler.providers import PROVIDERS
from reconciler.report.formats import Format


@click.command()
@format_option("providers")
@global_options
def command(options: GlobalOptions, /, format: Format) -> int:
    """Show which kinds each vendor has and how far each can be managed.

    \b
    reconciler providers
    reconciler providers --format json
    """
    say_all(format.providers(PROVIDERS.values(), configured_providers(options)))
    return 0


def configured_providers(options: GlobalOptions) -> Mapping[str, Provider]:
    """The providers of the workspace by name; none where there is no workspace or a broken one,
    because documentation is needed most while reconciler.yaml is being written."""
    from reconciler.workspace import NAMES

    exists = any((options.folder / name).exists() for name in NAMES)
    if not exists and options.folder.is_dir() and options.environment is None:
        return {}
    try:
        return options.open(offline=True).project.resource_types.providers
    except Invalid:
        if not exists:
            raise
        note("Warning: reconciler.yaml cannot be used; `reconciler validate` says why.")
        return {}
