"""The options that commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reconciler.frozen import frozen

if TYPE_CHECKING:
    from reconciler.app.options import PlanOptions
    from reconciler.app.project import Observer
    from reconciler.app.workspace import Workspace
    from reconciler.report.formats import Format

LINES = "json-lines"
Command = TypeVar("Command", bound=Callable[..., Any])


@frozen
class GlobalOptions:
    """The options before the command: the folder of the workspace, and the environment. `stop` is
    set by Ctrl-C and SIGTERM."""

    folder: Path
    environment: str | None
    stop: Event = field(default_factory=Event)

    def open(
        self,
        offline: bool = False,
        observer: Observer | None = None,
        lock_timeout: float = 0,
    ) -> Workspace:
        """Open the workspace; `offline` needs no credentials. Raises Invalid."""
        from reconciler.app.workspace import Workspace

        return Workspace.open(
            self.folder,
            self.environment,
            offline=offline,
            observer=observer,
            stop=self.stop,
            lock_timeout=lock_timeout,
        )


global_options = click.make_pass_decorator(GlobalOptions)


lock_timeout_option = click.option(
    "--lock-timeout",
    type=click.FloatRange(0),
    metavar="SECONDS",
    default=0,
    help="How long to wait while another run holds the ledger's lock.",
)


def format_option(result: str) -> Callable[[Command], Command]:
    """`--format`, with the formats that can show this kind of result; gives a `Format`."""
    from reconciler.cli.reports import check_installed
    from reconciler.report.formats import FORMATS, formats_of

    names = formats_of(result)

    def chosen(context: click.Context, _option: click.Parameter, name: str) -> Format:
        name = LINES if context.meta.get(LINES) else name
        check_installed(name)
        return FORMATS[name]

    def lines(context: click.Context, _option: click.Parameter, given: bool) -> None:
        context.meta[LINES] = given

    shown = click.option(
        "--format",
        type=click.Choice(names),
        default=names[0],
        show_default=True,
        callback=chosen,
        help="How to show the result.",
    )
    if LINES not in names:
        return shown
    flag = click.option(
        "--json",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=lines,
        help=f"Show what happens as it happens, as JSON lines: --format {LINES}.",
    )
    return lambda command: shown(flag(command))


def selection(command: Command) -> Command:
    """The options that choose what a plan or a drift report is about."""
    for option in (
        click.option("--exclude", multiple=True, metavar="A", help="Leave these addresses out."),
        click.option(
            "--target", multiple=True, metavar="A", help="Only these, and what they depend on."
        ),
    ):
        command = option(command)
    return command


fail_on = click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice(["by-hand", "unmanaged"]),
    help="Exit with 2 for changes that only a person can make, or for objects that nobody manages.",
)


def extent_options(command: Command) -> Command:
    """`--full` and `--concise`; `chosen_extent` reads them."""
    return _extent("Show every entry, also where there are many.")(command)


def reading_options(command: Command) -> Command:
    """`extent_options` of a command that reads what is live: with `--full` all of it."""
    return _extent("Read every object again, and show every entry, also where there are many.")(
        command
    )


def _extent(full: str) -> Callable[[Command], Command]:
    def both(command: Command) -> Command:
        for option in (
            click.option(
                "--concise",
                is_flag=True,
                help="Show a line for each kind and action, and no fields.",
            ),
            click.option("--full", is_flag=True, help=full),
        ):
            command = option(command)
        return command

    return both


def chosen_extent(format: Format, full: bool, concise: bool) -> Format:
    """The format with as much in it as `extent_options` say; raises a usage error for both."""
    if full and concise:
        raise click.UsageError("--full and --concise cannot be combined.")
    return format.in_full if full else format.concise if concise else format


out_option = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Save the plan."
)
allow_deletes_option = click.option(
    "--allow-deletes",
    type=click.IntRange(0),
    metavar="N",
    help="Let up to N deletions pass the guards in this run.",
)
allow_updates_option = click.option(
    "--allow-updates",
    type=click.IntRange(0),
    metavar="N",
    help="Let up to N updates pass the guards in this run.",
)


def plan_options(command: Command) -> Command:
    """The options that choose what a plan is about; `choice` makes a value of them."""
    for option in (
        click.option(
            "--retry-unknown",
            multiple=True,
            metavar="A",
            help="Create these again, whose creation has an unknown outcome.",
        ),
        allow_updates_option,
        allow_deletes_option,
        click.option(
            "--confirm-removed",
            multiple=True,
            metavar="FILE",
            help="Destroy what a manifest that is gone declared.",
        ),
        click.option(
            "--allow-partial",
            is_flag=True,
            help="Apply what could be planned, although there are errors.",
        ),
        click.option("--no-prune", is_flag=True, help="Keep owned objects that are not declared."),
        click.option("--destroy", is_flag=True, help="Delete everything that is owned."),
        click.option("--refresh-only", is_flag=True, help="Only record what is live."),
        selection,
    ):
        command = option(command)
    return command


def choice(no_prune: bool, **chosen: Any) -> PlanOptions:
    """What `plan_options` chose; raises Invalid where the options contradict each other."""
    from reconciler.app.options import PlanOptions

    names = {"target": "targets", "exclude": "excludes", "confirm_removed": "confirmed"}
    return PlanOptions(prune=not no_prune, **{names.get(n, n): v for n, v in chosen.items()})
