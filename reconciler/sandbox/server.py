"""Runs the sandbox: a thread with an event loop, a listening socket for each vendor."""

from __future__ import annotations

import asyncio
import errno
import importlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from uvicorn import Config
from uvicorn.server import ServerState

from reconciler.sandbox import VENDORS, InvalidOptions, Options, PortTaken, control, dataset, state
from reconciler.sandbox.describe import Vendor
from reconciler.sandbox.engine import App, Shared
from reconciler.sandbox.faults import Faults
from reconciler.sandbox.responses import Connection
from reconciler.sandbox.store import Clock, Object
from reconciler.sandbox.vendors import package

KEEP_ALIVE = 75
"""Seconds an idle connection is kept: long enough that no client finds it closed under it."""


def vendor(name: str) -> Vendor:
    """A vendor's description, from the package of its name."""
    module = importlib.import_module(package(name))
    description: Vendor = module.VENDOR
    return description


class Running:
    """A sandbox that serves, with its control interface as methods."""

    def __init__(self, options: Options) -> None:
        names = tuple(VENDORS) if options.vendors is None else options.vendors
        if unknown := [name for name in names if name not in VENDORS]:
            raise InvalidOptions(f"no such vendor: {', '.join(unknown)}")
        if not dataset.valid(options.data):
            raise InvalidOptions(f"data is docs, empty or a number, not {options.data!r}")
        clock, faults = Clock(), Faults(VENDORS)
        faults.set(options.faults)
        self._file = state.StateFile(options.state, options.data)
        self._shared = Shared(clock, faults, lambda: self._file.changed(self._accounts))
        self._apps: dict[str, App] = {}
        for name in names:
            saved = self._file.saved.get(name, {})
            account = state.account(vendor(name), self._file.data, clock, saved)
            account.job_seconds = options.job_seconds
            account.revoked = dict(self._file.revoked.get(name, {}))
            rate = account.vendor.rate if options.rate is None else options.rate
            app = self._apps[name] = App(account, self._shared, rate)
            app.control = control.app(app)
        self._accounts = {name: app.account for name, app in self._apps.items()}
        self.urls: Mapping[str, str] = {}
        """Each vendor's base URL, as a provider's `base_url` wants it."""

    def journal(self, vendor: str) -> list[dict[str, Any]]:
        """The requests a vendor served, oldest first."""
        with self._shared.lock:
            return [entry for entry in self._shared.entries() if entry["vendor"] == vendor]

    def relative_writes(self) -> list[dict[str, Any]]:
        """The relative writes that any vendor was ever asked for, cleared from the journal or
        not; `relative` names the client."""
        with self._shared.lock:
            return [entry.document() for entry in self._shared.relative]

    def clear_journal(self) -> None:
        """Forget the requests served, of all vendors."""
        with self._shared.lock:
            self._shared.journal.clear()

    def state(self, vendor: str) -> dict[str, list[Object]]:
        """All objects of a vendor, kind by kind."""
        with self._shared.lock:
            return state.read(self._apps[vendor].account)

    def put_state(self, vendor: str, given: Mapping[str, list[Object]]) -> None:
        """Replace a vendor's objects of the kinds given."""
        with self._shared.lock:
            control.put(self._apps[vendor], given)

    def faults(self, rules: Sequence[Mapping[str, Any]] = ()) -> None:
        """Put these fault rules in force instead of those before; none for no faults."""
        with self._shared.lock:
            self._shared.faults.set(rules)

    def clock(self, now: str | None = None, advance: float | None = None) -> None:
        """Freeze the clock at `now`, shift it by `advance` seconds, or reset it with neither."""
        with self._shared.lock:
            self._shared.clock.set(now, advance)

    def scopes(self, key: str, scopes: list[str]) -> None:
        """Give a key other scopes, at the vendor that knows the key."""
        with self._shared.lock:
            owners = [app for app in self._apps.values() if key in app.account.scopes]
            for app in owners or self._apps.values():
                control.set_scopes(app, {key: list(scopes)})

    @contextmanager
    def serving(self, options: Options) -> Iterator[None]:
        """Listen, and serve in a thread until the block ends; saves the state then."""
        with ExitStack() as sockets:
            listening = {}
            for name in self._apps:
                port = options.port + VENDORS[name] if options.port else 0
                listening[name] = sockets.enter_context(_listen(options.host, port, name))
            host = f"[{options.host}]" if ":" in options.host else options.host
            self.urls = {
                name: f"http://{host}:{listener.getsockname()[1]}{self._apps[name].vendor.prefix}"
                for name, listener in listening.items()
            }
            loop = asyncio.new_event_loop()
            stop = asyncio.Event()
            ready = threading.Event()

            def work() -> None:
                with asyncio.Runner(loop_factory=lambda: loop) as runner:
                    runner.run(self._serve(listening, ready, stop))

            thread = threading.Thread(target=work, name="reconciler-sandbox", daemon=True)
            thread.start()
            ready.wait()
            try:
                yield
            finally:
                loop.call_soon_threadsafe(stop.set)
                thread.join()
                self._file.save(self._accounts)

    async def _serve(
        self, listening: Mapping[str, socket.socket], ready: threading.Event, stop: asyncio.Event
    ) -> None:
        """Accept connections with uvicorn's protocol; its Server class would take 0.1 s to stop."""
        loop = asyncio.get_running_loop()
        shared = ServerState()
        servers = []
        for name, listener in listening.items():
            config = Config(
                self._apps[name],
                lifespan="off",
                log_config=None,
                access_log=False,
                ws="none",
                date_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE,
            )
            config.load()
            accept = _acceptor(config, shared)
            servers.append(await loop.create_server(accept, sock=listener, backlog=512))
        ready.set()
        await stop.wait()
        # No more are accepted; what was a moment ago takes some turns of the loop to be among the
        # connections, and asyncio loses it if its server is closed by then.
        for listener in listening.values():
            loop.remove_reader(listener)
        for _ in range(3):
            await asyncio.sleep(0)
        for server in servers:
            server.close()
        for connection in list(shared.connections):
            connection.transport.abort()
        # Every request still waiting hears that its client is gone, and ends.
        await asyncio.sleep(0)
        await asyncio.gather(*shared.tasks, return_exceptions=True)


def _acceptor(config: Config, shared: ServerState) -> Callable[[], Connection]:
    return lambda: Connection(config=config, server_state=shared, app_state={})


def _listen(host: str, port: int, name: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortTaken(errno.EADDRINUSE, f"port {port} for {name} is already in use") from None


@contextmanager
def running(options: Options) -> Iterator[Running]:
    """A sandbox serving in the background for as long as the block lasts."""
    sandbox = Running(options)
    with sandbox.serving(options):
        yield sandbox


def serve(options: Options, announce: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; announces the addresses and the variables to export."""
    done = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: done.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        with running(options) as sandbox:
            for name, url in sandbox.urls.items():
                announce(f"{name:<12} {url}")
            announce("# Ctrl-C stops them. In the terminal in which you work:")
            for name in sandbox.urls:
                for variable, value in vendor(name).credentials.items():
                    announce(f"export {variable}={value}")
            done.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
