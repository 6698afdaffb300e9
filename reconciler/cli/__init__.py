"""The command line: the only place where parts are put together and errors become exit codes.

A command's module is imported when that command runs, so that `--help` costs next to nothing.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from io import StringIO
from pathlib import Path

import click

from reconciler import __version__
from reconciler.cli.arguments import ours
from reconciler.cli.terminal import complain, note
from reconciler.errors import ReconcilerError

COMMANDS = {
    "init": ("workspaces", "Write a workspace that works."),
    "validate": ("workspaces", "Check manifests; needs no network."),
    "plan": ("planning", "Show what apply would do; writes nothing."),
    "show": ("planning", "Show a saved plan."),
    "apply": ("apply", "Make the vendors match the manifests."),
    "drift": ("planning", "Show what changed at the vendors since the last apply."),
    "import": ("import_", "Write manifests for live objects."),
    "state": ("ledgers", "Look at what this workspace owns."),
    "history": ("ledgers", "List past runs and what they did."),
    "graph": ("describing", "Draw what depends on what."),
    "providers": ("describing", "Show which kinds can be managed how."),
    "explain": ("describing", "Explain a kind or a field."),
    "schema": ("describing", "Print a JSON Schema for editors."),
    "doctor": ("doctor", "Check that every provider can be reached."),
    "sandbox": ("sandbox", "Run the vendors on this machine."),
    "demo": ("sandbox", "Take the whole tour on the sandbox."),
}


class Commands(click.Group):
    """A group whose commands are imported only to run them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which they are met."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"reconciler.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        command.name = cmd_name
        command.short_help = COMMANDS[cmd_name][1]
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a hint where the name is nearly right."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from reconciler.values.text import did_you_mean

            hint = did_you_mean(args[0], COMMANDS)
            raise click.UsageError(f"No such command {args[0]!r}. {hint}", ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with `reconciler demo`: it needs no network, no key and no question.",
)
@click.option("-C", "--chdir", "folder", default=".", metavar="DIR", help="Work in this folder.")
@click.option("--env", "environment", metavar="NAME", help="Use this environment's settings.")
@click.option("--no-color", is_flag=True, help="Plain text (NO_COLOR does the same).")
@click.option("-v", "--verbose", count=True, help="Log requests to stderr.")
@click.version_option(__version__, message="reconciler %(version)s")
@click.pass_context
def group(
    ctx: click.Context, folder: str, environment: str | None, no_color: bool, verbose: int
) -> None:
    """Terraform for the SaaS back office of retail.

    YAML manifests say which webhooks, workflows, price categories, locations and reference data
    should exist at your vendors; reconciler shows the difference as a plan and applies it.
    """
    from reconciler.cli.invocation import Invocation

    _enter(ctx, folder)
    if verbose:
        import logging

        logging.basicConfig(stream=sys.stderr, format="%(message)s")
        logging.getLogger("reconciler").setLevel(logging.DEBUG)
    ctx.obj = Invocation(Path.cwd(), environment)


def _enter(ctx: click.Context, folder: str) -> None:
    """Work in `folder`, so that every path that is given is meant from there; `init` makes it."""
    try:
        if ctx.invoked_subcommand == "init":
            Path(folder).mkdir(parents=True, exist_ok=True)
        ctx.with_resource(contextlib.chdir(folder))
    except OSError as error:
        raise click.UsageError(f"Cannot work in {folder}: {error.strerror}.") from None


def main(arguments: list[str] | None = None) -> None:
    """Run the tool and leave with its exit code; see the table in the README."""
    # A run is short and keeps nearly all that it makes: collecting garbage finds none.
    gc.disable()
    # A stream that was closed is one that nobody reads.
    sys.stdout = sys.stdout or StringIO()
    sys.stderr = sys.stderr or StringIO()
    code = run(sys.argv[1:] if arguments is None else arguments)
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    # All is written and closed: taking apart what the run made, object by object, helps nobody.
    os._exit(code)


def run(arguments: list[str]) -> int:
    """The exit code of the tool for these arguments. A usage error is 1, never 2."""
    try:
        result = group.main(ours(arguments), "reconciler", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return 1
    except ReconcilerError as error:
        complain(error.diagnostics)
        return error.exit_code
    except (KeyboardInterrupt, click.exceptions.Abort):
        note("Interrupted. Nothing was written.")
        return 1
    except BrokenPipeError:
        # Whoever read our output has seen enough; a second flush at exit would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        note(f"Error: {error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        return 1
