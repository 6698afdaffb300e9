"""What the kinds of Kobo PLM have in common: how they are asked for, and how ids are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reconciler.kinds import Archive, Call, Identity, Kind, Paging, Raw, Verb, as_it_is, one_by_one
from reconciler.model import Pointer

# The documentation lost its HTTP verbs. This is the one place where an update becomes a PATCH.
UPDATE_METHOD = "PUT"

PAGES = Paging("page", "per_page", 100, total=("meta", "total"))


def number_of(pointer: Pointer | None) -> int | str | None:
    """The id of what is referred to, as a body has it; raises ValueError where it is not known."""
    if pointer is None:
        return None
    if pointer.id is None:  # null would unset what the manifest declares
        raise ValueError(f"the reference to {pointer.key} has not been resolved")
    return int(pointer.id) if pointer.id.isdecimal() else pointer.id


def archive_of(path: str) -> Archive:
    """How objects at `path` are put away: out of the list, with an `archived_at`, until they are
    restored. Only the request that restores is documented."""
    return Archive(
        told=lambda raw: bool(raw.get("archived_at")),
        restore=Call("POST", f"{path}/{{id}}/restore", "data"),
        query={"archived": "true"},
    )


def managed(
    name: str,
    title: str,
    key: str,
    screen: str,
    *notes: str,
    decode: Callable[[Raw], Raw] = as_it_is,
    encode: Callable[[Raw], Raw] = as_it_is,
    archive: Archive | None = None,
    identity: Identity = Identity.CONVENTION,
) -> Kind:
    """A kind with all five verbs; each names its path and its scopes by its own name."""
    path = f"/{name.replace('_', '-')}"
    one = f"{path}/{{id}}"
    return Kind(
        name=name,
        title=title,
        calls={
            Verb.LIST: Call("GET", path, "data"),
            Verb.GET: Call("GET", one, "data"),
            Verb.CREATE: Call("POST", path, "data"),
            Verb.UPDATE: Call(UPDATE_METHOD, one, "data"),
            Verb.DELETE: Call("DELETE", one),
        },
        natural_key=(key,),
        screen=f"Kobo PLM → {screen}",
        paging=PAGES,
        identity=identity,
        idempotent=True,
        right=name,
        decode=decode,
        encode=encode,
        archive=archive,
        notes=notes,
    )


def lookup(
    name: str,
    title: str,
    key: str,
    *notes: str,
    identifier: tuple[str, ...] = (),
    collect: Callable[[Sequence[Raw]], Sequence[Raw]] = one_by_one,
) -> Kind:
    """Reference data: one list, not paged, in `{"success": true, "data": [...]}` (Lookups)."""
    return Kind(
        name=name,
        title=title,
        calls={Verb.LIST: Call("GET", f"/lookups/{name.replace('_', '-')}", "data")},
        natural_key=(key,),
        screen=f"Kobo PLM → Settings → {title[0].upper()}{title[1:]} list",
        identifier=identifier,
        collect=collect,
        notes=notes,
    )
