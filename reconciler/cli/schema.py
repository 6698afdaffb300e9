"""`schema`: print or write the JSON Schemas that editors use."""

from __future__ import annotations

import json

import click

from reconciler.app.schema import files, umbrella, words, write_umbrellas
from reconciler.cli.options import GlobalOptions, global_options
from reconciler.cli.providers import configured_providers
from reconciler.cli.terminal import say, say_all
from reconciler.errors import Diagnostic, Invalid
from reconciler.providers import PROVIDERS
from reconciler.report.columns import columns
from reconciler.report.reference import pages, with_capabilities
from reconciler.values.text import did_you_mean, shown


@click.command()
@click.argument("name", metavar="[TYPE]", required=False)
@click.option("--write", is_flag=True, help="Write the schemas into schemas/ of the folder.")
@global_options
def command(options: GlobalOptions, /, name: str | None, write: bool) -> int:
    """Print the JSON Schema of manifests or reconciler.yaml, for editors.

    Without TYPE the types are listed. --write puts the schemas of a workspace into its schemas/
    folder, and in a checkout of reconciler also the reference pages into docs/providers/ and the
    capability table into README.md.

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
    """Write what is generated, where it belongs: in a checkout of ours, or in a workspace."""
    root = options.folder
    if (root / "reconciler" / "kinds").is_dir() and (root / "schemas").is_dir():
        write_umbrellas(root / "schemas", PROVIDERS.values())
        written = [root / "schemas" / name for name in files(PROVIDERS.values())]
        folder = root / "docs" / "providers"
        texts = {folder / page: text for page, text in pages(PROVIDERS.values()).items()}
        readme = root / "README.md"
        texts[readme] = with_capabilities(readme.read_text("utf-8"), PROVIDERS.values())
    else:
        from reconciler import workspace

        types = {
            one.type for one in options.open(offline=True).project.resource_types.providers.values()
        }
        written, folder = [], root / "schemas"
        made: dict[str, object] = {t: umbrella(PROVIDERS[t]) for t in sorted(types)}
        made["workspace"] = workspace.schema()
        texts = {
            folder / f"{name}.schema.json": json.dumps(one, indent=2, ensure_ascii=False) + "\n"
            for name, one in made.items()
        }
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in texts.items():
        path.write_text(text, "utf-8")
    for path in [*written, *texts]:
        say(f"wrote {path}")
    return 0
