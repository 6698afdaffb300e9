"""Check whether a saved plan still holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from reconciler import planfile
from reconciler.app.options import PlanOptions
from reconciler.app.plan import Planned
from reconciler.errors import Diagnostic, Invalid, Refused
from reconciler.model import AccountIdentity, Action, Change, Plan
from reconciler.planfile.shapes import check
from reconciler.values.text import dotted, printable, shown

NEW_PLAN = "Make a new plan, and have it approved."
LONGEST = 400


def options_of(saved: Plan) -> PlanOptions:
    """The options that a saved plan was made with; what an older version did not save has its
    default. Raises Invalid where it saved something else than options."""
    saved_choice: Mapping[str, Any] = saved.origin["choice"]
    choice: dict[str, Any] = {
        field.name: tuple(value) if isinstance(value, list) else value
        for field in fields(PlanOptions)
        if (value := saved_choice.get(field.name)) is not None
    }
    options = PlanOptions(**choice)
    try:
        check(options)
    except TypeError:
        summary = "the saved plan has options of a wrong type"
        raise Invalid(Diagnostic(summary, NEW_PLAN)) from None
    return options


def check_saved(saved: Plan, now: Planned) -> Planned:
    """The entries of a saved plan as they are planned now, without any that are new since.

    Raises Refused if the manifests, an account, the ledger or a live object has changed since it
    was saved.
    """
    if elsewhere := _of_another_environment(saved, now):
        raise Refused(elsewhere)
    if older := _older_ledger(saved, now):
        raise Refused(older)
    changed = [
        name
        for name in ("workspace", "manifests", "ledger")
        if saved.origin.get(name) != now.plan.origin[name]
    ]
    if changed:
        summary = f"the plan is stale: {' and '.join(changed)} changed since it was made"
        raise Refused(Diagnostic(summary, NEW_PLAN))
    if others := tuple(_other_accounts(saved, now)):
        raise Refused(*others)
    current = {change.address: change for change in now.plan.changes}
    kept = [change for change in now.plan.changes if change.action is Action.NO_OP]
    _check_unchanged(saved, kept)
    stale = []
    for change in saved.changes:
        if change.action is Action.NO_OP:
            continue
        same = current.get(change.address)
        if same is not None and planfile.entry_digest(same) == planfile.entry_digest(change):
            kept.append(same)
        else:
            summary = "the plan is stale: the live object changed since it was made"
            hint = f"{_what_is_other(change, same)}{NEW_PLAN}"
            stale.append(Diagnostic(summary, hint, address=str(change.address)))
    if stale:
        raise Refused(*stale)
    return replace(now, plan=replace(now.plan, changes=tuple(kept)))


def _what_is_other(saved: Change, now: Change | None) -> str:
    """How a change is not the saved one any more; empty where its fields do not show it."""
    if now is None or now.action in (Action.NO_OP, Action.ADOPT):
        return "Nothing is to be written there any more. "
    if now.action is not saved.action:
        return f"Planned was {saved.action.value}, and now it is {now.action.value}. "
    before, after = (
        {dotted(f.path): shown(f.before, LONGEST) for f in one.fields if not f.sensitive}
        for one in (saved, now)
    )
    others = [path for path in {**before, **after} if before.get(path) != after.get(path)]
    names = printable(", ".join(others), LONGEST)
    return f"Other than it was: {names}. " if names else ""


def _of_another_environment(saved: Plan, now: Planned) -> Diagnostic | None:
    """The finding that the plan was made with other settings than those of this run."""
    planned, ours = (plan.origin.get("environment") for plan in (saved, now.plan))
    if planned == ours:
        return None
    where = f"environment {shown(planned)}" if planned else "no environment"
    here = f"environment {shown(ours)}" if ours else "no environment"
    # The name is from a file that anybody may have written, and is to be typed in a shell.
    name = re.fullmatch(r"[A-Za-z0-9_][\w.-]*", str(planned), re.ASCII)
    command = f"reconciler --env {planned} apply FILE" if planned else "reconciler apply FILE"
    hint = f"Apply it where it was made for: {command}" if name or not planned else NEW_PLAN
    return Diagnostic(f"the plan was made for {where}, and this run is for {here}", hint)


def _check_unchanged(saved: Plan, unchanged: Iterable[Change]) -> None:
    """Raise Refused where the saved plan shows other values of an object that stays as it is: a
    policy tool may have passed the plan because of them."""
    shown = {c.address: c for c in saved.changes if c.action is Action.NO_OP}
    for change in unchanged:
        same = shown.get(change.address)
        if same is not None and planfile.planned_digest(same) != planfile.planned_digest(change):
            summary = "the saved plan shows other values than are declared"
            raise Refused(Diagnostic(summary, NEW_PLAN, address=str(change.address)))


def _other_accounts(saved: Plan, now: Planned) -> Iterator[Diagnostic]:
    """A refusal for each account that is not the one that the plan was made for. Where only the
    credential is another one, the objects that the ledger has of the account show which it is; it
    counts as another account where there are none."""
    for name, account in now.accounts.items():
        if (made_for := saved.origin.get("accounts", {}).get(name)) is None:
            continue
        planned = AccountIdentity(**made_for)
        if account.is_elsewhere(planned):
            summary = (
                f"the plan was made for {printable(str(planned))}, and {name} is "
                f"{printable(str(account))} now"
            )
            yield Diagnostic(summary, NEW_PLAN)
        elif name not in now.state.accounts and account.has_other_credential(planned):
            summary = (
                f"{name} has another credential than when the plan was made, and the ledger has "
                "nothing that shows that it is the same account"
            )
            yield Diagnostic(summary, NEW_PLAN)


def _older_ledger(saved: Plan, now: Planned) -> Diagnostic | None:
    """The finding that the ledger has fewer records now than when the plan was made."""
    lineage, _, serial = str(saved.origin.get("ledger", "")).rpartition(":")
    state = now.state
    if lineage != state.lineage or not serial.isdecimal() or int(serial) <= state.serial:
        return None
    return Diagnostic(
        f"the ledger is older than the plan: it has {state.serial} records, and had {serial} when "
        "the plan was made",
        "Restore the newer ledger from version control or a backup. To accept this one, make a new "
        "plan, and have it approved.",
    )
