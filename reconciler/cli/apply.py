"""`apply`: the one command that writes to vendors."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

import click

from reconciler import planfile
from reconciler.app import Applying, Choice, choice_of, desired, plan, providers, still_true
from reconciler.cli.files import keep, secrets_file
from reconciler.cli.invocation import Invocation, current
from reconciler.cli.planning import choice, choice_options, format_option, say_plan, text_of
from reconciler.cli.progress import Progress
from reconciler.cli.terminal import as_json, complain, note, say, say_json
from reconciler.errors import Diagnostic, Invalid, PartlyApplied, Refused, Severity
from reconciler.ledger import Ledger, Session
from reconciler.model import WRITES, Outcome, Plan, Status
from reconciler.report.text import applied_lines, outcome_line


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@click.option(
    "--parallelism",
    type=click.IntRange(1, 64),
    default=10,
    show_default=True,
    help="Changes side by side.",
)
@click.option(
    "--on-error",
    type=click.Choice(["fail", "continue"]),
    default="continue",
    show_default=True,
    help="After a failure: begin nothing more, or go on with what does not depend on it.",
)
@click.option(
    "--secrets-out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to keep secrets that a vendor shows once (mode 0600, JSON lines).",
)
@choice_options
@format_option
@current
def apply_command(
    invocation: Invocation,
    /,
    file: Path | None,
    auto_approve: bool,
    parallelism: int,
    on_error: str,
    secrets_out: Path | None,
    form: str,
    **options: Any,
) -> int:
    """Carry out a saved plan, or plan, ask and carry out.

    \b
    reconciler apply
    reconciler apply tonight.plan
    reconciler apply --auto-approve --secrets-out webhook-secrets.jsonl
    """
    saved = planfile.read(text_of(file)) if file else None
    if saved and choice(**options) != Choice():
        raise click.UsageError("A saved plan says itself what it is about: leave those options.")
    project = invocation.project()
    with ExitStack() as stack:
        with invocation.watching("Reading"):
            manifests = desired(project)
            session = stack.enter_context(_locked(project.ledger))
            names = providers(project, manifests, session.state)
            accounts = stack.enter_context(project.accounts(names, True))
            chosen = choice_of(saved) if saved else choice(**options)
            planned = plan(project, chosen, accounts, manifests, session.state)
        planned = still_true(saved, planned) if saved else planned
        _agree(planned.plan, form, new=saved is None, ask=not auto_approve)
        secrets = stack.enter_context(secrets_file(secrets_out))
        stop = stack.enter_context(_stopping())
        fail = on_error == "fail"
        applying = Applying(project, planned, accounts, session, parallelism, fail, stop)
        with invocation.watching("Applying") as progress:
            outcomes = _carry_out(applying, form, secrets, progress)
    return _report(planned.plan, applying, outcomes, form)


@contextmanager
def _locked(ledger: Ledger) -> Iterator[Session]:
    with ledger.lock("apply") as session:
        if session.recovered_from is not None:
            note("The last run crashed while it held the ledger's lock; the lock was recovered.")
        yield session


def _agree(made: Plan, form: str, new: bool, ask: bool) -> None:
    """Show a new plan, and ask where somebody must: a saved one was seen and approved before.

    Raises Refused where a guard or a person says no.
    """
    if new and form == "text":
        say_plan(made)
    if made.refusals:
        complain(made.diagnostics)
        raise Refused(*made.refusals)
    if not (new and ask) or not any(change.action in WRITES for change in made.changes):
        return
    if not sys.stdin.isatty():
        raise Invalid(
            Diagnostic(
                "nobody can be asked to approve this plan",
                "Use --auto-approve, or apply a saved plan: reconciler plan --out FILE.",
            )
        )
    note("")
    answer = click.prompt(
        "Apply these changes? Only 'yes' is taken as approval",
        default="",
        show_default=False,
        err=True,
    )
    if answer != "yes":
        raise Refused(Diagnostic("not approved: nothing was written"))


def _carry_out(
    applying: Applying, form: str, secrets: FileIO | None, progress: Progress
) -> list[Outcome]:
    """Every outcome, told as it comes; nothing more is begun once nobody can be told.

    Raises PartlyApplied then."""
    outcomes: list[Outcome] = []
    unheard: OSError | None = None
    progress.expect(sum(one.action in WRITES for one in applying.planned.plan.changes))
    for outcome in applying.outcomes():
        outcomes.append(outcome)
        applying.unstuck += keep(outcome, secrets)
        progress.advance()
        if form == "text":
            try:
                with progress.aside():
                    say(outcome_line(outcome))
                    complain([outcome.diagnostic] if outcome.diagnostic else [])
            except OSError as error:
                unheard = error
                applying.stop.set()
    if unheard:
        why = f"the output cannot be written ({unheard.strerror}), so nothing more was begun"
        raise PartlyApplied(Diagnostic(why, "What was done: reconciler history --details --last 1"))
    return outcomes


def _report(made: Plan, applying: Applying, outcomes: Sequence[Outcome], form: str) -> int:
    if form == "json":
        say_json(_document(made, applying, outcomes))
    else:
        complain(applying.unstuck)
        if outcomes:
            say("")
        for line in applied_lines(outcomes, applying.recorded):
            say(line)
    complain(made.diagnostics)
    statuses = {outcome.status for outcome in outcomes}
    if applying.stop.is_set() or applying.unstuck or Status.UNKNOWN in statuses:
        return 4
    broken = any(finding.severity is Severity.ERROR for finding in made.diagnostics)
    if statuses - {Status.APPLIED} or broken:
        return 4 if Status.APPLIED in statuses else 1
    return 0


def _document(made: Plan, applying: Applying, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "format_version": "1.0",
        "summary": {
            status.value: sum(outcome.status is status for outcome in outcomes) for status in Status
        },
        "recorded": applying.recorded,
        "outcomes": [
            {
                "address": str(outcome.change.address),
                "action": outcome.change.action.value,
                "status": outcome.status.value,
                "id": outcome.id,
                "seconds": round(outcome.seconds, 3),
                "requests": outcome.requests,
                "diagnostic": as_json(outcome.diagnostic) if outcome.diagnostic else None,
            }
            for outcome in outcomes
        ],
        "diagnostics": [as_json(one) for one in (*made.diagnostics, *applying.unstuck)],
    }


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Ctrl-C and SIGTERM ask to stop: what is in flight ends, nothing more is begun. A second
    one stops at once; the journal tells the next run what was in flight."""
    stop = threading.Event()

    def ask(number: int, _frame: object) -> None:
        if stop.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stop.set()
        note("Stopping: what is in flight is finished, nothing more is begun.")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
