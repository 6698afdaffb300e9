"""Who works on a ledger: this process, the CI job and pull request that it works for, and the
commit whose manifests it has."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from reconciler.errors import LedgerError
from reconciler.frozen import frozen
from reconciler.ledger.store import Holder

Environment = Mapping[str, str]

# Of a text from the environment, in characters.
LONGEST = 500

# How a merge names its pull request in the commit's message: GitHub (two ways), GitLab, Azure
# DevOps and Bitbucket.
_MERGED = re.compile(
    r"\AMerge pull request #(\d{1,9})\b|\A[^\n]*\(#(\d{1,9})\)$|^See merge request \S*!(\d{1,9})$"
    r"|\AMerged PR (\d{1,9}):|\AMerged in [^\n]*\(pull request #(\d{1,9})\)",
    re.MULTILINE,
)


@frozen
class Job:
    """A CI job: its URL, the number of its pull request where it has one, the commit that it was
    started for, and the person who started it, as far as the platform tells."""

    url: str = ""
    pull_request: str = ""
    commit: str = ""
    person: str = ""

    def __str__(self) -> str:
        if not self.pull_request:
            return self.url
        return f"pull request {self.pull_request}, {self.url}"


@frozen
class Origin:
    """What a run is made from and for: the name of the environment, None where there is none; the
    commit of the manifests, and whether they had changes that no commit has (`uncommitted`); the
    pull request, the URL of the CI job and the person, empty where nothing tells."""

    environment: str | None = None
    commit: str = ""
    uncommitted: bool = False
    pull_request: str = ""
    job: str = ""
    person: str = ""


def this_process(command: str, environment: Environment = os.environ) -> Holder:
    """This process, as the holder of a lock."""
    from getpass import getuser

    try:
        user = getuser()
    except (KeyError, OSError):  # a container's user often has no name
        user = str(os.getuid())
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    lock = os.urandom(4).hex()
    return Holder(os.uname().nodename, os.getpid(), user, command, since, lock, job(environment))


def origin(
    name: str | None, root: Path, manifests: Path, environment: Environment = os.environ
) -> Origin:
    """What a run is made from in the workspace `root`, with the settings of the environment `name`.
    Its commit is that of the checkout; where that is no repository, the one of the CI job."""
    ci = ci_job(environment)
    commit, merged, uncommitted = ci.commit, "", False
    if _in_checkout(root):
        from reconciler.ledger.git_program import Git

        with suppress(LedgerError):  # without the program git
            git = Git(root, "")
            head = git.ask("log", "-1", "--no-show-signature", "--format=%H%n%B", "HEAD", "--")
            if not head.failed:
                commit, _, message = head.out.decode("utf-8", "replace").partition("\n")
                found = _MERGED.search(message)
                merged = next(filter(None, found.groups())) if found else ""
                paths = ("reconciler.yaml", str(manifests))
                changed = git.ask("status", "--porcelain", "--untracked-files=normal", "--", *paths)
                uncommitted = not changed.failed and bool(changed.out.strip())
    texts = (ci.pull_request or merged, ci.url, ci.person)
    return Origin(name, commit[:LONGEST], uncommitted, *(text[:LONGEST] for text in texts))


def _in_checkout(folder: Path) -> bool:
    """Whether a folder is in a checkout, as far as that can be told without starting git."""
    folder = folder.resolve()
    return any((parent / ".git").exists() for parent in (folder, *folder.parents))


def job(environment: Environment) -> str:
    """The CI job that runs here, with its pull request where it has one; "" outside CI."""
    return str(ci_job(environment))


def ci_job(environment: Environment) -> Job:
    """The CI job that runs here; without any text outside CI."""
    for mark, describe in _PLATFORMS.items():
        if environment.get(mark):
            return describe(environment)
    return Job()


def _github(env: Environment) -> Job:
    repository = env.get("GITHUB_REPOSITORY", "")
    run = env.get("GITHUB_RUN_ID", "")
    url = f"{env.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}/actions/runs/{run}"
    # refs/pull/17/merge
    parts = env.get("GITHUB_REF", "").split("/")
    number = parts[2] if parts[:2] == ["refs", "pull"] else ""
    return Job(url, number, env.get("GITHUB_SHA", ""), env.get("GITHUB_ACTOR", ""))


def _gitlab(env: Environment) -> Job:
    names = ("CI_JOB_URL", "CI_MERGE_REQUEST_IID", "CI_COMMIT_SHA", "GITLAB_USER_LOGIN")
    return Job(*(env.get(name, "") for name in names))


def _azure(env: Environment) -> Job:
    project = f"{env.get('SYSTEM_COLLECTIONURI', '')}{env.get('SYSTEM_TEAMPROJECT', '')}"
    url = f"{project}/_build/results?buildId={env.get('BUILD_BUILDID', '')}"
    number = env.get("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "")
    number = number or env.get("SYSTEM_PULLREQUEST_PULLREQUESTID", "")
    return Job(url, number, env.get("BUILD_SOURCEVERSION", ""), env.get("BUILD_REQUESTEDFOR", ""))


def _bitbucket(env: Environment) -> Job:
    repository = env.get("BITBUCKET_REPO_FULL_NAME", "")
    build = env.get("BITBUCKET_BUILD_NUMBER", "")
    url = f"https://bitbucket.org/{repository}/pipelines/results/{build}"
    return Job(url, env.get("BITBUCKET_PR_ID", ""), env.get("BITBUCKET_COMMIT", ""))


# A variable that only this platform sets → how to describe its job.
_PLATFORMS: Mapping[str, Callable[[Environment], Job]] = {
    "GITHUB_ACTIONS": _github,
    "GITLAB_CI": _gitlab,
    "TF_BUILD": _azure,
    "BITBUCKET_BUILD_NUMBER": _bitbucket,
}
