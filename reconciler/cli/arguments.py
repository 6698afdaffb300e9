"""Read the words of a command line: Terraform's spellings of options, and nearly right commands.

`--help` needs this module, so it imports only what click has imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

# Every word with a single dash that is longer than our short options is Terraform's spelling of a
# long option; these have another name here.
ALIASES = {
    "-json": ("--format", "json"),
    "-help": ("--help",),
    "-version": ("--version",),
}

LONGEST_SENTENCE = 1_000


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


def misplaced(error: click.NoSuchOption) -> click.UsageError:
    """The error for an option that a command does not have; where it is one of all commands, it
    says that it goes before the command."""
    context = error.ctx
    root = context.find_root() if context else None
    if context is None or root is None or context is root:
        return error
    name = error.option_name
    option = next((param for param in root.command.params if name in param.opts), None)
    if option is None:
        return error
    value = "" if getattr(option, "is_flag", False) else f" {option.metavar}"
    path = context.command_path.removeprefix(f"{root.command_path} ")
    right = f"{root.command_path} {name}{value} {path}"
    return click.UsageError(f"{name} goes before the command: {right}", context)


def with_target(error: click.UsageError) -> click.UsageError:
    """The error for a word that a command does not take; where it takes addresses with --target,
    it says how."""
    options = error.ctx.command.params if error.ctx else []
    extra = error.message.startswith("Got unexpected extra argument")
    if not extra or not any("--target" in option.opts for option in options):
        return error
    return click.UsageError(f"{error.message}. To name what it is about: --target A", error.ctx)


class HintingGroup(click.Group):
    """A group of commands that names the nearest command where there is none of that name, and
    whose help shows the first sentence about each of them whole."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands; click would cut what is longer than the rest of a line."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._about(ctx, name)) for name in self.list_commands(ctx)])

    def _about(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return command.get_short_help_str(LONGEST_SENTENCE) if command else ""

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
