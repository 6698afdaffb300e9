"""`init`: write a new workspace."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

import click

from reconciler.app.init import IGNORED, NO_ADDRESSES, init
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
@click.option(
    "--sandbox", "on_sandbox", is_flag=True, help="Set it to the vendors of `reconciler sandbox`."
)
@click.option(
    "--ledger",
    metavar="SETTING",
    default="",
    help="Where the ledger of a team is, such as git:BRANCH or s3://BUCKET/KEY; it is tried first.",
)
@global_options
def command(
    options: GlobalOptions,
    /,
    name: str | None,
    types: tuple[str, ...],
    on_sandbox: bool,
    ledger: str,
) -> int:
    """Write a workspace that works: settings, a manifest for each vendor, schemas for editors.

    \b
    reconciler init
    reconciler -C shop init --provider kobo-plm
    reconciler -C shop init --sandbox
    reconciler init --ledger git:reconciler-ledger
    """
    addresses = _addresses() if on_sandbox else NO_ADDRESSES
    result = init(options.folder, name, types, addresses, ledger)
    for path in result.written:
        say(f"wrote {path}")
    for path in result.kept:
        lines = (
            f": it should have the lines {', '.join(IGNORED)}" if path.name == ".gitignore" else ""
        )
        note(f"kept {path}, which existed{lines}")
    say("")
    for line in _before(on_sandbox, bool(types)):
        say(line)
    if (folder := click.get_current_context().find_root().params["folder"]) != ".":
        say(f"  cd {shlex.quote(folder)}")
    say("  reconciler doctor          # can every vendor be reached?")
    say("  reconciler import --all    # write manifests for what is live")
    say("  reconciler plan")
    return 0


def _before(on_sandbox: bool, chosen: bool) -> Iterator[str]:
    """What is to be done before the first command; `chosen` says that the vendors were named."""
    if on_sandbox:
        yield "Next: run `reconciler sandbox` in another terminal, and here the lines that begin"
        yield "with `export` in what it prints. Then"
    elif chosen:
        yield "Next: set the environment variables that reconciler.yaml names. Then"
    else:
        yield "Next: remove the accounts that you do not have from reconciler.yaml, and their files"
        yield "in manifests. Set the environment variables that it names. Then"


def _addresses() -> Mapping[str, str]:
    """The addresses of the sandbox's vendors; raises Invalid where it is not installed."""
    from reconciler import sandbox
    from reconciler.cli.sandbox import not_installed

    try:
        return sandbox.addresses()
    except ImportError:
        raise not_installed() from None
