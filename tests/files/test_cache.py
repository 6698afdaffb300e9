"""What is kept between runs is trusted only as it was written."""

import os
import stat
from pathlib import Path

import pytest

from reconciler.files import cache as module
from reconciler.files.cache import Cache


def cache_in(folder: Path, key: bytes = b"k", version: str = "1") -> Cache:
    """The cache in this folder."""
    return Cache(folder / "cache", folder, key, version)


def test_an_entry_is_kept_for_the_next_run(tmp_path: Path) -> None:
    """What is put is there for another process with the same key and version, and under no other
    name."""
    cache_in(tmp_path).put("plan", b"\x00 content\n")

    assert cache_in(tmp_path).get("plan") == b"\x00 content\n"
    assert cache_in(tmp_path).get("other") is None


@pytest.mark.parametrize("other", [{"key": b"another"}, {"version": "2"}])
def test_an_entry_of_another_key_or_version_is_as_good_as_missing(
    tmp_path: Path, other: dict[str, object]
) -> None:
    """Neither a newer program nor somebody who can write the file but lacks the key decides what is
    read back."""
    cache_in(tmp_path).put("plan", b"content")

    assert cache_in(tmp_path, **other).get("plan") is None  # type: ignore[arg-type]


def test_a_damaged_entry_is_as_good_as_missing(tmp_path: Path) -> None:
    """Whatever byte of an entry is changed, cut off or added, and where it stands under the name of
    another entry, it is not read."""
    cache = cache_in(tmp_path)
    cache.put("plan", b"content")
    file = tmp_path / "cache" / "plan"
    whole = file.read_bytes()
    for at in range(len(whole)):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert cache.get("plan") is None
        file.write_bytes(whole[:at])
        assert cache.get("plan") is None
    file.write_bytes(whole + b"!")
    assert cache.get("plan") is None
    (tmp_path / "cache" / "other").write_bytes(whole)
    assert cache.get("other") is None
    file.write_bytes(whole)
    assert cache.get("plan") == b"content"


def test_entries_are_private_and_ignored_by_git(tmp_path: Path) -> None:
    """Nobody else can read the folder or a file in it, and Git does not see them."""
    cache_in(tmp_path).put("plan", b"content")

    modes = [stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "cache", tmp_path / "cache/plan")]
    assert modes == [0o700, 0o600]
    assert (tmp_path / "cache" / ".gitignore").read_text().splitlines()[-1] == "*"


def test_a_cache_that_cannot_be_used_keeps_nothing_and_raises_nothing(tmp_path: Path) -> None:
    """A file or a link in the place of the folder, a link in the place of an entry, and no folder
    at all: nothing is read or written there."""
    (tmp_path / "cache").write_text("mine")
    cache = cache_in(tmp_path)
    cache.put("plan", b"content")
    assert cache.get("plan") is None
    assert (tmp_path / "cache").read_text() == "mine"

    (tmp_path / "cache").unlink()
    cache.put("plan", b"content")
    (tmp_path / "cache" / "link").symlink_to("plan")
    assert cache.get("link") is None

    nothing = Cache()
    nothing.put("plan", b"content")
    assert nothing.get("plan") is None
    assert not nothing


def test_what_was_not_used_for_the_longest_time_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What earlier runs kept stays below the limit; the entry that was read last stays."""
    cache = cache_in(tmp_path)
    for number in range(3):
        cache.put(f"entry-{number}", bytes(100))
        os.utime(tmp_path / "cache" / f"entry-{number}", (number, number))
    assert cache.get("entry-0") is not None
    monkeypatch.setattr(module, "LARGEST", 400)

    cache_in(tmp_path).put("entry-3", b"")

    assert cache.get("entry-1") is None
    assert cache.get("entry-0") is not None
