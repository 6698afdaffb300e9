"""Credentials, and secrets that a vendor shows once: in no output, no file and no log of ours.

However loudly a command talks and whatever a vendor echoes; only --secrets-out holds what it is
for, and only its owner can read it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from reconciler.sandbox import credentials

MANIFEST = """
provider: kobo-plm
webhooks:
  h1: {url: "https://x.example/1", events: [style.created]}
  h2: {url: "https://x.example/2", events: [style.created]}
---
provider: kobiks
price_categories: {Toptan: {}}
"""
KNOWN = credentials()
SECRET = [KNOWN[name] for name in KNOWN if name.endswith(("KEY", "PASSWORD", "SECRET"))]
KEY = KNOWN["KOBO_API_KEY"]
COMMANDS = [
    "plan", "plan --format json", "plan --destroy --format json", "drift", "drift --format json",
    "show saved.plan", "show saved.plan --format json", "import --all --dry-run", "doctor",
    "doctor --format json", "state list --format json", "state show kobo-plm/webhooks/h1",
    "state show kobo-plm/webhooks/h1 --format json", "history --details --format json",
    "validate --online --format json", "graph --all", "providers", "import --all",
]  # fmt: skip


def encodings(secret: str) -> list[str]:
    """The ways in which a vendor may send a secret back."""
    raw = secret.encode()
    whole = 4 * (len(raw) // 3 - 1)
    return [
        secret,
        quote(f"<{secret}/>", safe="")[3:-6],
        quote_plus(secret),
        *(base64.b64encode(b"u:"[:n] + raw).decode()[4:whole] for n in (0, 1, 2)),
        raw.hex(),
    ]  # fmt: skip


def hidden(secrets: Iterable[str], *texts: str) -> None:
    """None of the secrets is in any of the texts, in any encoding."""
    for secret in secrets:
        for form in encodings(secret):
            for text in texts:
                assert form not in text, (form, text[:1000])


def files(made: Any) -> list[str]:
    """What is in the files of a workspace, those for secrets apart."""
    return [
        path.read_text("utf-8")
        for path in made.root.rglob("*")
        if path.is_file() and path.suffix != ".secrets"
    ]


@pytest.fixture
def here(workspace: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A workspace that is to make two webhooks, as the current folder."""
    made = workspace(MANIFEST)
    monkeypatch.chdir(made.root)
    return made


def test_a_tour_shows_no_secret(here: Any) -> None:
    """Plan, apply and all that shows something, at every verbosity, and every file that is left;
    the vendors saw no write but those of apply."""
    kept = here.root / "shown.secrets"
    texts = list(map(str, (here.run("-vv", "plan", "--out", "saved.plan"),)))
    assert here.writes() == []
    done = here.run("-vv", "apply", "saved.plan", "--secrets-out", str(kept))
    assert done.code == 0, done
    here.sandbox.clear_journal()
    texts += [str(done)]
    for command in COMMANDS:
        result = here.run("-vv", *command.split())
        assert result.code == 0, (command, result)
        texts.append(f"{result.out}{result.err}")
    assert here.writes() == []
    rows = here.sandbox.state("kobo-plm")["webhooks"]
    shown = {one["name"]: one["secret"] for one in rows}
    assert {shown["h1"], shown["h2"]} == {
        json.loads(line)["value"] for line in kept.read_text("utf-8").splitlines()
    }
    assert kept.stat().st_mode & 0o777 == 0o600
    journals = [json.dumps(here.sandbox.journal(vendor)) for vendor in here.sandbox.urls]
    hidden([*SECRET, *shown.values()], *texts, *files(here), *journals)


def test_a_secret_that_nobody_keeps_is_not_shown_either(here: Any) -> None:
    """Without --secrets-out the secrets are lost, and a warning says whose."""
    done = here.run("-vv", "apply", "--auto-approve")
    assert done.code == 0
    assert done.err.count("Use --secrets-out FILE next time") == 2
    secrets = [one["secret"] for one in here.sandbox.state("kobo-plm")["webhooks"]]
    hidden([*SECRET, *secrets], done.out, done.err, *files(here))


ECHOES: dict[str, Callable[[str], str]] = {
    "message": lambda key: json.dumps({"message": f"bad key {key}!"}),
    "errors": lambda key: json.dumps({"message": "no", "errors": {key: [f"is {key}"]}}),
    "escaped": lambda key: json.dumps({"message": "bad !"}).replace(
        "!", "".join(f"\\u{ord(sign):04x}" for sign in key)
    ),
    "text": lambda key: f"you sent X-API-Key: {key}",
    "cut": lambda key: "x" * 295 + key,
    "base64": lambda key: base64.b64encode(f"user:{key}:x".encode()).decode(),
    "URL": lambda key: f"GET /?api_key={quote(key + '/', safe='')}",
}


@pytest.mark.parametrize("sandbox", [{"vendors": ("kobo-plm", "kobiks")}], indirect=True, ids=[""])
@pytest.mark.parametrize("status", [401, 403, 422])
@pytest.mark.parametrize("form", ECHOES)
def test_a_vendor_that_echoes_our_key_in_an_error(here: Any, form: str, status: int) -> None:
    """The refusal is quoted without it: in errors, outcomes, history and the ledger."""
    fault = {"status": status, "body": ECHOES[form](KEY)}
    here.sandbox.faults([{"vendor": "kobo-plm", "method": "POST", "path": "*", "fault": fault}])
    texts = [str(here.run("-vv", "apply", "--auto-approve"))]
    here.sandbox.faults([{"vendor": "kobo-plm", "method": "GET", "path": "*", "fault": fault}])
    for command in ("plan", "plan --format json", "doctor", "import --all --dry-run"):
        result = here.run("-vv", *command.split())
        assert result.code == 1, result
        texts.append(str(result))
    assert str(status) in "".join(texts)
    hidden([KEY], *texts, *files(here))


@pytest.mark.parametrize("form", ECHOES)
def test_a_vendor_that_echoes_a_secret_of_ours_in_an_error(
    here: Any, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """What a manifest fills a field with is as secret in a refusal as what we log in with."""
    given = "sftp-hunter2-correct-horse"
    monkeypatch.setenv("SFTP", given)
    here.configure(secrets={"sftp": "${env.SFTP}"})
    fault = {"status": 422, "body": ECHOES[form](given)}
    here.sandbox.faults([{"vendor": "kobo-plm", "method": "POST", "path": "*", "fault": fault}])
    result = here.run("-vv", "apply", "--auto-approve")
    assert result.code != 0
    assert "422" in result.out + result.err
    hidden([given], str(result), *files(here))


def test_a_session_that_is_echoed_is_not_shown(here: Any) -> None:
    """The token that a login gave is a credential like those in the environment."""
    token = "session-token-0123456789"
    login = {"status": 200, "body": {"token": token, "auth_token": token, "data": {"token": token}}}
    told = {"status": 422, "body": {"message": f"Authorization: Bearer {token} is odd"}}
    here.sandbox.faults(
        [
            {"vendor": "kobiks", "method": "POST", "path": "*login*", "fault": login},
            {"vendor": "kobiks", "method": "GET", "path": "*", "fault": told},
        ]
    )
    result = here.run("-vv", "plan")
    assert result.code == 1
    assert "(sensitive) is odd" in result.err, result.err
    hidden([token], str(result))


@pytest.mark.parametrize("form", ["text", "base64", "URL"])
def test_a_vendor_that_echoes_our_key_in_a_page(here: Any, form: str) -> None:
    """What holds our own credential is not used at all: it would be printed, saved and noted."""
    name = ECHOES[form](KEY)
    body = {"data": [{"id": 1, "code": "S-1", "name": name}], "meta": {"total": 1}, "total": 1}
    fault = {"status": 200, "body": body}
    rule = {"vendor": "kobo-plm", "method": "GET", "path": "*/suppliers", "fault": fault}
    here.sandbox.faults([rule])
    here.write(MANIFEST + "---\nprovider: kobo-plm\nsuppliers: {S-1: {name: x}}\n")
    texts = []
    for command in ("plan --out saved.plan", "apply --auto-approve", "import --all", "doctor"):
        result = here.run("-vv", *command.split())
        assert result.code in (1, 4), (command, result)
        if command != "doctor":
            assert "a secret of this run (api_key)" in result.err, result.err
        texts.append(str(result))
    hidden([KEY], *texts, *files(here))
