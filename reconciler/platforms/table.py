"""The platforms, and which of them runs this job."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from reconciler.errors import Diagnostic, Invalid
from reconciler.model import Secret
from reconciler.platforms.azure import Azure
from reconciler.platforms.bitbucket import Bitbucket
from reconciler.platforms.github import HEADERS, GitHub
from reconciler.platforms.gitlab import GitLab
from reconciler.platforms.platform import Job, Platform
from reconciler.platforms.session import Session

Environment = Mapping[str, str]
PrintWrite = Callable[[str, str, Any], None]
BITBUCKET = "https://api.bitbucket.org/2.0"


def _github(env: Environment) -> Job:
    event = _event(env.get("GITHUB_EVENT_PATH", ""))
    pull = event.get("pull_request") or {}
    # refs/pull/17/merge
    parts = env.get("GITHUB_REF", "").split("/")
    number = str(pull.get("number") or (parts[2] if parts[:2] == ["refs", "pull"] else ""))
    # GITHUB_SHA of a pull request is what GitHub merged for the check, and no commit of anybody.
    commit = str((pull.get("head") or {}).get("sha") or env.get("GITHUB_SHA", ""))
    return Job(
        "github",
        env.get("GITHUB_API_URL") or "https://api.github.com",
        env.get("GITHUB_REPOSITORY", ""),
        commit,
        "GITHUB_TOKEN",
        pull_request=number,
        run=env.get("GITHUB_RUN_ID", ""),
        branch=env.get("GITHUB_REF_NAME", ""),
    )


def _event(path: str) -> dict[str, Any]:
    """What GitHub says in a file about the event that started the job."""
    try:
        event = json.loads(Path(path).read_bytes()) if path else {}
    except (OSError, ValueError):
        return {}
    return event if isinstance(event, dict) else {}


def _gitlab(env: Environment) -> Job:
    # Of a pipeline for merged results, CI_COMMIT_SHA is what GitLab merged for it.
    source = env.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or env.get("CI_COMMIT_SHA", "")
    return Job(
        "gitlab",
        env.get("CI_API_V4_URL", ""),
        env.get("CI_PROJECT_ID", ""),
        source,
        "RECONCILER_GITLAB_TOKEN",
        pull_request=env.get("CI_MERGE_REQUEST_IID", ""),
        run=env.get("CI_PIPELINE_ID", ""),
        branch=env.get("CI_COMMIT_BRANCH", ""),
    )


def _azure(env: Environment) -> Job:
    provider = env.get("BUILD_REPOSITORY_PROVIDER", "TfsGit")
    if provider != "TfsGit":
        raise Invalid(
            Diagnostic(
                f"the repository is at {provider}, and not at Azure DevOps",
                "Comments, issues and statuses are for repositories of Azure DevOps itself.",
            )
        )
    return Job(
        "azure",
        env.get("SYSTEM_COLLECTIONURI", "").rstrip("/"),
        env.get("BUILD_REPOSITORY_ID", ""),
        env.get("SYSTEM_PULLREQUEST_SOURCECOMMITID") or env.get("BUILD_SOURCEVERSION", ""),
        "SYSTEM_ACCESSTOKEN",
        project=env.get("SYSTEM_TEAMPROJECTID") or env.get("SYSTEM_TEAMPROJECT", ""),
        pull_request=env.get("SYSTEM_PULLREQUEST_PULLREQUESTID", ""),
        run=env.get("BUILD_BUILDID", ""),
        branch=env.get("BUILD_SOURCEBRANCH", "").removeprefix("refs/heads/"),
    )


def _bitbucket(env: Environment) -> Job:
    return Job(
        "bitbucket",
        env.get("RECONCILER_BITBUCKET_API") or BITBUCKET,
        env.get("BITBUCKET_REPO_FULL_NAME", ""),
        env.get("BITBUCKET_COMMIT", ""),
        "RECONCILER_BITBUCKET_TOKEN",
        pull_request=env.get("BITBUCKET_PR_ID", ""),
        run=env.get("BITBUCKET_BUILD_NUMBER", ""),
        branch=env.get("BITBUCKET_BRANCH", ""),
    )


# A variable that only this platform sets → how it describes the job that runs.
_JOBS: Mapping[str, Callable[[Environment], Job]] = {
    "GITHUB_ACTIONS": _github,
    "GITLAB_CI": _gitlab,
    "TF_BUILD": _azure,
    "BITBUCKET_BUILD_NUMBER": _bitbucket,
}
_PLATFORMS: Mapping[str, tuple[Callable[[Session, str, str], Platform], dict[str, str]]] = {
    "github": (GitHub, HEADERS),
    "gitlab": (GitLab, {}),
    "azure": (Azure, {}),
    "bitbucket": (Bitbucket, {}),
}


def this_job(environment: Environment) -> Job:
    """The CI job that runs here. Raises Invalid where no platform runs it, or it does not say what
    is needed."""
    for mark, describe in _JOBS.items():
        if environment.get(mark):
            job = describe(environment)
            if not (job.api and job.repository and job.commit):
                summary = f"{job.platform} says neither its API, the repository nor the commit"
                raise Invalid(Diagnostic(summary, "Run this in a job of a pipeline."))
            return job
    raise Invalid(
        Diagnostic(
            "no job of GitHub Actions, GitLab CI, Azure or Bitbucket Pipelines runs here",
            f"One of these variables must be set, as the platforms do: {', '.join(_JOBS)}.",
        )
    )


def open_platform(
    job: Job, environment: Environment, print_write: PrintWrite | None = None
) -> tuple[Platform, Session]:
    """The repository of a job at its platform, and the session to close afterwards. With a
    `print_write`, nothing is written. Raises Invalid without a token."""
    make, headers = _PLATFORMS[job.platform]
    token = Secret(environment.get(job.token, "").strip(), job.token)
    value = token.reveal()
    sent = {"PRIVATE-TOKEN": value} if job.platform == "gitlab" else _bearer(value)
    session = Session(job.platform, job.api, job.token, token, {**headers, **sent}, print_write)
    return make(session, job.repository, job.project), session


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
