"""What a ledger on a Git branch promises beyond what every store does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reconciler.errors import Invalid, LedgerError, LockHeld
from reconciler.ledger import EMPTY, open_ledger
from reconciler.ledger.git_program import environment
from reconciler.model import Address, Owned

from .stores import GitPlace, git

HOOK = Address("kobo", "webhooks", "erp-sync")
OWNED = Owned(HOOK, "7", {"name": "Ürün ✓"}, "created", "2024-01-15T10:00:00Z")


@pytest.fixture
def here(tmp_path: Path) -> GitPlace:
    """A ledger on a branch of a bare repository with two clones."""
    return GitPlace(tmp_path)


def write(root: Path, setting: str = "git:ledger") -> None:
    """Own an object, and let go of it."""
    with open_ledger(setting, root, "acme").lock("apply") as session:
        session.own(OWNED)
        session.forget(HOOK, reason="gone")


def files(root: Path) -> dict[str, bytes]:
    """Every file of a working tree, and the index and HEAD of its repository."""
    paths = [p for p in root.rglob("*") if p.is_file() and ".git" not in p.relative_to(root).parts]
    paths += [root / ".git" / name for name in ("HEAD", "index") if (root / ".git" / name).exists()]
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


def test_the_working_tree_stays_as_it_is(here: GitPlace) -> None:
    """Neither a file nor the index, HEAD or what `git fetch` left is changed, and the clone has
    no new branch of its own."""
    root = here.folder / "one"
    (root / "staged.txt").write_text("staged")
    git(root, "add", "staged.txt")
    (root / "loose.txt").write_text("loose")
    before = files(root)
    write(root)
    write(here.folder / "two")
    assert open_ledger("git:ledger", root, "acme").read().serial == 5
    assert files(root) == before
    assert git(root, "branch") == b""
    assert not (root / ".git" / "FETCH_HEAD").exists()


def test_the_branch_only_ever_moves_on(here: GitPlace) -> None:
    """Each write is a commit on the one before, so a branch that allows no other push will do."""
    git(here.origin, "config", "receive.denyNonFastForwards", "true")
    git(here.origin, "config", "receive.denyDeletes", "true")
    write(here.folder / "one")
    first = git(here.origin, "rev-parse", "ledger").decode().strip()
    write(here.folder / "two")
    git(here.origin, "merge-base", "--is-ancestor", first, "ledger")
    assert git(here.origin, "ls-tree", "--name-only", "ledger") == b"ledger.jsonl\n"


def test_without_a_remote_the_repository_itself_keeps_it(tmp_path: Path) -> None:
    """Where there is no `origin`, the branch is the repository's own, with the same lock."""
    git(tmp_path, "init", "-q", "-b", "main")
    inside = tmp_path / "shop"
    inside.mkdir()
    assert open_ledger("git:team/ledger", inside, "acme").read() == EMPTY
    with open_ledger("git:team/ledger", inside, "acme").lock("apply") as session:
        with pytest.raises(LockHeld, match="`apply`"):
            open_ledger("git:team/ledger", tmp_path, "acme").lock("import").__enter__()
        session.own(OWNED)
    assert open_ledger("git:team/ledger", tmp_path, "acme").read().owned == {HOOK: OWNED}
    assert list(inside.iterdir()) == []


def counted(root: Path, log: Path) -> None:
    """Have each connection of this clone to its remote noted in a file."""
    for name in ("upload-pack", "receive-pack"):
        script = root.parent / name
        script.write_text(f'#!/bin/sh\necho {name} >>{log}\nexec git {name} "$@"\n')
        script.chmod(0o755)
        git(root, "config", f"remote.origin.{name.replace('-', '')}", str(script))


def test_reading_connects_to_the_remote_once(here: GitPlace) -> None:
    """A plan connects once, whether or not what is there is new to this clone, and finds what is
    new; only to learn that there is no ledger yet takes a second look."""
    root, log = here.folder / "two", here.folder / "log"
    counted(root, log)
    for serial, connections in ((0, 2), (3, 1), (3, 1)):
        log.write_text("")
        assert open_ledger("git:ledger", root, "acme").read().serial == serial
        assert log.read_text() == "upload-pack\n" * connections
        if not serial:
            write(here.folder / "one")


def test_reading_does_not_depend_on_what_an_earlier_one_left(here: GitPlace) -> None:
    """Where the ref that reading leaves in a clone cannot be written, because another run has it
    locked or a ref of another branch is in its place, the ledger is read all the same."""
    write(here.folder / "one")
    root = here.folder / "two"
    refs = root / ".git" / "refs" / "reconciler"
    refs.mkdir()
    (refs / "ledger.lock").write_text("")
    assert open_ledger("git:ledger", root, "acme").read().serial == 3
    (refs / "ledger.lock").unlink()
    git(root, "commit", "-q", "--allow-empty", "-m", "ours")
    git(root, "update-ref", "refs/reconciler/ledger/production", "HEAD")
    write(root)
    assert open_ledger("git:ledger", root, "acme").read().serial == 5


def test_a_branch_with_other_files_is_refused(here: GitPlace) -> None:
    """A branch with the team's files is neither read as a ledger nor written to."""
    root = here.folder / "one"
    (root / "ledger.jsonl").write_text("")
    (root / "README").write_text("ours")
    git(root, "add", ".")
    git(root, "commit", "-qm", "ours")
    git(root, "push", "-q", "origin", "main")
    before = git(here.origin, "rev-parse", "main")
    for clone in (root, here.folder / "two"):
        with pytest.raises(LedgerError, match="branch main is not a ledger's"):
            open_ledger("git:main", clone, "acme").read()
        with pytest.raises(LedgerError, match="is not a ledger's"):
            write(clone, "git:main")
    assert git(here.origin, "rev-parse", "main") == before


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-x",
        "--upload-pack=x",
        "a b",
        "a..b",
        "a/",
        "/a",
        "a.lock",
        "a//b",
        "HEAD:x",
        "a~1",
        ".a",
    ],
)
def test_what_is_no_branch_is_refused(tmp_path: Path, name: str) -> None:
    """An option, an expression or another ref in the place of a branch reaches no program."""
    with pytest.raises(Invalid, match="no Git branch"):
        open_ledger(f"git:{name}", tmp_path, "acme")


def test_no_program_of_a_repository_is_run(here: GitPlace) -> None:
    """Hooks, a program that watches files, signing and aliases are not run by a read or a write."""
    root, ran = here.folder / "one", here.folder / "ran"
    hooks = root / "hooks"
    hooks.mkdir()
    trap = hooks / "trap"
    for path in (trap, *(hooks / n for n in ("pre-push", "reference-transaction", "post-commit"))):
        path.write_text(f"#!/bin/sh\necho $0 >>{ran}\n")
        path.chmod(0o755)
    for name, value in {
        "core.hooksPath": str(hooks),
        "core.fsmonitor": str(trap),
        "core.pager": str(trap),
        "commit.gpgSign": "true",
        "push.gpgSign": "if-asked",
        "gpg.program": str(trap),
        "alias.push": f"!{trap}",
        "alias.cat-file": f"!{trap}",
        "core.editor": str(trap),
    }.items():
        git(root, "config", name, value)
    write(root)
    assert open_ledger("git:ledger", root, "acme").read().serial == 3
    assert not ran.exists()


def test_a_repository_among_the_files_is_not_taken_for_ours(here: GitPlace) -> None:
    """A workspace folder that somebody has made look like a bare repository, with a configuration
    that runs programs, changes nothing: the repository around it is used, or git refuses."""
    root, ran = here.folder / "one", here.folder / "ran"
    evil = root / "shop"
    git(root, "init", "-q", "--bare", "shop")
    git(root, "--git-dir", str(evil), "remote", "add", "origin", f"ext::sh -c touch% {ran}")
    git(root, "--git-dir", str(evil), "config", "protocol.ext.allow", "always")
    with pytest.raises(LedgerError, match="git failed"):
        write(evil)
    assert not ran.exists()


def test_a_remote_that_is_a_command_is_not_run(here: GitPlace) -> None:
    """`ext::` remotes stay forbidden, whatever the configuration says."""
    root, ran = here.folder / "one", here.folder / "ran"
    git(root, "remote", "set-url", "origin", f"ext::sh -c touch% {ran}")
    git(root, "config", "protocol.ext.allow", "always")
    with pytest.raises(LedgerError, match="git failed"):
        write(root)
    assert not ran.exists()


def test_a_credential_in_the_remote_s_url_is_not_shown(here: GitPlace) -> None:
    """Neither the place nor the error of a remote that cannot be reached has the password."""
    root = here.folder / "one"
    git(root, "remote", "set-url", "origin", "http://bot:hunter2@127.0.0.1:9/shop.git")
    ledger = open_ledger("git:ledger", root, "acme")
    with pytest.raises(LedgerError, match="git failed") as caught:
        ledger.read()
    assert "127.0.0.1" in caught.value.diagnostics[0].detail
    assert "hunter2" not in f"{caught.value.diagnostics} {ledger.store.place}"


def test_variables_that_choose_another_repository_are_left_out() -> None:
    """In a hook git names its repository in variables, which must not choose ours; nor may traces
    print credentials, or a prompt wait for ever."""
    kept = environment({"GIT_DIR": "x", "GIT_TRACE_CURL": "1", "PATH": "p", "GIT_SSH_COMMAND": "s"})
    assert {"PATH", "GIT_SSH_COMMAND"} <= kept.keys()
    assert kept["GIT_TERMINAL_PROMPT"] == "0"
    assert not {"GIT_DIR", "GIT_TRACE_CURL"} & kept.keys()


def test_a_folder_outside_any_repository_is_told_so(tmp_path: Path) -> None:
    """Where there is no repository, or no git, the error says so and nothing is made."""
    with pytest.raises(LedgerError, match="git failed") as caught:
        open_ledger("git:ledger", tmp_path, "acme").read()
    assert "not a git repository" in caught.value.diagnostics[0].detail
    assert os.listdir(tmp_path) == []
