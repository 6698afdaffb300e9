"""Small results that show every format: the page about reports quotes them, and tests pin them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from reconciler.errors import Diagnostic, Severity, Source
from reconciler.ledger import Run
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
    LastSet,
    Outcome,
    Plan,
    Scope,
    Secret,
    Status,
    Validation,
)
from reconciler.model.resource import Options
from reconciler.report.context import ReportContext
from reconciler.report.places import Result

ORIGIN = {"workspace": "acme", "environment": "production", "types": {}, "ledger": "a:7"}
HOOKS = "manifests/webhooks.yaml"
STOCK = "manifests/stock.yaml"


def _created() -> Change:
    return Change(
        Address("kobo", "webhooks", "erp-styles"),
        Action.CREATE,
        after={"url": "https://erp.example.com/styles", "secret": Secret("never shown")},
        fields=(
            FieldChange(("url",), ABSENT, "https://erp.example.com/styles"),
            FieldChange(("events",), ABSENT, ["style.created", "style.updated"]),
            FieldChange(("secret",), ABSENT, Secret("never shown"), sensitive=True),
        ),
        cause=Cause.NEW,
        needs=(Address("kobo", "suppliers", "SUP-1"),),
        source=Source(HOOKS, 3, 3),
    )


def _updated() -> Change:
    return Change(
        Address("kobo", "suppliers", "SUP-1"),
        Action.UPDATE,
        before={"payment_terms": "NET30", "tags": ["a", "b"]},
        after={"payment_terms": "NET45", "tags": ["b", "c"]},
        fields=(
            FieldChange(("payment_terms",), "NET30", "NET45"),
            FieldChange(("tags",), ["a", "b"], ["b", "c"]),
        ),
        cause=Cause.EDIT,
        source=Source("manifests/suppliers.yaml", 12, 5),
        id="17",
    )


def _put_back() -> Change:
    return Change(
        Address("kibo", "locations", "WH-01"),
        Action.UPDATE,
        before={"name": "Depo"},
        after={"name": "Warehouse 1"},
        fields=(FieldChange(("name",), "Depo", "Warehouse 1"),),
        cause=Cause.DRIFT,
        source=Source(STOCK, 4, 3),
        id="WH-01",
    )


def _destroyed() -> Change:
    return Change(
        Address("kobo", "webhooks", "old-erp"),
        Action.DELETE,
        before={"url": "https://old.example.com/hook"},
        cause=Cause.EDIT,
        reason="it is no longer declared",
        id="9",
    )


def _protected() -> Change:
    return Change(
        Address("kibo", "price_lists", "RETAIL"),
        Action.UPDATE,
        before={"enabled": True},
        after={"enabled": False},
        fields=(FieldChange(("enabled",), True, False),),
        cause=Cause.EDIT,
        source=Source("manifests/prices.yaml", 2, 3),
        id="RETAIL",
        options=Options(protect=True),
    )


def _by_hand() -> Change:
    return Change(
        Address("inventora", "stores", "IST-1"),
        Action.BY_HAND,
        before={"name": "Istanbul"},
        after={"name": "İstanbul"},
        fields=(FieldChange(("name",), "Istanbul", "İstanbul"),),
        cause=Cause.EDIT,
        reason="change it in Settings > Stores",
        source=Source("manifests/stores.yaml", 7, 3),
    )


_WARNING = Diagnostic(
    "payment_terms is deprecated by the vendor",
    "Use terms_code.",
    Severity.WARNING,
    "kobo/suppliers/SUP-1",
    Source("manifests/suppliers.yaml", 13, 7),
)
_REFUSAL = Diagnostic(
    "protected: the plan would delete it (it is no longer declared)",
    "To allow this, remove $protect from its declaration and apply that first.",
    address="kobo/webhooks/old-erp",
)
_REJECTED = Diagnostic(
    "422 from POST /suppliers: name is taken",
    "Choose another name.",
    address="kobo/suppliers/SUP-1",
    source=Source("manifests/suppliers.yaml", 12, 5),
)
_SMALL = Plan(
    (_created(), _updated(), _put_back(), _destroyed(), _protected(), _by_hand()),
    diagnostics=(_WARNING,),
    unmanaged={Scope("kobo", "webhooks"): ("test-hook",)},
    budget=(Budget("kobo", 130, 120),),
    origin=ORIGIN,
)


def _live(change: Change, action: Action, reason: str = "") -> Change:
    """The change as a drift report has it: what is live is recorded, or is gone."""
    gone = action is Action.FORGET
    fields = () if gone else change.fields
    return Change(
        change.address,
        action,
        before=change.after,
        after=None if gone else change.before,
        fields=tuple(FieldChange(field.path, field.after, field.before) for field in fields),
        cause=Cause.DRIFT,
        reason=reason,
        source=change.source,
        id=change.id,
    )


_LAST_SET = LastSet(
    "2026-11-24T09:12:44Z",
    "updated",
    "6b1f0c27a9d3",
    "apply",
    "ayse",
    "laptop",
    "2026-11-25T17:03:10Z",
)


RESULTS: Mapping[str, Result] = {
    "small-plan": _SMALL,
    "empty-plan": Plan((), origin=ORIGIN),
    "refused-plan": Plan((_destroyed(),), refusals=(_REFUSAL,), origin=ORIGIN),
    "drift": Drift(
        Plan(
            (
                _live(_put_back(), Action.ADOPT),
                _live(_updated(), Action.FORGET, "it was deleted at the vendor"),
                _by_hand(),
                Change(Address("kobo", "webhooks", "erp"), Action.NO_OP),
            ),
            deferred=(Address("kobiks", "products", "P-1"),),
            unmanaged={Scope("kobo", "webhooks"): ("test-hook",)},
            origin=ORIGIN,
        ),
        {Scope("kibo", "channels"): ("legacy",)},
        last_set={_put_back().address: _LAST_SET},
    ),
    "no-drift": Drift(Plan((), origin=ORIGIN)),
    "partial-apply": Applied(
        _SMALL,
        (
            Outcome(_created(), Status.APPLIED, "31", seconds=0.4, requests=1),
            Outcome(_updated(), Status.FAILED, "17", _REJECTED, 0.2, 1),
            Outcome(_put_back(), Status.SKIPPED),
            Outcome(_destroyed(), Status.UNKNOWN, "9"),
        ),
        recorded=2,
    ),
    "whole-apply": Applied(
        Plan((_created(),), origin=ORIGIN),
        (Outcome(_created(), Status.APPLIED, "31", seconds=0.4),),
    ),
    "valid": Validation(12, ()),
    "invalid": Validation(
        12,
        (
            _WARNING,
            Diagnostic(
                'unknown field "nmae"',
                'Did you mean "name"?',
                Severity.ERROR,
                "kobo/suppliers/SUP-2",
                Source("manifests/suppliers.yaml", 20, 5),
            ),
        ),
    ),
}
"""A result of each kind, by what it shows."""
LINK = "https://ci.example.com/acme/runs/42"
CONTEXT = ReportContext(
    LINK,
    lambda: datetime(2026, 3, 14, 6, 30, 5, 250_000, UTC),
    lambda: (
        Run("a1", "apply", "2026-03-12T06:30:00Z", "ci", "runner-1", "", (), {"applied": 9}),
        Run("a2", "adopt", "2026-03-12T16:30:00Z", "ayse", "laptop", "", (), {}),
        Run("a3", "apply", "2026-03-13T06:30:00Z", "ci", "runner-2", "", (),
            {"applied": 4, "failed": 1}, drift=3),
    ),
)  # fmt: skip


def lines_of(format_name: str, result: Result) -> list[str]:
    """A result in a format, in a context that is always the same."""
    from reconciler.report.formats import FORMATS

    return [*FORMATS[format_name].within(CONTEXT).lines_of(result)]
