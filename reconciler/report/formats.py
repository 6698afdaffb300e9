"""The output formats, and how each shows each kind of result.

A new format is one file with its functions and one row in `FORMATS`. A result that a row leaves
out cannot be shown in that format, and `--format` does not offer it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from reconciler.errors import Diagnostic, Invalid
from reconciler.frozen import frozen
from reconciler.model import Applied, Drift, Plan
from reconciler.report import text
from reconciler.report.context import ReportContext
from reconciler.report.entries import Extent, Paint
from reconciler.report.findings import all_finding_lines
from reconciler.report.later import later
from reconciler.report.places import Result

if TYPE_CHECKING:
    from reconciler.kinds import Kind, Provider
    from reconciler.ledger import Run, State
    from reconciler.model import (
        Action,
        Address,
        Comparison,
        Health,
        Outcome,
        Owned,
        Setting,
        Validation,
    )
    from reconciler.report.graph import Edge
    from reconciler.values.fields import NamedField

Lines = Iterable[str]
SHOWN = ("plan", "drift", "applied", "validation")


def _cannot_show(*_result: object, **_named: object) -> Lines:
    raise Invalid(Diagnostic("this format cannot show this kind of result"))


def _show_nothing(_result: object, **_named: object) -> Lines:
    return ()


@frozen
class Format:
    """The functions that turn each kind of result into lines.

    A format `for_people` is read on a terminal: remarks and findings go to stderr beside it. In
    any other format everything is in the result. In one that `follows`, an apply is shown as it
    happens: the plan and then each `outcome`, or for people of very many the `brief_outcome`.
    `whole_plan`, `whole_drift` and `whole_applied` show all of what `plan`, `drift` and `applied`
    summarize, and `concise_plan` and `concise_drift` less.

    `errors` are the findings that ended a command before it had a result. `purpose` says where the
    format is read. `commands` are obeyed by a CI runner and printed as they are; a file that
    `appends` is added to; `in_repository` the paths of files begin at the repository's folder.
    `takes` are the parts of a `ReportContext` that its functions take by name; the module that a
    format `requires` comes with the extra of the format's name. One that shows the `unchanged`
    objects of a plan too needs the whole plan.
    """

    for_people: bool = False
    follows: bool = False
    purpose: str = ""
    commands: bool = False
    appends: bool = False
    in_repository: bool = False
    takes: tuple[str, ...] = ()
    requires: str = ""
    unchanged: bool = False
    plan: Callable[[Plan, Paint], Lines] = _cannot_show
    drift: Callable[[Drift, Paint], Lines] = _cannot_show
    whole_plan: Callable[[Plan, Paint], Lines] | None = None
    whole_drift: Callable[[Drift, Paint], Lines] | None = None
    whole_applied: Callable[[Applied], Lines] | None = None
    concise_plan: Callable[[Plan, Paint], Lines] | None = None
    concise_drift: Callable[[Drift, Paint], Lines] | None = None
    validation: Callable[[Validation], Lines] = _cannot_show
    outcome: Callable[[Outcome], Lines] = _show_nothing
    brief_outcome: Callable[[Outcome], Lines] = _show_nothing
    applied: Callable[[Applied], Lines] = _cannot_show
    owned: Callable[[State], Lines] = _cannot_show
    owned_object: Callable[[Owned, bool], Lines] = _cannot_show
    history: Callable[[Sequence[Run], str | None, bool], Lines] = _cannot_show
    providers: Callable[[Iterable[Provider], Mapping[str, Provider]], Lines] = _cannot_show
    kind: Callable[[Provider, Kind, str], Lines] = _cannot_show
    field: Callable[[Provider, Kind, NamedField], Lines] = _cannot_show
    setting: Callable[[Setting], Lines] = _cannot_show
    health: Callable[[Health], Lines] = _cannot_show
    comparison: Callable[[Comparison, Paint], Lines] = _cannot_show
    errors: Callable[[Sequence[Diagnostic]], Lines] = _show_nothing
    graph: Callable[
        [Collection[Address], Sequence[Edge], set[Address], Mapping[Address, Action]], Lines
    ] = _cannot_show

    @property
    def in_full(self) -> Format:
        """This format, with nothing summarized."""
        return replace(
            self,
            plan=self.whole_plan or self.plan,
            drift=self.whole_drift or self.drift,
            applied=self.whole_applied or self.applied,
            brief_outcome=self.outcome,
        )

    @property
    def concise(self) -> Format:
        """This format, with nothing but names and numbers where it can do with those."""
        return replace(
            self,
            plan=self.concise_plan or self.plan,
            drift=self.concise_drift or self.drift,
        )

    def within(self, context: ReportContext) -> Format:
        """This format, with those parts of the context that it has a place for."""
        if not self.takes:
            return self
        named = {name: getattr(context, name) for name in self.takes}
        functions: dict[str, Any] = {
            name: partial(getattr(self, name), **named) for name in (*SHOWN, "outcome", "errors")
        }
        return replace(self, **functions)

    def lines_of(self, result: Result) -> Lines:
        """A result of any kind in this format, without colours; for people its findings first."""
        if isinstance(result, Plan):
            findings: Sequence[Diagnostic] = (*result.diagnostics, *result.refusals)
            lines = self.plan(result, text.unpainted)
        elif isinstance(result, Drift):
            findings, lines = result.plan.diagnostics, self.drift(result, text.unpainted)
        elif isinstance(result, Applied):
            reasons = (o.diagnostic for o in result.outcomes if o.diagnostic)
            findings = (*reasons, *result.problems, *result.plan.diagnostics)
            show = self.brief_outcome if self.for_people else self.outcome
            shown = (line for outcome in result.outcomes for line in show(outcome))
            lines = (*shown, *self.applied(result))
        else:
            findings, lines = result.diagnostics, self.validation(result)
        return (*all_finding_lines(findings), *lines) if self.for_people else lines


def _report(
    module: str, purpose: str, shows: Sequence[str] = SHOWN, platform: str = "", **facts: Any
) -> Format:
    """A format whose functions are in a module of their own, under the same names."""
    functions: dict[str, Any] = {name: later(module, name, platform) for name in (*shows, "errors")}
    return Format(purpose=purpose, **(functions | facts))


FORMATS: Mapping[str, Format] = {
    "text": Format(
        for_people=True,
        follows=True,
        purpose="people, on a terminal or in a log",
        plan=text.plan_lines,
        drift=text.drift_lines,
        whole_plan=partial(text.plan_lines, extent=Extent.FULL),
        whole_drift=partial(text.drift_lines, extent=Extent.FULL),
        concise_plan=partial(text.plan_lines, extent=Extent.CONCISE),
        concise_drift=partial(text.drift_lines, extent=Extent.CONCISE),
        whole_applied=partial(text.applied_lines, full=True),
        validation=text.validation_lines,
        outcome=text.outcome_lines,
        brief_outcome=text.unapplied_lines,
        applied=text.applied_lines,
        owned=later("ledger", "owned_lines"),
        owned_object=later("ledger", "owned_object_lines"),
        history=later("runs", "run_lines"),
        providers=later("capabilities", "capability_lines"),
        kind=later("explain", "kind_lines"),
        field=later("explain", "field_lines"),
        setting=later("explain_files", "setting_lines"),
        health=later("health", "health_lines"),
        comparison=later("comparison", "comparison_lines"),
        errors=all_finding_lines,
    ),
    "json": Format(
        purpose="programs; of a plan, Terraform's plan JSON",
        unchanged=True,
        plan=later("json", "plan"),
        drift=later("json", "drift"),
        validation=later("json", "validation"),
        applied=later("json", "applied"),
        owned=later("json", "owned"),
        owned_object=later("json", "owned_object"),
        history=later("json", "history"),
        providers=later("json_kinds", "providers"),
        kind=later("json_kinds", "kind"),
        field=later("json_kinds", "field"),
        setting=later("explain_files", "setting_document"),
        health=later("json", "health"),
        comparison=later("comparison", "document"),
        errors=later("json", "errors"),
    ),
    "markdown": _report(
        "markdown",
        "a comment on GitHub, up to 65,536 characters",
        platform="github",
        takes=("link",),
    ),
    "markdown-gitlab": _report(
        "markdown", "a comment on GitLab, up to 1,000,000", platform="gitlab", takes=("link",)
    ),
    "markdown-azure": _report(
        "markdown", "a comment on Azure DevOps, up to 150,000", platform="azure", takes=("link",)
    ),
    "markdown-bitbucket": _report(
        "markdown", "a comment on Bitbucket, up to 32,768", platform="bitbucket", takes=("link",)
    ),
    "github-summary": _report(
        "markdown",
        "`$GITHUB_STEP_SUMMARY`, which is added to; up to 1,000,000",
        platform="summary",
        takes=("link",),
        appends=True,
    ),
    "github-annotations": _report(
        "github_annotations",
        "the log of a job on GitHub, which shows them at lines of files",
        commands=True,
        in_repository=True,
    ),
    "github-outputs": _report(
        "github_outputs",
        "`$GITHUB_OUTPUT`, which is added to: numbers for later steps",
        appends=True,
    ),
    "gitlab-terraform": _report(
        "gitlab_terraform",
        "GitLab's `artifacts:reports:terraform`: the widget with the counts",
        ("plan", "drift"),
    ),
    "gitlab-codequality": _report(
        "gitlab_codequality", "GitLab's `artifacts:reports:codequality`", in_repository=True
    ),
    "azure": _report(
        "azure",
        "the log of Azure Pipelines: issues, and variables for later steps",
        commands=True,
        in_repository=True,
    ),
    "bitbucket": _report(
        "bitbucket",
        "Bitbucket's Code Insights: a report and its annotations, a call on each line",
        in_repository=True,
        takes=("link",),
    ),
    "html": _report(
        "html",
        "a browser: one file with search and filters, which loads nothing",
        takes=("link", "clock", "past"),
        requires="jinja2",
    ),
    "junit": _report(
        "junit", "the test results of GitLab, Azure, Bitbucket and Jenkins", unchanged=True
    ),
    "sarif": _report(
        "sarif",
        "code scanning on GitHub, and editors (SARIF 2.1.0)",
        ("validation",),
        in_repository=True,
    ),
    "prometheus": _report("prometheus", "the textfile collector of Prometheus' node exporter"),
    "slack": _report(
        "slack", "an incoming webhook of Slack or Mattermost: counts and a link", takes=("link",)
    ),
    "json-lines": _report(
        "json_lines",
        "programs that follow a run, a document on each line (`--json`)",
        (*SHOWN, "outcome"),
        follows=True,
        takes=("clock",),
    ),
    "mermaid": Format(purpose="a picture in Markdown", graph=later("graph", "mermaid")),
    "dot": Format(purpose="Graphviz", graph=later("graph", "dot")),
}


def formats_of(result: str) -> tuple[str, ...]:
    """The names of the formats that can show this kind of result, the default first."""
    return tuple(
        name for name, format in FORMATS.items() if getattr(format, result) is not _cannot_show
    )
