"""Check the changes of a plan against the policies of the workspace, as a pure function."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from reconciler.errors import Diagnostic, grouped
from reconciler.http.base_url import is_host
from reconciler.http.destinations import HostPattern, host_pattern
from reconciler.model import DAYS, WRITES, Action, Address, Change, Policy, Secret, Window
from reconciler.planner.scope import covers
from reconciler.values.field_names import field_name
from reconciler.values.text import shown
from reconciler.values.walk import nodes

# A replacement deletes one object and creates another.
DOES = {
    "create": frozenset({Action.CREATE, Action.REPLACE}),
    "update": frozenset({Action.UPDATE}),
    "delete": frozenset({Action.DELETE, Action.REPLACE}),
}
TAKES_OVER = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE, Action.ADOPT})
_PORTS = {"https": 443, "http": 80}
# what a program may take for a URL, however sloppily it is written
_URL = re.compile(r"\s*(?:https?:|(?:[a-z][a-z0-9+.-]*:)?[/\\]{2})", re.IGNORECASE)


def policy_refusals(
    changes: Sequence[Change], policies: Sequence[Policy]
) -> tuple[Diagnostic, ...]:
    """A refusal for each change that a policy forbids, and for each kind with more changes than one
    allows; without what depends on the time."""
    found = (
        refusal
        for policy in policies
        for check in (_denied, _too_many, _other_hosts)
        for refusal in check(policy, _covered(policy, changes))
    )
    return grouped(found)


def closed_windows(
    changes: Sequence[Change], policies: Sequence[Policy], now: datetime
) -> Iterator[Diagnostic]:
    """A finding for each policy that allows its changes at other times than `now`, which has a time
    zone."""
    for policy in policies:
        if not policy.windows or not any(c.action in WRITES for c in _covered(policy, changes)):
            continue
        from zoneinfo import ZoneInfo

        local = now.astimezone(ZoneInfo(policy.time_zone))
        if not any(_is_open(window, local) for window in policy.windows):
            times = ", ".join(map(window_text, policy.windows))
            day = f"{DAYS[local.weekday()]} {local:%H:%M}"
            yield _finding(
                policy,
                f"changes are made {times} ({policy.time_zone}), and it is {day} there",
                f"Apply it in that time, or change policies.{policy.name}.windows.",
            )


def window_text(window: Window) -> str:
    """A window as people write it: `mon tue 09:00-17:00`."""
    days = "daily" if len(window.days) == 7 else " ".join(DAYS[day] for day in sorted(window.days))
    times = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (window.start, window.end))
    return f"{days} {'-'.join(times)}"


def _is_open(window: Window, local: datetime) -> bool:
    minute, today = local.hour * 60 + local.minute, local.weekday()
    if window.start < window.end:
        return today in window.days and window.start <= minute < window.end
    begun = today in window.days and minute >= window.start
    return begun or ((today - 1) % 7 in window.days and minute < window.end)


def _covered(policy: Policy, changes: Sequence[Change]) -> Iterator[Change]:
    """The changes of a plan that a policy is about."""
    moved = (c for c in changes if c.action in WRITES or c.action is Action.ADOPT)
    return (c for c in moved if not policy.targets or covers(policy.targets, c.address))


def _denied(policy: Policy, changes: Iterable[Change]) -> Iterator[Diagnostic]:
    for change in changes if policy.deny else ():
        for verb in sorted(policy.deny):
            if change.action in DOES[verb]:
                yield _finding(
                    policy,
                    f"{verb} is denied, and the plan would {change.action} it",
                    f"Leave the change out, or change policies.{policy.name}.",
                    change.address,
                )


def _too_many(policy: Policy, changes: Iterable[Change]) -> Iterator[Diagnostic]:
    counts: Counter[tuple[str, str]] = Counter()
    for change in changes if policy.most else ():
        for verb in policy.most:
            counts[str(change.address.scope), verb] += change.action in DOES[verb]
    for (scope, verb), count in sorted(counts.items()):
        if count > policy.most[verb]:
            yield _finding(
                policy,
                f"in {scope}, {count} would be {verb}d, and most.{verb} is {policy.most[verb]}",
                "Apply it in smaller steps with --target, or raise "
                f"policies.{policy.name}.most.{verb}.",
            )


def _other_hosts(policy: Policy, changes: Iterable[Change]) -> Iterator[Diagnostic]:
    allowed = [host_pattern(text) for text in policy.hosts]
    for change in changes if allowed else ():
        if change.action not in TAKES_OVER:
            continue
        for field, value in _urls(policy, change):
            if not _has_host(_text(value), allowed):
                what = "it" if isinstance(value, Secret) else shown(value)
                yield _finding(
                    policy,
                    f"{field} may only name {', '.join(policy.hosts)}, and {what} does not",
                    f"Use such a host, or add this one to policies.{policy.name}.hosts.",
                    change.address,
                )


def _text(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _urls(policy: Policy, change: Change) -> Iterator[tuple[str, str | Secret]]:
    """The texts that must be a URL with an allowed host: all in the fields that the policy names,
    or else all that look like a URL."""
    for node in nodes(None, change.after or {}):
        if not isinstance(node.value, str | Secret):
            continue
        name = field_name(node.path)
        named = any(name == field or name.startswith(f"{field}.") for field in policy.fields)
        if named or (not policy.fields and _URL.match(_text(node.value))):
            yield name, node.value


def _has_host(url: str, allowed: Iterable[HostPattern]) -> bool:
    """Whether a URL surely has one of these hosts: one that two programs could read in two ways,
    with a user, a backslash or a sign in its host that no name has, has none."""
    if not url.isprintable() or any(sign in url for sign in " \\"):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return False
    host = parts.hostname or ""
    if "@" in parts.netloc or not is_host(host):
        return False
    return any(pattern.covers(host, port) for pattern in allowed)


def _finding(
    policy: Policy, summary: str, advice: str, address: Address | None = None
) -> Diagnostic:
    detail = "\n".join(filter(None, (policy.message, advice)))
    return Diagnostic(
        f"policy {policy.name}: {summary}",
        detail,
        address=str(address) if address else None,
        source=policy.source,
        mistake=f"policy {policy.name} {summary}" if address else "",
    )
