"""`state` and `history`: what this workspace owns and what was done; no vendor is asked."""

from __future__ import annotations

import click

from reconciler.cli.invocation import Invocation, current
from reconciler.cli.planning import format_option
from reconciler.cli.terminal import note, say, say_json
from reconciler.errors import Diagnostic, Invalid
from reconciler.planner.scope import covers
from reconciler.report.journal import (
    owned_block,
    owned_document,
    owned_lines,
    run_document,
    run_lines,
)
from reconciler.values.text import did_you_mean, printable, shown

LONGEST = 400


class Named(click.Group):
    """A group that has a hint where a command's name is nearly right."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the hint."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            hint = did_you_mean(args[0], self.commands)
            raise click.UsageError(f"No such command {args[0]!r}. {hint}", ctx) from error


@click.group(cls=Named)
def state_command() -> None:
    """Look at what this workspace owns; needs no network and no credentials.

    \b
    reconciler state list kobo/webhooks
    reconciler state show kobo/webhooks/erp-sync
    reconciler state unlock
    """


@state_command.command("list")
@click.argument("prefix", metavar="[ADDRESS]", required=False)
@format_option
@current
def state_list(invocation: Invocation, /, prefix: str | None, form: str) -> int:
    """List the owned objects: address, id and whether each was created or adopted.

    ADDRESS may be a provider, provider/kind or more of an address.

    \b
    reconciler state list
    reconciler state list kobo/suppliers --format json
    """
    state = invocation.project(offline=True).ledger.read()
    rows = [
        owned
        for address, owned in sorted(state.owned.items())
        if prefix is None or covers([prefix], address)
    ]
    if form == "json":
        say_json(
            {
                "format_version": "1.0",
                "lineage": state.lineage,
                "serial": state.serial,
                "resources": [owned_document(one) for one in rows],
                "unknown_outcomes": sorted({str(one.address) for one in state.open_intents}),
            }
        )
        return 0
    for line in owned_lines(rows):
        say(line)
    if not rows and prefix and state.owned:
        known = {str(a.scope) for a in state.owned} | {a.provider for a in state.owned}
        note(f"Nothing is owned at {shown(prefix, LONGEST)}. {did_you_mean(prefix, known)}")
    elif not rows:
        note("Nothing is owned yet.")
    if state.open_intents:
        note(
            f"Writes with unknown outcome: {len(state.open_intents)}. "
            "The next apply looks for what came of them; `reconciler history --details` has them."
        )
    return 0


@state_command.command("show")
@click.argument("address")
@format_option
@current
def state_show(invocation: Invocation, /, address: str, form: str) -> int:
    """Show what the ledger knows of one object: its fields as last applied.

    \b
    reconciler state show kobo/webhooks/erp-sync
    """
    state = invocation.project(offline=True).ledger.read()
    known = {str(one): owned for one, owned in state.owned.items()}
    if address not in known:
        hint = did_you_mean(address, known) or "Nothing is owned yet."
        raise Invalid(Diagnostic(f"the ledger does not know {shown(address, LONGEST)}", hint))
    if form == "json":
        say_json({"format_version": "1.0", **owned_document(known[address], fields=True)})
        return 0
    for line in owned_block(known[address], state):
        say(line)
    return 0


@state_command.command("unlock")
@current
def state_unlock(invocation: Invocation, /) -> int:
    """Clear what a crashed process left of its lock; a run that lives keeps it.

    A crash never leaves the ledger locked, only the name of the process that crashed.

    \b
    reconciler state unlock
    """
    left_by = invocation.project(offline=True).ledger.unlock()
    if left_by is None:
        say("Nothing to clear: nobody holds the lock.")
    else:
        say(f"Cleared the lock that {printable(str(left_by), LONGEST)} left behind.")
    return 0


@click.command()
@click.option("--details", is_flag=True, help="Also every write of each run.")
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the newest N runs.")
@format_option
@current
def history_command(invocation: Invocation, /, details: bool, last: int | None, form: str) -> int:
    """List past runs, newest last: when, what, who, and how their writes ended.

    A run that was cut off and a write whose outcome is unknown are named as such.

    \b
    reconciler history
    reconciler history --details --last 3
    reconciler history --format json
    """
    ledger = invocation.project(offline=True).ledger
    runs = ledger.history()
    holder = ledger.holder() if runs and runs[-1].ended is None else None
    chosen = runs[-last:] if last else runs
    if form == "json":
        documents = [run_document(run, runs, holder) for run in chosen]
        say_json({"format_version": "1.0", "runs": documents})
        return 0
    for line in run_lines(chosen, holder, details):
        say(line)
    if not runs:
        note("No run has written anything yet.")
    return 0
