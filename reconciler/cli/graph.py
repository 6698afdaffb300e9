"""`graph`: draw the declared resources and their references."""

from __future__ import annotations

import click

from reconciler.app.graph import references
from reconciler.cli.options import GlobalOptions, format_option, global_options
from reconciler.cli.terminal import note, say_all
from reconciler.report.formats import Format


@click.command()
@format_option("graph")
@click.option("--all", "everything", is_flag=True, help="Also resources without any reference.")
@global_options
def command(options: GlobalOptions, /, format: Format, everything: bool) -> int:
    """Draw the declared resources and their references; needs no network.

    An arrow points at what is needed. What is referred to but not declared is drawn differently.

    \b
    reconciler graph > graph.mmd
    reconciler graph --format dot --all | dot -Tsvg > graph.svg
    """
    declared, edges = references(options.open(offline=True).project)
    connected = {address for edge in edges for address in edge[:2]}
    nodes = sorted({*connected, *(declared if everything else ())})
    say_all(format.graph(nodes, edges, set(declared)))
    if not nodes:
        note("No declared resource refers to another one; --all shows them all.")
    return 0
