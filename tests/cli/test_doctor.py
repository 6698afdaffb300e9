"""`doctor`: says what works and what does not, and writes nothing anywhere."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from reconciler.http.limiter import Limiter
from reconciler.ledger import open_ledger
from reconciler.providers import PROVIDERS

from ..conftest import MakeWorkspace, Workspace

PLM = PROVIDERS["kobo-plm"]


def found(made: Workspace, code: int, vendor: str = "kobo-plm") -> dict[str, Any]:
    """What the doctor says of a vendor, to a program; with the exit code that is expected."""
    result = made.run("doctor", "--format", "json")
    assert result.code == code, result
    assert result.json["ok"] is (code == 0)
    (one,) = [one for one in result.json["providers"] if one["name"] == vendor]
    return dict(one)


def test_all_is_well(workspace: MakeWorkspace) -> None:
    """Every vendor and the ledger, each with what was seen; exit 0; nothing is written."""
    made = workspace()
    result = made.run("doctor")
    assert result.code == 0
    assert result.last == "All is well."
    assert result.out.count("reachable    yes, in ") == len(PROVIDERS)
    assert "Write rights are only seen when applying." in result.out
    assert (made.writes(), (made.root / ".reconciler").exists()) == ([], False)


@pytest.mark.parametrize("sandbox", ["250"], indirect=True)
def test_each_kind_is_asked_once_and_for_little(workspace: MakeWorkspace) -> None:
    """One request for each kind, however many pages of objects there are."""
    made = workspace()
    assert made.run("doctor", "kobo-plm").code == 0
    asked = made.sandbox.journal("kobo-plm")
    assert len(asked) == len(PLM.kinds)
    assert {entry["method"] for entry in asked} == {"GET"}
    assert made.sandbox.journal("kobiks") == []


def test_a_program_is_told_the_same(workspace: MakeWorkspace) -> None:
    """Reachable, accepted, each kind, both limits and TLS, one by one."""
    one = found(workspace(), 0)
    assert (one["reachable"], one["credentials"], one["tls"]) == (True, "accepted", False)
    assert one["milliseconds"] > 0
    assert {kind["kind"] for kind in one["kinds"] if kind["readable"]} == set(PLM.kinds)
    assert one["rate_limit"]["requests_per_minute"] == 0
    assert one["not_asked"] == []


def test_wrong_credentials_are_named(
    workspace: MakeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused key is told apart from a vendor that is down, and the other vendors go on."""
    made = workspace()
    monkeypatch.setenv("KOBO_API_KEY", "no-such-key-at-all")
    one = found(made, 1)
    assert (one["reachable"], one["credentials"]) == (True, "refused")
    result = made.run("doctor")
    assert "credentials  refused" in result.out
    assert "can read     price_categories" in result.out
    assert result.last == f"Not well: 1 of {len(PROVIDERS) + 1} (kobo-plm)."
    assert "no-such-key-at-all" not in result.out + result.err


def test_a_wrong_password_is_named(
    workspace: MakeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A login that is refused is a refusal of credentials as well."""
    made = workspace()
    monkeypatch.setenv("KOBIKS_PASSWORD", "not-the-password")
    one = found(made, 1, "kobiks")
    assert (one["reachable"], one["credentials"]) == (True, "refused")


def test_missing_scopes_are_named_kind_by_kind(workspace: MakeWorkspace) -> None:
    """What the key may not read is said with the scope it lacks; the rest can be read."""
    made = workspace()
    made.sandbox.scopes("sandbox-kobo-key", ["webhooks:read", "components:read", "lookups:read"])
    one = found(made, 1)
    missing = {kind["kind"]: kind["missing_scope"] for kind in one["kinds"] if not kind["readable"]}
    assert missing["suppliers"] == "suppliers:read"
    assert "webhooks" not in missing
    assert one["credentials"] == "accepted"
    out = made.run("doctor").out
    assert "cannot read  suppliers: the scope suppliers:read is missing" in out


def test_nobody_there(workspace: MakeWorkspace) -> None:
    """A vendor that cannot be reached is said to be so, with the address that was tried."""
    made = workspace()
    with socket.socket() as deaf:
        # Bound, so that nobody else takes it, and listened on by nobody.
        deaf.bind(("127.0.0.1", 0))
        port = deaf.getsockname()[1]
        provider = {
            "type": "kobo-plm",
            "api_key": "${env.KOBO_API_KEY}",
            "base_url": f"http://127.0.0.1:{port}/api/v1",
        }
        made.configure(providers={"plm": provider})
        one = found(made, 1, "plm")
        out = made.run("doctor").out
    assert (one["reachable"], one["milliseconds"], one["credentials"]) == (False, None, "unknown")
    assert len(one["not_asked"]) == len(PLM.kinds) - 1
    assert f"reachable  no: plm: no answer from 127.0.0.1:{port}" in out
    assert "started with `reconciler sandbox`" in " ".join(out.split())


def test_a_kind_that_answers_nonsense_is_named(workspace: MakeWorkspace) -> None:
    """A broken list counts against its kind only."""
    made = workspace()
    rule = {"vendor": "kobo-plm", "path": "/suppliers", "fault": {"status": 400}}
    made.sandbox.faults([rule])
    one = found(made, 1)
    assert [kind["kind"] for kind in one["kinds"] if not kind["readable"]] == ["suppliers"]
    assert one["credentials"] == "accepted"


def test_the_limit_we_keep_to_and_the_one_the_vendor_names(workspace: MakeWorkspace) -> None:
    """Ours comes from the tier or the settings, the vendor's from its headers."""
    made = workspace()
    settings = json.loads((made.root / "reconciler.yaml").read_text("utf-8"))["providers"]
    settings["kobo-plm"]["requests_per_minute"] = 90
    made.configure(providers=settings)
    assert found(made, 0)["rate_limit"]["requests_per_minute"] == 90
    assert "rate limit   90 requests a minute" in made.run("doctor").out


def test_a_limiter_knows_what_the_vendor_announced() -> None:
    """The vendor's limit is what its newest headers say, and unknown before."""
    limiter = Limiter(100)
    assert limiter.announced == (None, None)
    limiter.acquire()
    limiter.release(
        {"x-ratelimit-limit": "500", "x-ratelimit-remaining": "499", "x-ratelimit-reset": "1e12"}
    )
    assert limiter.announced == (500, 499)
    limiter.release({"x-ratelimit-limit": "inf"})
    assert limiter.announced[0] == 500


def test_who_holds_the_lock_is_told_and_is_no_illness(workspace: MakeWorkspace) -> None:
    """Another run under way is information; exit 0."""
    made = workspace()
    with open_ledger(".reconciler/ledger.jsonl", made.root, "acme").lock("apply"):
        result = made.run("doctor", "--format", "json")
        assert result.code == 0
        assert "`apply`" in result.json["ledger"]["locked_by"]
        assert "locked    by " in made.run("doctor").out


def test_a_ledger_that_cannot_be_used_is_an_illness(workspace: MakeWorkspace) -> None:
    """A damaged ledger cannot be read; one below a file cannot be written."""
    made = workspace()
    (made.root / "taken").write_text("not a folder", "utf-8")
    made.configure(ledger="taken/ledger.jsonl")
    result = made.run("doctor", "--format", "json")
    assert result.code == 1
    assert result.json["ledger"]["writable"] is False
    made.configure(ledger="taken")
    result = made.run("doctor")
    assert result.code == 1
    assert "readable  no: " in result.out


def test_only_configured_providers_can_be_asked_for(workspace: MakeWorkspace) -> None:
    """A misspelled name is a usage error with a hint, and nobody is asked."""
    made = workspace()
    result = made.run("doctor", "kobo-pml")
    assert result.code == 1
    assert 'Did you mean "kobo-plm"?' in result.err
    assert made.sandbox.journal("kobo-plm") == []


def test_a_credential_that_is_not_set_is_named(
    workspace: MakeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable that is missing is named, and that vendor is not asked; the others are."""
    made = workspace()
    monkeypatch.delenv("KOBO_API_KEY")
    result = made.run("doctor")
    assert result.code == 1
    assert 'the environment variable "KOBO_API_KEY" is not set' in " ".join(result.out.split())
    assert result.out.count("credentials  accepted") == len(PROVIDERS) - 1
    assert made.sandbox.journal("kobo-plm") == []


def test_kinds_with_one_trouble_are_told_together(workspace: MakeWorkspace) -> None:
    """Where every kind fails for one reason, the reason stands there once; and once more for those
    that are not asked any more."""
    made = workspace()
    made.sandbox.faults([{"path": "*", "vendor": "inventora", "fault": {"html": True}}])
    result = made.run("doctor", "inventora")
    assert result.code == 1
    assert 1 <= result.out.count("cannot read") <= 2
    assert result.out.count("web pages instead of") == 1
    assert all(kind in result.out for kind in PROVIDERS["inventora"].kinds)
