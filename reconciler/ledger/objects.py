"""A ledger in one object of an object store: Amazon S3 and what speaks its protocol, Google Cloud
Storage, Azure Blob Storage.

Every write replaces the whole object on the condition that it is as it was, and the lock is a note
in a second object, replaced on the same condition. A store that does not enforce conditions is
found out when a run takes the lock, and refused.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from reconciler.errors import Diagnostic, Invalid, LedgerError, how_to_install
from reconciler.ledger.lease import Lease, Terms
from reconciler.ledger.leased import LeasedStore
from reconciler.ledger.store import Content

TERMS = Terms(lasts=90, renew=10)
_SETTING = re.compile(
    r"(s3|gs|az)://([A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9])/((?:[A-Za-z0-9_][A-Za-z0-9._-]*/?)+)"
)
# The class of obstore for each scheme.
_CLASSES = {"s3": "S3Store", "gs": "GCSStore", "az": "AzureStore"}
# The variables that may say where the service is, the first that is set counts. The emulator of
# Azure has a variable of its own, which needs no word of ours.
_ENDPOINTS = {
    "s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"),
    "gs": ("GOOGLE_BASE_URL",),
    "az": (),
}
# How answers say that there is not even a bucket.
_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound", "bucket does not exist")
_RETRIES = {"max_retries": 4, "retry_timeout": timedelta(seconds=60)}
_UNSAFE = "cannot be kept safe: the service overwrites objects that it was told to keep"
_ADVICE = (
    "It does not enforce If-None-Match or If-Match. Nothing was written to the ledger; use another "
    "service, or another sort of ledger."
)
# A version that no object has; what is a version differs between the services.
_NEVER = json.dumps({"e_tag": '"0"', "version": "1"})
_QUERY = re.compile(r"\?\S+")


@dataclass
class ObjectStore(LeasedStore):
    """A ledger in the object `key` of a bucket; `Store` says what the methods promise. A version is
    the ETag, or what the store has in its place."""

    scheme: str
    bucket: str
    key: str
    terms: Terms = TERMS
    _client: Any = field(default=None, repr=False)
    _proven: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        self._lease = Lease(self, self.place, self.terms)

    @classmethod
    def at(cls, setting: str) -> ObjectStore:
        """The store of a setting `s3://BUCKET/KEY`; raises Invalid for any other form. Where the
        service is and who we are says the environment, and never the setting."""
        match = _SETTING.fullmatch(setting)
        if not match or match[3].endswith("/") or ".." in match[3]:
            scheme = setting.partition(":")[0]
            detail = f"Write `ledger: {scheme}://BUCKET/KEY`, such as {scheme}://acme-ledger/shop."
            raise Invalid(Diagnostic("ledger names no object of a bucket", detail))
        return cls(match[1], match[2], match[3])

    @property
    def place(self) -> str:
        """The setting."""
        return f"{self.scheme}://{self.bucket}/{self.key}"

    def read_whole(self) -> Content:
        """The object; no bytes where there is none."""
        return self._get(self.key)

    def replace_whole(self, data: bytes, version: str) -> str | None:
        """Put the object where it has this version, or where there is none."""
        return self._put(self.key, data, version)

    def read_note(self) -> Content:
        """The note of the lock."""
        return self._get(f"{self.key}.lock")

    def replace_note(self, text: bytes, version: str) -> str | None:
        """Replace the note where it is as it was. Where a process takes the lock, it proves
        once what the store enforces: others that it should refuse follow at once."""
        key = f"{self.key}.lock"
        first = version or self._put(key, text, "") or ""
        second = self._put(key, text + b" ", first) if first else None
        if second is None or self._proven or not text:
            return second
        if any(self._put(key, text + b"  ", other) is not None for other in ("", first)):
            raise LedgerError(Diagnostic(f"the ledger {self.place} {_UNSAFE}", _ADVICE))
        self._proven = True
        return second

    def obstacle(self) -> str:
        """What a service answers to two writes that it has to refuse: nothing is written."""
        note = self.read_note()
        try:
            # An object that never was there, and one that is there already.
            probe = self._put(f"{self.key}.probe", b"probe", _NEVER)
            if probe or (note.version and self._put(f"{self.key}.lock", note.data + b" ", "")):
                return f"it {_UNSAFE}"
        except LedgerError as error:
            return error.diagnostics[0].summary
        return ""

    def _get(self, key: str) -> Content:
        import_obstore(self.place)
        import obstore

        with self._errors():
            try:
                result = obstore.get(self._store(), key)
                data = bytes(result.bytes())
            except FileNotFoundError as error:
                if any(mark in str(error) for mark in _NO_BUCKET):
                    raise
                return Content(b"", "")
        return Content(data, _version(result.meta))

    def _put(self, key: str, data: bytes, version: str) -> str | None:
        """Replace the object that has this version, or make it where that is empty; None where
        another is there."""
        import_obstore(self.place)
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        mode: Any = json.loads(version) if version else "create"
        with self._errors():
            try:
                return _version(obstore.put(self._store(), key, data, mode=mode))
            except (AlreadyExistsError, PreconditionError, FileNotFoundError) as error:
                if any(mark in str(error) for mark in _NO_BUCKET):
                    raise
                # A request whose answer was lost was sent again, and met what it had written.
                now = self._get(key)
                written = now.data == data and now.version not in ("", version)
                return now.version if written else None

    def _store(self) -> Any:
        if self._client is None:
            import obstore.store

            options = {"timeout": "60s", "connect_timeout": "10s"}
            local = _is_here(_ENDPOINTS[self.scheme], os.environ)
            make = getattr(obstore.store, _CLASSES[self.scheme])
            self._client = make(
                self.bucket,
                client_options=options | ({"allow_http": True} if local else {}),
                retry_config=_RETRIES,
            )
        return self._client

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn the errors of obstore into LedgerErrors without what could be a credential."""
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, OSError, ValueError) as error:
            text = _QUERY.sub("?…", str(error).partition("\n")[0])[:400]
            raise LedgerError(
                Diagnostic(
                    f"the ledger {self.place} cannot be used: {text}",
                    "Check that the bucket exists, and the variables that say who you are and "
                    "where the service is: see docs/ledgers.md.",
                )
            ) from None


def import_obstore(place: str) -> None:
    """Raise LedgerError where the package is not installed."""
    try:
        import obstore  # noqa: F401
    except ImportError:
        summary = f"the ledger {place} needs the package obstore, which is not installed"
        raise LedgerError(Diagnostic(summary, how_to_install("objectstore"))) from None


def _version(meta: Mapping[str, Any]) -> str:
    """The version of an object, in the form in which it is a condition."""
    names = [name for name in ("e_tag", "version") if meta.get(name) is not None]
    return json.dumps({name: meta[name] for name in names})


def _is_here(names: Iterable[str], environment: Mapping[str, str]) -> bool:
    """Whether the service that one of these variables names is on this machine, where it needs no
    TLS."""
    url = next((environment[name] for name in names if environment.get(name)), "")
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
