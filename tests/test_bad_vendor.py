"""Vendors that refuse, lie or are not there, through the command line: one error, and no write.

Each case is planned and applied. What could not be read proves nothing: the resources of that
vendor are deferred, nothing is sent to it, and nothing is forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reconciler.sandbox import Options

from .vendors import running

MANIFEST = "provider: kobo-plm\nsuppliers:\n  S-1: {name: Anadolu}\n  S-2: {name: %s}\n"


def nested(levels: int) -> Any:
    """A list in a list, and so on, so many levels deep."""
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


GET = {"vendor": "kobo-plm", "method": "GET", "path": "*/suppliers"}
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "a redirect": ({"redirect": "https://thief.example/x"}, "redirects to thief.example"),
    "a redirect that is none": ({"redirect": "http://[x"}, "redirects to http://[x"),
    "a web page": ({"html": True}, "returns web pages instead of JSON"),
    "half a page": ({"truncate": True}, "answered with invalid JSON"),
    "a page that repeats": ({"repeat_page": True}, "could not be read whole"),
    "no list": ({"status": 200, "body": {"data": {"id": 1}}}, "is not a list of objects"),
    "a list of other things": ({"status": 200, "body": {"data": [1]}}, "is not a list of objects"),
    "a bare text": ({"status": 200, "body": '"hello"'}, "is not a list of objects"),
    "not a number": ({"status": 200, "body": '{"data": [{"id": NaN}]}'}, "NaN is not JSON"),
    "no finite number": ({"status": 200, "body": '{"data": [{"id": 1e999}]}'}, "1e999 is not JSON"),
    "brackets": ({"status": 200, "body": "[" * 100_000}, "nested more than 64 levels deep"),
    "a deep value": (
        {"status": 200, "body": {"data": [{"id": 1, "name": nested(400)}]}},
        "nested more than 64 levels deep",
    ),
    "an absurd count": (
        {"status": 200, "body": {"data": [{"id": 1}], "meta": {"total": 10**400}}},
        "more than we read",
    ),
    "too many objects": (
        {"status": 200, "body": '{"data": [%s]}' % ("{}," * 1_000_000)},
        "more than 1,000,000 values",
    ),
    "gone": ({"status": 404, "body": {"message": "No such\u202e thing"}}, "No such\\u202e thing"),
    "an empty refusal": ({"status": 418, "body": ""}, "answered 418"),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, new_workspace: Callable[..., Any]) -> Any:
    """A workspace at vendors with two pages of suppliers."""
    with running(Options(port=0, rate=0, job_seconds=0, data="120")) as sandbox:
        yield new_workspace(tmp_path_factory.mktemp("shop"), sandbox)


@pytest.fixture
def here(shop: Any) -> Iterator[Any]:
    """It owns a supplier, is to change it and to make another one; the vendors work again after."""
    shop.configure()
    shop.write(MANIFEST.partition("  S-2")[0])
    shop.apply()
    shop.write((MANIFEST % "New").replace("Anadolu", "Yeni"))
    shop.sandbox.clear_journal()
    yield shop
    shop.sandbox.faults([])
    shop.sandbox.scopes("sandbox-kobo-key", ["*"])


def refused(here: Any, *words: str, codes: tuple[int, ...] = (1,)) -> str:
    """Plan and apply say the same, once; nothing is written to a vendor or to the ledger."""
    path = here.root / ".reconciler" / "ledger.jsonl"
    before = path.read_bytes()
    for command in (("plan",), ("apply", "--auto-approve"), ("plan", "--format", "json")):
        result = here.run(*command)
        assert result.code in codes, result
        assert result.err.count("Error: ") == 1, result.err
        for one in words:
            assert one in result.err, result.err
        if "json" in command:
            assert json.loads(result.out)["complete"] is False
    assert here.writes() == []
    assert b'"own"' not in path.read_bytes().removeprefix(before)
    return str(result.err)


@pytest.mark.parametrize("case", FAULTS)
def test_an_answer_that_cannot_be_used_is_one_error(here: Any, case: str) -> None:
    """Redirects, web pages, cut and repeated pages, other shapes: said once, and nothing done."""
    fault, words = FAULTS[case]
    here.sandbox.faults([{**GET, "fault": fault}])
    assert "kobo-plm" in refused(here, words)


def test_wrong_credentials_are_one_error(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 401 names the provider and where its credentials stand."""
    monkeypatch.setenv("KOBO_API_KEY", "another-key")
    refused(here, "kobo-plm: the credentials are not accepted (401", "reconciler.yaml")


def test_a_missing_scope_is_named(here: Any) -> None:
    """A 403 names the scope that the credentials lack."""
    here.sandbox.scopes("sandbox-kobo-key", ["webhooks:read"])
    refused(here, "answered 403", "lack the scope suppliers:read")


def test_an_unknown_host_is_one_error(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that is not there is named."""
    monkeypatch.setenv("RECONCILER_ALLOWED_HOSTS", "nobody.invalid")
    url = "https://nobody.invalid"
    settings = {"type": "kobo-plm", "api_key": "${env.KOBO_API_KEY}", "base_url": url}
    here.configure(providers={"kobo-plm": settings})
    assert here.run("state", "account", "kobo-plm").code == 0
    refused(here, "no answer from nobody.invalid", "Check base_url")
    here.configure()
    assert here.run("state", "account", "kobo-plm").code == 0


def test_an_object_of_another_shape_is_one_error(here: Any) -> None:
    """A value of which no sense can be made defers its kind; there is no traceback."""
    owned = MANIFEST.partition("  S-2")[0]
    here.write(f"{owned}---\nprovider: kobiks\ncategories: {{new: {{}}}}\n")
    rows = [{"id": 1, "name": "x", "parent_id": [1]}]
    path = {**GET, "vendor": "kobiks", "path": "*/categories*"}
    here.sandbox.faults([{**path, "fault": {"status": 200, "body": rows}}])
    refused(here, "kobiks/categories: an object there is not of the form that is documented")


def test_doctor_names_a_kind_of_another_shape(here: Any) -> None:
    """Also where the check of an account meets an answer of which no sense can be made."""
    path = {**GET, "vendor": "kibo", "path": "*/tagCategory"}
    here.sandbox.faults([{**path, "fault": {"status": 200, "body": [{"tags": [{"x": 1}]}]}}])
    result = here.run("doctor")
    assert result.code == 1
    assert "is not of the form that is documented" in " ".join(result.out.split())
