"""The rules of a workspace about what a plan may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from reconciler.errors import Source
from reconciler.frozen import frozen

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@frozen
class Window:
    """The time of a day in which changes may be made: `start` and `end` are minutes from midnight,
    `days` the days of the week on which it begins, as positions in `DAYS`. Where `end` is not after
    `start`, it ends on the next day."""

    days: frozenset[int]
    start: int
    end: int


@frozen
class Policy:
    """One rule under `policies` in `reconciler.yaml`.

    `targets` are addresses or the beginnings of addresses, () for everything. `deny` names what
    must not be done there: `create`, `update` or `delete`; `most` how many of each may be done in
    each kind in one run. `hosts` are the hosts that URLs may have, in the `fields` named or else
    everywhere. Changes are made only within `windows`, if there are any, in the `time_zone`.
    `message` is what the authors of the rule tell whoever is refused; `source` is where it stands.
    """

    name: str
    targets: tuple[str, ...] = ()
    deny: frozenset[str] = frozenset()
    most: Mapping[str, int] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    time_zone: str = "UTC"
    message: str = ""
    source: Source | None = None
