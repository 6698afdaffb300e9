"""What a ledger in an object store promises beyond what every store does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import Invalid, LedgerError
from reconciler.ledger import open_ledger
from reconciler.ledger.objects import ObjectStore
from reconciler.model import Address, Owned

from .s3_http import between, nothing
from .stores import BUCKET, S3Place, s3

HOOK = Address("kobo", "webhooks", "erp-sync")
OWNED = Owned(HOOK, "7", {}, "created", "2024-01-15T10:00:00Z")


@pytest.fixture
def here(tmp_path: Path) -> S3Place:
    """A ledger in an object."""
    return s3(tmp_path)


def test_reading_is_one_request(here: S3Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan asks the service once."""
    with here.ledger().lock("apply") as session:
        session.own(OWNED)
    with between(monkeypatch, nothing) as seen:
        assert here.ledger().read().owned == {HOOK: OWNED}
        assert seen == [f"GET {here.key}"]


@pytest.mark.parametrize("header", ["HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH"])
def test_a_service_that_ignores_conditions_is_refused(
    here: S3Place, monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    """A service that overwrites an object that it was told to keep is found out at the first lock,
    and no ledger is written there."""
    with between(monkeypatch, lambda environ: environ.pop(header, None)):
        with pytest.raises(LedgerError, match="cannot be kept safe"):
            here.ledger().lock("apply").__enter__()
        assert here.content() == b""


def test_a_write_whose_answer_was_lost_counts(
    here: S3Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the service has written and failed to say so, the request is sent again, meets what it
    wrote, and is taken for done."""
    failing = {f"/{BUCKET}/{here.key}", f"/{BUCKET}/{here.key}.lock"}

    def lose(environ: dict[str, Any]) -> None:
        if environ["REQUEST_METHOD"] == "PUT" and environ["PATH_INFO"] in failing:
            failing.discard(environ["PATH_INFO"])
            environ["lose"] = True

    with between(monkeypatch, lose):
        with here.ledger().lock("apply") as session:
            session.own(OWNED)
        assert not failing
        assert here.ledger().read().owned == {HOOK: OWNED}
        assert here.ledger().holder() is None


def test_a_bucket_that_does_not_exist_is_no_empty_ledger(here: S3Place) -> None:
    """Without its bucket a ledger is an error and not one that was never written."""
    ledger = open_ledger("s3://no-such-bucket/key", here.folder, "acme")
    for command in (ledger.read, ledger.lock("apply").__enter__):
        with pytest.raises(LedgerError, match="cannot be used"):
            command()


@pytest.mark.parametrize(
    "setting",
    [
        "s3://",
        "s3://bucket",
        "s3://bucket/",
        "s3://key:secret@bucket/key",
        "s3://bucket/key?endpoint=http://evil.example",
        "s3://bucket/../key",
        "s3://bucket/a/../b",
        "s3://bucket@evil.example/key",
        "s3://evil.example:443/key",
        "gs://bucket/key#x",
    ],
)
def test_only_a_bucket_and_a_key_can_be_named(tmp_path: Path, setting: str) -> None:
    """A setting cannot say where the service is or who we are."""
    with pytest.raises(Invalid, match="no object of a bucket") as caught:
        open_ledger(setting, tmp_path, "acme")
    assert "secret" not in str(caught.value.diagnostics)


def test_a_service_elsewhere_is_not_spoken_to_without_tls(
    here: S3Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only this machine is reached over plain HTTP; the error shows no credential."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://storage.example")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2hunter2")
    with pytest.raises(LedgerError, match="cannot be used") as caught:
        here.ledger().read()
    assert "hunter2" not in str(caught.value.diagnostics)


@pytest.mark.parametrize("setting", ["gs://bucket/key", "az://container/key"])
def test_other_services_are_opened_by_their_schemes(tmp_path: Path, setting: str) -> None:
    """The schemes of Google and Azure name stores too, and opening one asks nobody."""
    store = open_ledger(setting, tmp_path, "acme").store
    assert isinstance(store, ObjectStore)
    assert store.place == setting
