"""GitHub, and GitHub Enterprise, whose API is at `https://HOST/api/v3`.

Paths and permissions: GitHub's REST API documentation, version 2022-11-28.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reconciler.errors import Diagnostic, NotFound, VendorError
from reconciler.platforms.platform import Posted, PullRequest, State
from reconciler.platforms.session import Session

HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
COMMENTS = "the permission `pull-requests: write`"
READS = "the permission `pull-requests: read`, and to comment `pull-requests: write`"
ISSUES = "the permission `issues: write`"
STATUSES = "the permission `statuses: write`"
LONGEST_STATUS = 140


class GitHub:
    """A repository, `owner/name`, on GitHub."""

    name = "GitHub"
    markdown = "markdown"
    html = True

    def __init__(self, session: Session, repository: str, project: str = "") -> None:
        self._session = session
        self._at = f"/repos/{repository}"
        self._me: tuple[int | None, str] | None = None

    def comments(self, number: str) -> Iterator[Posted]:
        """The comments of a pull request, the oldest first."""
        for entry in self._session.pages(f"{self._at}/issues/{number}/comments", READS):
            yield Posted(str(entry["id"]), entry.get("body") or "", self._ours(entry))

    def add_comment(self, number: str, text: str) -> str:
        """Add a comment to a pull request; its id."""
        path = f"{self._at}/issues/{number}/comments"
        return str(self._session.write("POST", path, {"body": text}, COMMENTS).get("id", ""))

    def edit_comment(self, number: str, comment: str, text: str) -> None:
        """Replace the text of a comment."""
        path = f"{self._at}/issues/comments/{comment}"
        self._session.write("PATCH", path, {"body": text}, COMMENTS)

    def delete_comment(self, number: str, comment: str) -> None:
        """Delete a comment; nothing happens where it is gone."""
        try:
            path = f"{self._at}/issues/comments/{comment}"
            self._session.write("DELETE", path, None, COMMENTS)
        except NotFound:
            return

    def pull_request(self, number: str) -> PullRequest:
        """A pull request."""
        return _pull_request(self._session.read(f"{self._at}/pulls/{number}", READS))

    def merged(self, commit: str) -> PullRequest | None:
        """The merged pull request that made this commit of the main branch."""
        # Others contain the commit, too, such as one that was merged into another branch.
        for entry in self._session.pages(f"{self._at}/commits/{commit}/pulls", READS):
            if entry.get("merged_at") and entry.get("merge_commit_sha") == commit:
                return _pull_request(entry)
        return None

    def issues(self, label: str) -> Iterator[Posted]:
        """The issues of our account, open and closed, the latest changed first."""
        _, login = self._account()
        for entry in self._session.pages(
            f"{self._at}/issues", ISSUES, state="all", creator=login, sort="updated"
        ):
            if "pull_request" not in entry:
                text = entry.get("body") or ""
                is_open = entry.get("state") == "open"
                yield Posted(str(entry["number"]), text, self._ours(entry), is_open)

    def open_issue(self, title: str, text: str, label: str) -> str:
        """Open an issue; its number."""
        body = {"title": title, "body": text}
        made = self._session.write("POST", f"{self._at}/issues", body, ISSUES)
        return str(made.get("number", ""))

    def edit_issue(self, issue: Posted, title: str, text: str, is_open: bool) -> None:
        """Replace the title and the text of an issue, and close or reopen it."""
        body = {"title": title, "body": text, "state": "open" if is_open else "closed"}
        self._session.write("PATCH", f"{self._at}/issues/{issue.id}", body, ISSUES)

    def set_status(self, commit: str, name: str, state: State, words: str, link: str) -> None:
        """Set the status `name` of a commit, with a few words and a link."""
        body = {
            "state": state.value,
            "context": name,
            "description": words[:LONGEST_STATUS],
            **({"target_url": link} if link else {}),
        }
        self._session.write("POST", f"{self._at}/statuses/{commit}", body, STATUSES)

    def _ours(self, entry: dict[str, Any]) -> bool:
        """Whether our account wrote it. Ids are compared where both have one: a user may choose the
        name of an app."""
        number, login = self._account()
        user = entry.get("user") or {}
        return user.get("id") == number if number is not None else user.get("login") == login

    def _account(self) -> tuple[int | None, str]:
        """The id and the name of our account. Only GraphQL tells it to the token of a job, too."""
        if self._me is None:
            query = {"query": "query { viewer { login databaseId } }"}
            answer = self._session.ask("/graphql", query, "a token of an account or of a job")
            viewer = (answer.get("data") or {}).get("viewer") or {}
            if not viewer.get("login"):
                why = "GitHub does not say whose token it is, so nothing of ours can be found"
                raise VendorError(Diagnostic(why, "Use the token of the job, or of an account."))
            self._me = (viewer.get("databaseId"), str(viewer["login"]))
        return self._me


def _pull_request(entry: dict[str, Any]) -> PullRequest:
    return PullRequest(str(entry["number"]), str(entry["head"]["sha"]), str(entry["base"]["ref"]))
