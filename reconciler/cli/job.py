"""What a CI platform says in the environment about the job that runs a command."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

# What a link may hold, so that it ends nothing that it stands in.
_LINK = re.compile(r"https?://[A-Za-z0-9.\-]+(:[0-9]+)?(/[A-Za-z0-9_.~%\-/?=&+,]*)?")
_LINKS = (
    "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
    "{CI_JOB_URL}",
    "{SYSTEM_COLLECTIONURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}",
    "{BITBUCKET_GIT_HTTP_ORIGIN}/pipelines/results/{BITBUCKET_BUILD_NUMBER}",
)
LONGEST = 500


def job_link(environment: Mapping[str, str]) -> str:
    """The URL of the job on GitHub, GitLab, Azure or Bitbucket; "" outside of those."""
    for template in _LINKS:
        names = re.findall(r"{(\w+)}", template)
        if not all(environment.get(name) for name in names):
            continue
        link = template.format(**{n: _encoded(environment[n]) for n in names})
        if len(link) <= LONGEST and _LINK.fullmatch(link):
            return link
    return ""


def _encoded(text: str) -> str:
    """The text with spaces and letters outside ASCII as a URL has them: names of projects may have
    both."""
    return re.sub("[^!-~]", lambda sign: quote(sign[0], errors="replace"), text)


def folder_in_repository(folder: Path) -> str:
    """The path of a folder in the Git repository that it is in, with slashes; "" where it is that
    repository's own folder, or in none."""
    for above in (folder, *folder.parents):
        if (above / ".git").exists():
            path = folder.relative_to(above).as_posix()
            return "" if path == "." else path
    return ""
