"""A YAML file that was parsed before is read as if it were parsed again."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler import yaml12
from reconciler.files.cache import Cache
from reconciler.manifest.parsed import LEAST, ParsedFiles

from .conftest import ROOT

PADDING = b"# padding\n" * (LEAST // 10 + 1)
ODD = """
provider: kobo-plm
suppliers:
  "00000001": {name: Ş, phone: "12:30", n: 9007199254740993, f: 1.10, e: 1e300, z: -0.0}
  ? "a: b"
  : &one [true, null, ~, "", [], {}]
  aliased: *one
  kâğıt: "\\U0001F600"
---
---
- 1
--- plain
"""


def examples() -> list[bytes]:
    """Manifests of the examples, and one with odd values."""
    files = sorted((ROOT / "examples").rglob("*.yaml"))
    return [ODD.encode(), *(path.read_bytes() for path in files)]


def test_what_was_kept_is_what_was_parsed(tmp_path: Path) -> None:
    """Documents, with the types of their values, the order of their members, and their places, are
    the same for every example, by this parser and by the next one."""
    for text in examples():
        data = text + PADDING
        anew = yaml12.parse_with_warnings(data, "a.yaml")
        for _ in range(2):
            kept = ParsedFiles(Cache(tmp_path / "cache", tmp_path, b"k")).parse(data, "a.yaml")
            assert repr(kept) == repr(anew)
    assert len(list((tmp_path / "cache").glob("yaml-*"))) > len(examples()) // 2


def test_a_file_is_taken_from_the_cache(tmp_path: Path) -> None:
    """What is kept under the digest of its bytes is what the file says; other bytes are parsed."""
    cache = Cache(tmp_path / "cache", tmp_path, b"k")
    data = b"a: 1\n" + PADDING
    ParsedFiles(cache).parse(data, "a.yaml")
    cache.put(f"yaml-{cache.digest(data)}", b'[[{"a": 2}, 1, []]]')

    assert ParsedFiles(cache).parse(data, "a.yaml").documents[0].value == {"a": 2}
    assert ParsedFiles(cache).parse(data + b"#", "a.yaml").documents[0].value == {"a": 1}


@pytest.mark.parametrize("text", ["a: 017\n", "a: 1\na: 2\n"])
def test_a_file_with_findings_is_parsed_each_time(tmp_path: Path, text: str) -> None:
    """Warnings and errors are found again by every run, in the file that is read then."""
    cache = Cache(tmp_path / "cache", tmp_path, b"k")
    data = text.encode() + PADDING
    found = []
    for name in ("a.yaml", "b.yaml"):
        try:
            found.append(ParsedFiles(cache).parse(data, name).warnings)
        except yaml12.Invalid as error:
            found.append(error.diagnostics)
        assert [finding.source.file for finding in found[-1] if finding.source] == [name]
    assert not (tmp_path / "cache").exists()
