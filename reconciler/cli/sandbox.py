"""`sandbox`: run the vendors on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.terminal import say
from reconciler.errors import Diagnostic, Invalid, how_to_install


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65_000),
    default=8800,
    show_default=True,
    help="The first port.",
)
@click.option(
    "--data",
    default="docs",
    show_default=True,
    help="docs, empty, or how many objects of each kind.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path),
    help="Load the data from this file, and save it there.",
)
@click.option("--rate", type=click.IntRange(0), help="Requests a minute; 0: no limit.")
@click.option(
    "--faults", type=click.Path(exists=True, path_type=Path), help="A file with rules for faults."
)
def command(
    port: int, data: str, state: Path | None, rate: int | None, faults: Path | None
) -> None:
    """Run the vendors on loopback, each on a port of its own, until Ctrl-C.

    \b
    reconciler sandbox
    reconciler sandbox --data 1000 --rate 0 --state shop.json
    """
    from reconciler import sandbox

    try:
        rules = sandbox.read_faults(faults) if faults else ()
        options = sandbox.Options(port=port, data=data, state=state, rate=rate, faults=rules)
        sandbox.serve(options, say)
    except ImportError:
        raise not_installed() from None
    except (ValueError, OSError) as error:
        raise Invalid(Diagnostic(f"the sandbox cannot start: {error}")) from None


def not_installed() -> Invalid:
    """The error for a sandbox whose packages are missing."""
    return Invalid(Diagnostic("the sandbox is not installed", how_to_install("sandbox")))
