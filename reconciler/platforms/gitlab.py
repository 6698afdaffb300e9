"""GitLab, on gitlab.com or a host of one's own.

Paths: GitLab's REST API documentation (notes, issues, commits, merge requests). The token of a job
(`CI_JOB_TOKEN`) may use none of them, so a project access token is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reconciler.errors import NotFound, Rejected
from reconciler.platforms.platform import Posted, PullRequest, State
from reconciler.platforms.session import Session

API = "the scope `api` and the role Reporter"
STATUSES = "the scope `api` and the role Developer"
STATES = {State.PENDING: "pending", State.SUCCESS: "success", State.FAILURE: "failed"}
LONGEST_STATUS = 255


class GitLab:
    """A project, by its number, on GitLab."""

    name = "GitLab"
    markdown = "markdown-gitlab"
    html = True

    def __init__(self, session: Session, repository: str, project: str = "") -> None:
        self._session = session
        self._at = f"/projects/{repository}"
        self._me: Any = None

    def comments(self, number: str) -> Iterator[Posted]:
        """The comments of a merge request, the oldest first."""
        notes = self._session.pages(
            f"{self._at}/merge_requests/{number}/notes", API, sort="asc", order_by="created_at"
        )
        for entry in notes:
            if not entry.get("system"):
                yield Posted(str(entry["id"]), entry.get("body") or "", self._ours(entry))

    def add_comment(self, number: str, text: str) -> str:
        """Add a comment to a merge request; its id."""
        path = f"{self._at}/merge_requests/{number}/notes"
        return str(self._session.write("POST", path, {"body": text}, API).get("id", ""))

    def edit_comment(self, number: str, comment: str, text: str) -> None:
        """Replace the text of a comment."""
        path = f"{self._at}/merge_requests/{number}/notes/{comment}"
        self._session.write("PUT", path, {"body": text}, API)

    def delete_comment(self, number: str, comment: str) -> None:
        """Delete a comment; nothing happens where it is gone."""
        try:
            path = f"{self._at}/merge_requests/{number}/notes/{comment}"
            self._session.write("DELETE", path, None, API)
        except NotFound:
            return

    def pull_request(self, number: str) -> PullRequest:
        """A merge request."""
        return _merge_request(self._session.read(f"{self._at}/merge_requests/{number}", API))

    def merged(self, commit: str) -> PullRequest | None:
        """The merged merge request that made this commit of the main branch."""
        path = f"{self._at}/repository/commits/{commit}/merge_requests"
        # Others contain the commit, too. One that was fast-forwarded has made none of its own.
        names = ("merge_commit_sha", "squash_commit_sha", "sha")
        for entry in self._session.pages(path, API):
            if entry.get("state") == "merged" and commit in map(entry.get, names):
                return _merge_request(entry)
        return None

    def issues(self, label: str) -> Iterator[Posted]:
        """The issues of our account, open and closed, the latest changed first."""
        found = self._session.pages(
            f"{self._at}/issues",
            API,
            scope="all",
            author_id=self._account(),
            order_by="updated_at",
        )
        for entry in found:
            text, is_open = entry.get("description") or "", entry.get("state") == "opened"
            yield Posted(str(entry["iid"]), text, self._ours(entry), is_open)

    def open_issue(self, title: str, text: str, label: str) -> str:
        """Open an issue; its number."""
        body = {"title": title, "description": text}
        return str(self._session.write("POST", f"{self._at}/issues", body, API).get("iid", ""))

    def edit_issue(self, issue: Posted, title: str, text: str, is_open: bool) -> None:
        """Replace the title and the text of an issue, and close or reopen it."""
        body = {"title": title, "description": text}
        if is_open is not issue.is_open:
            body["state_event"] = "reopen" if is_open else "close"
        self._session.write("PUT", f"{self._at}/issues/{issue.id}", body, API)

    def set_status(self, commit: str, name: str, state: State, words: str, link: str) -> None:
        """Set the status `name` of a commit, with a few words and a link."""
        body = {
            "state": STATES[state],
            "name": name,
            "description": words[:LONGEST_STATUS],
            **({"target_url": link} if link else {}),
        }
        try:
            self._session.write("POST", f"{self._at}/statuses/{commit}", body, STATUSES)
        except Rejected as error:
            # GitLab refuses to set the state that a status has.
            if "annot transition status" not in str(error):
                raise

    def _ours(self, entry: dict[str, Any]) -> bool:
        return bool((entry.get("author") or {}).get("id") == self._account())

    def _account(self) -> Any:
        """The id of the account of our token."""
        if self._me is None:
            self._me = self._session.read("/user", API)["id"]
        return self._me


def _merge_request(entry: dict[str, Any]) -> PullRequest:
    return PullRequest(str(entry["iid"]), str(entry["sha"]), str(entry["target_branch"]))
