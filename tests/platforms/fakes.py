"""The APIs of the four platforms on loopback, as their documentation describes them: what they keep
and what they refuse. They are written without our client.

`log` has the method and path of each request. `faults` are answers to give instead: each is used
once, by the first request whose method and path it fits.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

ME, STRANGER = 41898282, 7
HEAD, MERGE = "a" * 40, "b" * 40
Headers = dict[str, str]


@dataclass
class Fault:
    """An answer to the first request that fits."""

    match: str
    status: int
    body: bytes = b"{}"
    headers: Headers = field(default_factory=dict)
    after: bool = False
    """Whether the request takes effect although its answer is this."""


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Post:
    """A comment or an issue."""

    id: int
    text: str
    author: int = ME
    title: str = ""
    open: bool = True
    revision: int = 1
    labels: str = ""


class Fake:
    """What all four have: a repository with one pull request, number 17, and its head commit."""

    prefix = ""
    longest = 0
    token = "tok-en_0123456789abcdefghij"

    def __init__(self) -> None:
        self.comments: list[Post] = []
        self.issues: list[Post] = []
        self.statuses: list[dict[str, Any]] = []
        self.head = HEAD
        self.merge = ""
        self.base = "main"
        self.faults: list[Fault] = []
        self.lacks: set[str] = set()
        self.log: list[str] = []
        self.tokens: set[str] = set()
        self.tracker = True
        self.lock = threading.Lock()
        self._last = 100
        self.url = ""

    def make(self, posts: list[Post], text: str, **more: Any) -> Post:
        """A new comment or issue."""
        self._last += 1
        posts.append(Post(self._last, text, **more))
        return posts[-1]

    def fits(self, text: str) -> str:
        """The text, if it is not too long."""
        if len(text) > self.longest:
            raise Refused(422, f"body is too long (maximum is {self.longest} characters)")
        return text

    def need(self, right: str) -> None:
        """Refuse where the token lacks a right."""
        if right in self.lacks:
            raise Refused(403, "Resource not accessible by integration")

    def find(self, posts: list[Post], id: str) -> Post:
        """The comment or issue with this id."""
        for post in posts:
            if str(post.id) == id:
                return post
        raise Refused(404, "Not Found")

    def own(self, post: Post) -> Post:
        """A comment that the account of the token may edit: its own."""
        if post.author != ME:
            raise Refused(403, "You cannot edit what somebody else wrote")
        return post

    def page(self, entries: list[Any], query: dict[str, str], size: str = "per_page") -> list[Any]:
        """One page of a list."""
        number, most = int(query.get("page", "1")), min(int(query.get(size, "20")), 100)
        return entries[(number - 1) * most : number * most]

    def sent_token(self, headers: Headers) -> str:
        """The token in a request."""
        return headers.get("authorization", "").removeprefix("Bearer ")

    def route(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
        """The data of an answer."""
        raise NotImplementedError

    def answer(
        self, method: str, target: str, headers: Headers, content: bytes
    ) -> tuple[int, Headers, bytes]:
        """The answer to a request."""
        parts = urlsplit(target)
        path = unquote(parts.path).removeprefix(self.prefix)
        with self.lock:
            self.log.append(f"{method} {path}")
            self.tokens.add(self.sent_token(headers))
            line = f"{method} {path}"
            fault = next((one for one in self.faults if re.search(one.match, line)), None)
            if fault is not None:
                self.faults.remove(fault)
                if not fault.after:
                    return fault.status, fault.headers, fault.body
            try:
                if self.sent_token(headers) != self.token:
                    raise Refused(401, "Bad credentials")
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                body = json.loads(content) if content else None
                data = self.route(method, path, query, body)
            except Refused as refused:
                message = json.dumps({"message": str(refused)}).encode()
                return refused.status, {}, message
        if fault is not None:
            return fault.status, fault.headers, fault.body
        if data is None:
            return 204, {}, b""
        return 201 if method == "POST" else 200, {}, json.dumps(data).encode()

    def environment(self) -> dict[str, str]:
        """The variables that the platform sets in a job of its default branch."""
        raise NotImplementedError

    def pull_request(self) -> dict[str, str]:
        """What it sets besides in a job of the pull request."""
        raise NotImplementedError

    def ours(self) -> list[Post]:
        """The comments of our account."""
        return [one for one in self.comments if one.author == ME]


class GitHub(Fake):
    """GitHub: REST and, for the name of the account, GraphQL."""

    longest = 65_536
    variable = "GITHUB_TOKEN"

    def route(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
        """REST API, version 2022-11-28."""
        if path == "/graphql":
            return {"data": {"viewer": {"login": "github-actions[bot]", "databaseId": ME}}}
        if path == "/user":
            raise Refused(403, "Resource not accessible by integration")
        rest = path.removeprefix("/repos/acme/shop")
        if rest.startswith(("/issues/17/comments", "/issues/comments/")):
            self.need("comments")
            return self._comments(method, rest, query, body)
        if rest == "/pulls/17":
            return {"number": 17, "head": {"sha": self.head}, "base": {"ref": self.base}}
        if rest == f"/commits/{MERGE}/pulls":
            other = {"number": 9, "head": {"sha": "e" * 40}, "base": {"ref": "main"}}
            merged = {"merged_at": "2026-11-26", "merge_commit_sha": self.merge}
            ours = {"number": 17, "head": {"sha": self.head}, "base": {"ref": self.base}}
            elsewhere = {**other, "merged_at": "2026-11-25", "merge_commit_sha": "f" * 40}
            return [elsewhere, {**ours, **merged}] if self.merge else [elsewhere]
        if rest.startswith("/issues"):
            self.need("issues")
            return self._issues(method, rest, query, body)
        if rest.startswith("/statuses/") and method == "POST":
            self.need("statuses")
            if len(body["description"]) > 140 or body["state"] not in self.states:
                raise Refused(422, "Validation Failed")
            self.statuses.append({"commit": rest.rpartition("/")[2], **body})
            return body
        raise Refused(404, "Not Found")

    states = ("pending", "success", "failure", "error")

    def _comments(self, method: str, rest: str, query: dict[str, str], body: Any) -> Any:
        if method == "GET":
            shown = [self._shown(one) | {"body": one.text} for one in self.comments]
            return self.page(shown, query)
        if method == "POST":
            return {"id": self.make(self.comments, self.fits(body["body"])).id}
        post = self.own(self.find(self.comments, rest.rpartition("/")[2]))
        if method == "DELETE":
            return self.comments.remove(post)
        post.text = self.fits(body["body"])
        return {"id": post.id}

    def _issues(self, method: str, rest: str, query: dict[str, str], body: Any) -> Any:
        if method == "GET":
            shown = [
                {
                    **self._shown(one),
                    "number": one.id,
                    "body": one.text,
                    "state": "open" if one.open else "closed",
                }
                for one in self.issues
                if query.get("state") == "all" or one.open
                if "creator" not in query or self._login(one.author) == query["creator"]
            ]
            return self.page([*shown, {"number": 17, "pull_request": {}}], query)
        if method == "POST":
            return {
                "number": self.make(self.issues, self.fits(body["body"]), title=body["title"]).id
            }
        post = self.find(self.issues, rest.rpartition("/")[2])
        post.text, post.title = self.fits(body["body"]), body["title"]
        post.open = body["state"] == "open"
        return {"number": post.id}

    def _login(self, author: int) -> str:
        return "github-actions[bot]" if author == ME else "mallory"

    def _shown(self, post: Post) -> dict[str, Any]:
        return {"id": post.id, "user": {"id": post.author, "login": self._login(post.author)}}

    def environment(self) -> dict[str, str]:
        """Contexts and variables of GitHub Actions."""
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.url,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_REF_NAME": "main",
            "GITHUB_SHA": MERGE,
            "GITHUB_RUN_ID": "4242",
        }

    def pull_request(self) -> dict[str, str]:
        """Variables of the event pull_request; what the file of the event says is `event`."""
        return {"GITHUB_REF": "refs/pull/17/merge", "GITHUB_SHA": "c" * 40}

    def event(self) -> dict[str, Any]:
        """What GITHUB_EVENT_PATH has in a pull request."""
        return {"pull_request": {"number": 17, "head": {"sha": self.head}}}


class GitLab(Fake):
    """GitLab's REST API, version 4."""

    prefix = "/api/v4"
    longest = 1_000_000
    variable = "RECONCILER_GITLAB_TOKEN"

    def sent_token(self, headers: Headers) -> str:
        """GitLab has a header of its own."""
        return headers.get("private-token", "")

    def route(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
        """Notes, issues, statuses, merge requests."""
        if path == "/user":
            return {"id": ME, "username": "project_3_bot"}
        rest = path.removeprefix("/projects/3")
        if rest.startswith("/merge_requests/17/notes"):
            self.need("comments")
            return self._notes(method, rest, query, body)
        if rest == "/merge_requests/17":
            return {"iid": 17, "sha": self.head, "target_branch": self.base}
        if rest == f"/repository/commits/{MERGE}/merge_requests":
            merged = {"state": "merged", "merge_commit_sha": self.merge}
            other = {"iid": 9, "sha": "e" * 40, "target_branch": "main", "state": "merged"}
            ours = {"iid": 17, "sha": self.head, "target_branch": self.base, **merged}
            return [other, ours] if self.merge else [other]
        if rest.startswith("/issues"):
            self.need("issues")
            return self._issues(method, rest, query, body)
        if rest.startswith("/statuses/") and method == "POST":
            self.need("statuses")
            same = [one for one in self.statuses if one["name"] == body["name"]]
            if same and same[-1]["state"] == body["state"] != "success":
                why = f"Cannot transition status via :enqueue from :{body['state']}"
                raise Refused(400, why)
            self.statuses.append({"commit": rest.rpartition("/")[2], **body})
            return body
        raise Refused(404, "404 Not Found")

    def _notes(self, method: str, rest: str, query: dict[str, str], body: Any) -> Any:
        if method == "GET":
            system = [{"id": 1, "system": True, "body": "merged", "author": {"id": ME}}]
            shown = [
                {"id": one.id, "body": one.text, "author": {"id": one.author}}
                for one in self.comments
            ]
            return self.page([*system, *shown], query)
        if method == "POST":
            return {"id": self.make(self.comments, self.fits(body["body"])).id}
        post = self.own(self.find(self.comments, rest.rpartition("/")[2]))
        if method == "DELETE":
            return self.comments.remove(post)
        post.text = self.fits(body["body"])
        return {"id": post.id}

    def _issues(self, method: str, rest: str, query: dict[str, str], body: Any) -> Any:
        if method == "GET":
            shown = [
                {
                    "iid": one.id,
                    "description": one.text,
                    "author": {"id": one.author},
                    "state": "opened" if one.open else "closed",
                }
                for one in self.issues
                if str(one.author) == query.get("author_id", str(one.author))
            ]
            return self.page(shown, query)
        text = self.fits(body["description"])
        if method == "POST":
            return {"iid": self.make(self.issues, text, title=body["title"]).id}
        post = self.find(self.issues, rest.rpartition("/")[2])
        post.text, post.title = text, body["title"]
        if "state_event" in body:
            if post.open is (body["state_event"] == "reopen"):
                raise Refused(400, "the issue has that state")
            post.open = not post.open
        return {"iid": post.id}

    def environment(self) -> dict[str, str]:
        """Predefined variables of GitLab CI."""
        return {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": f"{self.url}/api/v4",
            "CI_PROJECT_ID": "3",
            "CI_COMMIT_SHA": MERGE,
            "CI_COMMIT_BRANCH": "main",
            "CI_PIPELINE_ID": "4242",
            "CI_JOB_URL": "https://gitlab.example.com/acme/shop/-/jobs/9",
        }

    def pull_request(self) -> dict[str, str]:
        """Variables of a pipeline for a merge request."""
        return {"CI_MERGE_REQUEST_IID": "17", "CI_COMMIT_SHA": self.head}


class Azure(Fake):
    """Azure DevOps' REST API, version 7.1."""

    prefix = "/acme"
    longest = 150_000
    variable = "SYSTEM_ACCESSTOKEN"

    def route(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
        """Git and Work Item Tracking."""
        if path == "/_apis/connectionData":
            return {"authenticatedUser": {"id": ME}}
        if query.get("api-version") != "7.1":
            raise Refused(400, "The requested version is missing")
        rest = path.removeprefix("/Mağaza/_apis")
        git = "/git/repositories/r-1"
        if rest.startswith(f"{git}/pullRequests/17/threads"):
            self.need("comments")
            return self._threads(method, rest, body)
        shown = {
            "pullRequestId": 17,
            "status": "completed" if self.merge else "active",
            "lastMergeSourceCommit": {"commitId": self.head},
            "targetRefName": f"refs/heads/{self.base}",
        }
        if rest == f"{git}/pullRequests/17":
            return shown
        if rest == f"{git}/pullrequestquery":
            return {"results": [{one["items"][0]: [shown]} for one in body["queries"]]}
        if rest.startswith(f"{git}/commits/") and rest.endswith("/statuses"):
            self.need("statuses")
            if body["state"] not in ("pending", "succeeded", "failed"):
                raise Refused(400, "no such state")
            self.statuses.append({"commit": rest.split("/")[-2], **body})
            return body
        if rest.startswith("/wit/"):
            self.need("issues")
            return self._items(method, rest.removeprefix("/wit"), query, body)
        raise Refused(404, "VS800075")

    def _threads(self, method: str, rest: str, body: Any) -> Any:
        if method == "GET":
            return {
                "value": [
                    {
                        "id": one.id,
                        "comments": [
                            {"id": 1, "content": one.text, "author": {"id": one.author}},
                            {"id": 2, "content": one.text, "author": {"id": ME}},
                        ],
                    }
                    for one in self.comments
                ]
            }
        if method == "POST":
            if body["status"] != 4:
                raise Refused(400, "an active thread")
            made = self.make(self.comments, self.fits(body["comments"][0]["content"]))
            return {"id": made.id, "comments": [{"id": 1}]}
        post = self.own(self.find(self.comments, rest.split("/")[-3]))
        if method == "DELETE":
            return self.comments.remove(post)
        post.text = self.fits(body["content"])
        return {"id": 1}

    def _items(self, method: str, rest: str, query: dict[str, str], body: Any) -> Any:
        if rest == "/workitemtypes/Task/states":
            states = {"Yapılacak": "Proposed", "Sürüyor": "InProgress", "Bitti": "Completed"}
            return {"value": [{"name": n, "category": c} for n, c in states.items()]}
        if rest == "/wiql":
            found = re.search(r"\[System.Tags\] CONTAINS '([\w-]+)'", body["query"])
            assert found is not None
            return {"workItems": [{"id": i.id} for i in self.issues if i.labels == found[1]]}
        if method == "GET":
            shown = [self.find(self.issues, id) for id in query["ids"].split(",")]
            return {"value": [self._item(one) for one in shown]}
        fields = {one["path"].removeprefix("/fields/"): one["value"] for one in body}
        assert fields["/multilineFieldsFormat/System.Description"] == "Markdown"
        text, title = self.fits(fields["System.Description"]), fields["System.Title"]
        if method == "POST":
            return self._item(
                self.make(self.issues, text, title=title, labels=fields["System.Tags"])
            )
        post = self.find(self.issues, rest.rpartition("/")[2])
        if fields["/rev"] != post.revision:
            raise Refused(412, "VS403208: the revision is another one")
        post.text, post.title, post.revision = text, title, post.revision + 1
        post.open = fields.get("System.State", "Yapılacak" if post.open else "Bitti") != "Bitti"
        return self._item(post)

    def _item(self, post: Post) -> dict[str, Any]:
        fields = {
            "System.Description": post.text,
            "System.State": "Yapılacak" if post.open else "Bitti",
            "System.CreatedBy": {"id": post.author},
        }
        return {"id": post.id, "rev": post.revision, "fields": fields}

    def environment(self) -> dict[str, str]:
        """Predefined variables of Azure Pipelines."""
        return {
            "TF_BUILD": "True",
            "SYSTEM_COLLECTIONURI": f"{self.url}/acme/",
            "SYSTEM_TEAMPROJECT": "Mağaza",
            "BUILD_REPOSITORY_ID": "r-1",
            "BUILD_REPOSITORY_PROVIDER": "TfsGit",
            "BUILD_SOURCEVERSION": MERGE,
            "BUILD_SOURCEBRANCH": "refs/heads/main",
            "BUILD_BUILDID": "4242",
        }

    def pull_request(self) -> dict[str, str]:
        """Variables of a build that a policy of the branch starts."""
        return {
            "SYSTEM_PULLREQUEST_PULLREQUESTID": "17",
            "SYSTEM_PULLREQUEST_SOURCECOMMITID": self.head,
            "BUILD_SOURCEVERSION": "c" * 40,
        }


class Bitbucket(Fake):
    """Bitbucket Cloud's REST API, version 2.0."""

    prefix = "/2.0"
    longest = 32_768
    variable = "RECONCILER_BITBUCKET_TOKEN"
    knows_account = True

    def route(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
        """Pull requests, issues and build statuses."""
        if path == "/user":
            if not self.knows_account:
                raise Refused(403, "This API is not accessible with this token")
            return {"uuid": f"{{{ME}}}"}
        rest = path.removeprefix("/repositories/acme/shop")
        if rest.startswith("/pullrequests/17/comments"):
            self.need("comments")
            return self._comments(method, rest, query, body)
        source = {"commit": {"hash": self.head[:12]}}
        base = {"branch": {"name": self.base}}
        if rest == "/pullrequests/17":
            return {"id": 17, "source": source, "destination": base}
        if rest == "/pullrequests":
            merged = {"id": 17, "source": source, "destination": base}
            merged["merge_commit"] = {"hash": self.merge[:12]}
            other = {"id": 16, "source": source, "merge_commit": None}
            return {"values": [other, merged] if self.merge else [other]}
        if rest.startswith("/issues"):
            if not self.tracker:
                raise Refused(404, "Repository has no issue tracker.")
            self.need("issues")
            return self._issues(method, rest, query, body)
        if rest.startswith("/commit/") and rest.endswith("/statuses/build"):
            self.need("statuses")
            if len(body["key"]) > 40 or not body["url"]:
                raise Refused(400, "key is too long, or url is missing")
            self.statuses.append({"commit": rest.split("/")[2], **body})
            return body
        raise Refused(404, "Resource not found")

    def _list(self, entries: list[Any], query: dict[str, str]) -> dict[str, Any]:
        number = int(query.get("page", "1"))
        most = min(int(query.get("pagelen", "10")), 100)
        more = {"next": "https://elsewhere.example/2"} if number * most < len(entries) else {}
        return {"values": self.page(entries, query, "pagelen"), **more}

    def _comments(self, method: str, rest: str, query: dict[str, str], body: Any) -> Any:
        if method == "GET":
            shown = [
                {
                    "id": one.id,
                    "content": {"raw": one.text},
                    "user": {"uuid": f"{{{one.author}}}"},
                }
                for one in self.comments
            ]
            return self._list(shown, query)
        if method == "POST":
            return {"id": self.make(self.comments, self.fits(body["content"]["raw"])).id}
        post = self.own(self.find(self.comments, rest.rpartition("/")[2]))
        if method == "DELETE":
            return self.comments.remove(post)
        post.text = self.fits(body["content"]["raw"])
        return {"id": post.id}

    def _issues(self, method: str, rest: str, query: dict[str, str], body: Any) -> Any:
        if method == "GET":
            shown = [
                {
                    "id": one.id,
                    "content": {"raw": one.text},
                    "reporter": {"uuid": f"{{{one.author}}}"},
                    "state": "open" if one.open else "resolved",
                }
                for one in self.issues
            ]
            return self._list(shown, query)
        text = self.fits(body["content"]["raw"])
        if method == "POST":
            return {"id": self.make(self.issues, text, title=body["title"]).id}
        post = self.find(self.issues, rest.rpartition("/")[2])
        post.text, post.title, post.open = text, body["title"], body["state"] == "open"
        return {"id": post.id}

    def environment(self) -> dict[str, str]:
        """Default variables of Bitbucket Pipelines."""
        return {
            "BITBUCKET_BUILD_NUMBER": "4242",
            "RECONCILER_BITBUCKET_API": f"{self.url}/2.0",
            "BITBUCKET_REPO_FULL_NAME": "acme/shop",
            "BITBUCKET_GIT_HTTP_ORIGIN": "https://bitbucket.org/acme/shop",
            "BITBUCKET_COMMIT": MERGE,
            "BITBUCKET_BRANCH": "main",
        }

    def pull_request(self) -> dict[str, str]:
        """Variables of a pull request's pipeline."""
        return {"BITBUCKET_PR_ID": "17", "BITBUCKET_COMMIT": self.head}


FAKES = {"github": GitHub, "gitlab": GitLab, "azure": Azure, "bitbucket": Bitbucket}


@contextmanager
def serving(fake: Fake) -> Iterator[Fake]:
    """A fake that listens for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more, body = fake.answer(self.command, self.path, headers, content)
            if status == 0:  # the answer is lost
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

        def log_message(self, format: str, *args: object) -> None:
            return

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    fake.url = f"http://127.0.0.1:{listener.server_port}"
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
