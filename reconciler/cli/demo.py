"""`demo`: the whole tour, which runs the real commands in a new workspace against the sandbox."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reconciler import sandbox
from reconciler.cli.sandbox import not_installed
from reconciler.cli.terminal import is_coloured, say
from reconciler.errors import Diagnostic, Invalid
from reconciler.files import create_file, make_folder
from reconciler.frozen import frozen

if TYPE_CHECKING:
    from reconciler.sandbox.server import Running

USUAL_PORT = 8800
PORTS = range(USUAL_PORT, USUAL_PORT + 200, 10)
EXAMPLE = "all-five"
FOLDER = "reconciler-demo"
STATE = "sandbox.json"
NEXT = ("plan", "apply", "explain kobo-plm/webhooks", "state list", "import --all --dry-run")
PACKAGE = Path(__file__).parent.parent


@frozen
class Step:
    """A command, a sentence that introduces it, and the exit code that it must end with."""

    text: str
    command: str
    exit_code: int = 0


@frozen
class Edit:
    """A change that a person makes on a vendor's screen."""

    text: str
    vendor: str
    kind: str
    name: str
    fields: Mapping[str, Any]


STORY: tuple[Step | Edit, ...] = (
    Step("First the manifests are checked, which needs no network and no key.", "validate"),
    Step(
        "A plan reads all five vendors and writes to none. This one is saved, to be approved.",
        "plan --out first.plan",
    ),
    Step(
        "Apply does what the saved plan says and nothing else. Kobo PLM shows the signing secret "
        "of a new webhook once; it goes into a file.",
        "apply first.plan --secrets-out webhook-secrets.jsonl",
    ),
    Edit(
        "One change was left to a person, because the API of Kobiks is read-only. It is now made "
        "on the screen that the plan named.",
        "kobiks",
        "price_categories",
        "Perakende Satış Fiyatı (TL)",
        {"tax_included": True},
    ),
    Step(
        "A second plan finds nothing to do. With --detailed-exitcode, changes would exit with 2.",
        "plan --detailed-exitcode",
    ),
    Step(
        "Drift shows what changed at the vendors since the last apply: nothing.",
        "drift --detailed-exitcode",
    ),
    Edit(
        "Weeks later somebody switches off a webhook on the screen of Kobo PLM, without a word.",
        "kobo-plm",
        "webhooks",
        "ERP Sync",
        {"is_active": False, "events": ["style.created", "style.updated"]},
    ),
    Step(
        "The nightly drift report finds it and exits with 2.",
        "drift --detailed-exitcode",
        exit_code=2,
    ),
    Step("A plan shows what apply would do about it, and that the vendor's side changed.", "plan"),
    Step(
        "Apply does that; --auto-approve is for CI, where nobody can answer.",
        "apply --auto-approve",
    ),
    Step("Everything is as declared again.", "plan --detailed-exitcode"),
    Step("The ledger has a record of every run.", "history"),
)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
def command(folder: Path | None) -> int:
    """Take the whole tour: from YAML to five vendors and back, on the sandbox."""
    try:
        return tour(folder)
    except ImportError:
        raise not_installed() from None


def tour(folder: Path | None) -> int:
    """Take the tour in a new workspace; raises Invalid where a step ends with another exit code."""
    began = time.monotonic()
    root = _new_folder(folder)
    with ExitStack() as stack:
        running, port = _vendors(stack, root / STATE)
        for path, text in _files(root.resolve().name, port).items():
            create_file(root / path, text.encode(), 0o666, root)
        say(f"The vendors run on this machine: {', '.join(running.urls.values())}")
        say(f"A shop's manifests are in {root}. Every command from here on runs in that folder.")
        environment = _environment()
        for part in STORY:
            say(f"\n{part.text}")
            if isinstance(part, Edit):
                _edit(running, part)
            else:
                _run(root, part, environment)
    say(f"\nThat was the tour; it took {time.monotonic() - began:.1f} s.")
    for line in _next_steps(root, port):
        say(line)
    return 0


def _new_folder(wanted: Path | None) -> Path:
    """The named folder, which must be empty; without a name, a folder that does not exist yet."""
    if wanted is None:
        number = 1
        wanted = Path(FOLDER)
        while wanted.exists():
            number += 1
            wanted = Path(f"{FOLDER}-{number}")
    elif wanted.exists() and (not wanted.is_dir() or any(wanted.iterdir())):
        raise Invalid(
            Diagnostic(f"{wanted} exists", "Name an empty folder, or one that does not exist yet.")
        )
    make_folder(wanted)
    return wanted


def _vendors(stack: ExitStack, state: Path) -> tuple[Running, int]:
    """The sandbox, on its usual ports or the next free ones. It has no rate limit: the commands of
    the tour send more requests in seconds than the real Kobiks allows in a minute."""
    for port in PORTS:
        options = sandbox.Options(port=port, state=state, rate=0)
        try:
            return stack.enter_context(sandbox.running(options)), port
        except sandbox.PortTaken:
            continue
    raise Invalid(Diagnostic(f"the ports from {PORTS.start} to {PORTS.stop} are in use"))


def _files(name: str, port: int) -> dict[str, str]:
    """The files of the example as a workspace of its own, with its schemas and for these ports."""
    from reconciler.app.init import files
    from reconciler.providers import PROVIDERS

    example = example_folder()
    texts = {
        path: text
        for path, text in files(name, list(PROVIDERS.values())).items()
        if not path.startswith("manifests/")
    }
    for file in sorted(example.rglob("*.yaml")):
        text = (
            file.read_text("utf-8")
            .replace("=../../", "=")
            .replace("schemas/generated/", "schemas/")
        )
        for offset in sandbox.VENDORS.values():
            text = text.replace(f"127.0.0.1:{USUAL_PORT + offset}", f"127.0.0.1:{port + offset}")
        texts[file.relative_to(example).as_posix()] = text
    texts[".gitignore"] += f"{STATE}\n"
    return texts


def example_folder() -> Path:
    """The folder of the example: in the installed package, or beside it in a checkout."""
    inside = PACKAGE / "examples" / EXAMPLE
    return inside if inside.is_dir() else PACKAGE.parent / "examples" / EXAMPLE


def _environment() -> dict[str, str]:
    """The environment of the commands: the sandbox's credentials, and this package where it runs
    from a checkout that is not installed."""
    environment = {**os.environ, **sandbox.credentials()}
    if not is_coloured():
        environment["NO_COLOR"] = "1"
    if PACKAGE.parent.name not in ("site-packages", "dist-packages"):
        paths = (str(PACKAGE.parent), os.environ.get("PYTHONPATH", ""))
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return environment


def _run(root: Path, step: Step, environment: Mapping[str, str]) -> None:
    """Run one command and show its output; raises Invalid where it ends with another exit code."""
    line = f"$ reconciler {step.command}"
    say(click.style(line, bold=True) if is_coloured() else line)
    arguments = [sys.executable, "-m", "reconciler", *shlex.split(step.command)]
    ended = subprocess.run(
        arguments, cwd=root, env=environment, stdin=subprocess.DEVNULL, check=False
    )
    if ended.returncode != step.exit_code:
        raise Invalid(
            Diagnostic(
                f"the tour stops: `reconciler {step.command}` ended with {ended.returncode}, "
                f"and it should have ended with {step.exit_code}",
                f"Its output is above; the workspace is still in {root}.",
            )
        )
    if step.exit_code:
        say(f"(exit code {step.exit_code})")


def _edit(running: Running, edit: Edit) -> None:
    """Change one object at the vendor, as a person would on its screen."""
    objects = running.state(edit.vendor)[edit.kind]
    changed = [{**old, **edit.fields} if old["name"] == edit.name else old for old in objects]
    running.put_state(edit.vendor, {edit.kind: changed})
    for name, value in edit.fields.items():
        say(f"  {edit.name}: {name} = {json.dumps(value)}")


def _next_steps(root: Path, port: int) -> Iterator[str]:
    """How to continue by hand where the tour ends."""
    yield "\nTo continue by hand, start the vendors again in one terminal:"
    path = None if shutil.which("reconciler") else Path(sys.executable).parent
    to_folder = [f"  cd {shlex.quote(str(root))}"]
    if path:
        to_folder.insert(0, f"  export PATH={shlex.quote(str(path))}:$PATH")
    yield from to_folder
    ports = "" if port == USUAL_PORT else f" --port {port}"
    yield f"  reconciler sandbox{ports} --state {STATE}"
    yield "and in another terminal:"
    yield from to_folder
    yield from (f"  export {name}={value}" for name, value in sandbox.credentials().items())
    yield "Then edit manifests/kobo.yaml and try:"
    for command in NEXT:
        yield f"  reconciler {command}"
