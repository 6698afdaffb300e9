"""`init`: write a new workspace."""

from __future__ import annotations

import click

from reconciler.app.init import init
from reconciler.cli.options import GlobalOptions, global_options
from reconciler.cli.terminal import note, say


@click.command()
@click.option("--name", help="The name of the workspace; by default that of the folder.")
@click.option(
    "--provider",
    "types",
    multiple=True,
    metavar="TYPE",
    help="A provider type to begin with (repeatable); by default all of them.",
)
@global_options
def command(options: GlobalOptions, /, name: str | None, types: tuple[str, ...]) -> int:
    """Write a workspace that works: settings, a manifest for each vendor, schemas for editors.

    \b
    reconciler init
    reconciler -C shop init --provider kobo-plm
    """
    result = init(options.folder, name, types)
    for path in result.written:
        say(f"wrote {path}")
    for path in result.kept:
        note(f"kept {path}, which existed")
    say("")
    say("Next: set the environment variables that reconciler.yaml names, then")
    say("  reconciler doctor          # can every vendor be reached?")
    say("  reconciler import --all    # write manifests for what is live")
    say("  reconciler plan")
    return 0
