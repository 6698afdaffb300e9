"""Texts that come often, kept once: currencies, roles, terms of payment."""

from __future__ import annotations

from typing import Any

MOST = 2_000


class Texts:
    """The texts that came last, so that a list of objects does not hold each of them many times."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: dict[str, str] = {}

    def shared(self, value: Any) -> Any:
        """`value` itself, with the texts inside it replaced by equal ones that came before."""
        seen = self._seen
        if len(seen) > MOST:
            seen.clear()
        if type(value) is dict or type(value) is list:
            for place, inner in value.items() if type(value) is dict else enumerate(value):
                if type(inner) is str:
                    value[place] = seen.setdefault(inner, inner)
                else:
                    self.shared(inner)
        return value
