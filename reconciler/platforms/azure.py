"""Azure DevOps, on dev.azure.com or a server of one's own: its own repositories, and Boards.

Paths: Microsoft's REST API documentation, version 7.1 (Git: pull request threads and statuses; Work
Item Tracking). A comment is the first one of a thread. Work items take the place of issues: a Task,
which every process has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from reconciler.errors import Diagnostic, NotFound, VendorError
from reconciler.platforms.platform import Posted, PullRequest, State
from reconciler.platforms.session import Session

VERSION = "7.1"
COMMENTS = "the permission `Contribute to pull requests` on the repository"
READS = "the permission `Read` on the repository, and to comment `Contribute to pull requests`"
ITEMS = "the permission `Edit work items in this node` on the area"
STATES = {State.PENDING: "pending", State.SUCCESS: "succeeded", State.FAILURE: "failed"}
PATCH = "application/json-patch+json"
CLOSED = 4
"""The status of a thread that asks for nothing: an active one may hold up the pull request."""
MOST_ITEMS = 200
LONGEST_TITLE = 255


class Azure:
    """A repository and a project, by their ids or names, of one organization."""

    name = "Azure DevOps"
    markdown = "markdown-azure"
    html = True

    def __init__(self, session: Session, repository: str, project: str = "") -> None:
        self._session = session
        self._project = f"/{quote(project, safe='')}/_apis"
        self._at = f"{self._project}/git/repositories/{quote(repository, safe='')}"
        self._me: Any = None

    def comments(self, number: str) -> Iterator[Posted]:
        """The comments of a pull request, the oldest first; their ids are `thread/comment`."""
        found = self._session.read(
            f"{self._at}/pullRequests/{number}/threads", READS, api__version=VERSION
        )
        for thread in found["value"]:
            for entry in thread.get("comments", ())[:1]:
                if not (thread.get("isDeleted") or entry.get("isDeleted")):
                    text = entry.get("content") or ""
                    ours = (entry.get("author") or {}).get("id") == self._account()
                    yield Posted(f"{thread['id']}/{entry['id']}", text, ours)

    def add_comment(self, number: str, text: str) -> str:
        """Add a comment to a pull request, as a thread that asks for nothing; its id."""
        comment = {"parentCommentId": 0, "content": text, "commentType": 1}
        body = {"comments": [comment], "status": CLOSED}
        path = f"{self._at}/pullRequests/{number}/threads"
        made = self._session.write("POST", path, body, COMMENTS, api__version=VERSION)
        return f"{made['id']}/{made['comments'][0]['id']}" if made else ""

    def edit_comment(self, number: str, comment: str, text: str) -> None:
        """Replace the text of a comment."""
        path = self._comment(number, comment)
        self._session.write("PATCH", path, {"content": text}, COMMENTS, api__version=VERSION)

    def delete_comment(self, number: str, comment: str) -> None:
        """Delete a comment; nothing happens where it is gone."""
        try:
            path = self._comment(number, comment)
            self._session.write("DELETE", path, None, COMMENTS, api__version=VERSION)
        except NotFound:
            return

    def pull_request(self, number: str) -> PullRequest:
        """A pull request."""
        path = f"{self._at}/pullRequests/{number}"
        return _pull_request(self._session.read(path, READS, api__version=VERSION))

    def merged(self, commit: str) -> PullRequest | None:
        """The completed pull request that made this commit of the main branch."""
        kinds = ("lastMergeCommit", "commit")
        body = {"queries": [{"type": kind, "items": [commit]} for kind in kinds]}
        path = f"{self._at}/pullrequestquery"
        answer = self._session.ask(path, body, READS, api__version=VERSION)
        for result in answer.get("results", ()):
            for entry in result.get(commit, ()):
                if entry.get("status") == "completed":
                    return _pull_request(entry)
        return None

    def issues(self, label: str) -> Iterator[Posted]:
        """The work items with this tag, open and closed."""
        query = (
            "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project "
            f"AND [System.Tags] CONTAINS '{label}' ORDER BY [System.Id]"
        )
        path = f"{self._project}/wit/wiql"
        answer = self._session.ask(path, {"query": query}, ITEMS, api__version=VERSION)
        ids = [str(item["id"]) for item in answer.get("workItems", ())][-MOST_ITEMS:]
        if not ids:
            return
        path = f"{self._project}/wit/workitems"
        found = self._session.read(path, ITEMS, ids=",".join(ids), api__version=VERSION)
        done = self._states()["Completed"]
        for entry in found["value"]:
            fields = entry["fields"]
            ours = (fields.get("System.CreatedBy") or {}).get("id") == self._account()
            is_open = fields.get("System.State") not in done
            text = fields.get("System.Description") or ""
            yield Posted(str(entry["id"]), text, ours, is_open, entry["rev"])

    def open_issue(self, title: str, text: str, label: str) -> str:
        """Open a work item; its id."""
        body = [*_fields(title, text), _set("System.Tags", label)]
        path = f"{self._project}/wit/workitems/$Task"
        made = self._session.write("POST", path, body, ITEMS, PATCH, api__version=VERSION)
        return str(made.get("id", ""))

    def edit_issue(self, issue: Posted, title: str, text: str, is_open: bool) -> None:
        """Replace the title and the text of a work item, and close or reopen it. Raises Rejected
        where somebody else has changed it since it was read."""
        test = {"op": "test", "path": "/rev", "value": issue.revision}
        body = [test, *_fields(title, text)]
        if is_open is not issue.is_open:
            states = self._states()["Proposed" if is_open else "Completed"]
            body.append(_set("System.State", states[0]))
        path = f"{self._project}/wit/workitems/{issue.id}"
        self._session.write("PATCH", path, body, ITEMS, PATCH, api__version=VERSION)

    def set_status(self, commit: str, name: str, state: State, words: str, link: str) -> None:
        """Set the status `name` of a commit, with a few words and a link."""
        body = {
            "state": STATES[state],
            "description": words,
            "context": {"name": name, "genre": "reconciler"},
            **({"targetUrl": link} if link else {}),
        }
        path = f"{self._at}/commits/{commit}/statuses"
        needs = "the permission `Contribute` on the repository"
        self._session.write("POST", path, body, needs, api__version=VERSION)

    def _comment(self, number: str, comment: str) -> str:
        thread, _, one = comment.partition("/")
        return f"{self._at}/pullRequests/{number}/threads/{thread}/comments/{one}"

    def _account(self) -> Any:
        """The id of the account of our token."""
        if self._me is None:
            answer = self._session.read("/_apis/connectionData", "a token of an account or a job")
            self._me = answer["authenticatedUser"]["id"]
        return self._me

    def _states(self) -> dict[str, list[str]]:
        """The names of a Task's states by what they mean, which the project's process chooses."""
        path = f"{self._project}/wit/workitemtypes/Task/states"
        states: dict[str, list[str]] = {"Proposed": [], "Completed": []}
        for entry in self._session.read(path, ITEMS, api__version=VERSION)["value"]:
            states.setdefault(entry["category"], []).append(entry["name"])
        if not (states["Proposed"] and states["Completed"]):
            why = "a Task of this project has no state that is open or none that is done"
            raise VendorError(Diagnostic(why, "Ask who has changed the project's process."))
        return states


def _pull_request(entry: dict[str, Any]) -> PullRequest:
    head = (entry.get("lastMergeSourceCommit") or {}).get("commitId", "")
    base = str(entry.get("targetRefName", "")).removeprefix("refs/heads/")
    return PullRequest(str(entry["pullRequestId"]), str(head), base)


def _set(field: str, value: str) -> dict[str, Any]:
    return {"op": "add", "path": f"/fields/{field}", "value": value}


def _fields(title: str, text: str) -> list[dict[str, Any]]:
    markdown = {"op": "add", "path": "/multilineFieldsFormat/System.Description"}
    return [
        _set("System.Title", title[:LONGEST_TITLE]),
        _set("System.Description", text),
        {**markdown, "value": "Markdown"},
    ]
