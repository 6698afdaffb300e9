"""Receive vendors' signed events, and find the drift of the kinds that they are about."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reconciler.app.drift import drift
from reconciler.app.inbox import Inbox, Seen
from reconciler.app.options import PlanOptions
from reconciler.app.project import Project, load_valid_manifests
from reconciler.app.senders import senders
from reconciler.model import Drift, Scope


def open_inbox(
    project: Project,
    secrets: Sequence[str],
    kinds: Sequence[str],
    max_age: float,
    note: Callable[[str], None],
) -> Inbox:
    """What receives the events of the workspace, with what was seen before the last start;
    `secrets` and `kinds` as `senders` takes them, and `max_age` in seconds. Raises what `senders`
    does."""
    known = {sender.name: sender for sender in senders(project, secrets, kinds)}
    config = project.config
    name = f"listen-{config.environment}" if config.environment else "listen"
    seen = Seen(config.root / ".reconciler" / f"{name}.seen", config.root)
    seen.load()
    return Inbox(known, seen, max_age, note)


def drift_of(project: Project, kinds: Sequence[Scope]) -> Drift | None:
    """The drift of these kinds; None where nothing of them is declared or owned."""
    addresses = [r.address for r in load_valid_manifests(project).resources]
    known = {address.scope for address in (*addresses, *project.ledger.read().owned)}
    targets = tuple(str(scope) for scope in sorted(kinds) if scope in known)
    return drift(project, PlanOptions(targets)) if targets else None
