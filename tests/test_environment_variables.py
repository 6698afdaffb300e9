"""Which environment variables a workspace can have read, and for what."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.app.workspace import Workspace

from .servers import Seen, serving

CANARY = "kanarya-0123456789abcdef"
HEAD = "name: acme\nproviders:\n  kobo:\n    type: kobo-plm\n    api_key: ${env.KOBO_API_KEY}\n"
REFUSED = {
    "a part of a credential": (HEAD.replace("${env.KOBO_API_KEY}", "x${env.CANARY}"), "5:14"),
    "two variables": (HEAD.replace("${env.KOBO_API_KEY}", "${env.A}${env.CANARY}"), "5:14"),
    "an address": (HEAD + "    base_url: ${env.CANARY}\n", "6:15"),
    "a part of an address": (HEAD + "    base_url: https://x.example/${env.CANARY}\n", "6:15"),
    "a host": (HEAD + "    base_url: https://${env.CANARY}.thief.example\n", "6:15"),
    "a part of a proxy": (HEAD + "    proxy: http://127.0.0.1:${env.CANARY}\n", "6:12"),
    "a tier": (HEAD + "    tier: ${env.CANARY}\n", "6:11"),
    "a limit": (HEAD + "    requests_per_minute: ${env.CANARY}\n", "6:26"),
    "a type": (HEAD.replace("kobo-plm", "${env.CANARY}"), "4:11"),
    "a name": (HEAD.replace("acme", "${env.CANARY}"), "1:7"),
    "a folder": (HEAD + "manifests: ${env.CANARY}\n", "6:12"),
    "a ledger": (HEAD + "ledger: .reconciler/${env.CANARY}\n", "6:9"),
    "a variable": (HEAD + "variables: {x: '${env.CANARY}'}\n", "6:16"),
    "a variable in a list": (HEAD + "variables: {x: [a, {b: '${env.CANARY}'}]}\n", "6:24"),
    "an exclusive kind": (HEAD + "exclusive: ['${env.CANARY}/x']\n", "6:13"),
    "an exception": (HEAD + "exclusive: [{kind: k/w, except: ['${env.CANARY}']}]\n", "6:34"),
    "a guard": (HEAD + "guard: {max_deletes: '${env.CANARY}'}\n", "6:22"),
    "a part of a secret": (HEAD + "secrets: {x: 'y${env.CANARY}'}\n", "6:14"),
    "inside a secret": (HEAD + "secrets: {x: {y: '${env.CANARY}'}}\n", "6:18"),
    "what may be lost": (HEAD + "secrets_out: ${env.CANARY}\n", "6:14"),
    "an unknown setting": (HEAD + "    note: ${env.CANARY}\n", "6:11"),
}


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Writes a workspace file and returns its folder."""

    def writer(text: str) -> Path:
        (tmp_path / "manifests").mkdir(exist_ok=True)
        (tmp_path / "reconciler.yaml").write_text(text, "utf-8")
        return tmp_path

    return writer


@pytest.mark.parametrize("command", [("validate",), ("plan",)], ids=" ".join)
@pytest.mark.parametrize("where", REFUSED)
def test_a_variable_is_a_whole_credential_and_nothing_else(
    write: Any, run: Any, monkeypatch: pytest.MonkeyPatch, where: str, command: tuple[str, ...]
) -> None:
    """Anywhere else it is an error with its place and what to do, which does not show the value."""
    monkeypatch.setenv("CANARY", CANARY)
    monkeypatch.setenv("A", CANARY)
    text, place = REFUSED[where]
    shown = run("-C", str(write(text)), *command)
    assert shown.code == 1, shown
    assert f"reconciler.yaml:{place}\n" in shown.err, shown.err
    assert "cannot be used here" in shown.err or "must be the entire value" in shown.err
    assert CANARY not in shown.out + shown.err
    assert "Traceback" not in shown.err


@pytest.mark.parametrize("overlaid", [False, True])
def test_an_overlay_has_the_same_rule(
    write: Any, run: Any, monkeypatch: pytest.MonkeyPatch, overlaid: bool
) -> None:
    """The settings of an environment are refused like the others, where they apply."""
    monkeypatch.setenv("CANARY", CANARY)
    overlay = "environments: {live: {variables: {x: '${env.CANARY}'}}}\n"
    folder = write(HEAD + overlay)
    shown = run("-C", str(folder), *(("--env", "live") if overlaid else ()), "validate")
    assert shown.code == int(overlaid), shown
    assert CANARY not in shown.out + shown.err


class Watched(Mapping[str, str]):
    """Environment variables that remember which of them were looked at."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __getitem__(self, name: str) -> str:
        self.seen.append(name)
        return CANARY

    def __iter__(self) -> Iterator[str]:
        self.seen.append("*")
        return iter(())

    def __len__(self) -> int:
        self.seen.append("*")
        return 0


ALL_THERE_IS = (
    HEAD + "    base_url: https://thief.example/api\n    proxy: ${env.PROXY}\n"
    "  kobiks: {type: kobiks, email: '${env.EMAIL}', password: '${env.PASSWORD}'}\n"
    "secrets: {sftp: '${env.SFTP}'}\n"
)


def test_validate_looks_at_no_variable(write: Any) -> None:
    """Neither at those that the file names nor at our own."""
    folder, variables = write(ALL_THERE_IS), Watched()
    assert Workspace.open(folder, variables=variables, offline=True).validate().valid
    assert variables.seen == []


AUDITED = """
import os, sys
seen = []
sys.addaudithook(lambda event, _: event.startswith("socket.") and seen.append(event))
from reconciler import cli
code = cli.run(["-C", sys.argv[1], *sys.argv[2:]])
print(seen)
sys.stdout.flush()
os._exit(code)
"""


def sockets(folder: Path, *command: str) -> tuple[int, str]:
    """How a command ends, and what Python itself reports about the sockets that it opens."""
    done = subprocess.run(
        [sys.executable, "-c", AUDITED, str(folder), *command],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()[-1]


MANIFEST = (
    "provider: kobo\n"
    "webhooks: {w: {name: W, url: 'https://thief.example', events: [style.created]}}\n"
)


@pytest.mark.parametrize(
    "command",
    [("validate",), ("graph",), ("providers",), ("explain", "webhooks"), ("state", "list")],
    ids=" ".join,
)
def test_what_needs_no_vendor_opens_no_socket(write: Any, command: tuple[str, ...]) -> None:
    """Also where the workspace names addresses, and a manifest the target of a webhook."""
    folder = write(ALL_THERE_IS)
    (folder / "manifests" / "a.yaml").write_text(MANIFEST)
    assert sockets(folder, *command) == (0, "[]")


def test_what_needs_a_vendor_opens_one(write: Any) -> None:
    """Otherwise the test before would show nothing."""
    folder = write(HEAD + "    base_url: http://127.0.0.1:9/api\n")
    (folder / "manifests" / "a.yaml").write_text(MANIFEST)
    code, seen = sockets(folder, "plan")
    assert code == 1
    assert "socket.connect" in seen


@pytest.mark.parametrize(
    "name", ["RECONCILER_LEDGER_KEY", "RECONCILER_PLAN_KEY", "reconciler_ledger_key"]
)
def test_our_own_variables_are_no_credentials(
    write: Any, run: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A workspace cannot have the keys of the tool itself sent to a vendor."""
    monkeypatch.setenv(name, CANARY)
    for text in (HEAD.replace("KOBO_API_KEY", name), HEAD + f"secrets: {{x: '${{env.{name}}}'}}\n"):
        shown = run("-C", str(write(text)), "plan")
        assert shown.code == 1
        assert "is for reconciler itself" in shown.err
        assert CANARY not in shown.out + shown.err


@pytest.mark.parametrize(
    ("allowed", "passes"),
    [
        ("KOBO_API_KEY", True),
        ("A, KOBO_API_KEY ,B", True),
        ("KOBO_*", True),
        ("*_API_KEY", True),
        ("*", True),
        ("", False),
        (",", False),
        ("KOBO_API_KEY2", False),
        ("KOBO_API_KE", False),
        ("kobo_api_key", False),
        ("KOBO.API.KEY", False),
        ("[A-Z]*", False),
        ("OBO_API_KEY", False),
    ],
)
def test_what_may_be_read_is_narrowed_outside_the_workspace(
    workspace: Any, monkeypatch: pytest.MonkeyPatch, allowed: str, passes: bool
) -> None:
    """RECONCILER_ALLOWED_ENV names all that may be read, also where that is nothing."""
    monkeypatch.setenv("RECONCILER_ALLOWED_ENV", allowed)
    here = workspace("provider: kobo-plm\nsuppliers: {S: {name: S}}\n")
    shown = here.run("plan")
    assert shown.code == (0 if passes else 3), shown
    if not passes:
        assert (
            'providers.kobo-plm.api_key: the environment variable "KOBO_API_KEY" must not be read'
            in shown.err
        )
        assert "RECONCILER_ALLOWED_ENV" in shown.err
        assert here.sandbox.journal("kobo-plm") == []
    assert here.run("validate").code == 0


def test_a_proxy_is_narrowed_as_well(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is sent without the proxy that the workspace asks for."""
    monkeypatch.setenv("RECONCILER_ALLOWED_ENV", "KOBO_*")
    monkeypatch.setenv("PROXY", "http://127.0.0.1:9")
    here = workspace("provider: kobo\nsuppliers: {S: {name: S}}\n")
    kobo = {
        "type": "kobo-plm",
        "api_key": "${env.KOBO_API_KEY}",
        "base_url": here.sandbox.urls["kobo-plm"],
        "proxy": "${env.PROXY}",
    }
    here.configure(providers={"kobo": kobo})
    shown = here.run("plan")
    assert shown.code == 3, shown
    assert 'providers.kobo.proxy: the environment variable "PROXY" must not be read' in shown.err
    assert here.sandbox.journal("kobo-plm") == []


def test_a_secret_is_narrowed_as_well(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who does not write it does not need it; who does is told, and nothing is written."""
    monkeypatch.setenv("SFTP", CANARY)
    monkeypatch.setenv("RECONCILER_ALLOWED_ENV", "KIBO_*,KOBO_*")
    config = {
        "active": True,
        "postProcessAction": 1,
        "ftpServer": "f",
        "ftpPassword": "${secret.f}",
    }
    here = workspace(secrets={"f": "${env.SFTP}"})
    here.declare(
        {"kibo/fetch_file_configs": {"n": config}, "kobo-plm/suppliers": {"S": {"name": "S"}}}
    )
    assert here.run("plan", "--target", "kobo-plm").code == 0
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 1
    assert 'secrets.f: the environment variable "SFTP" must not be read' in shown.err
    assert here.writes() == []
    assert CANARY not in json.dumps(here.sandbox.state("kibo"))


@pytest.mark.parametrize("status", [401, 403, 422, 500])
def test_a_name_from_the_environment_is_not_shown_either(
    workspace: Any, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """A workspace may name any variable as the name of a user, and a vendor may repeat it."""
    monkeypatch.setenv("CANARY", CANARY)

    def repeat(_: Seen) -> tuple[int, bytes]:
        return status, json.dumps({"message": f"there is no user {CANARY} here"}).encode()

    with serving(repeat) as server:
        kobiks = {
            "type": "kobiks",
            "email": "${env.CANARY}",
            "password": "${env.KOBIKS_PASSWORD}",
            "base_url": server.url,
        }
        here = workspace("provider: kobiks\nbrands: {B: {}}\n", providers={"kobiks": kobiks})
        shown = here.run("-v", "plan")
    assert shown.code == 1
    assert "there is no user (sensitive) here" in shown.err
    assert CANARY not in shown.out + shown.err


def test_a_file_with_variables_is_not_read(write: Any, run: Any) -> None:
    """Only the environment of the process counts, and no file in the repository adds to it."""
    folder = write(HEAD.replace("KOBO_API_KEY", "FROM_A_FILE"))
    for name in (".env", ".envrc", "manifests/.env"):
        (folder / name).write_text(f"FROM_A_FILE={CANARY}\nexport FROM_A_FILE={CANARY}\n")
    (folder / "manifests" / "a.yaml").write_text("provider: kobo\nsuppliers: {S: {name: S}}\n")
    shown = run("-C", str(folder), "plan")
    assert shown.code == 1
    assert 'the environment variable "FROM_A_FILE" is not set' in shown.err


def test_a_secret_that_is_not_text_is_told(
    write: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes that are no UTF-8 are an error that names the setting, and no traceback."""
    monkeypatch.setitem(os.environb, b"CANARY", CANARY.encode() + b"\xff")
    shown = run("-C", str(write(HEAD + "secrets: {x: '${env.CANARY}'}\n")), "plan")
    assert shown.code == 1
    assert 'secrets.x: the environment variable "CANARY" is not valid UTF-8' in shown.err
    assert CANARY not in shown.out + shown.err


def test_a_secret_may_have_several_lines(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only credentials of accounts must be sendable in a header: a key file is a secret as well."""
    monkeypatch.setenv("SFTP", "-----BEGIN KEY-----\nabc\n-----END KEY-----")
    config = {
        "active": True,
        "postProcessAction": 1,
        "ftpServer": "f",
        "ftpPassword": "${secret.f}",
    }
    here = workspace(secrets={"f": "${env.SFTP}"})
    here.declare({"kibo/fetch_file_configs": {"n": config}})
    here.apply()
    assert "BEGIN" in json.dumps(here.sandbox.state("kibo"))
