"""What things are called: addresses, references, secrets, and values that are not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

Fields = Mapping[str, Any]
Path = tuple[str | int, ...]


class Address(NamedTuple):
    """Where a resource lives: `provider/kind/key`, the key being all after the second slash."""

    provider: str
    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.kind}/{self.key}"

    @property
    def scope(self) -> Scope:
        """The provider and kind, without the key."""
        # A fifth of what Scope(...) costs, and plans ask for it several times for each address.
        return tuple.__new__(Scope, self[:2])

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `provider/kind/key`; raises ValueError where a part is missing."""
        provider, _, rest = text.partition("/")
        kind, _, key = rest.partition("/")
        if not (provider and kind and key):
            raise ValueError(f"{text!r} is not an address: write provider/kind/key")
        return cls(provider, kind, key)


class Scope(NamedTuple):
    """A kind at a provider: what is listed, guarded and counted together."""

    provider: str
    kind: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.kind}"

    def address(self, key: str) -> Address:
        """The address of `key` in this scope."""
        return Address(self.provider, self.kind, key)


class Secret:
    """A value that never prints. Two secrets are equal when their values are."""

    __slots__ = ("_value", "name")

    def __init__(self, value: str, name: str = "") -> None:
        self._value = value
        self.name = name

    def reveal(self) -> str:
        """The value itself: only for the request that needs it."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return "(sensitive)"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return "(sensitive)"

    def __reduce__(self) -> str:
        raise TypeError("a secret cannot be pickled or copied out of the process")


@dataclass(frozen=True, slots=True)
class Pointer:
    """A reference as a vendor writes it: by id, by natural key, or (resolved) by both."""

    id: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference that a manifest makes: the field's path, the kind it names, and the name."""

    path: Path
    target: Scope
    name: str


class Absent(Enum):
    """The type of `ABSENT`: a field that is not there, which is neither `null` nor empty."""

    ABSENT = "(absent)"

    def __repr__(self) -> str:
        return "(absent)"


ABSENT = Absent.ABSENT
