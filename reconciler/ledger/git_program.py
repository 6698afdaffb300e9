"""Run the `git` program on the repository around a workspace, without touching its files.

Only plumbing is run. What a checkout could bring along is switched off: hooks, programs that
watch files, a bare repository among the checked-out files, and remotes that are commands.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from reconciler.errors import Diagnostic, LedgerError
from reconciler.frozen import frozen

# In seconds, for one command.
LONGEST = 120
_OPTIONS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.alternateRefsCommand=",
    "core.pager=cat",
    "safe.bareRepository=explicit",
    "protocol.ext.allow=never",
    "gc.auto=0",
    "maintenance.auto=false",
    "push.gpgSign=false",
    "push.recurseSubmodules=no",
    "push.followTags=false",
    "fetch.recurseSubmodules=false",
    "fetch.writeCommitGraph=false",
    "submodule.recurse=false",
)
# Which repository is meant is for us to say, also where a hook of git has started us.
_LEFT_OUT = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
        "GIT_SHALLOW_FILE",
        "GIT_GRAFT_FILE",
        "GIT_TRACE",
        "GIT_TRACE_CURL",
        "GIT_TRACE_PACKET",
        "GIT_CURL_VERBOSE",
    }
)
_CREDENTIAL = re.compile(r"://[^/\s@]*@")


@frozen
class Answer:
    """What git printed, and whether it failed; `error` is fit to be shown."""

    out: bytes
    error: str
    failed: bool

    @property
    def line(self) -> str:
        """The first line that was printed."""
        return self.out.decode("utf-8", "replace").partition("\n")[0].strip()


@frozen
class Git:
    """The program, in the repository around the folder `root`; `place` is the ledger's."""

    root: Path
    place: str

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What the command prints; raises LedgerError where it fails."""
        answer = self.ask(*arguments, stdin=stdin)
        if answer.failed:
            raise self.failure(answer)
        return answer.out

    def ask(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """How the command ends; raises LedgerError where there is no git, or where it hangs."""
        options = (part for option in _OPTIONS for part in ("-c", option))
        command = ["git", "--no-pager", "--literal-pathspecs", *options, *arguments]
        try:
            # A session of its own: no terminal to ask for a password, and Ctrl-C does not reach it.
            done = subprocess.run(
                command,
                cwd=self.root,
                env=environment(os.environ),
                input=stdin,
                capture_output=True,
                start_new_session=True,
                timeout=LONGEST,
                check=False,
            )
        except FileNotFoundError:
            raise LedgerError(
                Diagnostic(
                    f"the ledger {self.place} needs the program git, which is not installed",
                    "Install git, or give the path of a file under `ledger:`.",
                )
            ) from None
        except subprocess.TimeoutExpired:
            summary = f"the ledger {self.place} cannot be used: git took more than {LONGEST} s"
            raise LedgerError(Diagnostic(summary, "Check the connection to `origin`.")) from None
        error = _CREDENTIAL.sub("://", done.stderr.decode("utf-8", "replace")).strip()
        return Answer(done.stdout, error, done.returncode != 0)

    def failure(self, answer: Answer) -> LedgerError:
        """The error that says what git said."""
        return LedgerError(
            Diagnostic(
                f"the ledger {self.place} cannot be used: git failed",
                f"{answer.error.expandtabs(4) or 'It gave no reason.'}\n"
                "Check that `git push` works here.",
            )
        )


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables that git is given: those of this process, except what would choose another
    repository or print credentials; no prompts, and messages in English."""
    kept = {name: value for name, value in variables.items() if name not in _LEFT_OUT}
    return {
        "GIT_AUTHOR_NAME": "reconciler",
        "GIT_AUTHOR_EMAIL": "reconciler@localhost",
        "GIT_COMMITTER_NAME": "reconciler",
        "GIT_COMMITTER_EMAIL": "reconciler@localhost",
        **kept,
        "GIT_TERMINAL_PROMPT": "0",
        "GCM_INTERACTIVE": "never",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "LC_ALL": "C",
    }
