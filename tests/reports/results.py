"""Results of every kind whose texts a test chooses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import cycle, pairwise
from typing import Any

from hypothesis import strategies as st

from reconciler.app.explain_files import find_setting, names
from reconciler.errors import (
    Diagnostic,
    Occurrence,
    Rejected,
    Severity,
    Source,
    Unauthorized,
    VendorError,
)
from reconciler.ledger import Intent, Operation, Run, State
from reconciler.model import (
    ABSENT,
    Action,
    Address,
    Applied,
    Budget,
    Cause,
    Change,
    Comparison,
    Difference,
    Drift,
    FieldChange,
    Health,
    KindHealth,
    LedgerHealth,
    Outcome,
    Owned,
    Plan,
    ProviderHealth,
    Scope,
    Status,
    Validation,
)
from reconciler.model.resource import Options
from reconciler.providers import PROVIDERS
from reconciler.report.places import Result
from reconciler.report.text import unpainted
from reconciler.values.fields import facts_of, named_fields

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


WORDS = 28
"""So many texts hold all that is hostile."""


def hostile_lists() -> Iterator[list[str]]:
    """Lists of eight texts, so that each piece is in each place of a result, and most also at the
    beginning of a text there."""
    pieces = [*PIECES, *MARKUP]
    for turn in range(WORDS):
        texts = []
        for at in range(WORDS):
            own = pieces[at::WORDS]
            start = turn % len(own)
            texts.append("".join((*own[start:], *own[:start])))
        yield [texts[(turn + at) % WORDS] for at in range(8)]


def arguments(name: str, texts: Sequence[str]) -> Sequence[tuple[Any, ...]]:
    """With what to call the function of this name that a format has, so that all texts are these:
    some of several results."""
    return MAKERS[maker_of(name)](texts)


def maker_of(name: str) -> str:
    """The name of what makes the arguments of a function of a format."""
    return re.sub("^(whole|concise|brief)_", "", name)


def _outcomes(texts: Sequence[str]) -> Sequence[tuple[Any, ...]]:
    applied = results(texts)["applied"]
    assert isinstance(applied, Applied)
    return [(outcome,) for outcome in applied.outcomes]


def _owned(texts: Sequence[str]) -> Owned:
    text = cycle(texts)
    return Owned(
        Address(next(text), next(text), next(text)),
        next(text),
        {next(text): next(text), next(text): [{next(text): next(text)}]},
        next(text),
        next(text),
        created=next(text),
        stored={next(text): next(text)},
        refs={next(text): next(text)},
        rotate=next(text),
        file=next(text),
    )


def _runs(texts: Sequence[str]) -> Sequence[tuple[Any, ...]]:
    text = cycle(texts)
    at = "2026-03-14T06:30:05Z"
    intent = Intent(
        "a.1",
        "a",
        Address(*texts[:3]),
        Action.CREATE,
        "create",
        next(text),
        next(text),
        at,
        next(text),
    )
    operations = tuple(Operation(intent, status, next(text), next(text)) for status in Status)
    run = Run(
        "a", next(text), at, next(text), next(text), next(text), operations, {"applied": 1}, at
    )
    return [((run,), None, True), ((run,), "a", False)]


def _health(texts: Sequence[str]) -> Sequence[tuple[Any, ...]]:
    finding_one = finding(Severity.ERROR, texts)
    wrong = [Rejected(finding_one), Unauthorized(finding_one), VendorError(finding_one), None]
    providers = tuple(
        ProviderHealth(
            texts[at], "kobo-plm", "https://vendor.example",
            (KindHealth("suppliers", 3.0, error, texts[at + 2] if error else None),), 60, 100, 50,
            failing=(finding_one,),
        )
        for at, error in enumerate(wrong)
    )  # fmt: skip
    ledgers = (
        LedgerHealth(texts[0], 3, 1, None, texts[1], texts[2]),
        LedgerHealth(texts[0], problem=finding_one),
    )
    return [(Health(providers, ledger),) for ledger in ledgers]


def _graph(texts: Sequence[str]) -> Sequence[tuple[Any, ...]]:
    nodes = [Address(text, texts[at - 1], texts[at - 2]) for at, text in enumerate(texts)]
    edges = [(a, b, a.key) for a, b in pairwise(nodes)]
    many = [Address(texts[0], texts[at % 8], f"{texts[1]}{at}") for at in range(600)]
    waiting = [(a, b, texts[at % 8]) for at, (a, b) in enumerate(pairwise(many))]
    actions = dict(zip(nodes, cycle(Action), strict=False))
    return [(nodes, edges, set(nodes[::2]), actions), (many, waiting, set(many), {})]


def _comparison(texts: Sequence[str]) -> Sequence[tuple[Any, ...]]:
    kind = Scope(*texts[:2])
    fields = change(Action.UPDATE, Cause.EDIT, texts).fields
    differences = tuple(
        Difference(kind.address(text), fields if text != texts[2] else (), only)
        for text, only in zip(texts, ("", "", texts[3], "-"), strict=False)
    )
    found = Comparison(texts[3], "-", (kind,), differences, 3, (finding(Severity.ERROR, texts),))
    return [(found, unpainted)]


def _settings(_texts: Sequence[str]) -> Sequence[tuple[Any, ...]]:
    found = (find_setting(name, PROVIDERS) for name in names())
    return [(setting,) for setting in found if setting is not None]


def _kinds(texts: Sequence[str]) -> Sequence[tuple[Any, ...]]:
    provider = PROVIDERS["kobo-plm"]
    return [
        (provider, kind, text) for kind, text in zip(provider.kinds.values(), texts, strict=False)
    ]


def _fields(_texts: Sequence[str]) -> Sequence[tuple[Any, ...]]:
    provider = PROVIDERS["kobo-plm"]
    facts = facts_of("kobo-plm", "suppliers")
    fields = named_fields(facts.fields, facts.schema)
    return [(provider, provider.kinds["suppliers"], field) for field in fields]


MAKERS: Mapping[str, Callable[[Sequence[str]], Sequence[tuple[Any, ...]]]] = {
    "plan": lambda texts: [(results(texts)["plan"], unpainted)],
    "drift": lambda texts: [(results(texts)["drift"], unpainted)],
    "applied": lambda texts: [(results(texts)["applied"],)],
    "validation": lambda texts: [(results(texts)["validation"],)],
    "errors": lambda texts: [(tuple(finding(severity, texts) for severity in Severity),)],
    "outcome": _outcomes,
    "owned": lambda texts: [(State(texts[0], 3, {_owned(texts).address: _owned(texts)}, ()),)],
    "owned_object": lambda texts: [(_owned(texts), True)],
    "history": _runs,
    "health": _health,
    "graph": _graph,
    "providers": lambda texts: [
        (PROVIDERS.values(), dict(zip(texts, cycle(PROVIDERS.values()), strict=False)))
    ],
    "kind": _kinds,
    "setting": _settings,
    "comparison": _comparison,
    "field": _fields,
}
"""Of each function that a format may have, what makes its arguments of hostile texts."""


@cache
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
