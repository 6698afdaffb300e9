"""Which program this is: what it worked out may be used again by the same program only."""

from __future__ import annotations

import os
from functools import cache
from hashlib import blake2b
from pathlib import Path


@cache
def program_digest() -> str:
    """A digest of this program: of the record of its wheel, which has a hash of each file, or of
    the names, sizes and times of change of its files, where it runs from a checkout."""
    package = Path(__file__).parent.parent
    digest = blake2b(digest_size=16)
    records = sorted(package.parent.glob("reconciler_retail-*.dist-info/RECORD"))
    for record in records:
        digest.update(record.read_bytes())
    if not records:
        for path in sorted([*_files(package), *_files(package.parent / "schemas")]):
            status = os.stat(path)
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _files(folder: Path) -> list[str]:
    """The files below a folder that are part of the program."""
    return [
        os.path.join(where, name)
        for where, _, names in os.walk(folder)
        for name in names
        if name.endswith((".py", ".json", ".so"))
    ]
