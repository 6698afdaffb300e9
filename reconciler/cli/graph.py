"""`graph`: draw the declared resources and their references, or the changes of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from reconciler.app.graph import changes, part_of, references
from reconciler.cli.files import read_plan
from reconciler.cli.options import GlobalOptions, format_option, global_options
from reconciler.cli.terminal import note, say_all
from reconciler.model import Action, Address
from reconciler.report.formats import Format


@click.command()
@click.argument("addresses", metavar="[ADDRESS]...", nargs=-1)
@format_option("graph")
@click.option("--all", "everything", is_flag=True, help="Also resources without any reference.")
@click.option(
    "--changes",
    "saved",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Draw what this saved plan changes, and in which order.",
)
@global_options
def command(
    options: GlobalOptions,
    /,
    addresses: tuple[str, ...],
    format: Format,
    everything: bool,
    saved: Path | None,
) -> int:
    """Draw the declared resources and their references; needs no network.

    An arrow points at what is needed. What is referred to but not declared is drawn differently.
    ADDRESS draws a part, with its neighbours. What Mermaid would refuse for its size is drawn by
    kinds.

    \b
    reconciler graph > graph.mmd
    reconciler graph kobo/components 'kobo/suppliers/S-*'
    reconciler graph --changes tonight.plan
    reconciler graph --format dot --all | dot -Tsvg > graph.svg
    """
    actions: Mapping[Address, Action] = {}
    if saved is None:
        graph = references(options.open(offline=True).project)
    else:
        graph, actions = changes(read_plan(saved))
    declared = set(graph.declared)
    if addresses:
        graph = part_of(graph, addresses)
    connected = {address for edge in graph.edges for address in edge[:2]}
    whole = everything or bool(addresses) or saved is not None
    nodes = sorted({*connected, *(graph.declared if whole else ())})
    say_all(format.graph(nodes, graph.edges, declared, actions))
    if not nodes and saved is None:
        note("No declared resource refers to another one; --all shows them all.")
    return 0
