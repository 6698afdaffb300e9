"""`explain`: explain a kind or a field."""

from __future__ import annotations

import click

from reconciler.app.explain import explain
from reconciler.app.state import OwnedObject, show_owned
from reconciler.cli.options import GlobalOptions, format_option, global_options
from reconciler.cli.providers import configured_providers
from reconciler.cli.terminal import say_all
from reconciler.errors import ReconcilerError
from reconciler.providers import PROVIDERS
from reconciler.report.formats import Format


@click.command()
@click.argument("what", metavar="KIND[.FIELD]")
@format_option("kind")
@global_options
def command(options: GlobalOptions, /, what: str, format: Format) -> int:
    """Explain a kind or one of its fields, with an example; or an owned object.

    Of the address of an owned object it shows what was applied, and in which form the vendor stored
    it.

    \b
    reconciler explain webhooks
    reconciler explain webhooks.events
    reconciler explain kobo-plm/suppliers.contacts.email
    reconciler explain kobo/webhooks/erp-sync
    """
    if what.count("/") > 1 and (known := _owned_object(options, what)) is not None:
        say_all(format.owned_object(*known))
        return 0
    provider, kind, name, field = explain(what, PROVIDERS, configured_providers(options))
    if field:
        say_all(format.field(provider, kind, field))
    else:
        say_all(format.kind(provider, kind, name))
    return 0


def _owned_object(options: GlobalOptions, address: str) -> OwnedObject | None:
    """The owned object at an address; None where there is none, or no usable workspace."""
    try:
        return show_owned(options.open(offline=True).project, address)
    except ReconcilerError:
        return None
