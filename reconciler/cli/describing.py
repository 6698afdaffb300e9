"""`providers`, `explain`, `schema` and `graph`: what there is to declare, and what is declared."""

from __future__ import annotations

import json
from collections.abc import Mapping

import click

from reconciler.app.explain import needs, topic
from reconciler.app.schema import umbrella, words
from reconciler.cli.invocation import Invocation, current
from reconciler.cli.planning import format_option
from reconciler.cli.terminal import note, say, say_json
from reconciler.errors import Diagnostic, Invalid
from reconciler.kinds import Provider
from reconciler.providers import PROVIDERS
from reconciler.report import explain, graph
from reconciler.report.capabilities import capability_document, capability_lines
from reconciler.report.columns import columns
from reconciler.values.text import did_you_mean, shown


def configured(invocation: Invocation) -> Mapping[str, Provider]:
    """The workspace's providers by name; none where there is no workspace, or none that works."""
    from reconciler.workspace import NAMES

    there = any((invocation.root / name).exists() for name in NAMES)
    if not there and invocation.root.is_dir() and invocation.environment is None:
        return {}
    try:
        return invocation.project(offline=True).resource_types.providers
    except Invalid:
        if not there:
            raise
        note("Warning: reconciler.yaml cannot be used; `reconciler validate` says why.")
        return {}


@click.command()
@format_option
@current
def providers_command(invocation: Invocation, /, form: str) -> int:
    """Show which kinds each vendor has and how far each can be managed.

    \b
    reconciler providers
    reconciler providers --format json
    """
    names = configured(invocation)
    if form == "json":
        say_json(capability_document(PROVIDERS.values(), names))
    else:
        for line in capability_lines(PROVIDERS.values(), names):
            say(line)
    return 0


@click.command()
@click.argument("what", metavar="KIND[.FIELD]")
@format_option
@current
def explain_command(invocation: Invocation, /, what: str, form: str) -> int:
    """Explain a kind or one of its fields, with an example.

    \b
    reconciler explain webhooks
    reconciler explain webhooks.events
    reconciler explain kobo-plm/suppliers.contacts.email
    """
    names = configured(invocation)
    provider, kind, path = topic(what, PROVIDERS, names)
    said = what.partition("/")[0]
    ours = [name for name, one in names.items() if one.type == provider.type]
    name = said if said in names else next(iter(ours), provider.type)
    found = explain.find_field(provider, kind, path) if path else None
    if form == "json" and found:
        head = {"format_version": "1.0", "provider_type": provider.type, "kind": kind.name}
        say_json({**head, **explain.field_document(kind, found)})
    elif form == "json":
        say_json(explain.kind_explained(provider, kind, name))
    else:
        lines = (
            explain.field_lines(provider, kind, found)
            if found
            else explain.kind_lines(provider, kind, name)
        )
        for line in lines:
            say(line)
    return 0


@click.command()
@click.argument("name", metavar="[TYPE]", required=False)
@click.option("--write", is_flag=True, help="Write the schemas into schemas/ of the folder.")
@current
def schema_command(invocation: Invocation, /, name: str | None, write: bool) -> int:
    """Print the JSON Schema of manifests or reconciler.yaml, for editors.

    Without TYPE the types are listed. --write puts the schemas of a workspace into its schemas/
    folder.

    \b
    reconciler schema
    reconciler schema kobo-plm
    reconciler schema workspace > schemas/workspace.schema.json
    reconciler schema --write
    """
    if write and name:
        raise click.UsageError("--write writes all of them: leave TYPE out.")
    if write:
        return _write(invocation)
    if name is None:
        about = [(p.type, f"manifests of {p.title}") for p in PROVIDERS.values()]
        about += [("workspace", "reconciler.yaml"), ("words", "the schemas of kinds themselves")]
        for line in columns(about):
            say(line)
        return 0
    say(json.dumps(_schema(invocation, name), indent=2, ensure_ascii=False))
    return 0


def _schema(invocation: Invocation, name: str) -> object:
    from reconciler import workspace

    if name == "workspace":
        return workspace.schema()
    if name == "words":
        return words()
    providers = {**PROVIDERS, **({} if name in PROVIDERS else configured(invocation))}
    if name not in providers:
        hint = did_you_mean(name, [*providers, "workspace", "words"])
        raise Invalid(Diagnostic(f"there is no schema {shown(name)}", hint))
    return umbrella(providers[name])


def _write(invocation: Invocation) -> int:
    """Write the schemas that the files of a workspace point at."""
    from reconciler import workspace

    project = invocation.project(offline=True)
    types = {provider.type for provider in project.resource_types.providers.values()}
    made: dict[str, object] = {name: umbrella(PROVIDERS[name]) for name in sorted(types)}
    made["workspace"] = workspace.schema()
    folder = invocation.root / "schemas"
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in made.items():
        path = folder / f"{name}.schema.json"
        path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", "utf-8")
        say(f"wrote {path}")
    return 0


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["mermaid", "dot"]),
    default="mermaid",
    show_default=True,
    help="The language of the drawing.",
)
@click.option("--all", "everything", is_flag=True, help="Also what refers to nothing.")
@current
def graph_command(invocation: Invocation, /, form: str, everything: bool) -> int:
    """Draw the declared resources and their references; needs no network.

    An arrow points at what is needed. What is referred to but not declared is drawn differently.

    \b
    reconciler graph > graph.mmd
    reconciler graph --format dot --all | dot -Tsvg > graph.svg
    """
    found = needs(invocation.project(offline=True))
    ends = {end for one in found.references for end in one[:2]}
    nodes = sorted({*ends, *(found.declared if everything else ())})
    draw = graph.dot if form == "dot" else graph.mermaid
    for line in draw(nodes, found.references, set(found.declared)):
        say(line)
    if not nodes:
        note("No declared resource refers to another one; --all shows them all.")
    return 0
