"""Results that can be worked out again, kept in a folder until they are of no use."""

from __future__ import annotations

import hmac
import os
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from reconciler.files.folder import Folder, open_folder

LARGEST = 256 * 1024 * 1024
"""How many bytes an entry may have, and how many all that earlier runs kept."""
_DIGEST_SIZE = 20
_SEAL_LENGTH = 2 * _DIGEST_SIZE
_IGNORE = b"# Made by reconciler. It may be deleted at any time.\n*\n"


class Cache:
    """Entries by name, in files that are private to the user and may be deleted at any time.

    Each entry is sealed with a keyed hash of its name and content and of the `version` of the
    program, and one whose seal does not fit is as good as missing: it was damaged, written by
    another version, or by somebody without the `key`. Nothing raises an error, because nothing
    depends on an entry: what cannot be read is missing, and what cannot be written is not kept.
    Without a `folder` nothing is ever kept. The folder is inside the folder `root`.
    """

    def __init__(
        self,
        folder: Path | None = None,
        root: Path | None = None,
        key: bytes = b"",
        version: str = "",
    ) -> None:
        self._folder = folder
        self._root = root
        self._key = blake2b(key, person=b"cache key", digest_size=32).digest()
        self._version = version.encode()
        self._is_trimmed = False

    def __bool__(self) -> bool:
        """Whether anything can be kept."""
        return self._folder is not None

    def digest(self, *parts: bytes) -> str:
        """A keyed hash of these bytes, as text that can be part of a name: who has no key can
        neither make one nor try which bytes it may have been made from."""
        hash = blake2b(key=self._key, digest_size=_DIGEST_SIZE)
        for part in (self._version, *parts):
            hash.update(b"%d:" % len(part))
            hash.update(part)
        return hash.hexdigest()

    def get(self, name: str) -> bytes | None:
        """The content of an entry; None where there is none that can be trusted."""
        found = self._read(name)
        return found[1] if found else None

    def has(self, name: str, seal: str) -> bool:
        """Whether there is an entry with this seal, and so with the content that it had."""
        found = self._read(name)
        return found is not None and found[0] == seal

    def _read(self, name: str) -> tuple[str, bytes] | None:
        """The seal and the content of an entry that can be trusted."""
        if self._folder is None:
            return None
        with (
            suppress(OSError),
            open_folder(self._folder, self._root) as folder,
            open(folder.open(name, os.O_RDONLY), "rb") as file,
        ):
            found, data = file.read(_SEAL_LENGTH), file.read(LARGEST)
            seal = self.seal(name, data)
            if hmac.compare_digest(found, seal.encode()):
                os.utime(file.fileno())  # what was not used for the longest time goes first
                return seal, data
        return None

    def put(self, name: str, data: bytes) -> None:
        """Keep an entry, in place of the one of this name that there may be."""
        if self._folder is None or len(data) > LARGEST:
            return
        with suppress(OSError), open_folder(self._folder, self._root, 0o700) as folder:
            if not self._is_trimmed:
                self._is_trimmed = True
                _trim(folder)
            if not folder.has(".gitignore"):
                folder.replace(".gitignore", _IGNORE, durable=False)
            folder.replace(name, self.seal(name, data).encode() + data, durable=False)

    def seal(self, name: str, data: bytes) -> str:
        """The seal of an entry with this content."""
        return self.digest(name.encode(), data)


def _trim(folder: Folder) -> None:
    """Remove the entries that were not used for the longest time, until few bytes are left."""
    names = [entry.name for entry in folder.entries()]
    states = [os.stat(name, dir_fd=folder.fd, follow_symlinks=False) for name in names]
    size = sum(state.st_size for state in states)
    for state, name in sorted(zip(states, names, strict=True), key=_last_use):
        if size <= LARGEST:
            break
        folder.remove(name)
        size -= state.st_size


def _last_use(entry: tuple[os.stat_result, str]) -> int:
    return entry[0].st_mtime_ns
