"""`plan`, `show` and `drift`: the commands that look and change nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import click

from reconciler import planfile
from reconciler.app import Choice, Planned, Project, desired, plan, providers
from reconciler.cli.invocation import Invocation, current
from reconciler.cli.terminal import complain, note, paint, say, say_json
from reconciler.errors import Diagnostic, Invalid, Severity
from reconciler.model import Action, Plan
from reconciler.report.drift import drift_document, drift_found, strangers
from reconciler.report.text import drift_lines, plan_lines

Command = TypeVar("Command", bound=Callable[..., Any])

IDLE = (Action.NO_OP, Action.BY_HAND, Action.ADOPT, Action.FORGET)


def format_option(command: Command) -> Command:
    """`--format text|json`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How to show the result.",
    )(command)


def choice_options(command: Command) -> Command:
    """What a plan is to be about."""
    for option in (
        click.option("--no-prune", is_flag=True, help="Keep owned objects that left."),
        click.option("--destroy", is_flag=True, help="Destroy all that is owned."),
        click.option("--refresh-only", is_flag=True, help="Only take note of what is live."),
        click.option("--exclude", multiple=True, metavar="A", help="Leave these addresses out."),
        click.option("--target", multiple=True, metavar="A", help="Only these, and their needs."),
    ):
        command = option(command)
    return command


def choice(
    target: tuple[str, ...],
    exclude: tuple[str, ...],
    refresh_only: bool,
    destroy: bool,
    no_prune: bool,
) -> Choice:
    """The choice that the options make."""
    if refresh_only and destroy:
        raise click.UsageError("--refresh-only and --destroy exclude each other.")
    return Choice(target, exclude, refresh_only, destroy, not no_prune)


def make_plan(invocation: Invocation, project: Project, chosen: Choice) -> Planned:
    """Plan with accounts that cannot write."""
    manifests = desired(project)
    state = project.ledger.read()
    with (
        invocation.watching("Reading"),
        project.accounts(providers(project, manifests, state), False) as accounts,
    ):
        return plan(project, chosen, accounts, manifests, state)


def exit_code(made: Plan, changes: bool) -> int:
    """3 for a refusal, 1 for an error, 2 for changes that somebody asked to be told of."""
    if made.refusals:
        return 3
    if any(finding.severity is Severity.ERROR for finding in made.diagnostics):
        return 1
    return 2 if changes else 0


@click.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Save the plan.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 where there are changes.")
@choice_options
@format_option
@current
def plan_command(
    invocation: Invocation, /, out: Path | None, detailed_exitcode: bool, form: str, **options: Any
) -> int:
    """Show what apply would do. Never writes to a vendor.

    \b
    reconciler plan
    reconciler plan --out tonight.plan --detailed-exitcode
    reconciler plan --target kobo/webhooks
    """
    project = invocation.project()
    made = make_plan(invocation, project, choice(**options)).plan
    if out:
        save(out, planfile.write(made) + "\n")
    if form == "json":
        say_json(planfile.document(made))
    else:
        say_plan(made)
    complain((*made.diagnostics, *made.refusals))
    if out and form == "text":
        note(
            f"Saved the plan in {out}. Apply will refuse it: see above."
            if made.refusals
            else f"Saved the plan in {out}. To carry out exactly this: reconciler apply {out}"
        )
    changes = any(change.action not in IDLE for change in made.changes)
    recorded = bool(options["refresh_only"]) and bool(made.changes)
    return exit_code(made, detailed_exitcode and (changes or recorded))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@format_option
def show_command(file: Path, form: str) -> int:
    """Show a saved plan, in any format."""
    saved = planfile.read(text_of(file))
    if form == "json":
        say_json(planfile.document(saved))
    else:
        say_plan(saved)
    complain((*saved.diagnostics, *saved.refusals))
    return 0


@click.command()
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 where there is drift.")
@format_option
@current
def drift_command(invocation: Invocation, /, detailed_exitcode: bool, form: str) -> int:
    """Show what differs from what was last applied, and what is unmanaged.

    Differences that only a person can resolve count as drift here.
    """
    from reconciler.app.plan import drift

    project = invocation.project()
    manifests = desired(project)
    state = project.ledger.read()
    with (
        invocation.watching("Reading"),
        project.accounts(providers(project, manifests, state), False) as accounts,
    ):
        made = drift(project, accounts, manifests, state)
    if form == "json":
        say_json(drift_document(made, project.resource_types, project.workspace.exclusive))
    else:
        foreign = strangers(made, project.resource_types, project.workspace.exclusive)
        for line in drift_lines(made, paint, foreign, bool(state.owned)):
            say(line)
    complain(made.diagnostics)
    found = drift_found(made, project.resource_types, project.workspace.exclusive)
    return exit_code(made, detailed_exitcode and found)


def say_plan(made: Plan) -> None:
    """A plan as people read it."""
    for line in plan_lines(made, paint):
        say(line)


def save(path: Path, text: str, hint: str = "Name another file with --out.") -> None:
    """Write a file that only its owner can read, all of it or nothing."""
    if path.exists() and not path.is_file():
        raise Invalid(Diagnostic(f"cannot write {path}: it is not a file", hint))
    new = path.with_name(f"{path.name}.new")
    try:
        with open(new, "w", encoding="utf-8", opener=_private) as file:
            file.write(text)
        os.replace(new, path)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        raise Invalid(Diagnostic(f"cannot write {path}: {error.strerror}", hint)) from None


def text_of(path: Path) -> str:
    """A file's text; raises Invalid where it cannot be read."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise Invalid(
            Diagnostic(f"cannot read {path}: {why}", "Make a plan with `reconciler plan --out`.")
        ) from None


def _private(path: str, flags: int) -> int:
    """Nobody else can read it, and no link that lies there leads elsewhere."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
