"""The page of all commands: what `--help` says of each, in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from reconciler.cli import COMMANDS, group
from tools.reference import markdown_table

FEW = 4
"""So many values of an option are spelled out."""
INTRODUCTION = """\
# Commands

<!-- Generated from the command line by `python -m tools.generate`. -->

`reconciler COMMAND --help` says the same. Options of all commands come before the command; they and
the exit codes are below. Terraform's spellings, such as `-out` and `-auto-approve`, are understood.

| exit code | means |
| --- | --- |
| 0 | fine |
| 1 | an error: usage, manifest, vendor |
| 2 | changes or drift found, only with `--detailed-exitcode`; or what `--fail-on` asks for |
| 3 | refused: a guard, a protection, a stale plan, a host without approval, a lock |
| 4 | partly applied, or an outcome that is not known |
"""


def commands_page() -> str:
    """The page `docs/commands.md`."""
    context = click.Context(group, info_name="reconciler", **group.context_settings)
    parts = [INTRODUCTION, "## Options of all commands\n", _options(group)]
    for name, purpose in COMMANDS.items():
        if command := group.get_command(context, name):
            parts += _command(command, click.Context(command, context, name), purpose)
    return "\n".join(parts)


def _command(command: click.Command, context: click.Context, purpose: str) -> Iterator[str]:
    level = "##" if context.parent and context.parent.parent is None else "###"
    yield f"{level} {context.command_path.removeprefix('reconciler ')}\n"
    text, examples = _prose(command.help or purpose)
    yield f"{text}\n"
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield _fenced([usage, *([""] if examples else []), *examples])
    if options := _options(command):
        yield options
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if inner := command.get_command(context, name):
                yield from _command(inner, click.Context(inner, context, name), inner.help or "")


def _prose(help: str) -> tuple[str, list[str]]:
    """The sentences of a help text, and its examples."""
    paragraphs, examples = [], []
    for paragraph in re.split(r"\n\s*\n", help.strip()):
        lines = [line.strip() for line in paragraph.splitlines()]
        if lines[0] == "\b":
            examples += lines[1:]
        else:
            paragraphs.append(" ".join(lines))
    return "\n\n".join(paragraphs), examples


def _options(command: click.Command) -> str:
    rows = [
        (f"`{_spelled(option)}`", _meaning(option))
        for option in command.params
        if isinstance(option, click.Option)
    ]
    return f"{markdown_table(('option', 'meaning'), rows)}\n" if rows else ""


def _spelled(option: click.Option) -> str:
    """An option with a word for its value, unless it is a flag."""
    names = ", ".join((*option.opts, *option.secondary_opts))
    if option.is_flag or option.count:
        return names
    return f"{names} {_value(option)}"


def _value(option: click.Option) -> str:
    if option.metavar:
        return option.metavar
    if isinstance(option.type, click.Choice):
        few = len(option.type.choices) <= FEW
        return "|".join(option.type.choices) if few else str(option.name).upper()
    if isinstance(option.type, click.Path):
        return "FILE"
    return "N" if isinstance(option.type, click.IntRange) else str(option.name).upper()


def _meaning(option: click.Option) -> str:
    chosen = option.default if option.show_default else None
    default = f" By default `{chosen}`." if chosen is not None else ""
    return f"{option.help}{default}"


def _fenced(lines: list[str]) -> str:
    """The usage and the examples, which are not to be typed as they stand."""
    return "\n".join(["```console", *lines, "```\n"])
