"""`init` and `validate`: where a workspace begins, and whether it is in order."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.app import Project, validate
from reconciler.cli.invocation import Invocation, current
from reconciler.cli.planning import format_option, make_plan
from reconciler.cli.terminal import as_json, complain, note, say, say_json
from reconciler.errors import Diagnostic, Invalid, ReconcilerError, Severity
from reconciler.model import Manifests


@click.command()
@click.option(
    "--online", is_flag=True, help="Also check references and listed values with the vendors."
)
@format_option
@current
def validate_command(invocation: Invocation, /, online: bool, form: str) -> int:
    """Check the workspace and its manifests; needs no network and no credentials.

    \b
    reconciler validate
    reconciler validate --online
    """
    found: list[Diagnostic] = []
    resources = 0
    try:
        project = invocation.project(offline=not online)
        manifests = validate(project)
        resources = len(manifests.resources)
        found += manifests.problems
        if online and not _errors(found):
            found = _online(invocation, project, manifests)
    except ReconcilerError as error:
        found += error.diagnostics
    errors = _errors(found)
    if form == "json":
        say_json(
            {
                "format_version": "1.0",
                "valid": not errors,
                "error_count": errors,
                "warning_count": len(found) - errors,
                "resources": resources,
                "diagnostics": [as_json(one) for one in found],
            }
        )
    else:
        complain(found)
        if errors:
            note("1 error found." if errors == 1 else f"{errors} errors found.")
        else:
            count = "1 resource is" if resources == 1 else f"{resources} resources are"
            say(f"Success! {count} valid.")
    return 1 if errors else 0


def _online(invocation: Invocation, project: Project, manifests: Manifests) -> list[Diagnostic]:
    """What is found where the live vendors are asked too: whether every reference names something,
    and whether they have the values that are for them to say."""
    from reconciler.app import Choice
    from reconciler.app.enumerations import ask, wanted

    lists = wanted(project, manifests)
    names = dict.fromkeys(name for name, _ in lists)
    with invocation.watching("Asking"), project.accounts(names, False) as accounts:
        known, unread = ask(project, lists, accounts)
    planned = make_plan(invocation, project, Choice()).plan.diagnostics
    others = [finding for finding in planned if finding not in manifests.problems]
    return [*validate(project, known).problems, *unread, *others]


def _errors(found: list[Diagnostic]) -> int:
    return sum(finding.severity is Severity.ERROR for finding in found)


@click.command()
@click.option("--name", help="The workspace's name; the folder's name if left out.")
@click.option(
    "--provider",
    "types",
    multiple=True,
    metavar="TYPE",
    help="A vendor to begin with (repeatable); all of them if left out.",
)
@current
def init_command(invocation: Invocation, /, name: str | None, types: tuple[str, ...]) -> int:
    """Write a workspace that works: settings, a manifest for each vendor, schemas for editors.

    \b
    reconciler init
    reconciler -C shop init --provider kobo-plm
    """
    from reconciler.app.init import files
    from reconciler.providers import PROVIDERS
    from reconciler.values.text import did_you_mean

    unknown = [one for one in types if one not in PROVIDERS]
    if unknown:
        raise click.UsageError(
            f"No vendor {unknown[0]!r} is known. {did_you_mean(unknown[0], PROVIDERS)}"
        )
    root = invocation.root
    chosen = [PROVIDERS[one] for one in dict.fromkeys(types or PROVIDERS)]
    written = files(name or root.resolve().name, chosen)
    taken = [path for path in ("reconciler.yaml", "reconciler.yml") if (root / path).exists()]
    if taken:
        raise Invalid(
            Diagnostic(f"{root / taken[0]} exists already", "Edit it, or begin in another folder.")
        )
    kept = [path for path in written if (root / path).exists()]
    for path, text in written.items():
        if path not in kept:
            _write(root / path, text)
            say(f"wrote {root / path}")
    for path in kept:
        note(f"kept {root / path}, which was there already")
    say("")
    say("Next: put the credentials into the environment (see reconciler.yaml), then")
    say("  reconciler doctor          # can every vendor be reached?")
    say("  reconciler import --all    # write manifests for what is live")
    say("  reconciler plan")
    return 0


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
