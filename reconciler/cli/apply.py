"""`apply`: the one command that writes to vendors."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from io import FileIO
from pathlib import Path
from threading import Event
from typing import Any

import click

from reconciler.app.options import ApplyOptions
from reconciler.cli.files import read_plan, save_secrets, secrets_file
from reconciler.cli.options import (
    GlobalOptions,
    choice,
    chosen_extent,
    format_option,
    global_options,
    lock_timeout_option,
    plan_options,
    reading_options,
)
from reconciler.cli.progress import Progress, show_progress
from reconciler.cli.reports import Reports, located, past_runs, report_option, show
from reconciler.cli.signals import finish_on_signal
from reconciler.cli.terminal import note, paint, report, say_all
from reconciler.errors import Diagnostic, Invalid, PartlyApplied, Severity
from reconciler.model import WRITES, Applied, Outcome, Plan, Status
from reconciler.report.entries import MOST_ENTRIES
from reconciler.report.formats import Format
from reconciler.values.text import counted


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@click.option(
    "--parallelism",
    type=click.IntRange(1, 64),
    help="How many changes are made at the same time, and how many requests may be in flight at a "
    "provider for which reconciler.yaml names no number; by default 10, and what suits the vendor.",
)
@click.option(
    "--on-error",
    type=click.Choice(["fail", "continue"]),
    default="continue",
    show_default=True,
    help="After a failure, begin no other change, or go on with those that do not depend on it.",
)
@click.option(
    "--secrets-out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to save secrets that a vendor shows once (mode 0600, JSON lines).",
)
@lock_timeout_option
@plan_options
@format_option("applied")
@reading_options
@report_option("applied")
@global_options
def command(
    options: GlobalOptions,
    /,
    file: Path | None,
    auto_approve: bool,
    parallelism: int | None,
    on_error: str,
    secrets_out: Path | None,
    lock_timeout: float,
    format: Format,
    full: bool,
    concise: bool,
    reports: Reports,
    **chosen: Any,
) -> int:
    """Apply a saved plan; or plan, ask and apply.

    \b
    reconciler apply
    reconciler apply tonight.plan
    reconciler apply --auto-approve --secrets-out webhook-secrets.jsonl
    """
    format = chosen_extent(format, full, concise)
    reports.check_not(file)
    reports.check_not(secrets_out)
    with reports.of_errors(), show_progress("Reading") as progress, ExitStack() as stack:
        saved = read_plan(file) if file else None
        dialog = _Dialog(
            format, progress, stack, saved is not None, auto_approve, secrets_out, options.stop
        )
        apply_options = ApplyOptions(
            parallelism,
            on_error == "fail",
            dialog.review,
            dialog.show_outcome,
            dialog.stop,
            secrets_out is not None,
        )
        workspace = options.open(observer=progress, lock_timeout=lock_timeout)
        applied = workspace.apply(saved, apply_options, choice=choice(full=full, **chosen))
    applied = replace(applied, problems=(*dialog.unsaved, *dialog.lost, *applied.problems))
    past = past_runs(workspace)
    code = reports.save(applied, _exit_code(applied), past)
    if dialog.unwritable:
        why = f"the output cannot be written ({dialog.unwritable}), so no other change was begun"
        hint = "What was done: reconciler history --details --last 1"
        raise PartlyApplied(Diagnostic(why, hint))
    if format.for_people:
        report(finding for finding in applied.problems if finding not in dialog.lost)
        report(() if applied.stopped else _unsent(dialog.unsent))
    if dialog.saved:
        secrets = counted(dialog.saved, "secret")
        note(
            f"Saved {secrets} in {secrets_out}, which only you can read. Hand it on, and delete it."
        )
    show(format, lambda format: format.applied(located(format, applied)), past)
    report(applied.plan.diagnostics)
    return code


def _unsent(reasons: Mapping[Diagnostic, int]) -> Iterator[Diagnostic]:
    """The reasons why changes were not attempted, each with the number of changes."""
    for finding, count in reasons.items():
        changes = "1 change was" if count == 1 else f"{count} changes were"
        yield replace(finding, summary=f"{finding.summary}; {changes} not attempted")


@dataclass(slots=True)
class _Dialog:
    """What the user sees and is asked while a plan is applied.

    `saved` is the number of secrets that were saved; `unsaved` has those that could not be, and
    `lost`, which is told at once, those for which there was no file. `unsent` says why how many
    changes were not attempted, which are counted and not listed; with `many` changes those that are
    applied are only counted too. `unwritable` says why stdout could not be written, after which no
    other change is begun. `stack` closes what an approved plan opened.
    """

    format: Format
    progress: Progress
    stack: ExitStack
    is_saved: bool
    auto_approve: bool
    secrets_out: Path | None
    stop: Event
    secrets: FileIO | None = None
    many: bool = False
    saved: int = 0
    unsaved: list[Diagnostic] = field(default_factory=list)
    lost: list[Diagnostic] = field(default_factory=list)
    unsent: Counter[Diagnostic] = field(default_factory=Counter)
    unwritable: str = ""

    def review(self, plan: Plan) -> bool:
        """Show a new plan and ask for approval; a saved plan was seen and approved before."""
        with self.progress.aside():
            if not self.is_saved and self.format.follows:
                say_all(self.format.plan(plan, paint))
            if plan.refusals or plan.blocked:
                report(d for d in plan.diagnostics if d not in plan.blocked or plan.refusals)
                return False
            writes = sum(change.action in WRITES for change in plan.changes)
            if writes and not self.is_saved and not self.auto_approve and not _ask():
                return False
        self.many = writes > MOST_ENTRIES
        self.secrets = self.stack.enter_context(secrets_file(self.secrets_out))
        self.stack.enter_context(finish_on_signal(self.stop))
        self.progress.begin("Applying", writes)
        return True

    def show_outcome(self, outcome: Outcome) -> None:
        """Save the secrets of an outcome and, for people, show how the change ended."""
        self._save(outcome)
        self.progress.advance()
        unsent = outcome.status is Status.NOT_ATTEMPTED and not outcome.half
        if unsent and outcome.diagnostic is not None:
            finding = replace(outcome.diagnostic, address=None, source=None)
            self.unsent[finding] += 1
        people = self.format.for_people
        if (unsent and people) or not self.format.follows:
            return
        try:
            brief = self.many and people
            shown = self.format.brief_outcome if brief else self.format.outcome
            lines = tuple(shown(outcome))
            findings = [outcome.diagnostic] if outcome.diagnostic and people else []
            if lines or findings:
                with self.progress.above():
                    say_all(lines)
                    report(findings)
        except OSError as error:
            self.unwritable = str(error.strerror)
            self.stop.set()

    def _save(self, outcome: Outcome) -> None:
        findings = list(save_secrets(outcome, self.secrets))
        if self.secrets is not None:
            self.unsaved += findings
            self.saved += len(outcome.secrets) - len(findings)
        elif findings:
            self.lost += findings
            with self.progress.above():
                report(findings)


def _ask() -> bool:
    """Whether the user approves; raises Invalid where nobody can answer."""
    if not sys.stdin.isatty():
        raise Invalid(
            Diagnostic(
                "this plan needs approval, but stdin is not a terminal",
                "Use --auto-approve, or apply a saved plan: reconciler plan --out FILE.",
            )
        )
    note("")
    question = "Apply these changes? Only 'yes' is taken as approval"
    answer: str = click.prompt(question, default="", show_default=False, err=True)
    return answer == "yes"


def _exit_code(applied: Applied) -> int:
    """4 for partly applied or unknown, 1 where nothing that was asked for could be done, else 0."""
    statuses = set(applied.tally())
    wrong = any(finding.severity is Severity.ERROR for finding in applied.problems)
    if applied.stopped or wrong or Status.UNKNOWN in statuses:
        return 4
    errors = any(finding.severity is Severity.ERROR for finding in applied.plan.diagnostics)
    if statuses - {Status.APPLIED} or errors:
        partly = Status.APPLIED in statuses or any(o.half or o.misapplied for o in applied.outcomes)
        return 4 if partly else 1
    return 0
