"""Read the rules under `policies` in `reconciler.yaml`, and check that each can be obeyed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from reconciler import yaml12
from reconciler.errors import Source
from reconciler.http.destinations import host_pattern
from reconciler.model import DAYS, Path, Policy, Window
from reconciler.values.text import did_you_mean, dotted, shown
from reconciler.values.validate import Finding

_RULES = ("deny", "most", "hosts", "windows")


def read_policies(
    settings: Mapping[str, Any],
    providers: Collection[str],
    dropped: Collection[str],
    findings: list[Finding],
) -> tuple[Policy, ...]:
    """The policies in the settings under `policies`, which the schema found valid; without those
    that the environment sets to null and those about providers that it does not have. What is
    wrong with one is added to `findings`."""
    rules = {name: rule for name, rule in settings.items() if rule is not None}
    policies = []
    for name, rule in rules.items():
        findings += _problems(("policies", name), rule, providers, dropped)
        targets = [t for t in rule.get("targets", ()) if t.partition("/")[0] not in dropped]
        if targets or "targets" not in rule:
            policies.append(_policy(name, {**rule, "targets": targets}))
    return tuple(policies)


def with_places(
    policies: Iterable[Policy], origin: Callable[[Path], Path], data: bytes, file: str
) -> tuple[Policy, ...]:
    """The policies with the places of their names in the file; `origin` gives the path in the file
    of a setting."""
    paths = {policy.name: origin(("policies", policy.name)) for policy in policies}
    places = yaml12.places(data, ((0, path) for path in paths.values()))
    return tuple(
        replace(policy, source=Source(file, *places[0, paths[policy.name]].key))
        for policy in policies
    )


def _policy(name: str, rule: Mapping[str, Any]) -> Policy:
    return Policy(
        name,
        tuple(rule["targets"]),
        frozenset(rule.get("deny", ())),
        rule.get("most", {}),
        tuple(rule.get("hosts", ())),
        tuple(rule.get("fields", ())),
        tuple(map(_window, rule.get("windows", ()))),
        rule.get("time_zone", "UTC"),
        rule.get("message", ""),
    )


def _window(window: Mapping[str, Any]) -> Window:
    start, end = (_minutes(window.get(*part)) for part in (("from", "00:00"), ("to", "24:00")))
    return Window(frozenset(map(DAYS.index, window.get("days", DAYS))), start, end)


def _minutes(text: Any) -> int:
    hours, minutes = str(text).split(":")
    return int(hours) * 60 + int(minutes)


def _problems(
    path: Path, rule: Mapping[str, Any], providers: Collection[str], dropped: Collection[str]
) -> Iterator[Finding]:
    where = dotted(path)
    if not any(word in rule for word in _RULES):
        hint = "Write what it denies, allows at most, or allows: deny, most, hosts or windows."
        yield Finding(path, f"{where} says nothing that could be refused", "", hint, True)
    for word, other in (("fields", "hosts"), ("time_zone", "windows")):
        if word in rule and other not in rule:
            must = f"{where}.{word} means nothing without {other}"
            yield Finding((*path, word), must, "", f"Add {other}, or remove it.", True)
    for position, target in enumerate(rule.get("targets", ())):
        provider = target.partition("/")[0]
        if not any(fnmatchcase(name, provider) for name in (*providers, *dropped)):
            must = f"{where} names the provider {shown(provider)}, which is not declared"
            hint = did_you_mean(provider, providers)
            yield Finding((*path, "targets", position), must, "", hint)
    for position, host in enumerate(rule.get("hosts", ())):
        try:
            host_pattern(host)
        except ValueError as error:
            must, at = f"{where}.hosts[{position}] {error}", (*path, "hosts", position)
            yield Finding(at, must, f"is {shown(host)}")
    if "windows" in rule and (problem := _zone_problem(rule.get("time_zone", "UTC"))):
        yield Finding((*path, "time_zone"), f"{where}.time_zone {problem}")


def _zone_problem(name: str) -> str:
    """What is wrong with the name of a time zone; empty where it is known here."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return (
            f"must be a time zone such as Europe/Berlin, and {shown(name)} is not known here; "
            "where no time zone is, install your system's tzdata, or `pip install tzdata`"
        )
    return ""
