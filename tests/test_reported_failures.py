"""A vendor that answers 200 and reports a failure in the body has done nothing, and says why."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.http.errors import reported_failure

KINDS = {
    "*/locationtypes*": "provider: kibo\nlocation_types: {ANKARA: {name: Ankara}}\n",
    "*/suppliers*": "provider: kobo-plm\nsuppliers: {ANKARA: {name: Ankara}}\n",
    "*/tasks*": """provider: inventora
tasks: {Ankara: {items: [{product: CANDLE-001, quantity: 2, unitType: pieces}]}}
""",
}
BODIES = [
    {"success": False, "message": "quota reached"},
    {"success": 0, "message": "quota reached"},
    {"error": "quota reached"},
    {"error": {"code": "QUOTA", "message": "quota reached"}, "data": None},
    {"errors": ["quota reached"], "data": []},
    {"errors": [{"title": "Quota", "message": "quota reached"}]},
    {"errorCode": "QUOTA", "message": "quota reached", "items": []},
    {"status": "error", "message": "quota reached"},
    {"status": "fail", "message": "quota reached"},
    {"statusCode": 500, "message": "quota reached"},
]


def answer(path: str, method: str, body: Any) -> list[dict[str, Any]]:
    """A vendor that answers such requests with 200 and this body, and does nothing."""
    return [{"path": path, "method": method, "fault": {"status": 200, "body": body}}]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("path", KINDS)
def test_a_write_that_reports_a_failure_failed(
    workspace: Any, sandbox: Any, path: str, body: Any
) -> None:
    """The vendor's words are shown, the outcome is a failure and no unknown one, and the next apply
    makes the object."""
    here = workspace(KINDS[path])
    sandbox.faults(answer(path, "POST", body))
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 1
    assert "reports a failure: " in shown.err
    assert "quota reached" in shown.err
    assert shown.last == "Apply incomplete. Resources: 0 added, 0 changed, 0 destroyed."
    sandbox.faults()
    assert here.apply().last == "Apply complete! Resources: 1 added, 0 changed, 0 destroyed."


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("path", KINDS)
def test_a_list_that_reports_a_failure_proves_nothing(
    workspace: Any, sandbox: Any, path: str, body: Any
) -> None:
    """Nothing is concluded from it: what is owned is neither made again nor forgotten."""
    here = workspace(KINDS[path])
    here.apply()
    sandbox.faults(answer(path, "GET", body))
    shown = here.run("plan", "--detailed-exitcode")
    assert shown.code == 1
    assert shown.last == "No changes in what could be read."
    sandbox.faults()
    assert here.settled()


RATES = """provider: kibo
currencies: {TRY: {decimalPlaces: 2}, GBP: {decimalPlaces: 2}}
exchange_rates: {x: {fromCurrencyCode: TRY, toCurrencyCode: GBP, rate: 1.1}}
"""


@pytest.mark.parametrize("body", BODIES)
def test_an_object_that_is_asked_for_is_no_error(workspace: Any, sandbox: Any, body: Any) -> None:
    """What a list lacks is asked for by id: an error, answered with 200, is neither the object
    without its fields nor its absence."""
    here = workspace(RATES)
    here.apply()
    nothing = {"items": [], "totalCount": 0}
    sandbox.faults(
        [*answer("*/exchangerates", "GET", nothing), *answer("*/exchangerates/*", "GET", body)]
    )
    shown = here.run("plan", "--detailed-exitcode")
    assert shown.code == 1
    assert "quota reached" in shown.err
    assert shown.last == "No changes in what could be read."
    sandbox.faults()
    assert here.settled()


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"id": 1, "status": "pending", "errors": [], "error": None, "success": True},
        {"status": 200, "statusCode": 201, "errorCode": "", "success": 1},
        {"status": True},
    ],
)
def test_what_reports_no_failure_is_none(body: Any) -> None:
    """An object with a status of its own, and empty lists of errors, are no failure."""
    assert reported_failure(body) is None


def test_what_is_not_there_when_read_back_is_not_complete(workspace: Any, sandbox: Any) -> None:
    """A vendor that takes everything and does nothing: exit code and last line agree."""
    here = workspace("provider: kobo-plm\nsuppliers: {ANKARA: {name: Ankara}}\n")
    done = {"id": 77, "code": "ANKARA", "name": "Ankara"}
    sandbox.faults(answer("*/suppliers", "POST", {"data": done}))
    shown = here.run("apply", "--auto-approve")
    assert shown.code == 4
    assert "the object does not exist when read back" in shown.err
    assert shown.last.startswith("Apply incomplete. ")
