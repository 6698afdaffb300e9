"""A platform's API on loopback, with the variables of a job of its pull request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from .fakes import FAKES, Fake, serving

NAMES = (
    "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "BITBUCKET_BUILD_NUMBER", "GITHUB_EVENT_PATH",
    "RECONCILER_PLAN_KEY", "GITHUB_TOKEN", "RECONCILER_GITLAB_TOKEN", "SYSTEM_ACCESSTOKEN",
    "RECONCILER_BITBUCKET_TOKEN", "CI_MERGE_REQUEST_IID", "BITBUCKET_PR_ID",
    "SYSTEM_PULLREQUEST_PULLREQUESTID", "SYSTEM_PULLREQUEST_SOURCECOMMITID",
)  # fmt: skip


class Job:
    """The environment of a job at a platform."""

    def __init__(self, fake: Fake, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self.fake = fake
        self._patch = patch
        self._event = folder / "event.json"

    def set(self, **variables: str) -> None:
        """Set variables."""
        for name, value in variables.items():
            self._patch.setenv(name, value)

    def of_pull_request(self) -> None:
        """A job of the pull request, with its present head."""
        self.of_main()
        self.set(**self.fake.pull_request())
        if hasattr(self.fake, "event"):
            self._event.write_text(json.dumps(self.fake.event()), "utf-8")
            self.set(GITHUB_EVENT_PATH=str(self._event))

    def of_main(self) -> None:
        """A job of the main branch."""
        for name in NAMES:
            if name != "RECONCILER_PLAN_KEY":
                self._patch.delenv(name, raising=False)
        variable: str = self.fake.variable  # type: ignore[attr-defined]
        self.set(**self.fake.environment(), **{variable: self.fake.token})


@pytest.fixture
def start_job(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[str], AbstractContextManager[Job]]:
    """Starts a job of a pull request at a platform."""

    @contextmanager
    def start(platform: str) -> Iterator[Job]:
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
        with serving(FAKES[platform]()) as fake:
            made = Job(fake, monkeypatch, tmp_path)
            made.of_pull_request()
            yield made

    return start


@pytest.fixture(params=FAKES)
def job(
    request: pytest.FixtureRequest, start_job: Callable[[str], AbstractContextManager[Job]]
) -> Iterator[Job]:
    """A job of a pull request at each of the platforms."""
    with start_job(request.param) as started:
        yield started
