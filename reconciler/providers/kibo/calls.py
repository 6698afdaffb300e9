"""What the kinds of Kibo's platform family share: requests, pages, references by code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from reconciler.kinds import Call, Carries, Paging, Raw, Verb
from reconciler.model import Pointer

# The envelope of the platform family's lists; 200 is the largest page there is.
PAGES = Paging("startIndex", "pageSize", 200, total=("totalCount",), by_offset=True)
ITEMS = "items"

ZERO = re.compile(r"(\.\d*?)0+Z$")

Hook = Callable[[Raw], Raw]


def named(path: str, part: str = "id", sort: str | None = "code") -> Mapping[Verb, Call]:
    """All five verbs of objects with a code of their own.

    `part` is what stands for it in paths, `sort` what lists are sorted by (None: as they come).
    """
    one = f"{path}/{{{part}}}"
    query = {"sortBy": f"{sort} asc"} if sort else {}
    return {
        Verb.LIST: Call("GET", path, ITEMS, query),
        Verb.GET: Call("GET", one),
        Verb.CREATE: Call("POST", path),
        Verb.UPDATE: Call("PUT", one, carries=Carries.ALL),
        Verb.DELETE: Call("DELETE", one),
    }


def pointing(*names: str, by_key: bool = False) -> Hook:
    """Decoding of codes, or lists of them, as references.

    An object that is addressed by its code has it for an id; with `by_key` it has another one.
    """

    def pointer(code: Any) -> Pointer:
        return Pointer(key=str(code)) if by_key else Pointer(id=str(code))

    return lambda raw: {**raw, **_mapped(raw, names, pointer)}


def naming(*names: str, by_key: bool = False) -> Hook:
    """Encoding of references as the codes they stand for."""

    def code(pointer: Pointer) -> str:
        said = pointer.key if by_key else pointer.id
        if said is None:  # null would unset what the manifest declares
            raise ValueError(f"the reference to {pointer.key} has not been resolved")
        return said

    return lambda fields: {**fields, **_mapped(fields, names, code)}


def timed(*names: str) -> Hook:
    """Decoding of points in time, without a fraction that is zero."""

    def moment(value: Any) -> Any:
        return ZERO.sub(_less, value) if isinstance(value, str) else value

    return lambda raw: {**raw, **_mapped(raw, names, moment)}


def both(first: Hook, second: Hook) -> Hook:
    """One hook after the other."""
    return lambda raw: second(first(raw))


def _less(found: re.Match[str]) -> str:
    return f"{found[1].rstrip('.')}Z"


def _mapped(raw: Raw, names: tuple[str, ...], change: Callable[[Any], Any]) -> Raw:
    """The named fields that are there, with what they hold changed; null stays null."""
    changed: Raw = {}
    for name in names:
        value = raw.get(name)
        if isinstance(value, list):
            changed[name] = [change(one) for one in value]
        elif name in raw:
            changed[name] = None if value is None else change(value)
    return changed
