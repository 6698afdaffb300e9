"""Who takes a lock: this process, and the CI job and pull request that it works for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

from reconciler.ledger.store import Holder

Environment = Mapping[str, str]


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


def job(environment: Environment) -> str:
    """The CI job that runs here, with its pull request where it has one; "" outside CI."""
    for mark, describe in _PLATFORMS.items():
        if environment.get(mark):
            return describe(environment)
    return ""


def _github(env: Environment) -> str:
    repository = env.get("GITHUB_REPOSITORY", "")
    run = env.get("GITHUB_RUN_ID", "")
    url = f"{env.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}/actions/runs/{run}"
    # refs/pull/17/merge
    parts = env.get("GITHUB_REF", "").split("/")
    return _with_pull_request(url, parts[2] if parts[:2] == ["refs", "pull"] else "")


def _gitlab(env: Environment) -> str:
    return _with_pull_request(env.get("CI_JOB_URL", ""), env.get("CI_MERGE_REQUEST_IID", ""))


def _azure(env: Environment) -> str:
    project = f"{env.get('SYSTEM_COLLECTIONURI', '')}{env.get('SYSTEM_TEAMPROJECT', '')}"
    url = f"{project}/_build/results?buildId={env.get('BUILD_BUILDID', '')}"
    return _with_pull_request(url, env.get("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", ""))


def _bitbucket(env: Environment) -> str:
    repository = env.get("BITBUCKET_REPO_FULL_NAME", "")
    build = env.get("BITBUCKET_BUILD_NUMBER", "")
    url = f"https://bitbucket.org/{repository}/pipelines/results/{build}"
    return _with_pull_request(url, env.get("BITBUCKET_PR_ID", ""))


def _with_pull_request(url: str, number: str) -> str:
    return f"pull request {number}, {url}" if number else url


# A variable that only this platform sets → how to describe its job.
_PLATFORMS: Mapping[str, Callable[[Environment], str]] = {
    "GITHUB_ACTIONS": _github,
    "GITLAB_CI": _gitlab,
    "TF_BUILD": _azure,
    "BITBUCKET_BUILD_NUMBER": _bitbucket,
}
