"""The options that commands share, and Terraform's spellings of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from reconciler.app.options import PlanOptions
    from reconciler.app.project import Observer
    from reconciler.app.workspace import Workspace

Command = TypeVar("Command", bound=Callable[..., Any])

# Every word with a single dash that is longer than our short options is Terraform's spelling of a
# long option; these have another name here.
ALIASES = {
    "-json": ("--format", "json"),
    "-help": ("--help",),
    "-version": ("--version",),
}


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """The options before the command: the folder of the workspace, and the environment."""

    folder: Path
    environment: str | None

    def open(self, offline: bool = False, observer: Observer | None = None) -> Workspace:
        """Open the workspace; `offline` needs no credentials. Raises Invalid."""
        from reconciler.app.workspace import Workspace

        return Workspace.open(self.folder, self.environment, offline=offline, observer=observer)


global_options = click.make_pass_decorator(GlobalOptions)


def format_option(result: str) -> Callable[[Command], Command]:
    """`--format`, with the formats that can show this kind of result; gives a `Format`."""
    from reconciler.report.formats import FORMATS, formats_of

    names = formats_of(result)
    return click.option(
        "--format",
        type=click.Choice(names),
        default=names[0],
        show_default=True,
        callback=lambda _context, _option, name: FORMATS[name],
        help="How to show the result.",
    )


def plan_options(command: Command) -> Command:
    """The options that choose what a plan is about; `choice` makes a value of them."""
    for option in (
        click.option("--no-prune", is_flag=True, help="Keep owned objects that are not declared."),
        click.option("--destroy", is_flag=True, help="Delete everything that is owned."),
        click.option("--refresh-only", is_flag=True, help="Only record what is live."),
        click.option("--exclude", multiple=True, metavar="A", help="Leave these addresses out."),
        click.option(
            "--target", multiple=True, metavar="A", help="Only these, and what they depend on."
        ),
    ):
        command = option(command)
    return command


def choice(
    target: tuple[str, ...],
    exclude: tuple[str, ...],
    refresh_only: bool,
    destroy: bool,
    no_prune: bool,
) -> PlanOptions:
    """What `plan_options` chose; raises Invalid where the options contradict each other."""
    from reconciler.app.options import PlanOptions

    return PlanOptions(target, exclude, refresh_only, destroy, not no_prune)


def translate_arguments(arguments: Sequence[str]) -> list[str]:
    """`-out=FILE`, `-auto-approve`, `-json` and the like as `--out=FILE`, `--auto-approve`,
    `--format json`; `-chdir=DIR` as `-C DIR`. What follows `--` stays as it is."""
    result: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            result += [argument, *rest]
            break
        result += _translate(argument)
    return result


def _translate(argument: str) -> Iterator[str]:
    if argument in ALIASES:
        yield from ALIASES[argument]
    elif argument.startswith("-chdir="):
        yield from ("-C", argument.removeprefix("-chdir="))
    elif _has_single_dash(argument):
        name, equals, value = argument.partition("=")
        # Terraform writes `-refresh-only=true`; a flag of ours takes no value.
        yield f"-{name}" if value == "true" else f"-{name}{equals}{value}"
    else:
        yield argument


def _has_single_dash(argument: str) -> bool:
    """Whether it is a long option with one dash, and none of `-h`, `-vv` and `-Cfolder`."""
    name = argument.partition("=")[0]
    if not name.startswith("-") or name.startswith("--") or len(name) < 4:
        return False
    word = name[1:]
    return word[0].isalpha() and set(word) != {"v"} and not word.startswith("C")


class HintingGroup(click.Group):
    """A group of commands that names the nearest command where there is none of that name."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of that name; raises a usage error with a hint."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from reconciler.values.text import did_you_mean

            hint = did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(f"No such command {args[0]!r}. {hint}", ctx) from error
