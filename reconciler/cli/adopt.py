"""`adopt`: put existing objects under management."""

from __future__ import annotations

import click

from reconciler.cli.options import GlobalOptions, global_options, lock_timeout_option
from reconciler.cli.progress import show_progress
from reconciler.cli.terminal import note, report, say
from reconciler.values.text import printable


@click.command()
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True)
@click.option("--id", metavar="ID", help="The vendor's id of the object, for one address.")
@lock_timeout_option
@global_options
def command(
    options: GlobalOptions, /, addresses: tuple[str, ...], id: str | None, lock_timeout: float
) -> int:
    """Put existing objects under management; the vendor's objects stay as they are.

    Each ADDRESS must be declared: provider/kind/key, a provider/kind or a pattern with *, ? and
    [...]. Its live object is found by natural key, unless --id names it. The next plan shows what
    the manifests change. What a pattern matches and cannot be adopted is listed, and the exit code
    is 1; what is owned already stays as it is.

    \b
    reconciler adopt kobo/webhooks/erp-sync
    reconciler adopt kobo/webhooks/erp-sync --id 42
    reconciler adopt kobo/suppliers 'kobo/components/FAB-*'
    """
    with show_progress("Reading") as progress:
        workspace = options.open(observer=progress, lock_timeout=lock_timeout)
        result = workspace.adopt(*addresses, id=id)
    for adoption in result.adoptions:
        row, before = adoption.row, adoption.before
        earlier = f"; it was id {printable(before)} before" if before not in (None, row.id) else ""
        say(f"adopted {printable(str(row.address), 400)} [id={printable(row.id)}]{earlier}")
    if result.owned:
        note(f"Owned already, and left as they are: {len(result.owned):,}.")
    report(result.diagnostics)
    if result.diagnostics:
        note(f"Not adopted: {len(result.diagnostics):,}.")
    return int(bool(result.diagnostics))
