"""Keep what YAML files were parsed into, by the digest of their bytes."""

from __future__ import annotations

import json
from typing import Any

from reconciler import yaml12
from reconciler.files.cache import Cache

LEAST = 16 * 1024
"""In bytes: a smaller file is parsed in the time in which what was kept of it would be read."""


class ParsedFiles:
    """Parses YAML files; those that were parsed before are taken from a cache.

    What is kept is what the file says, in which a secret is `${secret.NAME}`. A file with warnings
    is parsed each time.
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def parse(self, data: bytes, file: str) -> yaml12.Parsed:
        """The documents in the bytes of a file, and warnings; raises what
        `yaml12.parse_with_warnings` does."""
        if not self._cache or len(data) < LEAST:
            return yaml12.parse_with_warnings(data, file)
        name = f"yaml-{self._cache.digest(data)}"
        if (kept := self._cache.get(name)) is not None:
            return yaml12.Parsed(tuple(map(_document, json.loads(kept))), ())
        parsed = yaml12.parse_with_warnings(data, file)
        if not parsed.warnings:
            members = [[d.value, d.line, list(d.marks.items())] for d in parsed.documents]
            self._cache.put(name, json.dumps(members).encode())
        return parsed


def _document(members: list[Any]) -> yaml12.Document:
    value, line, marks = members
    return yaml12.Document(value, line, {tuple(path): tuple(place) for path, place in marks})
