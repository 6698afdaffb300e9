"""The files of a new workspace, as text: valid as they are, and harmless until edited."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from reconciler.app.schema import umbrella
from reconciler.kinds import Kind, Mode, Provider, Verb
from reconciler.values.fields import schema_folder

EDITOR = {"recommendations": ["redhat.vscode-yaml"]}


def files(name: str, providers: Sequence[Provider]) -> dict[str, str]:
    """Path in the workspace → text, for a workspace of that name with these vendors."""
    made = {
        "reconciler.yaml": _workspace(name, providers),
        ".gitignore": ".reconciler/\n*.plan\n*-secrets.jsonl\n",
        "schemas/workspace.schema.json": (schema_folder() / "workspace.schema.json").read_text(
            "utf-8"
        ),
        ".vscode/extensions.json": json.dumps(EDITOR, indent=2) + "\n",
    }
    for provider in providers:
        made[f"manifests/{short(provider)}.yaml"] = _manifest(provider)
        made[f"schemas/{provider.type}.schema.json"] = (
            json.dumps(umbrella(provider), indent=2, ensure_ascii=False) + "\n"
        )
    return made


def short(provider: Provider) -> str:
    """What a workspace calls a vendor unless somebody knows better: `kobo` for `kobo-plm`."""
    return provider.type.partition("-")[0] if provider.type != "kibo-oms" else "kibo-oms"


def modeline(provider_type: str, up: str = "..") -> str:
    """The line that tells an editor which schema a manifest has."""
    return f"# yaml-language-server: $schema={up}/schemas/{provider_type}.schema.json"


def _workspace(name: str, providers: Sequence[Provider]) -> str:
    lines = [
        "# yaml-language-server: $schema=schemas/workspace.schema.json",
        f"name: {slug(name)}",
        "",
        "# Credentials come from the environment and are never written anywhere; whatever else is",
        "# set here is an example.",
        "providers:",
    ]
    for provider in providers:
        lines += [f"  {short(provider)}:", f"    type: {provider.type}"]
        lines += _settings(provider)
    lines += [
        "",
        "# Kinds in which an undeclared live object is to be deleted: provider/kind.",
        "exclusive: []",
        "",
        "# How much one run may destroy or change before it is refused.",
        "guard: {max_deletes: 10, max_delete_percent: 30, max_update_percent: 50}",
    ]
    return "\n".join(lines) + "\n"


def _settings(provider: Provider) -> Iterator[str]:
    """Credentials from the environment, all else as the schema's default or example has it."""
    text = (schema_folder() / "workspace.schema.json").read_text("utf-8")
    known = json.loads(text)["definitions"][provider.type]["properties"]
    secret = credentials(provider)
    for name in (*provider.settings, *(() if provider.base_url else ("base_url",))):
        if name in secret:
            yield f"    {name}: ${{env.{secret[name]}}}"
        else:
            yield f"    {name}: {known[name].get('default') or known[name]['examples'][0]}"


def credentials(provider: Provider) -> dict[str, str]:
    """The settings that say who we are, with the environment variable that each comes from."""
    stem = short(provider).upper().replace("-", "_")
    return {name: f"{stem}_{name.upper()}" for name in provider.auth.credentials}


def _manifest(provider: Provider) -> str:
    managed = [kind for kind in provider.kinds.values() if kind.mode is Mode.MANAGED]
    first = managed[0] if managed else next(iter(provider.kinds.values()))
    listed = any(kind.can(Verb.LIST) for kind in provider.kinds.values())
    live = "; `reconciler import --all` writes what is live." if listed else "."
    return "\n".join(
        [
            modeline(provider.type),
            f"# {provider.title}. `reconciler explain {provider.type}/{first.name}` says what can",
            f"# be declared{live}",
            f"provider: {short(provider)}",
            *_example(first),
            "",
        ]
    )


def _example(kind: Kind) -> list[str]:
    return [
        f"# {kind.name}:",
        f"#   my-{kind.title.replace(' ', '-')}:  # the key: part of the address, stable for life",
        f"#     {kind.natural_key[0]}: …",
    ]


def slug(name: str) -> str:
    """A workspace name made of a folder's name."""
    return re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_") or "workspace"
