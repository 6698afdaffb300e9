"""`explain`: explain a kind, a field, a setting, or a word of manifests."""

from __future__ import annotations

import click

from reconciler.app.explain import explain
from reconciler.app.explain_files import find_setting, names
from reconciler.app.state import OwnedObject, show_owned
from reconciler.cli.options import GlobalOptions, format_option, global_options
from reconciler.cli.providers import configured_providers
from reconciler.cli.terminal import say_all
from reconciler.errors import ReconcilerError
from reconciler.providers import PROVIDERS
from reconciler.report.formats import Format


@click.command()
@click.argument("what", metavar="KIND|SETTING|WORD")
@format_option("kind")
@global_options
def command(options: GlobalOptions, /, what: str, format: Format) -> int:
    """Explain whatever a file can hold, with an example; or an owned object.

    That is a kind or one of its fields, reconciler.yaml or one of its settings, or a word of
    manifests that begins with $. Of the address of an owned object it shows what was applied, and
    in which form the vendor stored it.

    \b
    reconciler explain webhooks
    reconciler explain webhooks.events
    reconciler explain kobo-plm/suppliers.contacts.email
    reconciler explain reconciler.yaml
    reconciler explain guard.max_deletes
    reconciler explain providers.kibo
    reconciler explain '$was'
    reconciler explain kobo/webhooks/erp-sync
    """
    if what.count("/") > 1 and (known := _owned_object(options, what)) is not None:
        say_all(format.owned_object(*known))
        return 0
    configured = configured_providers(options)
    if setting := find_setting(what, configured):
        say_all(format.setting(setting))
        return 0
    provider, kind, name, field = explain(what, PROVIDERS, configured, names())
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
