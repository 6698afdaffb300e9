"""`listen`: receive vendors' signed events, and compare the kinds that they are about."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from reconciler.cli.drift import exit_code_of
from reconciler.cli.options import (
    GlobalOptions,
    chosen_extent,
    extent_options,
    format_option,
    global_options,
)
from reconciler.cli.reports import Reports, located, report_option, show
from reconciler.cli.signals import stop_on_signal
from reconciler.cli.terminal import note, paint, report
from reconciler.errors import Diagnostic, Invalid, ReconcilerError
from reconciler.model import Drift, Scope
from reconciler.report.formats import Format

if TYPE_CHECKING:
    from reconciler.app.inbox import Inbox
    from reconciler.http.receiver import Receiver


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8900, show_default=True, help="0: any."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--secret",
    "secrets",
    multiple=True,
    metavar="NAME",
    help="The webhook's signing secret: a name under secrets, or PROVIDER=NAME.",
)
@click.option("--kind", "kinds", multiple=True, metavar="K", help="Only a kind, or provider/kind.")
@click.option(
    "--max-age",
    type=click.FloatRange(1, 86_400),
    default=300,
    show_default=True,
    metavar="SECONDS",
    help="How old an event may be.",
)
@click.option(
    "--delay",
    type=click.FloatRange(0, 3_600),
    default=2,
    show_default=True,
    metavar="SECONDS",
    help="How long to gather events after the first.",
)
@format_option("drift")
@extent_options
@report_option("drift")
@global_options
def command(
    options: GlobalOptions,
    /,
    port: int,
    host: str,
    secrets: tuple[str, ...],
    kinds: tuple[str, ...],
    max_age: float,
    delay: float,
    format: Format,
    full: bool,
    concise: bool,
    reports: Reports,
) -> int:
    """Receive a vendor's signed events, and show the drift of the kinds in them, until Ctrl-C.

    An event is posted to the path that is the provider's name. One that is not signed with the
    secret, too old or sent again starts nothing.

    \b
    reconciler listen --secret hooks
    reconciler listen --secret kobo=hooks --kind suppliers --report json=drift.json
    """
    from reconciler.app.listen import open_inbox

    gc.enable()  # unlike other commands, this one runs for long
    format = chosen_extent(format, full, concise)
    inbox = open_inbox(options.open().project, secrets, kinds, max_age, note)
    receiver = _receiver(host, port, inbox)
    with stop_on_signal(options.stop, inbox.wake), receiver.serving():
        for sender in inbox.senders.values():
            about = ", ".join(sorted(scope.kind for scope in sender.kinds))
            note(f"Listening at {receiver.url}/{sender.name} for events about {about}.")
        for batch in inbox.batches(options.stop, delay):
            _compare(options, batch, format, reports)
    note("Stopped.")
    return 0


def _receiver(host: str, port: int, inbox: Inbox) -> Receiver:
    """The server; raises Invalid where it cannot listen there."""
    from reconciler.http.receiver import Receiver

    try:
        return Receiver(host, port, inbox.receive)
    except OSError as error:
        summary = f"cannot listen at {host}, port {port}: {error.strerror}"
        raise Invalid(Diagnostic(summary, "Choose another: --port.")) from None


def _compare(
    options: GlobalOptions, batch: Mapping[Scope, int], format: Format, reports: Reports
) -> None:
    """Show the drift of the kinds in a batch of events, and write the reports of it. What stands in
    the way is told, and the next batch is another matter."""
    from reconciler.app.listen import drift_of

    events = ", ".join(f"{scope} ({batch[scope]})" for scope in sorted(batch))
    note(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} Events: {events}")
    try:
        with reports.of_errors():
            drift = drift_of(options.open().project, tuple(batch))
    except ReconcilerError as error:
        if not options.stop.is_set():
            report(error.diagnostics)
        return
    if drift is None:
        note("Nothing of that is declared or owned: nothing to compare.")
        return
    _show(drift, format, reports)


def _show(drift: Drift, format: Format, reports: Reports) -> None:
    reports.save(drift, exit_code_of(drift, (), detailed=False))
    show(format, lambda format: format.drift(located(format, drift), paint))
    report(drift.plan.diagnostics)
