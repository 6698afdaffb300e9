"""Find the hosts that would be sent credentials and must not have them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from reconciler.errors import Diagnostic, Refused
from reconciler.http.base_url import proxy_problem, url_problem
from reconciler.http.destinations import Destination, destination, may_have_credentials
from reconciler.kinds import Provider
from reconciler.model import Path
from reconciler.providers import PROVIDERS
from reconciler.values.text import dotted, shown
from reconciler.values.validate import Finding
from reconciler.values.walk import value_at
from reconciler.workspace.approved_hosts import VARIABLE, is_approved

PROXY = "proxy"
Approved = Callable[[Destination], bool]


def refusals(
    name: str, settings: Mapping[str, Any], written: Any, approved: Approved
) -> Iterator[Finding]:
    """A finding for each host that would see the credentials of a provider and must not: that of
    its base URL, and that of its proxy, which sees the provider's host and may be given a password.

    `written` is the file's content with every `${…}` still in it; `approved` says
    whether a host was approved. URLs that cannot be used are left out.
    """
    yield from _base_url_refusals(name, settings, approved)
    proxy, path = settings.get(PROXY), ("providers", name, PROXY)
    if not isinstance(proxy, str) or proxy_problem(proxy, from_environment=True):
        return
    place = destination(proxy)
    if not may_have_credentials(place) and not approved(place):
        mark = mark_at(written, path)  # the value of an environment variable is not shown
        host = f"the host in {shown(mark)}" if mark else str(place)
        must = f"{dotted(path)}: requests must not go through {host}: it is not approved"
        detail = f"Remove proxy, or approve {_how_to_approve('HOST' if mark else str(place))}"
        yield Finding(path, must, "", detail)


def check_ledger_host(environment: Mapping[str, str], root: FilePath, host: str, port: int) -> None:
    """Raise Refused for a host that keeps a ledger, and that neither is this machine nor was
    approved outside the workspace in the folder `root`: credentials of the environment would go
    there."""
    place = Destination(host, port, usual=False)
    if not may_have_credentials(place) and not is_approved(place, environment, root):
        summary = f"ledger: credentials must not go to {place}: it is not approved"
        raise Refused(Diagnostic(summary, f"Approve {_how_to_approve(str(place))}"))


def _base_url_refusals(
    name: str, settings: Mapping[str, Any], approved: Approved
) -> Iterator[Finding]:
    type_, url, path = (
        settings.get("type"),
        settings.get("base_url"),
        ("providers", name, "base_url"),
    )
    provider = PROVIDERS.get(type_) if isinstance(type_, str) else None
    if provider is None or not isinstance(url, str) or url_problem(url):
        return
    place, own = destination(url), provider.own_hosts
    if may_have_credentials(place, own) or approved(place):
        return
    if (example := _example(provider)) and place == destination(example):
        must = f"{dotted(path)}: {place} is only an example"
        hint = (
            f"Write the address of your own endpoint there, and approve its host with `reconciler "
            f"providers trust HOST`; or remove providers.{name}."
        )
        yield Finding(path, must, "", hint)
        return
    what = f"it is no host of {provider.title} and" if own else "it"
    must = f"{dotted(path)}: the credentials must not go to {place}: {what} is not approved"
    first = f"Remove base_url to use {own[0]}, or approve" if own else "Approve"
    yield Finding(path, must, "", f"{first} {_how_to_approve(str(place))}")


def _example(provider: Provider) -> str:
    """The address that a new workspace has where each customer has one of their own, else ""."""
    examples = provider.account["properties"].get("base_url", {}).get("examples", ("",))
    return str(examples[0])


def _how_to_approve(host: str) -> str:
    """The end of a sentence about approving a host."""
    return (
        f"it where no change of the repository can: export {VARIABLE}={host}, "
        f"or for this machine: reconciler providers trust {host}"
    )


def mark_at(value: Any, path: Path) -> str:
    """The text at `path` where it contains `${…}`; empty otherwise."""
    text = value_at(value, path)
    return text if isinstance(text, str) and "${" in text else ""
