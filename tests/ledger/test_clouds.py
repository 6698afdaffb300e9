"""Ledgers at Google's and Microsoft's object stores, whose conditions differ from Amazon's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.errors import LedgerError, LockHeld
from reconciler.ledger import EMPTY, Ledger, open_ledger
from reconciler.model import Address, Owned

from . import azurite, gcs

HOOK = Address("kobo", "webhooks", "erp-sync")
OWNED = Owned(HOOK, "7", {"name": "Ürün ✓"}, "created", "2024-01-15T10:00:00Z")
BUCKET = "acme-ledgers"


@contextmanager
def google() -> Iterator[Mapping[str, str]]:
    """A fake of the service, which asks for no token."""
    with gcs.serving(BUCKET) as url:
        key = {"gcs_base_url": url, "disable_oauth": True}
        key |= dict.fromkeys(("client_email", "private_key", "private_key_id"), "")
        yield {"GOOGLE_BASE_URL": url, "GOOGLE_SERVICE_ACCOUNT_KEY": json.dumps(key)}


SERVICES = {"gs": google, "az": lambda: azurite.serving(BUCKET)}


@pytest.fixture(params=list(SERVICES))
def scheme(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A scheme whose service runs, as the environment says."""
    pytest.importorskip("obstore")
    with SERVICES[request.param]() as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield request.param


def test_the_promises_of_a_store_hold(scheme: str, tmp_path: Path) -> None:
    """What is written is read; another run is kept out and told by whom; where the lock is broken
    the first write wins, and the other run is stopped with its record in the error."""

    def ledger() -> Ledger:
        return open_ledger(f"{scheme}://{BUCKET}/shop/production", tmp_path, "acme")

    assert ledger().read() == EMPTY
    assert ledger().store.obstacle() == ""
    with ledger().lock("apply") as slow:
        slow.own(OWNED)
        with pytest.raises(LockHeld, match="`apply`"):
            ledger().lock("import").__enter__()
        holder = ledger().holder()
        assert holder is not None
        assert ledger().unlock(holder.id) == holder
        with ledger().lock("import") as quick:
            quick.forget(HOOK, reason="gone")
            with pytest.raises(LedgerError, match="another process changed it") as caught:
                slow.own(OWNED)
            assert str(HOOK) in caught.value.diagnostics[0].detail
    assert ledger().read().owned == {}
    assert ledger().holder() is None
    assert ledger().store.obstacle() == ""


def test_a_bucket_that_does_not_exist_is_no_empty_ledger(scheme: str, tmp_path: Path) -> None:
    """Without its bucket a ledger is an error and not one that was never written."""
    ledger = open_ledger(f"{scheme}://no-such-bucket/shop", tmp_path, "acme")
    for command in (ledger.read, ledger.lock("apply").__enter__):
        with pytest.raises(LedgerError, match="cannot be used"):
            command()
