"""Fingerprints of secrets, by which a ledger tells whether a secret has changed."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import cached_property
from hashlib import sha256

from reconciler.model import Secret

FORM = "h1"
_OF_THE_KEY = b"the key itself"


class Fingerprints:
    """Makes and compares fingerprints: `h1:KEY:MAC`, an HMAC-SHA256 of the secret under a key that
    is not in the ledger, so that nobody who reads one can try secrets, and a mark of that key.

    `key` returns the key, at first use, or None where there is none: then a fingerprint is empty
    and says nothing. `former` makes the fingerprint that older versions recorded.
    """

    def __init__(
        self,
        key: Callable[[], bytes | None] = lambda: None,
        former: Callable[[Secret], str] = lambda _: "",
    ) -> None:
        self._key_of_run = key
        self._former = former

    def of(self, secret: Secret) -> str:
        """The fingerprint of a secret. Raises Invalid where the secret is not known."""
        if self._key is None:
            secret.reveal()
            return ""
        return f"{self._begin}{_mac(self._key, secret.reveal().encode('utf-8', 'surrogatepass'))}"

    def same(self, secret: Secret, recorded: str) -> bool | None:
        """Whether this is the secret with a recorded fingerprint; None where that cannot be told,
        because the fingerprint was made with another key or without one."""
        if recorded and ":" not in recorded:
            return hmac.compare_digest(self._former(secret), recorded)
        if self._key is None or not recorded.startswith(self._begin):
            return None
        return hmac.compare_digest(self.of(secret), recorded)

    def is_of_another_key(self, recorded: str) -> bool:
        """Whether a recorded fingerprint was made with another key than that of this run."""
        keyed = recorded.startswith(f"{FORM}:")
        return keyed and (self._key is None or not recorded.startswith(self._begin))

    @cached_property
    def _key(self) -> bytes | None:
        return self._key_of_run()

    @cached_property
    def _begin(self) -> str:
        return f"{FORM}:{_mac(self._key or b'', _OF_THE_KEY)[:8]}:"


def _mac(key: bytes, text: bytes) -> str:
    return hmac.digest(key, text, sha256).hex()[:40]
