"""`drift --accept`: write what is live into the manifests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.changed_files import show_change
from reconciler.cli.options import GlobalOptions
from reconciler.cli.progress import show_progress
from reconciler.cli.terminal import report, say
from reconciler.errors import Severity
from reconciler.values.text import counted, dotted, printable

if TYPE_CHECKING:
    from reconciler.app.accept import Accepted


def accept_drift(options: GlobalOptions, addresses: tuple[str, ...], dry_run: bool) -> int:
    """Accept what drifted at these addresses, or everything; show every line that changes. The exit
    code is 1 where something could not be accepted."""
    with show_progress("Reading") as progress:
        accepted = options.open(observer=progress).accept(*addresses, dry_run=dry_run)
    for file in accepted.files:
        show_change(file)
    for change in accepted.left:
        names = ", ".join(dict.fromkeys(dotted(f.path, f.place) for f in change.fields))
        text = f"Still to be changed by a plan: {change.address}: {names}"
        say(printable(text, 2_000))
    report(accepted.diagnostics)
    say(_summary(accepted, dry_run))
    return int(any(finding.severity is Severity.ERROR for finding in accepted.diagnostics))


def _summary(accepted: Accepted, dry_run: bool) -> str:
    """The last line, which scripts may look for."""
    if not accepted.fields:
        return "Nothing was accepted."
    fields = sum(map(len, accepted.fields.values()))
    removed = sum(not names for names in accepted.fields.values())
    objects = len(accepted.fields) - removed
    done = "Would accept" if dry_run else "Accepted"
    text = f"{done}: {counted(fields, 'field')} of {counted(objects, 'object')}"
    text += f", {counted(removed, 'object')} no longer declared" if removed else ""
    return f"{text}, in {counted(len(accepted.files), 'file')}."
