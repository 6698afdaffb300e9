"""A ledger on a branch of the workspace's own repository: no other infrastructure is needed.

The branch holds one file, and each write is a commit. Its push is refused where somebody else has
pushed since, so no write is lost. The lock is the message of a commit on a second branch, which is
changed under the same condition. Both are at the remote `origin`, or in the repository itself
where it has no such remote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import Diagnostic, Invalid, LedgerError
from reconciler.ledger.git_program import Git
from reconciler.ledger.lease import Lease, Terms
from reconciler.ledger.leased import LeasedStore
from reconciler.ledger.store import Content

FILE = "ledger.jsonl"
REMOTE = "origin"
TERMS = Terms(lasts=120, renew=30)
_BRANCH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
# A tree with this one file: the hash has 20 bytes, or 32 in a repository of SHA-256.
_TREE = re.compile(rb"100644 ledger\.jsonl\0.{20}(.{12})?", re.DOTALL)
_PUSH = ("--quiet", "--no-verify", "--no-recurse-submodules", "--no-follow-tags")
# A push that fails although the branch is as it was is tried again: two at once can hinder each
# other.
_TRIES = 5


@dataclass
class GitStore(LeasedStore):
    """A ledger on `branch` of the repository around `root`; `Store` says what the methods promise.
    A version is the id of a commit."""

    branch: str
    root: Path
    terms: Terms = TERMS

    def __post_init__(self) -> None:
        self._git = Git(self.root, self.place)
        self._lease = Lease(self, self.place, self.terms)
        self._remote: bool | None = None
        self._empty = ""

    @classmethod
    def at(cls, setting: str, root: Path) -> GitStore:
        """The store of a setting `git:BRANCH`; raises Invalid for what is no branch's name."""
        branch = setting.partition(":")[2]
        parts = branch.split("/")
        bad = any(".." in part or part.endswith((".lock", ".")) for part in parts)
        if bad or len(branch) > 200 or not _BRANCH.fullmatch(branch):
            detail = "Write `ledger: git:BRANCH`, such as git:reconciler-ledger: letters, digits, "
            raise Invalid(Diagnostic("ledger names no Git branch", f"{detail}`.`, `_`, `-`, `/`."))
        return cls(branch, root)

    @property
    def place(self) -> str:
        """The setting."""
        return f"git:{self.branch}"

    def read_whole(self) -> Content:
        """The file on the branch; no bytes where there is no such branch."""
        version = self._fetch(self._ref)
        if not version:
            return Content(b"", "")
        tree, data = self._objects(f"{version}^{{tree}}", f"{version}:{FILE}")
        if not _TREE.fullmatch(tree):
            raise LedgerError(
                Diagnostic(
                    f"the branch {self.branch} is not a ledger's: it holds other files",
                    "It is left as it is. Give another branch under `ledger:`, one that does not "
                    "exist yet.",
                )
            )
        return Content(data, version)

    def replace_whole(self, data: bytes, version: str) -> str | None:
        """Commit the file, and push the commit."""
        blob = self._line("hash-object", "-w", "--no-filters", "--stdin", stdin=data)
        tree = self._line("mktree", stdin=f"100644 blob {blob}\t{FILE}\n".encode())
        parent = ("-p", version) if version else ()
        message = b"Record what reconciler did\n"
        commit = self._line("commit-tree", tree, *parent, "-F", "-", stdin=message)
        return commit if self._move(self._ref, version, commit) else None

    def read_note(self) -> Content:
        """The message of the newest commit on the lock's branch."""
        version = self._fetch(self._lock_ref)
        if not version:
            return Content(b"", "")
        (commit,) = self._objects(version)
        return Content(commit.partition(b"\n\n")[2].strip(), version)

    def replace_note(self, text: bytes, version: str) -> str | None:
        """Push a commit with this message onto the lock's branch."""
        self._empty = self._empty or self._line("mktree")
        parent = ("-p", version) if version else ()
        commit = self._line("commit-tree", self._empty, *parent, "-F", "-", stdin=text + b"\n")
        return commit if self._move(self._lock_ref, version, commit) else None

    def obstacle(self) -> str:
        """What the remote says to a push that is only tried, where there is anything to push."""
        commit = self._fetch(self._ref) or self._git.ask("rev-parse", "-q", "--verify", "HEAD").line
        if not commit or not self._has_remote():
            return ""
        target = f"{commit}:{self._ref}-never"
        answer = self._git.ask("push", "--dry-run", *_PUSH, "--", REMOTE, target)
        return f"git push fails: {answer.error.partition(chr(10))[0]}" if answer.failed else ""

    @property
    def _ref(self) -> str:
        return f"refs/heads/{self.branch}"

    @property
    def _lock_ref(self) -> str:
        return f"{self._ref}-lock"

    def _line(self, *arguments: str, stdin: bytes = b"") -> str:
        return self._git.run(*arguments, stdin=stdin).decode().strip()

    def _has_remote(self) -> bool:
        if self._remote is None:
            names = self._git.run("remote").decode("utf-8", "replace").split("\n")
            self._remote = REMOTE in names
        return self._remote

    def _tip(self, ref: str) -> str:
        """The commit to which the branch leads now; "" where there is none."""
        if not self._has_remote():
            return self._here(ref)
        out = self._git.run("ls-remote", "--quiet", "--", REMOTE, ref)
        return _named(out, ref)

    def _here(self, ref: str) -> str:
        """The commit to which a ref of this repository leads; "" where there is none."""
        out = self._git.run("for-each-ref", "--format=%(objectname)%09%(refname)", ref)
        return _named(out, ref)

    def _fetch(self, ref: str) -> str:
        """The commit to which the branch leads now, with what it needs in this repository.

        One connection does both, and leaves a ref of ours, from which the next one goes on.
        """
        if not self._has_remote():
            return self._here(ref)
        kept = f"refs/reconciler/{ref.removeprefix('refs/heads/')}"
        # What the clone has of other branches is of no use, and is not offered.
        known = self._here(kept)
        tips = (f"--negotiation-tip={known}",) if known else ()
        algorithm = "default" if known else "noop"
        # Nothing that other runs here could change at the same time is written but that ref.
        answer = self._git.ask(
            *("-c", f"fetch.negotiationAlgorithm={algorithm}", "fetch", "--quiet", "--no-tags"),
            *("--no-prune", "--no-write-fetch-head", "--refmap=", "--no-recurse-submodules", *tips),
            *("--", REMOTE, f"+{ref}:{kept}"),
        )
        if not answer.failed:
            return self._here(kept)
        # There is no such branch, or another run here has just written that ref.
        tip = self._tip(ref)
        if tip and self._git.ask("cat-file", "-e", f"{tip}^{{tree}}").failed:
            raise self._git.failure(answer)
        return tip

    def _objects(self, *names: str) -> tuple[bytes, ...]:
        """The contents of these objects; none of one that does not exist."""
        rest = self._git.run("cat-file", "--batch", stdin="".join(f"{n}\n" for n in names).encode())
        contents = []
        for _ in names:
            head, _, rest = rest.partition(b"\n")
            size = 0 if head.endswith(b" missing") else int(head.rpartition(b" ")[2]) + 1
            contents.append(rest[: max(size - 1, 0)])
            rest = rest[size:]
        return tuple(contents)

    def _move(self, ref: str, before: str, after: str) -> bool:
        """Have the branch lead to `after` if it leads to `before`; returns whether it does now."""
        for _ in range(_TRIES):
            if self._has_remote():
                lease = f"--force-with-lease={ref}:{before}"
                answer = self._git.ask("push", *_PUSH, lease, "--", REMOTE, f"{after}:{ref}")
            else:
                answer = self._git.ask("update-ref", ref, after, before)
            if not answer.failed:
                return True
            # The answer may have been lost, so look what is there.
            now = self._tip(ref)
            if now != before:
                return now == after
        raise self._git.failure(answer)


def _named(lines: bytes, ref: str) -> str:
    """The commit that stands before this ref in a list of refs; "" where it is not in it."""
    for line in lines.decode("utf-8", "replace").splitlines():
        commit, _, name = line.partition("\t")
        if name == ref:
            return commit
    return ""
