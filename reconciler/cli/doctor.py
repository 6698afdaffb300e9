"""`doctor`: can every provider be reached, with which rights and at what rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from reconciler.app.health import Health, LedgerHealth, Reading, check, check_ledger
from reconciler.cli.invocation import Invocation, current
from reconciler.cli.planning import format_option
from reconciler.cli.terminal import LONGEST_TEXT, as_json, say, say_json
from reconciler.errors import Unauthorized
from reconciler.report.columns import columns, paragraph
from reconciler.values.text import did_you_mean, printable

WHOLE = ("address", "place")
WRITES = "write rights are only seen when applying"


@click.command()
@click.argument("names", metavar="[PROVIDER]...", nargs=-1)
@format_option
@current
def doctor_command(invocation: Invocation, /, names: tuple[str, ...], form: str) -> int:
    """Check that providers can be reached and read, and the ledger used.

    Writes nothing anywhere. Exits 0 when all is well, 1 otherwise. Whether the credentials may
    write can only be seen when applying.

    \b
    reconciler doctor
    reconciler doctor kobo --format json
    """
    project = invocation.project()
    known = project.resource_types.providers
    for name in names:
        if name not in known:
            raise click.UsageError(f"No provider {name!r} here. {did_you_mean(name, known)}")
    with (
        invocation.watching("Asking"),
        project.accounts(dict.fromkeys(names or known), False) as accounts,
    ):
        vendors = check(project, accounts)
    ledger = check_ledger(project)
    problems = sum(not well for well in (*(one.well for one in vendors), ledger.well))
    if form == "json":
        say_json(_document(vendors, ledger, not problems))
    else:
        for line in _lines(vendors, ledger, problems):
            say(line)
    return 1 if problems else 0


def _lines(vendors: Sequence[Health], ledger: LedgerHealth, problems: int) -> Iterator[str]:
    for vendor in vendors:
        yield f"{_safe(vendor.name)} ({vendor.type})"
        yield from _table(_vendor(vendor))
        yield ""
    yield "ledger"
    yield from _table(_ledger(ledger))
    yield ""
    yield f"{WRITES[0].upper()}{WRITES[1:]}."
    yield "All is well." if not problems else f"Not well: {problems} of {len(vendors) + 1}."


def _table(rows: Iterator[tuple[str, str]]) -> Iterator[str]:
    """Label and text; a long text goes on below itself, an address or path stays whole."""
    listed = list(rows)
    width = max(len(label) for label, _ in listed)
    broken = (
        (label if at == 0 else " " * width, line)
        for label, text in listed
        for at, line in enumerate([text] if label in WHOLE else paragraph(text, width=80))
    )
    yield from columns(broken, "  ")


def _vendor(one: Health) -> Iterator[tuple[str, str]]:
    yield "address", f"{_safe(one.url)} ({'TLS' if one.tls else 'no TLS'})"
    if one.milliseconds is None:
        yield "reachable", f"no: {_why(one.readings[0])}"
        return
    yield "reachable", f"yes, in {one.milliseconds:.0f} ms"
    if one.accepted is False:
        refused = [r for r in one.readings if isinstance(r.error, Unauthorized)]
        yield "credentials", f"refused: {_why(refused[0])}"
        return
    yield "credentials", "accepted" if one.accepted else "not known: no answer tells"
    yield "rate limit", _rate(one)
    read = [reading.kind for reading in one.readings if reading.error is None]
    yield "can read", ", ".join(read) or "nothing"
    unread: dict[str, list[str]] = {}
    for reading in one.readings:
        if reading.error is not None:
            missing = f"the scope {reading.scope} is missing" if reading.scope else _why(reading)
            unread.setdefault(missing, []).append(reading.kind)
    for why, kinds in unread.items():
        yield "cannot read", f"{', '.join(kinds)}: {why}"


def _rate(one: Health) -> str:
    ours = f"{one.per_minute} requests a minute" if one.per_minute else "none of our own"
    if one.limit is None:
        return f"{ours}; the vendor's headers say nothing"
    left = f", {one.remaining} left now" if one.remaining is not None else ""
    return f"{ours}; the vendor says {one.limit}{left}"


def _ledger(one: LedgerHealth) -> Iterator[tuple[str, str]]:
    yield "place", _safe(one.place)
    if one.problem is not None:
        yield "readable", f"no: {_safe(one.problem.summary)}"
        return
    objects = "1 object" if one.owned == 1 else f"{one.owned} objects"
    yield "readable", f"yes, {objects} owned"
    if one.unknown:
        yield "unknown", f"{one.unknown} writes; the next apply looks for what came of them"
    yield "writable", f"no: {_safe(one.obstacle)}" if one.obstacle else "yes"
    yield "locked", f"by {_safe(str(one.holder))}" if one.holder else "no"


def _why(reading: Reading) -> str:
    """What the vendor or the network said."""
    if reading.error is None:
        return ""
    finding = reading.error.diagnostics[0]
    said = finding.summary.removesuffix(".")
    return " ".join(_safe(text) for text in (f"{said}.", finding.detail) if text)


def _document(vendors: Sequence[Health], ledger: LedgerHealth, well: bool) -> dict[str, Any]:
    holder = ledger.holder
    return {
        "format_version": "1.0",
        "ok": well,
        "providers": [_vendor_document(one) for one in vendors],
        "ledger": {
            "place": ledger.place,
            "readable": ledger.problem is None,
            "writable": ledger.problem is None and not ledger.obstacle,
            "problem": ledger.problem.summary if ledger.problem else ledger.obstacle or None,
            "owned": ledger.owned,
            "unknown_outcomes": ledger.unknown,
            "locked_by": str(holder) if holder else None,
        },
        "note": WRITES,
    }


def _vendor_document(one: Health) -> dict[str, Any]:
    credentials = {True: "accepted", False: "refused", None: "unknown"}
    milliseconds = one.milliseconds
    return {
        "name": one.name,
        "type": one.type,
        "ok": one.well,
        "base_url": one.url,
        "tls": one.tls,
        "reachable": milliseconds is not None,
        "milliseconds": None if milliseconds is None else round(milliseconds, 1),
        "credentials": credentials[one.accepted],
        "rate_limit": {
            "requests_per_minute": one.per_minute,
            "vendor": one.limit,
            "remaining": one.remaining,
        },
        "kinds": [
            {
                "kind": reading.kind,
                "readable": reading.error is None,
                "missing_scope": reading.scope,
                "problem": as_json(reading.error.diagnostics[0]) if reading.error else None,
            }
            for reading in one.readings
        ],
        "not_asked": list(one.unread),
    }


def _safe(text: str) -> str:
    return printable(text, LONGEST_TEXT)
