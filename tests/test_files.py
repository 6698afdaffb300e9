"""The room that opens and writes files: who decides which file it is, and what is in it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest

from reconciler import files

PACKAGE = Path(files.__file__).parent.parent
SOMEBODY = 12345

is_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of other users")


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file beside the workspace."""
    path = tmp_path / "outside.txt"
    path.write_text("secret", "utf-8")
    return path


@pytest.fixture
def root(tmp_path: Path, outside: Path) -> Path:
    """A workspace with a file."""
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "inside.txt").write_text("inside", "utf-8")
    return folder


def mode_of(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def read(path: Path, root: Path) -> bytes:
    """A file of the workspace."""
    return files.read_file(path, 1000, root)


def test_a_link_inside_the_workspace_is_followed(root: Path, tmp_path: Path) -> None:
    """Relative, absolute, through a folder, and where the workspace itself is reached by a link."""
    (root / "folder").mkdir()
    (root / "folder" / "up.txt").symlink_to("../inside.txt")
    (root / "absolute.txt").symlink_to(root / "inside.txt")
    (root / "other").symlink_to("folder")
    (tmp_path / "link").symlink_to(root)
    for base in (root, tmp_path / "link"):
        for name in ("inside.txt", "folder/up.txt", "absolute.txt", "other/up.txt"):
            assert read(base / name, base) == b"inside"


@pytest.mark.parametrize("name", ["../outside.txt", "out.txt", "far/outside.txt", "/etc/passwd"])
def test_nothing_leads_out_of_the_workspace(root: Path, outside: Path, name: str) -> None:
    """Two dots, an absolute path, a link to a file and one to a folder: neither read nor
    written, and no folder is made there."""
    (root / "out.txt").symlink_to(outside)
    (root / "far").symlink_to(root.parent)
    tries: list[Callable[[], object]] = [
        lambda: read(root / name, root),
        lambda: files.append_to_file(root / name, b"x", root),
    ]
    if name != "out.txt":
        tries += [
            lambda: files.replace_file(root / name, b"x", 0o600, root),
            lambda: files.create_file(root / name, b"x", 0o600, root),
            lambda: files.make_folder((root / name).parent / "new", root),
        ]
    for attempt in tries:
        with pytest.raises(files.UnsafeFile, match="outside the workspace"):
            attempt()
    assert outside.read_text("utf-8") == "secret"
    assert sorted(p.name for p in root.parent.iterdir()) == ["outside.txt", "root"]


def test_a_link_that_is_put_there_while_it_is_read_leads_nowhere(root: Path, outside: Path) -> None:
    """However often a file and a folder become links in turn, what lies outside is never read."""
    (root / "folder").mkdir()
    (root / "folder" / "a.txt").write_text("inside", "utf-8")
    far = root.parent / "far"
    far.mkdir()
    (far / "a.txt").write_text("secret", "utf-8")
    link, kept, flipped = root / "link.txt", root / "kept", root / "flipped"
    done = Event()

    def flip() -> None:
        while not done.is_set():
            for target in (outside, root / "inside.txt"):
                flipped.symlink_to(target)
                flipped.replace(link)
            (root / "folder").rename(kept)
            (root / "folder").symlink_to(far)
            (root / "folder").unlink()
            kept.rename(root / "folder")

    thread = Thread(target=flip)
    thread.start()
    seen = set()
    try:
        for _ in range(200):
            for path in (link, root / "folder" / "a.txt"):
                try:
                    seen.add(read(path, root))
                except OSError:
                    seen.add(b"refused")
    finally:
        done.set()
        thread.join()
    assert seen == {b"inside", b"refused"}


@pytest.mark.parametrize("name", ["pipe", "folder", "/dev/zero", "a\0b", "\ud800", "x" * 300])
def test_what_is_no_file_is_refused_at_once(root: Path, name: str) -> None:
    """A pipe, a folder, a device and names that no file has are errors of the system's kind."""
    os.mkfifo(root / "pipe")
    (root / "folder").mkdir()
    for attempt in (
        lambda: files.read_file(root / name, 10),
        lambda: files.replace_file(root / name, b"x", 0o600),
        lambda: files.open_to_append(root / name),
    ):
        with pytest.raises(OSError, match=r"not a regular file|no file can|folder|too long|direct"):
            attempt()
    assert sorted(p.name for p in root.iterdir()) == ["folder", "inside.txt", "pipe"]


def test_a_file_that_is_too_long_is_refused(root: Path) -> None:
    """The limit is in bytes; one byte more is an error that says so."""
    (root / "long").write_bytes(b"x" * (1024 * 1024 + 1))
    assert len(files.read_file(root / "long", 1024 * 1024 + 1)) == 1024 * 1024 + 1
    with pytest.raises(files.UnsafeFile, match="more than 1 MB"):
        files.read_file(root / "long", 1024 * 1024)


def test_a_new_file_takes_the_place_of_the_old_one(root: Path, outside: Path) -> None:
    """The old one is not written to, neither through a link nor through a second name; nobody
    else can read the new one."""
    os.link(root / "inside.txt", root / "second.txt")
    (root / "link.txt").symlink_to(outside)
    for name in ("inside.txt", "link.txt", "new.txt"):
        files.replace_file(root / name, b"new", 0o600, root)
        assert (root / name).read_bytes() == b"new"
        assert mode_of(root / name) == 0o600
        assert not (root / name).is_symlink()
    assert (root / "second.txt").read_text("utf-8") == "inside"
    assert outside.read_text("utf-8") == "secret"


def test_no_name_of_a_temporary_file_can_be_taken_before(root: Path) -> None:
    """Each is another one, made anew (O_EXCL) and gone afterwards."""
    program = """
import os, sys
from pathlib import Path
from reconciler import files
sys.addaudithook(lambda name, args: name == "open" and print(args[0], args[2] & os.O_EXCL > 0))
for _ in range(20):
    files.replace_file(Path("plan"), b"x", 0o600)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    drafts = [line.split()[0] for line in done.stdout.splitlines() if line.endswith(".new True")]
    assert len(set(drafts)) == 20
    assert sorted(p.name for p in root.iterdir()) == ["inside.txt", "plan"]


def test_a_new_file_is_whole_or_not_there(root: Path) -> None:
    """What exists is not replaced by `create_file`; the folders that it needs are made."""
    files.create_file(root / "a" / "b" / "c.txt", b"first", 0o644, root)
    with pytest.raises(FileExistsError):
        files.create_file(root / "a" / "b" / "c.txt", b"second", 0o644, root)
    (root / "dead.txt").symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        files.create_file(root / "dead.txt", b"second", 0o644, root)
    assert (root / "a" / "b" / "c.txt").read_bytes() == b"first"
    assert [p.name for p in (root / "a" / "b").iterdir()] == ["c.txt"]


@is_root
def test_what_belongs_to_somebody_else_is_not_written_to(root: Path) -> None:
    """Nor is their saved plan taken for ours. Reading what they declared goes on."""
    path = root / "inside.txt"
    os.chown(path, SOMEBODY, SOMEBODY)
    for attempt in (
        lambda: files.replace_file(path, b"x", 0o600),
        lambda: files.open_to_append(path),
        lambda: files.append_to_file(path, b"x", root),
        lambda: files.read_file(path, 10, ours=True),
    ):
        with pytest.raises(files.UnsafeFile, match=f"another user .uid {SOMEBODY}.") as refused:
            attempt()
        assert f"chown {os.geteuid()} " in refused.value.advice
    assert read(path, root) == b"inside"


@is_root
def test_root_works_in_the_checkout_of_another_user(root: Path) -> None:
    """As in a container: the files are those of the folder's owner, and stay theirs."""
    path = root / "inside.txt"
    for part in (root, path):
        os.chown(part, SOMEBODY, SOMEBODY)
    assert files.read_file(path, 10, root, ours=True) == b"inside"
    files.append_to_file(path, b"x", root)
    files.replace_file(path, b"new", 0o600, root)
    assert (path.read_bytes(), path.stat().st_uid) == (b"new", SOMEBODY)


def test_a_hard_link_in_a_folder_of_everybody_is_refused(root: Path) -> None:
    """It may be a second name of any of our files."""
    shared = root / "shared"
    shared.mkdir()
    os.link(root / "inside.txt", shared / "secrets.jsonl")
    shared.chmod(0o1777)
    with pytest.raises(files.UnsafeFile, match="hard link"):
        files.open_to_append(shared / "secrets.jsonl")
    shared.chmod(0o755)
    files.open_to_append(shared / "secrets.jsonl").close()


def test_a_folder_in_which_everybody_replaces_files_is_told(root: Path) -> None:
    """With the sticky bit, as /tmp has it, nobody can replace what is ours."""
    for mode, fine in ((0o700, True), (0o775, True), (0o1777, True), (0o777, False)):
        root.chmod(mode)
        with files.open_folder(root) as folder:
            if fine:
                folder.check_private()
                continue
            with pytest.raises(files.UnsafeFile) as refused:
                folder.check_private()
            assert refused.value.advice.endswith(f"chmod o-w {root}")


def test_the_configuration_folder_is_for_its_user_alone(tmp_path: Path) -> None:
    """It is made at the first write, 0700, with files of 0600; reading makes nothing."""
    home = {"HOME": str(tmp_path)}
    assert files.configuration_folder(home) == tmp_path / ".config" / "reconciler"
    other = {**home, "XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    assert files.configuration_folder(other) == tmp_path / "xdg" / "reconciler"
    assert files.configuration_folder({**home, "XDG_CONFIG_HOME": "relative"}) == (
        tmp_path / ".config" / "reconciler"
    )
    assert files.read_private("key", home) is None
    assert list(tmp_path.iterdir()) == []
    files.save_private("key", b"first", home, new=True)
    with pytest.raises(FileExistsError):
        files.save_private("key", b"second", home, new=True)
    assert files.read_private("key", home) == b"first"
    files.save_private("key", b"third", home)
    assert files.read_private("key", home) == b"third"
    folder = tmp_path / ".config" / "reconciler"
    assert (mode_of(folder), mode_of(folder / "key")) == (0o700, 0o600)


def test_what_others_can_write_is_no_configuration(tmp_path: Path) -> None:
    """A key that anybody may have put there is refused, with what to do; so is a link."""
    home = {"HOME": str(tmp_path)}
    files.save_private("key", b"first", home)
    folder = tmp_path / ".config" / "reconciler"
    (folder / "link").symlink_to("key")
    with pytest.raises(OSError, match="symbolic link"):
        files.read_private("link", home)
    (folder / "key").chmod(0o620)
    with pytest.raises(files.UnsafeFile, match="others can write") as refused:
        files.read_private("key", home)
    assert "chmod 600" in refused.value.advice
    folder.chmod(0o777)
    with pytest.raises(files.UnsafeFile, match="others can write to the folder"):
        files.save_private("key", b"second", home)


def test_a_user_without_a_home_has_no_configuration(tmp_path: Path) -> None:
    """As a service has it: nothing is read, and no traceback comes from asking."""
    (tmp_path / "null").touch()
    assert files.read_private("key", {"HOME": str(tmp_path / "null")}) is None
