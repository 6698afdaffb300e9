"""The command line: turns words into arguments of use cases, and results into text and exit codes.

A command's module is imported when that command runs, so that `--help` costs next to nothing.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import os
import sys
from io import StringIO
from keyword import iskeyword
from typing import TYPE_CHECKING

import click

from reconciler import __version__
from reconciler.cli.arguments import HintingGroup, misplaced, translate_arguments, with_target
from reconciler.cli.terminal import note, report, say_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem

    from reconciler.errors import Diagnostic

PROFILE = "--profile"
COMMANDS = {
    "init": "Write a workspace that works.",
    "validate": "Check manifests; needs no network.",
    "plan": "Show what apply would do; writes nothing.",
    "show": "Show a saved plan.",
    "apply": "Make the vendors match the manifests.",
    "drift": "Show what changed at the vendors since the last apply.",
    "diff": "Show what differs between two environments.",
    "promote": "Plan to have in one environment what another has.",
    "listen": "Receive vendors' events, and show the drift in them.",
    "import": "Write manifests for live objects.",
    "adopt": "Put existing objects under management.",
    "fmt": "Write the manifests in canonical form.",
    "state": "Look at and correct what this workspace owns.",
    "history": "List past runs and what they did.",
    "revert": "Make a plan that undoes a run.",
    "graph": "Draw what depends on what.",
    "providers": "Show which kinds can be managed how.",
    "explain": "Explain what a file can hold: a kind, a field, a setting, a word.",
    "schema": "Print a JSON Schema for editors.",
    "ci": "Tell a CI platform: comments, issues, statuses.",
    "doctor": "Check that every provider can be reached.",
    "sandbox": "Run the vendors on this machine.",
    "demo": "Take the whole tour on the sandbox.",
}


class Commands(HintingGroup):
    """A group whose commands are imported only to run them: each is `command` in the module of its
    name, with an underscore after a word that Python reserves."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = importlib.import_module(f"reconciler.cli.{module}").command
        command.name = cmd_name
        command.short_help = COMMANDS[cmd_name]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands that begin like this, without importing any of them, and the options."""
        from click.shell_completion import CompletionItem

        found = [(name, text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        commands = [CompletionItem(name, help=text) for name, text in found]
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with `reconciler demo`: it needs no network, no key and no question.",
)
@click.option("-C", "--chdir", "folder", default=".", metavar="DIR", help="Work in this folder.")
@click.option("--env", "environment", metavar="NAME", help="Use this environment's settings.")
@click.option("--no-color", is_flag=True, help="Plain text (NO_COLOR does the same).")
@click.option("-v", "--verbose", count=True, help="Log requests to stderr.")
@click.option(
    PROFILE,
    is_flag=True,
    expose_value=False,
    help="Say at the end where the time went, on stderr; also after the command.",
)
@click.version_option(__version__, message="reconciler %(version)s")
@click.pass_context
def group(
    ctx: click.Context, folder: str, environment: str | None, no_color: bool, verbose: int
) -> None:
    """Terraform for the SaaS back office of retail.

    YAML manifests say which webhooks, workflows, price categories, locations and reference data
    should exist at your vendors; reconciler shows the difference as a plan and applies it.
    """
    from pathlib import Path

    from reconciler.cli.options import GlobalOptions
    from reconciler.cli.signals import end_on_signal

    _enter(ctx, folder)
    if verbose:
        from reconciler.cli.log import show_log

        ctx.with_resource(show_log())
    ctx.obj = GlobalOptions(Path.cwd(), environment)
    ctx.with_resource(end_on_signal(ctx.obj.stop))


def _enter(ctx: click.Context, folder: str) -> None:
    """Make `folder` the current folder, to which other paths are relative; `init` creates it."""
    try:
        if ctx.invoked_subcommand == "init":
            from pathlib import Path

            from reconciler.files import make_folder

            make_folder(Path(folder))
        ctx.with_resource(contextlib.chdir(folder))
    except OSError as error:
        raise click.UsageError(f"Cannot use the folder {folder}: {error.strerror}.") from None


def main(arguments: list[str] | None = None) -> None:
    """Run the tool and end the process with its exit code; see the table in the README."""
    # A closed stream has no reader: what is printed to it is dropped.
    sys.stdout = sys.stdout or StringIO()
    sys.stderr = sys.stderr or StringIO()
    code = run(sys.argv[1:] if arguments is None else arguments)
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    # Everything is written and closed: freeing the objects of the run one by one costs time only.
    os._exit(code)


def run(arguments: list[str]) -> int:
    """The exit code of the tool for these arguments. A usage error is 1, never 2."""
    words = translate_arguments(arguments)
    if PROFILE not in words[: words.index("--") if "--" in words else None]:
        return _run(words)
    from reconciler.cli.profile import profiled

    # It is about every command, so it may stand behind each.
    words.remove(PROFILE)
    return profiled(lambda: _run([PROFILE, *words]))


def _run(words: list[str]) -> int:
    try:
        result = group.main(
            words, "reconciler", standalone_mode=False, terminal_width=_help_width()
        )
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.NoSuchOption as error:
        misplaced(error).show()
        return 1
    except click.UsageError as error:
        with_target(error).show()
        return 1
    except click.ClickException as error:
        error.show()
        return 1
    except (KeyboardInterrupt, click.exceptions.Abort):
        note("Interrupted. Nothing was written.")
        return 1
    except BrokenPipeError:
        # The reader of our output has closed it; a second flush at exit would print a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        note(f"Error: {error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        return 1
    except Exception as error:
        from reconciler.errors import ReconcilerError

        if not isinstance(error, ReconcilerError):
            raise
        report(error.diagnostics)
        _show_errors(words, error.diagnostics)
        return error.exit_code


def _help_width() -> int:
    """How many columns help texts have: as many as click gives them, which imports `shutil` to ask
    the terminal. That takes longer than all else that `--help` does once click is imported."""
    columns = 0
    with contextlib.suppress(ValueError):
        columns = int(os.environ.get("COLUMNS", 0))
    if columns <= 0 and sys.__stdout__ is not None:
        with contextlib.suppress(ValueError, OSError):
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns
    return max(min(columns or 80, 80) - 2, 50)


def _show_errors(words: list[str], findings: Sequence[Diagnostic]) -> None:
    """Show what ended the command in the format that it was asked for: a program that reads the
    result gets one."""
    from reconciler.cli.options import LINES
    from reconciler.report.formats import FORMATS

    chosen = [name for name in FORMATS if f"--format={name}" in words]
    chosen += [after for word, after in itertools.pairwise(words) if word == "--format"]
    chosen += [LINES] if "--json" in words else []
    format = FORMATS.get(chosen[-1]) if chosen else None
    if format is not None and not format.for_people:
        say_all(format.errors(findings), format.commands)
