"""What past runs did, as the ledger has it; no vendor is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from reconciler.app.project import Project
from reconciler.errors import Diagnostic, Invalid
from reconciler.ledger import Run
from reconciler.model import Address
from reconciler.planner.scope import covers
from reconciler.values.text import did_you_mean, shown

SHORTEST = 4
LAST = "last"
_DAYS = re.compile(r"([0-9]{1,5})d")


class History(NamedTuple):
    """Past runs, newest last; `running` is the id of one that has not ended yet."""

    runs: tuple[Run, ...]
    running: str | None


def history(
    project: Project,
    last: int | None = None,
    *,
    run: str | None = None,
    addresses: Sequence[str] = (),
    since: str | None = None,
) -> History:
    """Past runs, newest last; with `last` only so many of the newest.

    `run` is the id of one run, its beginning, or `last`; `addresses` leave out what was done to
    others, and the runs that did nothing else; `since` is a day or a time in UTC as ISO 8601, or a
    number of days such as `7d`. Raises Invalid for what none of these can be.
    """
    runs = project.ledger.history()
    running = runs[-1].id if runs and is_under_way(project, runs[-1]) else None
    if run is not None:
        runs = (find_run(runs, run),)
    if since is not None:
        start = _start(since)
        runs = tuple(past for past in runs if _instant(past.at) >= start)
    if addresses:
        runs = tuple(filter(_did_something, (_about(past, addresses) for past in runs)))
    return History(runs[-last:] if last else runs, running)


def is_under_way(project: Project, newest: Run) -> bool:
    """Whether the newest run has not ended, and a process holds the ledger's lock."""
    return newest.ended is None and project.ledger.holder() is not None


def find_run(runs: Iterable[Run], name: str) -> Run:
    """The run with this id, or the only one whose id begins like this, or the newest for `last`;
    raises Invalid where there is none, or more than one."""
    known = {run.id: run for run in runs}
    if name == LAST and known:
        return list(known.values())[-1]
    found = [id for id in known if id == name or (len(name) >= SHORTEST and id.startswith(name))]
    if len(found) == 1 or name in known:
        return known[name if name in known else found[0]]
    if found:
        raise Invalid(
            Diagnostic(f"{shown(name)} is the beginning of {len(found)} runs", "Give more of it.")
        )
    hint = did_you_mean(name, known) or "No run has written anything yet."
    raise Invalid(Diagnostic(f"the ledger has no run {shown(name)}", hint))


def _about(run: Run, names: Sequence[str]) -> Run:
    """The run with only what it did to the objects that `names` mean."""

    def is_meant(address: Address) -> bool:
        return covers((*names, *(f"{name}/**" for name in names)), address)

    return replace(
        run,
        operations=tuple(
            operation for operation in run.operations if is_meant(operation.intent.address)
        ),
        recorded=tuple(row for row in run.recorded if is_meant(row.address)),
    )


def _did_something(run: Run) -> bool:
    return bool(run.operations or run.recorded)


def _start(text: str) -> datetime:
    """The time that `--since` means; raises Invalid where it is none."""
    try:
        if days := _DAYS.fullmatch(text):
            return datetime.now(UTC) - timedelta(days=int(days[1]))
        return _instant(text)
    except (ValueError, OverflowError):
        hint = "Write a day (2026-11-25), a time in UTC (2026-11-25T18:00:00Z) or days (7d)."
        raise Invalid(Diagnostic(f"--since {shown(text)} is not a time", hint)) from None


def _instant(text: str) -> datetime:
    """The point in time of an ISO 8601 text, in UTC where it has no zone."""
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
