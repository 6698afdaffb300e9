"""Find the live object that a resource or a reference means, by natural key or by vendor id."""

from reconciler.identity.index import (
    LiveIndex,
    LiveIndexes,
    key_in,
    resolve_names,
)
from reconciler.identity.keys import NaturalKey, key_text, loose_key, natural_key, parse_key
from reconciler.identity.matching import index_live, is_recorded, shows_account
from reconciler.identity.pointers import (
    current_names,
    finder,
    path_text,
    pointers_in,
    references_in,
    same_object,
)

__all__ = [
    "LiveIndex",
    "LiveIndexes",
    "NaturalKey",
    "current_names",
    "finder",
    "index_live",
    "is_recorded",
    "key_in",
    "key_text",
    "loose_key",
    "natural_key",
    "parse_key",
    "path_text",
    "pointers_in",
    "references_in",
    "resolve_names",
    "same_object",
    "shows_account",
]
