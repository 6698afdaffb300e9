"""Addresses of resources, and the scopes (a kind at a provider) that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

# The way to a value inside an object: names of members and positions in lists.
Path = tuple[str | int, ...]
# The fields of an object by name.
Fields = Mapping[str, Any]


class Address(NamedTuple):
    """The address of a resource, `provider/kind/key`; the key is all after the second slash."""

    provider: str
    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.kind}/{self.key}"

    @property
    def scope(self) -> Scope:
        """The provider and kind, without the key."""
        # Five times faster than Scope(...); plans need it several times for each address.
        return tuple.__new__(Scope, self[:2])

    @classmethod
    def parse(cls, text: str) -> Address:
        """The address in a text `provider/kind/key`; raises ValueError where a part is missing."""
        provider, _, rest = text.partition("/")
        kind, _, key = rest.partition("/")
        if not (provider and kind and key):
            raise ValueError(f"{text!r} is not an address: write provider/kind/key")
        return cls(provider, kind, key)


class Scope(NamedTuple):
    """A kind at a provider: its objects are listed, guarded and counted together."""

    provider: str
    kind: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.kind}"

    def address(self, key: str) -> Address:
        """The address of `key` in this scope."""
        return Address(self.provider, self.kind, key)


def replaced_address(address: Address, id: str | None) -> Address:
    """The address of an object that is no longer the one of its address, as long as it exists."""
    return address.scope.address(f"{address.key} (replaced, id {id})")
