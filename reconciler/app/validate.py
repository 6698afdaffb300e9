"""Validate the manifests of a workspace, without any network or with the vendors' help."""

from __future__ import annotations

from reconciler.app.enumerations import lists_needed, read_lists
from reconciler.app.options import PlanOptions
from reconciler.app.project import Project, load_manifests, open_accounts
from reconciler.errors import Diagnostic, ReconcilerError
from reconciler.model import Manifests, Validation


def validate(project: Project, online: bool = False) -> Validation:
    """Check every manifest; with `online` also ask the vendors whether every reference names an
    object and whether values that only they know are valid.

    What is wrong is returned and not raised; manifests that cannot be read at all raise Invalid.
    """
    manifests = load_manifests(project)
    findings = Validation(len(manifests.resources), tuple(manifests.problems))
    if not online or not findings.valid:
        return findings
    try:
        diagnostics = _check_with_vendors(project, manifests)
    except ReconcilerError as error:
        diagnostics = (*findings.diagnostics, *error.diagnostics)
    return Validation(findings.resources, diagnostics)


def _check_with_vendors(project: Project, manifests: Manifests) -> tuple[Diagnostic, ...]:
    from reconciler.app.goal import plan

    needed = lists_needed(project, manifests)
    with open_accounts(project, (provider for provider, _ in needed)) as accounts:
        lists, unread = read_lists(project, needed, accounts)
    planned = plan(project, PlanOptions()).diagnostics
    others = (finding for finding in planned if finding not in manifests.problems)
    return (*load_manifests(project, lists).problems, *unread, *others)
