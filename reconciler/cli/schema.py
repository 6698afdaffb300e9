"""`schema`: print or write the JSON Schemas that editors use."""

from __future__ import annotations

import json

import click

from reconciler.app.files import cannot, write_file
from reconciler.app.schema import umbrella, words
from reconciler.cli.options import GlobalOptions, global_options
from reconciler.cli.providers import configured_providers
from reconciler.cli.terminal import say, say_all
from reconciler.errors import Diagnostic, Invalid
from reconciler.files import make_folder
from reconciler.providers import PROVIDERS
from reconciler.report.columns import columns
from reconciler.values.text import did_you_mean, shown


@click.command()
@click.argument("name", metavar="[TYPE]", required=False)
@click.option("--write", is_flag=True, help="Write the schemas into schemas/ of the folder.")
@global_options
def command(options: GlobalOptions, /, name: str | None, write: bool) -> int:
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
        raise click.UsageError("--write writes every schema and takes no TYPE.")
    if write:
        return _write(options)
    if name is None:
        about = [(p.type, f"manifests of {p.title}") for p in PROVIDERS.values()]
        about += [("workspace", "reconciler.yaml"), ("words", "the schemas of kinds themselves")]
        say_all(columns(about))
        return 0
    say(json.dumps(_schema(options, name), indent=2, ensure_ascii=False))
    return 0


def _schema(options: GlobalOptions, name: str) -> object:
    from reconciler import workspace

    if name == "workspace":
        return workspace.schema()
    if name == "words":
        return words()
    providers = {**PROVIDERS, **({} if name in PROVIDERS else configured_providers(options))}
    if name not in providers:
        hint = did_you_mean(name, [*providers, "workspace", "words"])
        raise Invalid(Diagnostic(f"there is no schema {shown(name)}", hint))
    return umbrella(providers[name])


def _write(options: GlobalOptions) -> int:
    """Write the schemas that the files of a workspace point at."""
    from reconciler import workspace

    providers = options.open(offline=True).project.resource_types.providers.values()
    types = sorted({provider.type for provider in providers})
    schemas: dict[str, object] = {name: umbrella(PROVIDERS[name]) for name in types}
    schemas["workspace"] = workspace.schema()
    folder = options.folder / "schemas"
    with cannot("write", folder):
        make_folder(folder, options.folder)
    for name, schema in schemas.items():
        path = folder / f"{name}.schema.json"
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        write_file(path, text, 0o666, root=options.folder)
        say(f"wrote {path}")
    return 0
