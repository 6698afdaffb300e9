"""Failures at the vendors that no change of ours caused, such as deliveries that did not arrive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from reconciler.app.project import Project
from reconciler.errors import Diagnostic, Severity, VendorError
from reconciler.identity import finder
from reconciler.kinds import Watch
from reconciler.model import Address, Resource, Scope

if TYPE_CHECKING:
    from reconciler.rest.account import Account

SHOWN = 3


def failures(
    project: Project, accounts: Mapping[str, Account], ids: Mapping[Address, str]
) -> Iterator[Diagnostic]:
    """A warning for each watched list that has recent failures, for each of the objects with these
    ids that has some, and for what cannot be read of that."""
    for name, account in accounts.items():
        for watch in project.resource_types.providers[name].watches:
            if watch.kind:
                yield from _of_objects(project, Scope(name, watch.kind), watch, account, ids)
                continue
            try:
                answer = account.read(watch.call)
            except VendorError as error:
                yield Diagnostic(error.diagnostics[0].summary, severity=Severity.WARNING)
                continue
            if warning := _warning(name, watch, answer):
                yield warning


def declared_ids(
    project: Project, name: str, account: Account, declared: Sequence[Resource]
) -> dict[Address, str]:
    """The ids of the live objects of these resources, of the kinds whose objects are watched at a
    provider; a kind of which nothing is declared is not read."""
    ids: dict[Address, str] = {}
    for watch in project.resource_types.providers[name].watches:
        scope = Scope(name, watch.kind)
        wanted = [resource for resource in declared if resource.address.scope == scope]
        if watch.kind and wanted:
            resource_type = project.resource_types.of(scope)
            find = finder(resource_type, account.driver(resource_type).list().objects)
            found = ((each.address, each.options.id or find(each.fields)) for each in wanted)
            ids |= {a: it if isinstance(it, str) else it.id for a, it in found if it is not None}
    return ids


def _of_objects(
    project: Project,
    scope: Scope,
    watch: Watch,
    account: Account,
    ids: Mapping[Address, str],
) -> Iterator[Diagnostic]:
    """A warning for each object of a kind that is not well; an object that is gone has nothing that
    could fail."""
    asked = {address: id for address, id in ids.items() if address.scope == scope}
    driver = account.driver(project.resource_types.of(scope))
    answers = driver.ask_of_each(watch.call, list(asked.values()))
    for address, answer in zip(asked, answers, strict=True):
        if isinstance(answer, VendorError):
            problem, advice = answer.diagnostics[0].summary, answer.diagnostics[0].detail
        else:
            problem, advice = "" if answer is None else watch.wrong(answer), watch.advice
        if problem:
            summary = f"{watch.name}: {problem}"
            yield Diagnostic(summary, advice, Severity.WARNING, str(address))


def _warning(name: str, watch: Watch, answer: Any) -> Diagnostic | None:
    entries = answer if isinstance(answer, list) else []
    failed = [text for entry in entries if isinstance(entry, dict) and (text := watch.wrong(entry))]
    if not failed:
        return None
    more = f"; and {len(failed) - SHOWN} more" if len(failed) > SHOWN else ""
    summary = f"{name}: {len(failed)} of the last {len(entries)} {watch.name} failed"
    return Diagnostic(
        f"{summary}: {'; '.join(failed[:SHOWN])}{more}", watch.advice, Severity.WARNING
    )
