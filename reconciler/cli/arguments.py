"""Terraform's spellings of options, turned into ours before click sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

# Short options of ours keep their one dash; everything else with one dash and a longer name is
# Terraform's way of writing a long option.
ALIASES = {
    "-json": ("--format", "json"),
    "-help": ("--help",),
    "-version": ("--version",),
}


def ours(arguments: Sequence[str]) -> list[str]:
    """`-out=FILE`, `-auto-approve`, `-json` and the like as `--out=FILE`, `--auto-approve`,
    `--format json`; `-chdir=DIR` as `-C DIR`. What follows `--` is left alone."""
    result: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            result += [argument, *rest]
            break
        result += _translated(argument)
    return result


def _translated(argument: str) -> Iterator[str]:
    if argument in ALIASES:
        yield from ALIASES[argument]
    elif argument.startswith("-chdir="):
        yield from ("-C", argument.removeprefix("-chdir="))
    elif _single_dash_word(argument):
        name, equals, value = argument.partition("=")
        # Terraform writes `-refresh-only=true`; a flag of ours takes no value.
        yield f"-{name}" if value == "true" else f"-{name}{equals}{value}"
    else:
        yield argument


def _single_dash_word(argument: str) -> bool:
    name = argument.partition("=")[0]
    if not name.startswith("-") or name.startswith("--") or len(name) < 4:
        return False
    word = name[1:]
    return word[0].isalpha() and set(word) != {"v"} and not word.startswith("C")
