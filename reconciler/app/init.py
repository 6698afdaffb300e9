"""Init: write the files of a new workspace, which is valid as it is."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from reconciler.app.files import cannot
from reconciler.app.schema import umbrella
from reconciler.errors import Diagnostic, Invalid
from reconciler.files import create_file, make_folder
from reconciler.frozen import frozen
from reconciler.kinds import Kind, Mode, Provider, Verb
from reconciler.ledger import open_ledger
from reconciler.ledger.stores import is_path
from reconciler.providers import PROVIDERS
from reconciler.values.fields import load_schema, schema_folder
from reconciler.values.text import did_you_mean, shown
from reconciler.workspace import NAMES
from reconciler.workspace.refusals import check_ledger_host

EDITOR = {"recommendations": ["redhat.vscode-yaml"]}
IGNORED = (".reconciler/", "*.plan", "*-secrets.jsonl")
"""What Git is to leave alone: the ledger of one machine, saved plans, and secrets."""
NO_ADDRESSES: Mapping[str, str] = {}
ON_SANDBOX = (
    "#",
    "# Each base_url is a vendor of `reconciler sandbox`. Remove it to work with the real vendor;",
    "# Kibo OMS has no address of its own and needs that of your endpoint.",
)


@frozen
class Init:
    """The files that were written, and those that were kept because they existed."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def init(
    folder: Path,
    name: str | None = None,
    types: Sequence[str] = (),
    addresses: Mapping[str, str] = NO_ADDRESSES,
    ledger: str = "",
    variables: Mapping[str, str] = os.environ,
) -> Init:
    """Write a workspace with these provider types into `folder`; with all types if none is named.

    Its name is that of the folder unless one is given. Existing files are kept. `addresses` are the
    URLs of a sandbox by provider type; without them the workspace is for the real vendors. `ledger`
    is the setting of that name; a shared ledger is tried first, with the environment `variables`.
    Raises Invalid for an unknown type, and where the folder has a reconciler.yaml; LedgerError or
    Refused where the ledger cannot be used. Nothing is written then.
    """
    for unknown in (name_ for name_ in types if name_ not in PROVIDERS):
        hint = did_you_mean(unknown, PROVIDERS)
        raise Invalid(Diagnostic(f"there is no provider type {shown(unknown)}", hint))
    providers = [PROVIDERS[type_] for type_ in dict.fromkeys(types or PROVIDERS)]
    for path in (folder / name_ for name_ in NAMES):
        if os.path.lexists(path):
            raise Invalid(Diagnostic(f"{path} exists", "Edit it, or choose another folder."))
    texts = files(name or folder.resolve().name, providers, addresses, ledger)
    with cannot("write", folder):
        make_folder(folder)
    if not is_path(ledger):
        allow = partial(check_ledger_host, variables, folder)
        open_ledger(ledger, folder, slug(name or folder.resolve().name), allow=allow).prove()
    written: list[Path] = []
    kept: list[Path] = []
    for path, text in ((folder / path, text) for path, text in texts.items()):
        with cannot("write", path):
            try:
                create_file(path, text.encode(), 0o666, folder)
                written.append(path)
            except FileExistsError:
                kept.append(path)
    return Init(tuple(written), tuple(kept))


def files(
    name: str,
    providers: Sequence[Provider],
    addresses: Mapping[str, str] = NO_ADDRESSES,
    ledger: str = "",
) -> dict[str, str]:
    """The text of each file of a workspace with this name, these providers and this ledger, by its
    path."""
    texts = {
        "reconciler.yaml": _workspace(name, providers, addresses, ledger),
        ".gitignore": "".join(f"{line}\n" for line in IGNORED),
        "schemas/workspace.schema.json": (
            schema_folder() / "generated" / "workspace.schema.json"
        ).read_text("utf-8"),
        ".vscode/extensions.json": json.dumps(EDITOR, indent=2) + "\n",
        ".vscode/settings.json": json.dumps(_editor_settings(providers), indent=2) + "\n",
    }
    for provider in providers:
        texts[f"manifests/{short(provider)}.yaml"] = _manifest(provider)
        texts[f"schemas/{provider.type}.schema.json"] = (
            json.dumps(umbrella(provider), indent=2, ensure_ascii=False) + "\n"
        )
    return texts


def _editor_settings(providers: Sequence[Provider]) -> dict[str, dict[str, list[str]]]:
    """Which schema editors take for which files: also for those that no `modeline` begins."""
    schemas = {"./schemas/workspace.schema.json": list(NAMES)}
    for provider in providers:
        name = short(provider)
        files = [f"manifests/{name}.{end}" for end in ("yaml", "yml")]
        files += [f"manifests/{name}/**/*.{end}" for end in ("yaml", "yml")]
        schemas[f"./schemas/{provider.type}.schema.json"] = files
    return {"yaml.schemas": schemas}


def short(provider: Provider) -> str:
    """The name that a new workspace gives to a provider: `kobo` for the type `kobo-plm`."""
    return provider.alias or provider.type


def modeline(provider_type: str, up: str = "..") -> str:
    """The line that tells an editor which schema a manifest has."""
    return f"# yaml-language-server: $schema={up}/schemas/{provider_type}.schema.json"


def _workspace(
    name: str, providers: Sequence[Provider], addresses: Mapping[str, str], ledger: str
) -> str:
    lines = [
        "# yaml-language-server: $schema=schemas/workspace.schema.json",
        "---",
        f"name: {slug(name)}",
        *([f"ledger: {json.dumps(ledger, ensure_ascii=False)}"] if ledger else []),
        "",
        "# Credentials come from the environment and are never written anywhere. The",
        "# other settings are examples.",
        *(ON_SANDBOX if addresses else ()),
        "providers:",
    ]
    for provider in providers:
        lines += [f"  {short(provider)}:", f"    type: {provider.type}"]
        lines += _settings(provider, addresses.get(provider.type))
    lines += [
        "",
        "# Kinds whose undeclared live objects are deleted: provider/kind.",
        "exclusive: []",
        "",
        "# How much one run may delete or change; a plan with more is refused.",
        "guard: {max_deletes: 10, max_delete_percent: 30, max_update_percent: 50}",
    ]
    return "\n".join(lines) + "\n"


def _settings(provider: Provider, address: str | None) -> Iterator[str]:
    """Credentials from the environment; other settings with the schema's default or example."""
    workspace = load_schema("generated/workspace.schema.json")
    known = workspace["definitions"][provider.type]["properties"]
    secret = credentials(provider)
    for name in (*provider.settings, *(() if provider.base_url or address else ("base_url",))):
        if name in secret:
            yield f"    {name}: ${{env.{secret[name]}}}"
        else:
            yield f"    {name}: {known[name].get('default') or known[name]['examples'][0]}"
    if address:
        yield f"    base_url: {address}"


def credentials(provider: Provider) -> dict[str, str]:
    """The settings that hold credentials, with the environment variable that each is read from."""
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
            "---",
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
    """A valid workspace name, made from the name of a folder."""
    return re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_") or "workspace"
