"""What tests share: the vendors on loopback, a workspace, the command line, and no network."""

from __future__ import annotations

import gc
import ipaddress
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Protocol
from zlib import crc32

import pytest

from reconciler import cli
from reconciler.app import init
from reconciler.http.client import Client
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.model import Connection, Scope, Secret
from reconciler.providers import PROVIDERS
from reconciler.rest.account import Account
from reconciler.rest.driver import Driver
from reconciler.sandbox import Options, credentials
from reconciler.sandbox.server import Running
from reconciler.workspace import schema

from .vendors import running

ROOT = Path(cli.__file__).parents[2]
OPEN = {"max_deletes": 10000, "max_delete_percent": 100, "max_update_percent": 100}
SETTINGS = {name: init.credentials(provider) for name, provider in PROVIDERS.items()}
ALSO: Mapping[str, Mapping[str, Any]] = {
    name: {
        setting: part["examples"][0]
        for setting, part in schema()["definitions"][name]["properties"].items()
        if setting in set(provider.settings) - set(SETTINGS[name]) and "examples" in part
    }
    for name, provider in PROVIDERS.items()
}
"""Settings of the sandbox's vendors: those that come from the environment, and the others, whose
examples are what the sandbox takes."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """How large the campaigns of tests/campaign are, and where their dice begin."""
    group = parser.getgroup("campaign")
    group.addoption("--sequences", type=int, default=20_000, help="sequences of the machine")
    group.addoption("--kills", type=int, default=1_000, help="runs that are killed")
    group.addoption("--races", type=int, default=500, help="races for a ledger, for each store")
    group.addoption("--merges", type=int, default=40, help="merges of a team, for each store")
    group.addoption("--histories", type=int, default=20_000, help="histories of a vendor that lies")
    group.addoption("--answers", type=int, default=10_000, help="answers that are garbled")
    group.addoption("--campaign-seed", type=int, default=0, help="the first seed of both")
    group.addoption(
        "--cache",
        choices=("", "cold", "warm", "damaged"),
        default="",
        help="keep everything between the commands of a workspace, and before each command delete "
        "it, make the same plan or report once before, or damage every file of it",
    )
    group.addoption("--shrink", action="store_true", help="make a sequence that fails shorter")


def pytest_configure(config: pytest.Config) -> None:
    """What is compiled is kept, for other workers and for the processes that tests start, also
    where the environment says otherwise."""
    Workspace.cache = config.getoption("--cache", "")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays until the end: the collector of garbage need not look at it."""
    gc.disable()
    result = yield
    gc.freeze()
    gc.enable()
    return result


class Result(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line of the result."""
        return self.out.rstrip("\n").rpartition("\n")[2]

    @property
    def json(self) -> Any:
        """The result of a command that was asked for JSON."""
        return json.loads(self.out)


def run(*arguments: str) -> Result:
    """Run the command line in this process; like the program, without collecting garbage."""
    out, err = StringIO(), StringIO()
    gc.disable()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.run(list(arguments))
    gc.enable()
    return Result(code, out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Workspace:
    """A workspace on disk whose providers are a sandbox's vendors, named by their types."""

    root: Path
    sandbox: Running
    settings: Mapping[str, Any] = field(default_factory=dict)
    cache: ClassVar[str] = ""

    def __post_init__(self) -> None:
        (self.root / "manifests").mkdir(parents=True, exist_ok=True)
        self.configure(**self.settings)

    def configure(self, **settings: Any) -> None:
        """Write `reconciler.yaml`, with these settings over the usual ones."""
        providers = {
            name: {
                "type": name,
                "base_url": url,
                "requests_per_minute": 0,
                **{key: f"${{env.{value}}}" for key, value in SETTINGS[name].items()},
                **ALSO.get(name, {}),
            }
            for name, url in self.sandbox.urls.items()
            if name in PROVIDERS
        }
        document = {"name": "acme", "providers": providers, "guard": OPEN, **settings}
        if self.cache:
            document.setdefault("cache", {"from_requests": 0})
        (self.root / "reconciler.yaml").write_text(json.dumps(document), "utf-8")

    def write(self, text: str, name: str = "main") -> None:
        """Put a manifest in place, given as YAML."""
        (self.root / "manifests" / f"{name}.yaml").write_text(text, "utf-8")

    def declare(self, kinds: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        """Declare exactly these: `{provider/kind: {key: fields}}`."""
        documents: list[object] = [
            {"provider": provider, kind: objects}
            for (provider, kind), objects in ((s.split("/"), o) for s, o in kinds.items())
        ]
        # JSON is YAML, and keeps types as they are.
        lines = [json.dumps(one, ensure_ascii=False) for one in documents or [None]]
        self.write("\n---\n".join(lines) + "\n")

    def run(self, *arguments: str) -> Result:
        """Run a command here."""
        if self.cache:
            self._prepare_cache(*arguments)
        return run("-C", str(self.root), *arguments)

    def _prepare_cache(self, *arguments: str) -> None:
        folder = self.root / ".reconciler" / "cache"
        if self.cache == "cold":
            shutil.rmtree(folder, ignore_errors=True)
        elif self.cache == "warm" and arguments[0] in ("plan", "drift"):
            run("-C", str(self.root), *arguments)
        elif self.cache == "damaged":
            for path in folder.glob("*-*"):
                data = path.read_bytes()
                at = crc32(data) % len(data)
                path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])

    def plan(self, *arguments: str) -> list[dict[str, Any]]:
        """The entries of a plan that say anything is to be done; the plan itself must succeed."""
        result = self.run("plan", "--format", "json", *arguments)
        assert result.code == 0, result
        return [e for e in result.json["resource_changes"] if e["x_action"] != "no-op"]

    def apply(self, *arguments: str) -> Result:
        """Apply without asking, which must succeed."""
        result = self.run("apply", "--auto-approve", *arguments)
        assert result.code == 0, result
        return result

    def settled(self) -> bool:
        """Whether a plan finds nothing to write, to record or to do by hand."""
        return self.plan() == []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command here in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "reconciler", "-C", str(self.root), *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def writes(self) -> list[str]:
        """The requests since the journal was cleared that may have changed anything."""
        return [
            f"{entry['method']} {entry['path']} {entry['status']}"
            for vendor in self.sandbox.urls
            for entry in self.sandbox.journal(vendor)
            if entry["method"] != "GET" and not entry["path"].endswith(harmless(vendor))
        ]


def harmless(vendor: str) -> tuple[str, ...]:
    """The ends of the paths of POSTs that change nothing: logins and queries."""
    provider = PROVIDERS.get(vendor)
    login = getattr(provider.auth, "path", "") if provider else ""
    return "/token", login or "/login", *(provider.queries if provider else ())


def connection(sandbox: Running, vendor: str, **changes: Any) -> Connection:
    """A connection to a sandbox's vendor with the accepted credentials."""
    known = credentials()
    settings: dict[str, Any] = {
        key: Secret(known[variable], key) for key, variable in SETTINGS[vendor].items()
    }
    return Connection(
        name=vendor,
        type=vendor,
        settings={**settings, **ALSO.get(vendor, {}), **changes.pop("settings", {})},
        base_url=changes.pop("base_url", sandbox.urls[vendor]),
        requests_per_minute=changes.pop("requests_per_minute", 0),
        **changes,
    )


class Run(Protocol):
    """Runs the command line in this process: `run("-C", folder, "plan")`."""

    def __call__(self, *arguments: str) -> Result:
        """How the command ended."""


class MakeWorkspace(Protocol):
    """Makes a workspace: `workspace(yaml, exclusive=[…], guard={…})`."""

    def __call__(self, text: str = "", name: str = "workspace", **settings: Any) -> Workspace:
        """The workspace `name` with this manifest and these settings of `reconciler.yaml`."""


class Connect(Protocol):
    """Opens a client of a vendor: `client("kobo-plm", writable=True, timeout=1.0)`."""

    def __call__(self, vendor: str = "kobo-plm", writable: bool = False, **changes: Any) -> Client:
        """The client; `changes` are parts of its connection."""


class Drive(Protocol):
    """Makes a driver of a kind: `driver("kobo-plm/webhooks", writable=True)`."""

    def __call__(self, name: str, writable: bool = False, **changes: Any) -> Driver:
        """The driver; `changes` are parts of its connection."""


@pytest.fixture
def client(sandbox: Running) -> Iterator[Connect]:
    """Opens clients of a vendor; `waits` collects what they would have slept, which passes on the
    sandbox's clock."""
    opened: list[Client] = []

    def connect(vendor: str = "kobo-plm", writable: bool = False, **changes: Any) -> Client:
        waits: list[float] = changes.pop("waits", [])

        def pass_by(seconds: float) -> None:
            waits.append(seconds)
            sandbox.clock(advance=seconds)

        one = Client(connection(sandbox, vendor, **changes), PROVIDERS[vendor], writable, pass_by)
        opened.append(one)
        return one

    yield connect
    for one in opened:
        one.close()


@pytest.fixture
def driver(client: Connect) -> Drive:
    """Drivers of kinds: `driver("kobo-plm/webhooks", writable=True)`."""
    resource_types = ResourceTypes(PROVIDERS)

    def drive(name: str, writable: bool = False, **changes: Any) -> Driver:
        scope = Scope(*name.split("/"))
        account = Account(client(scope.provider, writable, **changes))
        return account.driver(resource_types.of(scope))

    return drive


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Running]:
    """All vendors with the documentation's examples, no limit, and jobs that end before anybody
    has to wait; by indirect parametrisation other data (`empty`, or how many objects in each
    kind) or other options."""
    given = getattr(request, "param", {})
    changes = given if isinstance(given, dict) else {"data": given}
    with running(replace(Options(port=0, rate=0, job_seconds=0), **changes)) as started:
        yield started


@pytest.fixture
def workspace(sandbox: Running, tmp_path: Path) -> MakeWorkspace:
    """Makes a workspace on the sandbox."""

    def make(text: str = "", name: str = "workspace", **settings: Any) -> Workspace:
        made = Workspace(tmp_path / name, sandbox, settings)
        made.write(text)
        return made

    return make


@pytest.fixture(scope="session")
def new_workspace() -> Callable[..., Workspace]:
    """Makes a workspace in any folder on any sandbox, for tests that reuse one sandbox."""
    return Workspace


@pytest.fixture(name="run")
def run_fixture() -> Run:
    """Runs the command line in this process."""
    return run


@pytest.fixture(autouse=True)
def _environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The sandbox's credentials are set, the user has no settings of their own, and the collector
    of garbage is on again afterwards."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "settings"))
    for name in ("RECONCILER_ALLOWED_HOSTS", "RECONCILER_ALLOWED_ENV"):
        monkeypatch.delenv(name, raising=False)
    for name, value in credentials().items():
        monkeypatch.setenv(name, value)
    yield
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """No test can reach anything but this machine."""
    patch = pytest.MonkeyPatch()
    connect, connect_ex, look_up = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.getaddrinfo,
    )

    def guarded(original: Callable[[socket.socket, Any], Any]) -> Callable[..., Any]:
        def call(self: socket.socket, address: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _loopback(address):
                raise OSError(f"tests reach nothing but this machine: {address}")
            return original(self, address)

        return call

    def getaddrinfo(host: Any, *rest: Any, **more: Any) -> Any:
        if host not in (None, "", "localhost", b"localhost") and not _loopback((host,)):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *rest, **more)

    patch.setattr(socket.socket, "connect", guarded(connect))
    patch.setattr(socket.socket, "connect_ex", guarded(connect_ex))
    patch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield
    patch.undo()


def _loopback(address: Sequence[Any]) -> bool:
    host = address[0].decode() if isinstance(address[0], bytes) else str(address[0])
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
