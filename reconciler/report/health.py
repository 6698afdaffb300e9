"""The health of providers and ledger as text."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.errors import Diagnostic, Unauthorized
from reconciler.model import Health, KindHealth, LedgerHealth, ProviderHealth
from reconciler.report.columns import columns, paragraph
from reconciler.values.text import counted, printable

LONGEST = 2_000
UNBROKEN = ("address", "place")
ONLY_HERE = ", of this machine only: others who apply need it in RECONCILER_LEDGER_KEY"
OTHER_KEY = (
    "{} of secrets cannot be compared: another key made them. Set RECONCILER_LEDGER_KEY to the key "
    "of the machine or job that applied last, wherever somebody applies; or apply with this key: "
    "then those secrets are written once more, and the other key is of no use from then on."
)
WRITE_RIGHTS = "write rights are only seen when applying"


def health_lines(health: Health) -> Iterator[str]:
    """Every provider and the ledger as a table of labels and texts, and a last line that says
    whether all of them are well."""
    for provider in health.providers:
        yield f"{_safe(provider.name)} ({provider.type})"
        yield from _table(_provider(provider))
        yield ""
    yield "ledger"
    yield from _table(_ledger(health.ledger))
    yield ""
    yield f"{WRITE_RIGHTS[0].upper()}{WRITE_RIGHTS[1:]}."
    if health.ok:
        yield "All is well."
    else:
        names = _safe(", ".join(health.problems))
        yield f"Not well: {len(health.problems)} of {len(health.providers) + 1} ({names})."


def _table(rows: Iterator[tuple[str, str]]) -> Iterator[str]:
    """Label and text; a long text is broken into lines, except for an address or a path."""
    listed = list(rows)
    width = max(len(label) for label, _ in listed)
    broken = (
        # A break may bring what a CI runner reads as a command to the beginning of a line.
        (label if at == 0 else " " * width, _safe(line))
        for label, text in listed
        for at, line in enumerate([text] if label in UNBROKEN else paragraph(text, width=80))
    )
    yield from columns(broken, "  ")


def _provider(health: ProviderHealth) -> Iterator[tuple[str, str]]:
    yield "address", f"{_safe(health.url)} ({'TLS' if health.tls else 'no TLS'})"
    if health.unusable is not None:
        for finding in health.unusable.diagnostics:
            place = f" (at {_safe(str(finding.source))})" if finding.source else ""
            yield "not asked", f"{_text(finding)}{place}"
        return
    if health.milliseconds is None:
        yield "reachable", f"no: {_problem(health.kinds[0])}"
        return
    yield "reachable", f"yes, in {health.milliseconds:.0f} ms"
    if health.accepted is False:
        refused = [kind for kind in health.kinds if isinstance(kind.error, Unauthorized)]
        yield "credentials", f"refused: {_problem(refused[0])}"
        return
    yield "credentials", "accepted" if health.accepted else "unknown: no answer says so"
    yield "rate limit", _rate_limit(health)
    readable = [kind.kind for kind in health.kinds if kind.error is None]
    yield "can read", ", ".join(readable) or "nothing"
    unreadable: dict[str, list[str]] = {}
    for kind in health.kinds:
        if kind.error is not None:
            why = f"the scope {kind.scope} is missing" if kind.scope else _problem(kind)
            unreadable.setdefault(why, []).append(kind.kind)
    for why, kinds in unreadable.items():
        yield "cannot read", f"{', '.join(kinds)}: {why}"
    for finding in health.failing:
        yield "failing", _text(finding)


def _rate_limit(health: ProviderHealth) -> str:
    ours = f"{health.per_minute} requests a minute" if health.per_minute else "none of our own"
    if health.limit is None:
        return f"{ours}; the vendor's headers say nothing"
    left = f", {health.remaining} left now" if health.remaining is not None else ""
    return f"{ours}; the vendor says {health.limit}{left}"


def _ledger(health: LedgerHealth) -> Iterator[tuple[str, str]]:
    yield "place", _safe(health.place)
    if health.problem is not None:
        yield "readable", f"no: {_text(health.problem)}"
        return
    yield "readable", f"yes, {counted(health.owned, 'object')} owned"
    if health.unknown:
        writes = counted(health.unknown, "write")
        yield "unknown", f"the outcome of {writes}; the next apply finds out"
    yield "writable", f"no: {_safe(health.obstacle)}" if health.obstacle else "yes"
    yield "locked", f"by {_safe(health.locked_by)}" if health.locked_by else "no"
    if health.key:
        only = "" if health.shared or health.key.startswith("none") else ONLY_HERE
        yield "key", f"{_safe(health.key)}{only}"
    if health.other_key:
        yield "secrets", OTHER_KEY.format(counted(health.other_key, "fingerprint"))


def _problem(kind: KindHealth) -> str:
    """What the vendor or the network answered, and what to do."""
    if kind.error is None:
        return ""
    return _text(kind.error.diagnostics[0])


def _text(finding: Diagnostic) -> str:
    """What is wrong, where, and what to do."""
    place = f"{finding.address}: " if finding.address else ""
    summary = f"{place}{finding.summary.removesuffix('.')}."
    return " ".join(_safe(" ".join(text.split())) for text in (summary, finding.detail) if text)


def _safe(text: str) -> str:
    return printable(text, LONGEST)
