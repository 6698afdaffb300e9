"""Bitbucket Cloud.

Paths: Atlassian's REST API documentation, version 2.0. A repository has issues only where its own
issue tracker is turned on. Its Markdown shows HTML, and so our marker is a link there.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from reconciler.errors import Diagnostic, Forbidden, NotFound, Unauthorized
from reconciler.platforms.platform import Posted, PullRequest, State
from reconciler.platforms.session import Session

COMMENTS = "the scope `pullrequest:write`"
READS = "the scope `pullrequest`, and to comment `pullrequest:write`"
ISSUES = "the scope `issue:write`"
STATUSES = "the scope `repository:write`"
STATES = {State.PENDING: "INPROGRESS", State.SUCCESS: "SUCCESSFUL", State.FAILURE: "FAILED"}
OPEN = ("new", "open", "on hold")
LONGEST_KEY = 40
NO_TRACKER = (
    "Turn on the issue tracker of the repository, if Bitbucket still offers it; or leave this step "
    "out: `reconciler drift --detailed-exitcode` fails the scheduled pipeline where there is "
    "drift, of which Bitbucket tells whoever watches it, and `reconciler ci status` marks the "
    "commit."
)


class Bitbucket:
    """A repository, `workspace/name`, on Bitbucket Cloud."""

    name = "Bitbucket"
    markdown = "markdown-bitbucket"
    html = False

    def __init__(self, session: Session, repository: str, project: str = "") -> None:
        self._session = session
        self._at = f"/repositories/{repository}"
        self._me: str | None = None

    def comments(self, number: str) -> Iterator[Posted]:
        """The comments of a pull request, the oldest first."""
        path = f"{self._at}/pullrequests/{number}/comments"
        for entry in self._session.pages(path, READS, "pagelen", sort="created_on"):
            if not entry.get("deleted"):
                text = (entry.get("content") or {}).get("raw") or ""
                yield Posted(str(entry["id"]), text, self._ours(entry.get("user")))

    def add_comment(self, number: str, text: str) -> str:
        """Add a comment to a pull request; its id."""
        path = f"{self._at}/pullrequests/{number}/comments"
        body = {"content": {"raw": text}}
        return str(self._session.write("POST", path, body, COMMENTS).get("id", ""))

    def edit_comment(self, number: str, comment: str, text: str) -> None:
        """Replace the text of a comment."""
        path = f"{self._at}/pullrequests/{number}/comments/{comment}"
        self._session.write("PUT", path, {"content": {"raw": text}}, COMMENTS)

    def delete_comment(self, number: str, comment: str) -> None:
        """Delete a comment; nothing happens where it is gone."""
        try:
            path = f"{self._at}/pullrequests/{number}/comments/{comment}"
            self._session.write("DELETE", path, None, COMMENTS)
        except NotFound:
            return

    def pull_request(self, number: str) -> PullRequest:
        """A pull request."""
        return _pull_request(self._session.read(f"{self._at}/pullrequests/{number}", READS))

    def merged(self, commit: str) -> PullRequest | None:
        """The merged pull request that made this commit, among the last that were merged."""
        path = f"{self._at}/pullrequests"
        query: dict[str, str | int] = {"state": "MERGED", "sort": "-updated_on", "pagelen": 50}
        for entry in self._session.read(path, READS, **query).get("values", ()):
            made = str((entry.get("merge_commit") or {}).get("hash") or "-")
            # Lists have the first twelve digits only.
            if commit.startswith(made):
                return _pull_request(entry)
        return None

    def issues(self, label: str) -> Iterator[Posted]:
        """The issues, open and closed, the latest changed first. Raises NotFound where the
        repository has no issue tracker."""
        try:
            found = self._session.pages(
                f"{self._at}/issues", ISSUES, "pagelen", sort="-updated_on", q='title ~ "Drift"'
            )
            for entry in found:
                text = (entry.get("content") or {}).get("raw") or ""
                is_open = entry.get("state") in OPEN
                ours = self._ours(entry.get("reporter"))
                yield Posted(str(entry["id"]), text, ours, is_open)
        except NotFound as error:
            summary = "this repository has no issue tracker at Bitbucket"
            raise NotFound(Diagnostic(summary, NO_TRACKER), status=error.status) from None

    def open_issue(self, title: str, text: str, label: str) -> str:
        """Open an issue; its id."""
        body = {"title": title, "content": {"raw": text}, "kind": "task"}
        return str(self._session.write("POST", f"{self._at}/issues", body, ISSUES).get("id", ""))

    def edit_issue(self, issue: Posted, title: str, text: str, is_open: bool) -> None:
        """Replace the title and the text of an issue, and close or reopen it."""
        state = "open" if is_open else "resolved"
        body = {"title": title, "content": {"raw": text}, "state": state}
        self._session.write("PUT", f"{self._at}/issues/{issue.id}", body, ISSUES)

    def set_status(self, commit: str, name: str, state: State, words: str, link: str) -> None:
        """Set the status `name` of a commit, with a few words and a link, which it must have."""
        body = {
            "key": _key(name),
            "name": name,
            "state": STATES[state],
            "description": words,
            "url": link or "https://bitbucket.org",
        }
        self._session.write("POST", f"{self._at}/commit/{commit}/statuses/build", body, STATUSES)

    def _ours(self, user: dict[str, Any] | None) -> bool | None:
        """Whether our account wrote it; None where the token may not ask who we are."""
        if self._me is None:
            try:
                self._me = str(self._session.read("/user", "the scope `account`").get("uuid", ""))
            except (Forbidden, NotFound, Unauthorized):
                # The token of a repository belongs to no user.
                self._me = ""
        return (user or {}).get("uuid") == self._me if self._me else None


def _key(name: str) -> str:
    """A key that is short enough, and another one for each name."""
    if len(name) <= LONGEST_KEY:
        return name
    digest = sha256(name.encode()).hexdigest()[:12]
    return f"{name[: LONGEST_KEY - len(digest) - 1]}-{digest}"


def _pull_request(entry: dict[str, Any]) -> PullRequest:
    commit = ((entry.get("source") or {}).get("commit") or {}).get("hash", "")
    base = ((entry.get("destination") or {}).get("branch") or {}).get("name", "")
    return PullRequest(str(entry["id"]), str(commit), str(base))
