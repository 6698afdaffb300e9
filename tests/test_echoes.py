"""Vendors that return secrets where none belongs: they reach no output, no file and no request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.http.secret_forms import HALF
from reconciler.sandbox import credentials

from .encodings import CANARIES, ENCODINGS, SPLIT

MANIFEST = "provider: kobo-plm\nsuppliers: {S-1: {name: Anadolu}}\n"
LIST = {"vendor": "kobo-plm", "method": "GET", "path": "*/suppliers"}
COMMANDS = (
    "plan --out saved.plan --format json",
    "-vv plan",
    "drift --format json",
    "doctor --format json",
    "import --all --dry-run",
    "-vv apply --auto-approve",
)
AFTER = (
    "show saved.plan",
    "history --details --format json",
    "state list --format json",
    "explain kobo-plm/suppliers/S-1",
    "graph --all",
    "import --all",
)
KEY = credentials()["KOBO_API_KEY"]


@pytest.fixture
def here(workspace: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A workspace that is to make a supplier, as the current folder."""
    made = workspace(MANIFEST)
    monkeypatch.chdir(made.root)
    return made


def everything(here: Any, *results: Any) -> str:
    """All that these commands printed, and all files of the workspace but what we wrote there."""
    files = [path for path in here.root.rglob("*") if path.is_file()]
    written = [path.read_text("utf-8") for path in files if path.name != "reconciler.yaml"]
    return "\n".join([*(f"{result.out}{result.err}" for result in results), *written])


def answer(body: Any) -> dict[str, Any]:
    """The fault that answers this instead of the vendor."""
    return {"status": 200, "body": body}


def rows(name: str) -> dict[str, Any]:
    """A page with one supplier of this name."""
    return {"data": [{"id": 1, "code": "S-1", "name": name}], "meta": {"total": 1}, "total": 1}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Some encodings with one of the secrets each; with -m campaign, all with all of them."""
    if "encoding" in metafunc.fixturenames:
        cases = [
            pytest.param(
                encoding,
                secret,
                id=f"{encoding}-{number}",
                marks=()
                if (number, place % 5) == (place % len(CANARIES), 0)
                else (pytest.mark.campaign,),
            )
            for place, encoding in enumerate(ENCODINGS)
            for number, secret in enumerate(CANARIES)
        ]
        metafunc.parametrize(("encoding", "secret"), cases)


@pytest.mark.parametrize("sandbox", [{"vendors": ("kobo-plm",)}], indirect=True, ids=[""])
def test_a_vendor_that_returns_a_secret_of_the_workspace(
    here: Any, monkeypatch: pytest.MonkeyPatch, encoding: str, secret: str
) -> None:
    """However it is written in a page, in a refusal and in the answer to a write: no command shows
    it, and no file has it."""
    form = ENCODINGS[encoding](secret)
    monkeypatch.setenv("CANARY", secret)
    here.configure(secrets={"canary": "${env.CANARY}"})
    post = {"vendor": "kobo-plm", "method": "POST", "path": "*"}
    whole = {"data": {"id": 7, "code": "S-1", "name": f"x {form} y"}}
    results = []
    for rule, fault in (
        (LIST, answer(rows(f"x {form} y"))),
        (LIST, {"status": 422, "body": {"message": f"no {form}", "errors": {"name": [form]}}}),
        (post, {"status": 422, "body": f"not accepted: {form}"}),
        (post, {"status": 201, "body": whole}),
    ):
        here.sandbox.faults([{**rule, "fault": fault}])
        results += [here.run(*command.split()) for command in COMMANDS]
    here.sandbox.faults()
    results += [here.run(*command.split()) for command in AFTER]
    letters = sum(sign.isalnum() for sign in secret)
    if encoding != SPLIT or letters >= 2 * HALF:
        assert "a secret of this run (canary)" in results[1].err
    shown = everything(here, *results)
    assert secret not in shown
    # A short secret in two parts is not recognized in a page.
    assert form not in shown or (encoding == SPLIT and letters < 2 * HALF)


def test_a_page_with_the_credential_of_another_provider(here: Any) -> None:
    """All accounts of a run know each other's credentials, also of those that are not contacted."""
    other = credentials()["INVENTORA_API_KEY"]
    here.sandbox.faults([{**LIST, "fault": answer(rows(f"x {other} y"))}])
    result = here.run("-vv", "plan")
    assert result.code == 1
    assert other not in everything(here, result)


def test_a_page_with_a_session_token(here: Any) -> None:
    """The token that a login gave is recognized in the answers that follow."""
    token = "session-token-0123456789"
    login = {"status": 200, "body": {"token": token, "auth_token": token, "data": {"token": token}}}
    page = [{"id": 1, "name": f"Toptan {token}"}]
    here.sandbox.faults(
        [
            {"vendor": "kobiks", "method": "POST", "path": "*login*", "fault": login},
            {
                "vendor": "kobiks",
                "method": "GET",
                "path": "*",
                "fault": answer(page),
            },
        ]
    )
    here.write("provider: kobiks\nprice_categories: {Toptan: {}}\n")
    result = here.run("-vv", "plan")
    assert result.code == 1
    assert "a secret of this run (token)" in result.err
    assert token not in everything(here, result)


def test_a_create_that_answers_our_key_as_its_id(here: Any) -> None:
    """The object may exist, and its id is not taken from such an answer: it is looked up."""
    body = {"data": {"id": KEY, "code": "S-1", "name": "Anadolu"}}
    rule = {"vendor": "kobo-plm", "method": "POST", "path": "*/suppliers"}
    here.sandbox.faults([{**rule, "fault": {"status": 201, "body": body}}])
    result = here.run("-vv", "apply", "--auto-approve")
    assert result.code == 4, result
    assert "1 unknown" in result.out
    shown = everything(here, result, here.run("history", "--details", "--format", "json"))
    assert KEY not in shown
    assert '"own"' not in shown


STOCK = "provider: kibo\nstock_levels: {a: {locationCode: ALB, upc: CampStove_001, quantity: 9}}\n"
JOBS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "its number": ({"jobID": KEY}, {"jobID": KEY, "type": "REFRESH", "status": "FAILED"}),
    "its type": ({"jobID": 7}, {"jobID": 7, "type": KEY, "status": "FAILED", "messages": ["no"]}),
    "a message": ({"jobID": 7}, {"jobID": 7, "status": "FAILED", "messages": [f"x{KEY}y"]}),
    "its status": ({"jobID": 7}, {"jobID": 7, "type": "REFRESH", "status": KEY}),
}


def job(begun: dict[str, Any], told: dict[str, Any]) -> list[dict[str, Any]]:
    """Faults that answer this to a refresh of stock, and to whoever asks for its job."""
    refresh = {"method": "POST", "path": "*/inventory/v*/inventory/refresh"}
    queue = {"method": "GET", "path": "*/queue/*"}
    return [
        {"vendor": "kibo", **refresh, "fault": answer(begun)},
        {"vendor": "kibo", **queue, "fault": answer(told)},
    ]


@pytest.mark.parametrize("case", JOBS)
def test_a_job_that_repeats_a_secret(here: Any, case: str) -> None:
    """Neither the number of a job nor what the vendor says about it shows one."""
    here.write(STOCK)
    here.sandbox.faults(job(*JOBS[case]))
    result = here.run("-vv", "apply", "--auto-approve")
    assert result.code in (1, 4), result
    assert "a secret of this run (api_key)" in result.out + result.err
    assert KEY not in everything(here, result)


CONTROL = "7\x1b]0;x\x07\n::set-output name=x::y\r##[error]\u202e"


def test_a_log_line_is_escaped(here: Any) -> None:
    """What a vendor calls its jobs is no command to the terminal or to a CI runner, at -vv too."""
    here.write(STOCK)
    told = {"jobID": CONTROL, "type": CONTROL, "status": "FAILED"}
    here.sandbox.faults(job({"jobID": CONTROL}, told))
    result = here.run("-vv", "apply", "--auto-approve")
    assert result.code in (1, 4), result
    for line in f"{result.out}{result.err}".split("\n"):
        assert line.isprintable(), repr(line)
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
