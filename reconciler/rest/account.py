"""An open vendor account: its client, and a driver for each of its kinds."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from reconciler.frozen import frozen
from reconciler.http.client import Client
from reconciler.kinds import Call
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Scope
from reconciler.rest.driver import Driver


@frozen
class Account:
    """What the use cases are given for each provider."""

    client: Client
    drivers: dict[Scope, Driver] = field(default_factory=dict)

    @property
    def per_minute(self) -> int:
        """The limit in requests a minute; 0 means none."""
        return self.client.limiter.per_minute

    @property
    def announced(self) -> tuple[int | None, int | None]:
        """The vendor's own limit and what is left of it, as far as it said so."""
        return self.client.limiter.announced

    def spread(self) -> None:
        """From now on spread the requests evenly over the minute, as far as there is a limit."""
        self.client.limiter.spread()

    def driver(self, resource_type: ResourceType) -> Driver:
        """The driver of one of its kinds, the same each time: it remembers names that it learnt."""
        return self.drivers.setdefault(resource_type.scope, Driver(resource_type, self.client))

    def read(self, call: Call) -> Any:
        """The decoded answer to a GET of no kind; raises the VendorError that it meets."""
        return self.client.read(call.path, call.query).data
