"""What is asked of a platform, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Protocol

from reconciler.frozen import frozen


class State(StrEnum):
    """The state of a commit, as far as this tool is concerned."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"


@frozen
class Posted:
    """A comment or an issue: its id, its text, and whether the account of our token wrote it (None
    where the platform does not tell). `is_open` is about issues, and `revision` is what the
    platform wants to know before it changes one."""

    id: str
    text: str
    ours: bool | None
    is_open: bool = True
    revision: int = 0


@frozen
class PullRequest:
    """A pull request, the last commit of its branch, and the branch that it is for."""

    number: str
    head: str
    base: str = ""


@frozen
class Job:
    """The CI job that runs here, as its platform's variables describe it.

    `api` is the URL of the platform's API, `repository` how the API names it, `project` where that
    needs one more name. `pull_request` is "" outside of one, and `commit` the last of its branch
    and not what CI made of it; `branch` is the branch outside of one. `token` is the name of the
    variable with the token.
    """

    platform: str
    api: str
    repository: str
    commit: str
    token: str
    project: str = ""
    pull_request: str = ""
    run: str = ""
    branch: str = ""


class Platform(Protocol):
    """One repository at a platform. Every method raises a VendorError that says which permission
    the token lacks, where it lacks one.

    `markdown` is the report format of its comments, `html` says whether these may hold HTML.
    """

    name: str
    markdown: str
    html: bool

    def comments(self, number: str) -> Iterator[Posted]:
        """The comments of a pull request, the oldest first."""

    def add_comment(self, number: str, text: str) -> str:
        """Add a comment to a pull request; its id."""

    def edit_comment(self, number: str, comment: str, text: str) -> None:
        """Replace the text of a comment."""

    def delete_comment(self, number: str, comment: str) -> None:
        """Delete a comment; nothing happens where it is gone."""

    def pull_request(self, number: str) -> PullRequest:
        """A pull request."""

    def merged(self, commit: str) -> PullRequest | None:
        """The merged pull request that made this commit of the main branch."""

    def issues(self, label: str) -> Iterator[Posted]:
        """The issues, open and closed, among which one with this label of ours would be."""

    def open_issue(self, title: str, text: str, label: str) -> str:
        """Open an issue; its id."""

    def edit_issue(self, issue: Posted, title: str, text: str, is_open: bool) -> None:
        """Replace the title and the text of an issue, and close or reopen it."""

    def set_status(self, commit: str, name: str, state: State, words: str, link: str) -> None:
        """Set the status `name` of a commit, with a few words and a link."""
