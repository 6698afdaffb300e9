"""Which vendor account a provider's owned objects belong to."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.frozen import frozen


@frozen
class AccountIdentity:
    """What tells one account of a vendor from another.

    `host` is the host, with its port, that `base_url` names; `settings` are the settings that name
    the account, such as a tenant; `credential` is the keyed fingerprint of what else identifies it:
    an API key or the name of a user. "" where nothing does.
    """

    type: str
    host: str
    settings: Mapping[str, str]
    credential: str = ""

    def __str__(self) -> str:
        settings = "".join(f", {name} {value}" for name, value in self.settings.items())
        return f"{self.type} at {self.host}{settings}"

    def is_elsewhere(self, other: AccountIdentity) -> bool:
        """Whether another account is at another vendor, host or tenant, whatever its credential. On
        this machine the port does not count: a sandbox may be started on another one."""
        return (self.type, _machine(self.host), self.settings) != (
            other.type,
            _machine(other.host),
            other.settings,
        )

    def has_other_credential(self, other: AccountIdentity) -> bool:
        """Whether the credentials are known to differ: fingerprints of different keys do not tell
        that."""
        ours, theirs = self.credential, other.credential
        comparable = ours.rpartition(":")[0] == theirs.rpartition(":")[0]
        return comparable and ours != theirs


def _machine(host: str) -> str:
    """A host with its port; without it on this machine."""
    name, _, _ = host.rpartition(":")
    return "localhost" if name in ("127.0.0.1", "localhost", "[::1]") else host
