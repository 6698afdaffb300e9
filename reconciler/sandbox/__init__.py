"""The vendors on loopback, written from their documentation, for tests and for trying out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reconciler.sandbox.server import Running

__all__ = [
    "VENDORS",
    "InvalidOptions",
    "Options",
    "PortTaken",
    "addresses",
    "credentials",
    "read_faults",
    "running",
    "serve",
]

VENDORS: Mapping[str, int] = MappingProxyType(
    {
        "kobo-plm": 0,
        "kibo": 1,
        "kobiks": 2,
        "kibo-oms": 3,
        "inventora": 4,
    }
)
"""Each vendor with how far its port is from the first; `kobo-plm` lives in `vendors/kobo_plm`."""


class PortTaken(OSError):
    """Another process listens on a port the sandbox needs; the text names it."""


class InvalidOptions(ValueError):
    """Options that make no sandbox; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a sandbox is to be like.

    `data` is `docs`, `empty` or a number; `rate` the requests a minute for every vendor, 0 for
    no limit, None for each vendor's own; `faults` rules as in `faults.py`; `vendors` those to
    run, None for all; `port` that of the first, 0 for free ports; `job_seconds` how long a job of
    a vendor's queue takes by the sandbox's clock, 0 for it to have ended at the first look.
    """

    host: str = "127.0.0.1"
    port: int = 8800
    data: str = "docs"
    state: Path | None = None
    rate: int | None = None
    faults: tuple[Mapping[str, Any], ...] = ()
    vendors: tuple[str, ...] | None = None
    job_seconds: float = 1.0


def credentials() -> Mapping[str, str]:
    """The environment variables to export, with the only values the sandbox accepts."""
    from reconciler.sandbox.server import vendor

    return {key: value for name in VENDORS for key, value in vendor(name).credentials.items()}


def addresses() -> Mapping[str, str]:
    """Each vendor's base URL at its usual port."""
    from reconciler.sandbox.server import vendor

    usual = Options()
    return {
        name: f"http://{usual.host}:{usual.port + offset}{vendor(name).prefix}"
        for name, offset in VENDORS.items()
    }


def read_faults(path: Path) -> tuple[Mapping[str, Any], ...]:
    """The fault rules in a JSON or YAML file, for `Options.faults`."""
    from reconciler.sandbox.fault_files import read

    return read(path)


def running(options: Options) -> AbstractContextManager[Running]:
    """A sandbox serving in background threads for as long as the `with` block lasts."""
    from reconciler.sandbox import server

    return server.running(options)


def serve(options: Options, announce: Callable[[str], None]) -> None:
    """Serve in the foreground until SIGINT or SIGTERM; `announce` gets a line at a time."""
    from reconciler.sandbox import server

    server.serve(options, announce)
