"""`explain`: explain a kind or a field."""

from __future__ import annotations

import click

from reconciler.app.explain import explain
from reconciler.cli.options import GlobalOptions, format_option, global_options
from reconciler.cli.providers import configured_providers
from reconciler.cli.terminal import say_all
from reconciler.providers import PROVIDERS
from reconciler.report.formats import Format


@click.command()
@click.argument("what", metavar="KIND[.FIELD]")
@format_option("kind")
@global_options
def command(options: GlobalOptions, /, what: str, format: Format) -> int:
    """Explain a kind or one of its fields, with an example.

    \b
    reconciler explain webhooks
    reconciler explain webhooks.events
    reconciler explain kobo-plm/suppliers.contacts.email
    """
    provider, kind, name, field = explain(what, PROVIDERS, configured_providers(options))
    if field:
        say_all(format.field(provider, kind, field))
    else:
        say_all(format.kind(provider, kind, name))
    return 0
