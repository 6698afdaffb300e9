"""`providers`: show which kinds each vendor has, and approve hosts."""

from __future__ import annotations

from collections.abc import Mapping

import click

from reconciler.cli.arguments import HintingGroup
from reconciler.cli.options import GlobalOptions, format_option
from reconciler.cli.terminal import note, say, say_all
from reconciler.errors import Invalid
from reconciler.kinds import Provider
from reconciler.providers import PROVIDERS
from reconciler.report.formats import Format
from reconciler.values.text import printable


@click.group(cls=HintingGroup, invoke_without_command=True)
@format_option("providers")
@click.pass_context
def command(ctx: click.Context, format: Format) -> int:
    """Show which kinds each vendor has and how far each can be managed.

    \b
    reconciler providers
    reconciler providers --format json
    reconciler providers trust oms.acme.example
    """
    if ctx.invoked_subcommand is None:
        say_all(format.providers(PROVIDERS.values(), configured_providers(ctx.obj)))
    return 0


@command.command("trust")
@click.argument("hosts", metavar="[HOST]...", nargs=-1)
@click.option("--list", "listed", is_flag=True, help="List the hosts that are trusted.")
@click.option("--remove", is_flag=True, help="Trust these hosts no longer.")
def trust(hosts: tuple[str, ...], listed: bool, remove: bool) -> int:
    """Approve hosts for credentials, for you on this machine.

    A provider's credentials are sent to the vendor's own hosts, to this machine, and to hosts that
    were approved: here, or in the environment variable RECONCILER_ALLOWED_HOSTS. HOST is as in
    base_url, with or without a port; *.acme.example is every host below a domain.

    \b
    reconciler providers trust oms.acme.example
    reconciler providers trust --list
    reconciler providers trust --remove oms.acme.example
    """
    from reconciler.workspace import approved_hosts

    if not hosts and not listed:
        raise click.UsageError("Name a host, or use --list.")
    if hosts:
        file = (approved_hosts.distrust if remove else approved_hosts.trust)(hosts)
        names = ", ".join(map(printable, hosts))
        note(f"{names}: {'no longer trusted' if remove else 'trusted'}, says {file}.")
    if listed:
        for host in approved_hosts.trusted_hosts():
            say(printable(host, 400))
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
