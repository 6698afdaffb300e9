"""Results of every kind whose texts a test chooses."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

from hypothesis import strategies as st

from reconciler.errors import Diagnostic, Occurrence, Severity, Source
from reconciler.model import (
    ABSENT,
    Action,
    Address,
    Applied,
    Budget,
    Cause,
    Change,
    Drift,
    FieldChange,
    Outcome,
    Plan,
    Scope,
    Status,
    Validation,
)
from reconciler.model.resource import Options
from reconciler.report.places import Result

from ..test_hostile_text import PIECES

MARKUP = [
    "@team", "@org/team", "#1", "GH-1", "org/repo#1", "!1", "~label", "%3", ":+1:", "a@b.example",
    "https://evil.example/x", "www.evil.example", "http://e.example", "![i](https://e.example/i)",
    "[l](javascript:x)", "[r]: https://e.example", "<https://e.example>", "[[wiki]]", "[^1]",
    "<img src=x onerror=y>", "</code>", "</summary>", "</details>", "<details open>", "<!--", "-->",
    "<![CDATA[", "]]>", "<?x", "<!DOCTYPE x>", "&lt;", "&#x41;", "&", "<", "``", "```", "~~~",
    "`" * 90, "# ", "## ", "* ", "1. ", "> ", "---", "===", "|a|", "__", "**", "~~", "$x^2$", "$$",
    "$`x`$", "\\(", "=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "%0A", "%25", "%0D%0A", "%AZP25", ";",
    ",", "]", "::", ":", "{0}", "{{0}}", "](x)", "<<EOF", "=", "add=1", "<!channel>", "<!here>",
    "<@U1>", "*bold*", "_i_", "\\", "\\n", '"', "'", "ﬁ", "🛒", "e\u0301", "\ufffe", "\uffff",
    "0123456789abcdef0123456789abcdef01234567", "::warning::x", "#fff",
    "##vso[task.complete result=Failed]",
]  # fmt: skip
HOSTILE = st.lists(st.sampled_from([*PIECES, *MARKUP]), min_size=1, max_size=6).map("".join)
HOSTILE_LISTS = st.lists(HOSTILE, min_size=8, max_size=8)


def change(action: Action, cause: Cause | None, texts: Sequence[str], number: int = 0) -> Change:
    """An entry all of whose texts are these."""
    text = cycle(texts)
    return Change(
        Address(next(text), next(text), f"{next(text)}{number or ''}"),
        action,
        before={next(text): next(text)},
        after=None if action is Action.DELETE else {next(text): next(text)},
        fields=(
            FieldChange((next(text),), next(text), next(text)),
            FieldChange((next(text), 0, next(text)), [next(text)], [next(text)]),
            FieldChange((next(text),), ABSENT, {next(text): [next(text)]}, place=(next(text),)),
            FieldChange((next(text),), next(text), "hunter2", sensitive=True),
        ),
        cause=cause,
        reason=next(text),
        source=Source(f"manifests/{next(text)}", 3, 5),
        options=Options(protect=number % 3 == 1),
        id=next(text),
        detour={next(text): next(text)} if action is Action.UPDATE else {},
    )


def finding(severity: Severity, texts: Sequence[str]) -> Diagnostic:
    """A finding all of whose texts are these."""
    one, two, three, four, *_ = texts
    others = tuple(Occurrence(text, Source(text, 1, 1)) for text in texts[:3])
    return Diagnostic(one, f"{two}\n{three}", severity, four, Source(f"a/{one}", 7, 1), others)


def results(texts: Sequence[str]) -> dict[str, Result]:
    """A plan, a drift report, an apply and a validation all of whose texts are these."""
    actions = (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE, Action.BY_HAND)
    causes = (Cause.NEW, Cause.EDIT, Cause.DRIFT, Cause.BOTH, None)
    changes = tuple(
        change(action, cause, (*texts[at:], *texts[:at]), at)
        for at, (action, cause) in enumerate(zip(actions, causes, strict=True))
    )
    findings = tuple(finding(severity, texts) for severity in Severity)
    scope = Scope(texts[0], texts[1])
    plan = Plan(
        changes,
        diagnostics=findings,
        deferred=(Address(*texts[:3]),),
        unmanaged={scope: tuple(texts)},
        budget=(Budget(texts[2], 100, 10),),
        refusals=(finding(Severity.ERROR, texts),),
        origin={"workspace": texts[3], "environment": texts[4], "types": {}, "ledger": ""},
        not_read=(scope,),
    )
    live = tuple(
        change(action, Cause.DRIFT, texts, at)
        for at, action in enumerate((Action.ADOPT, Action.FORGET, Action.BY_HAND, Action.NO_OP))
    )
    statuses = zip(changes, Status, strict=True)
    outcomes = tuple(Outcome(c, status, texts[5], findings[0], 1.0) for c, status in statuses)
    drift = Drift(
        Plan(live, findings, (Address(*texts[:3]),), {scope: tuple(texts)}, origin=plan.origin),
        {scope: tuple(texts)},
    )
    return {
        "plan": plan,
        "drift": drift,
        "applied": Applied(plan, outcomes, 2, findings),
        "validation": Validation(3, findings),
    }


def many(count: int, text: str = "Perakende Şube ") -> dict[str, Result]:
    """A plan, a drift report and an apply of so many changes."""
    actions = (Action.CREATE, Action.UPDATE, Action.DELETE, Action.UPDATE, Action.REPLACE)
    causes = (Cause.NEW, Cause.EDIT, None, Cause.DRIFT, Cause.EDIT)
    changes = tuple(
        Change(
            Address(f"vendor{at % 3}", f"kind_{at % 7}", f"{text}{at}"),
            actions[at % 5],
            before={"name": text},
            after=None if actions[at % 5] is Action.DELETE else {"name": text},
            fields=tuple(FieldChange((f"f{n}",), f"{text}{n}", f"{text}{at}") for n in range(4)),
            cause=causes[at % 5],
            source=Source("manifests/all.yaml", at + 1, 1),
        )
        for at in range(count)
    )
    findings = tuple(Diagnostic(f"{text}{at}", text * 9) for at in range(count // 10))
    plan = Plan(changes, findings, origin={"workspace": "acme"})
    drifted = tuple(
        Change(c.address, Action.ADOPT, c.before, c.before, c.fields, Cause.DRIFT) for c in changes
    )
    outcomes = tuple(
        Outcome(c, Status.FAILED if at % 4 else Status.APPLIED, None, findings[at % len(findings)])
        for at, c in enumerate(changes)
    )
    return {
        "plan": plan,
        "drift": Drift(Plan(drifted, findings, origin={"workspace": "acme"})),
        "applied": Applied(plan, outcomes),
        "validation": Validation(count, findings),
    }
