"""Accounts that cannot be opened, or are lost in the middle of a run: Kibo's token and tenant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from reconciler.sandbox import Options

from .vendors import running

MANIFEST = """
provider: kibo
location_types:
  DEPO: {name: Depo}
customer_segments:
  VIP: {name: Sadık müşteri}
---
provider: kobo-plm
suppliers:
  S-1: {name: Anadolu}
"""
TOKEN = "*/platform/applications/authtickets/oauth"
TENANT = "*/platform/tenants/*"
TYPES = "*/commerce/admin/locationtypes*"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, new_workspace: Callable[..., Any]) -> Any:
    """A workspace at vendors with a few objects in each kind."""
    with running(Options(port=0, rate=0, job_seconds=0, data="3")) as sandbox:
        yield new_workspace(tmp_path_factory.mktemp("shop"), sandbox)


@pytest.fixture
def here(shop: Any) -> Iterator[Any]:
    """It declares something at Kibo and at another vendor; all vendors work again afterwards."""
    shop.configure()
    shop.write(MANIFEST)
    shop.sandbox.clear_journal()
    yield shop
    shop.sandbox.faults([])


def lost(here: Any, *words: str) -> None:
    """Kibo's resources are deferred with one error that says this; the others are planned."""
    shown = here.run("plan")
    assert shown.code == 1, shown
    assert shown.err.count("Error: ") == 1, shown.err
    for one in words:
        assert one in shown.err, shown.err
    assert "+ kobo-plm/suppliers/S-1" in shown.out
    assert "+ kibo/" not in shown.out
    for secret in ("sandbox-kibo-secret", "another-secret"):
        assert secret not in shown.out + shown.err


def sent(here: Any, path: str) -> int:
    """How many requests went to Kibo whose path ends like this."""
    return sum(
        entry["path"].partition("?")[0].endswith(path) for entry in here.sandbox.journal("kibo")
    )


def fault(here: Any, path: str, what: dict[str, Any], **more: Any) -> None:
    """From now on Kibo answers this path so."""
    here.sandbox.faults([{"vendor": "kibo", "path": path, "fault": what, **more}])


def test_a_refused_secret_is_one_error(here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider is named and where its credentials stand; the token is asked for once."""
    monkeypatch.setenv("KIBO_CLIENT_SECRET", "another-secret")
    lost(here, "kibo: the credentials are not accepted (401", "reconciler.yaml")
    assert sent(here, "/oauth") == 1


def test_a_token_that_is_a_web_page_is_one_error(here: Any) -> None:
    """A login page where the token should be says to look at base_url."""
    fault(here, TOKEN, {"html": True})
    lost(here, "returns web pages instead of JSON", "base_url")


def test_a_token_answer_without_a_token_is_one_error(here: Any) -> None:
    """JSON that holds no token is no login."""
    fault(here, TOKEN, {"status": 200, "body": {"token_type": "bearer"}})
    lost(here, "the login answered no token")


def test_a_token_that_expires_in_mid_run_is_renewed(here: Any) -> None:
    """One 401 in the middle is answered by one new login, and the plan is whole."""
    fault(here, TYPES, {"status": 401, "body": {"message": "expired"}}, nth=1)
    shown = here.run("plan")
    assert shown.code == 0, shown
    assert "+ kibo/location_types/DEPO" in shown.out
    assert sent(here, "/oauth") == 2


def test_a_token_that_is_never_taken_is_one_error(here: Any) -> None:
    """A vendor that refuses each new token as well is not asked for ever."""
    fault(here, "*/commerce/*", {"status": 401, "body": {"message": "expired"}})
    lost(here, "kibo: the credentials are not accepted (401: expired)")
    assert sent(here, "/oauth") <= 3


def test_a_tenant_that_nobody_knows_is_one_error(here: Any) -> None:
    """The setting is named that has the wrong number."""
    document = (here.root / "reconciler.yaml").read_text("utf-8")
    (here.root / "reconciler.yaml").write_text(document.replace("12345", "54321"), "utf-8")
    lost(here, "54321", "tenant")
    assert sent(here, "/platform/tenants/54321") == 1


@pytest.mark.parametrize(
    "host",
    [
        "thief.example", "mozu.com.thief.example", "x@thief.example", "t1.sandbox.mozu.com",
        "t1.sandbox.mozu.com:80", "t1.sb.usc1.kibocommerce.com", "thief.example/.mozu.com",
        "thief.example#.mozu.com", "thief.example\\.mozu.com", "",
    ],
)  # fmt: skip
def test_nothing_is_sent_to_another_host_than_the_sandbox(here: Any, host: str) -> None:
    """A tenant's host that is no host of the vendor's is an error that names it, and so is one of
    the vendor's where base_url is on this machine: the token would go there in clear text."""
    fault(here, TENANT, {"status": 200, "body": {"domain": host}})
    lost(here, host or "customer 12345")


def test_a_right_that_is_missing_for_one_kind_leaves_the_others(here: Any) -> None:
    """A 403 defers what needs that kind; everything else of the same vendor is planned."""
    fault(here, TYPES, {"status": 403, "body": {"errorCode": "FORBIDDEN", "message": "No rights"}})
    shown = here.run("plan")
    assert shown.code == 1
    assert "answered 403: No rights" in shown.err
    assert "+ kibo/customer_segments/VIP" in shown.out
    assert "+ kobo-plm/suppliers/S-1" in shown.out
    assert "+ kibo/location_types/DEPO" not in shown.out
