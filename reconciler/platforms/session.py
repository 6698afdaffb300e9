"""Send the requests to a platform's API: its token, retries, limits, and what went wrong in words.

The token goes to the one host of the API and to no other: no redirect is followed, and no address
is taken from an answer. A request that is refused because of a limit is sent again when the
platform says; a POST whose answer was lost is not, because whoever sends it looks for its effect.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from reconciler.errors import (
    Diagnostic,
    Forbidden,
    Invalid,
    NotFound,
    Rejected,
    Unauthorized,
    Unknown,
    VendorError,
)
from reconciler.http.base_url import url_problem
from reconciler.http.decoding import strict_json
from reconciler.http.limiter import retry_after
from reconciler.http.redaction import KnownSecrets
from reconciler.http.retries import ATTEMPTS, MOST_LIMITED, PATIENCE, RETRIED, jittered, spread
from reconciler.http.transport import NoResponse, Reply, Transport
from reconciler.model import Secret
from reconciler.values.text import printable

TIMEOUT = 30.0
SECONDARY = 60.0
"""How long to wait where a limit is not announced: what GitHub's documentation asks for ("Rate
limits for the REST API", exceeding the secondary rate limit)."""
MOST_PAGES = 50
PAGE = 100
LONGEST_MESSAGE = 300


@dataclass(slots=True)
class Session:
    """The API of one platform at `url`, asked with a token from the variable `variable`.

    `headers` go with every request. With a `print_write`, nothing is written: each write is handed
    to it and answered with nothing.
    """

    platform: str
    url: str
    variable: str
    token: Secret
    headers: Mapping[str, str]
    print_write: Callable[[str, str, Any], None] | None = None
    sleep: Callable[[float], object] = time.sleep
    _transport: Transport = field(init=False)
    _known: KnownSecrets = field(init=False)

    def __post_init__(self) -> None:
        if problem := url_problem(self.url):
            raise Invalid(Diagnostic(f"the address of {self.platform}'s API {problem}"))
        if self.token.missing or not self.token.reveal():
            raise Invalid(
                Diagnostic(
                    f"no token for {self.platform}: the variable {self.variable} is not set",
                    "Give it to this step alone. Which permissions it needs: "
                    f"docs/{self.platform}.md.",
                )
            )
        self.url = self.url.rstrip("/")
        self._known = KnownSecrets([self.token])
        self._transport = Transport(TIMEOUT, self.url.startswith("https:"))

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def read(self, path: str, needs: str, **query: str | int) -> Any:
        """The answer to a GET. `needs` is the permission without which it is refused."""
        return self._call("GET", self._at(path, query), None, needs, "application/json")

    def ask(self, path: str, body: Any, needs: str, **query: str | int) -> Any:
        """The answer to a POST that changes nothing, such as a query."""
        return self._call("POST", self._at(path, query), body, needs, "application/json")

    def write(
        self,
        method: str,
        path: str,
        body: Any,
        needs: str,
        content: str = "application/json",
        **query: str | int,
    ) -> Any:
        """The answer to a request that changes something. Raises Unknown where it was sent and
        nobody knows whether it took effect."""
        url = self._at(path, query)
        if self.print_write is not None:
            self.print_write(method, url, body)
            return {}
        return self._call(method, url, body, needs, content, method != "POST")

    def pages(
        self, path: str, needs: str, size: str = "per_page", **query: str | int
    ) -> Iterator[dict[str, Any]]:
        """The entries of a list on all its pages: a page that is not full is the last one. `size`
        is what the API calls the number of entries on a page."""
        for number in range(1, MOST_PAGES + 1):
            answer = self.read(path, needs, **{size: PAGE, "page": number}, **query)
            entries = answer.get("values") if isinstance(answer, dict) else answer
            if not isinstance(entries, list):
                raise VendorError(Diagnostic(f"{self.platform}: GET {path} answered no list"))
            yield from (entry for entry in entries if isinstance(entry, dict))
            more = answer.get("next") if isinstance(answer, dict) else len(entries) == PAGE
            if not more or not entries:
                return

    def _at(self, path: str, query: Mapping[str, str | int]) -> str:
        """The URL of a path, which begins with a slash; /graphql is beside the versions of the REST
        API and not below one. In names of the query, two underscores stand for a dash:
        `api__version`."""
        named = {name.replace("__", "-"): value for name, value in query.items()}
        root = self.url.removesuffix("/v3") if path == "/graphql" else self.url
        return f"{root}{path}" + (f"?{urlencode(named, quote_via=quote)}" if named else "")

    def _call(
        self, method: str, url: str, body: Any, needs: str, content: str, repeatable: bool = True
    ) -> Any:
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Accept": "application/json", "User-Agent": "reconciler", **self.headers}
        headers |= {"Content-Type": content} if data is not None else {}
        attempt = limited = 0
        while True:
            try:
                reply = self._transport.send(method, url, headers, data)
            except NoResponse as problem:
                again = (repeatable or problem.not_sent) and not problem.permanent
                if not again or attempt >= ATTEMPTS - 1:
                    raise self._unanswered(method, url, problem, repeatable) from None
                self.sleep(jittered(attempt))
                attempt += 1
                continue
            wait = _asked_to_wait(reply)
            if wait is not None and wait <= PATIENCE and limited < MOST_LIMITED:
                self.sleep(spread(wait))
                limited += 1
                continue
            if reply.status in RETRIED and repeatable and wait is None and attempt < ATTEMPTS - 1:
                self.sleep(jittered(attempt))
                attempt += 1
                continue
            return self._judge(method, url, reply, needs, wait, repeatable)

    def _judge(
        self, method: str, url: str, reply: Reply, needs: str, wait: float | None, repeatable: bool
    ) -> Any:
        """The data of a usable answer; raises what it is otherwise."""
        what = f"{self.platform}: {method} {urlsplit(url).path}"
        if 200 <= reply.status < 300 and not _is_page(reply):
            try:
                return strict_json(reply.content) if reply.content.strip() else {}
            except ValueError as error:
                raise VendorError(Diagnostic(f"{what} answered no JSON: {error}")) from None
        message, status = self._message_of(reply), reply.status
        if wait is not None:
            detail = f"It is limited for {round(wait)} s more. Run the job again later."
            raise VendorError(Diagnostic(f"{what}: {status}{message}", detail), status=status)
        if status < 400:
            where = urlsplit(reply.headers.get("location", "")).hostname or "a web page"
            detail = (
                f"Check that {self.url} is the API, and that {self.variable} holds a token that is "
                "valid; redirects are not followed."
            )
            summary = f"{what} answered {status} with {where if status >= 300 else 'a web page'}"
            raise Unauthorized(Diagnostic(summary, detail), status=status)
        kind, detail = self._reason(status, needs)
        if status >= 500 and not repeatable:
            kind = Unknown
        raise kind(Diagnostic(f"{what}: {status}{message}", detail), status=status)

    def _reason(self, status: int, needs: str) -> tuple[type[VendorError], str]:
        """What sort of error a status is, and what to do about it."""
        if status == 401:
            return Unauthorized, f"{self.variable} is wrong or expired. It needs {needs}."
        if status == 403:
            return Forbidden, f"The token in {self.variable} lacks a permission. It needs {needs}."
        if status in (404, 410):
            # GitHub and GitLab answer so for what the token must not see, too.
            return NotFound, f"It does not exist, or {self.variable} may not see it: {needs}."
        if status >= 500:
            return VendorError, f"{self.platform} has a problem: try again later."
        return Rejected, f"{self.platform} refuses it as it is."

    def _message_of(self, reply: Reply) -> str:
        """What the platform says about an error, without secrets; nothing of a web page."""
        text = reply.content.decode("utf-8", "replace").strip()
        if _is_page(reply):
            return " with a web page"
        try:
            data = strict_json(reply.content)
        except ValueError:
            data = text
        if isinstance(data, dict):
            text = _message(data)
        hidden = self._known.hidden_in(text)
        return f": {printable(hidden, LONGEST_MESSAGE)}" if text else ""

    def _unanswered(
        self, method: str, url: str, problem: NoResponse, repeatable: bool
    ) -> VendorError:
        host = urlsplit(url).netloc
        finding = Diagnostic(
            f"{self.platform}: no answer from {host}: {self._known.hidden_in(str(problem))}",
            "Check the network and the platform's status page, then run it again.",
        )
        return VendorError(finding) if repeatable or problem.not_sent else Unknown(finding)


def _asked_to_wait(reply: Reply) -> float | None:
    """The seconds that a platform asks to wait, because of a limit; None where it does not."""
    if reply.status not in (403, 429, 503):
        return None
    delay = retry_after(reply.headers)
    if delay is not None:
        return delay
    if reply.status != 503 and reply.headers.get("x-ratelimit-remaining") == "0":
        try:
            return max(1.0, float(reply.headers["x-ratelimit-reset"]) - time.time())
        except (KeyError, ValueError):
            return SECONDARY
    is_secondary = b"secondary rate limit" in reply.content[:2_000].lower()
    return SECONDARY if reply.status == 429 or is_secondary else None


def _is_page(reply: Reply) -> bool:
    return reply.content[:200].lstrip()[:1] == b"<"


def _message(data: Mapping[str, Any]) -> str:
    """The message in an error of any of the platforms."""
    error = data.get("error")
    if isinstance(error, dict):
        error = error.get("message")
    parts = [data.get("message") or error or data.get("error_description") or ""]
    if isinstance(data.get("errors"), list):
        parts += [e.get("message") or e for e in data["errors"] if isinstance(e, dict)]
    return " ".join(part if isinstance(part, str) else json.dumps(part) for part in parts if part)
