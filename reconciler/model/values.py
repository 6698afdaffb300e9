"""Values that JSON does not have: secrets, references, and the absence of a value."""

from __future__ import annotations

from enum import Enum
from typing import Any

from reconciler.errors import Diagnostic, Invalid
from reconciler.frozen import frozen
from reconciler.model.address import Path, Scope


class Secret:
    """A text that is never printed. Two secrets are equal when their texts are equal.

    `missing` says why the text is not known, such as a variable that is not set; None where it is.
    """

    __slots__ = ("_value", "missing", "name")

    def __init__(self, value: str, name: str = "", missing: Diagnostic | None = None) -> None:
        self._value = value
        self.name = name
        self.missing = missing

    def reveal(self) -> str:
        """The text itself, only for the request that needs it. Raises Invalid where it is not
        known."""
        if self.missing is not None:
            raise Invalid(self.missing)
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return SENSITIVE

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return SENSITIVE

    def __reduce__(self) -> str:
        raise TypeError("a secret cannot be pickled or copied out of the process")


SENSITIVE = "(sensitive)"
"""What is shown in the place of a secret."""

FINGERPRINT = "$fingerprint"
"""The only member of the mapping that replaces a secret in the ledger: its fingerprint."""


def is_secret(value: Any) -> bool:
    """Whether a value is a secret or the fingerprint of one."""
    return isinstance(value, Secret) or (
        isinstance(value, dict) and len(value) == 1 and FINGERPRINT in value
    )


@frozen
class Pointer:
    """A reference to a live object: by id, by natural key, or (once resolved) by both."""

    id: str | None = None
    key: str | None = None


@frozen
class Ref:
    """A reference in a manifest: the path of the field, the kind it refers to, and the name; or,
    `by_id`, the vendor's id, where the schema allows a number there."""

    path: Path
    target: Scope
    name: str
    by_id: bool = False


class Absent(Enum):
    """The type of `ABSENT`, which stands for a missing field: neither `null` nor empty."""

    ABSENT = "(absent)"

    def __repr__(self) -> str:
        return "(absent)"


ABSENT = Absent.ABSENT
