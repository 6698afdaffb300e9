"""The output formats, and how each shows each kind of result.

A new format is one file with its functions and one row in `FORMATS`. A result that a row leaves
out cannot be shown in that format, and `--format` does not offer it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from reconciler.errors import Diagnostic, Invalid
from reconciler.kinds import Kind, Provider
from reconciler.ledger import Run, State
from reconciler.model import (
    Address,
    Applied,
    Drift,
    Health,
    Outcome,
    Owned,
    Plan,
    Validation,
)
from reconciler.report import capabilities, explain, graph, health, json, json_kinds, ledger, text
from reconciler.report.entries import Paint
from reconciler.values.fields import NamedField

Lines = Iterable[str]


def _cannot_show(*_result: object) -> Lines:
    raise Invalid(Diagnostic("this format cannot show this kind of result"))


def _show_nothing(_outcome: Outcome) -> Lines:
    return ()


def _show_no_errors(_findings: Sequence[Diagnostic]) -> Lines:
    return ()


@dataclass(frozen=True, slots=True)
class Format:
    """The functions that turn each kind of result into lines.

    A format `for_people` is read on a terminal: remarks and findings go to stderr beside it, and
    an apply is followed as it happens, by showing the plan and then each `outcome`, or of very many
    the `brief_outcome`. In any other format everything is in the result. `whole_plan`,
    `whole_drift` and `whole_applied` show all of what `plan`, `drift` and `applied` summarize.
    """

    for_people: bool = False
    plan: Callable[[Plan, Paint], Lines] = _cannot_show
    drift: Callable[[Drift, Paint], Lines] = _cannot_show
    whole_plan: Callable[[Plan, Paint], Lines] | None = None
    whole_drift: Callable[[Drift, Paint], Lines] | None = None
    whole_applied: Callable[[Applied], Lines] | None = None
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
    health: Callable[[Health], Lines] = _cannot_show
    errors: Callable[[Sequence[Diagnostic]], Lines] = _show_no_errors
    graph: Callable[[Iterable[Address], Sequence[graph.Edge], set[Address]], Lines] = _cannot_show

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


FORMATS: Mapping[str, Format] = {
    "text": Format(
        for_people=True,
        plan=text.plan_lines,
        drift=text.drift_lines,
        whole_plan=partial(text.plan_lines, full=True),
        whole_drift=partial(text.drift_lines, full=True),
        whole_applied=partial(text.applied_lines, full=True),
        validation=text.validation_lines,
        outcome=text.outcome_lines,
        brief_outcome=text.unapplied_lines,
        applied=text.applied_lines,
        owned=ledger.owned_lines,
        owned_object=ledger.owned_object_lines,
        history=ledger.run_lines,
        providers=capabilities.capability_lines,
        kind=explain.kind_lines,
        field=explain.field_lines,
        health=health.health_lines,
    ),
    "json": Format(
        plan=json.plan,
        drift=json.drift,
        validation=json.validation,
        applied=json.applied,
        owned=json.owned,
        owned_object=json.owned_object,
        history=json.history,
        providers=json_kinds.providers,
        kind=json_kinds.kind,
        field=json_kinds.field,
        health=json.health,
        errors=json.errors,
    ),
    "mermaid": Format(graph=graph.mermaid),
    "dot": Format(graph=graph.dot),
}


def formats_of(result: str) -> tuple[str, ...]:
    """The names of the formats that can show this kind of result, the default first."""
    return tuple(
        name for name, format in FORMATS.items() if getattr(format, result) is not _cannot_show
    )
