"""The page: a document of sections, and what stands around it, filled into the template.

Jinja2 escapes every text. The browser is told to load nothing, and to use nothing but the style and
the script of the file, which it knows by their digests. All can be read without the script.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime

from reconciler.frozen import frozen
from reconciler.report.digest import Digest
from reconciler.report.html.listing import Listing
from reconciler.report.html.past import Past
from reconciler.report.html.picture import Picture
from reconciler.report.html.requests import Requests
from reconciler.report.html.templates import template_of, text_of
from reconciler.report.numbers import Numbers

POLICY = (
    "default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; "
    "form-action 'none'"
)
TILES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "Plan": (
        ("add", "to add", "create"),
        ("change", "to change", "update"),
        ("destroy", "to destroy", "delete"),
        ("by_hand", "by hand", "by-hand"),
    ),
    "Drift": (
        ("changed", "changed", "update"),
        ("deleted", "deleted", "delete"),
        ("by_hand", "by hand", "by-hand"),
        ("undeclared", "not declared", "by-hand"),
    ),
    "Apply": (
        ("applied", "applied", "create"),
        ("failed", "failed", "delete"),
        ("unknown", "unknown", "delete"),
        ("skipped", "skipped", "update"),
        ("not_attempted", "not attempted", "update"),
    ),
    "Validation": (
        ("resources", "resources", ""),
        ("errors", "errors", "delete"),
        ("warnings", "warnings", "update"),
    ),
    "Error": (("errors", "errors", "delete"), ("warnings", "warnings", "update")),
}
"""Of each report: the numbers that it begins with, what they count, and their colour."""


@frozen
class Contents:
    """What a page shows: a document, its numbers, the order of the changes, the requests, past
    runs, the URL of the job that made it, and the time in UTC."""

    digest: Digest
    numbers: Numbers
    picture: Picture | None = None
    requests: tuple[Requests, ...] = ()
    past: Past | None = None
    link: str = ""
    at: datetime | None = None

    @property
    def tiles(self) -> Iterator[tuple[int, str, str]]:
        """The numbers that the page begins with."""
        for name, words, colour in TILES[self.digest.title]:
            number = int(self.numbers[name])
            yield number, words.removesuffix("s") if number == 1 else words, colour


def page(contents: Contents) -> Iterator[str]:
    """The lines of the page."""
    style, script = text_of("style.css"), text_of("script.js")
    template = template_of("page.html")
    listing = Listing(contents.digest)
    text = template.render(
        contents=contents,
        digest=contents.digest,
        listing=listing,
        policy=POLICY.format(style=_digest(style), script=_digest(script)),
        style=style,
        script=script,
    )
    yield from text.rstrip("\n").split("\n")


def _digest(text: str) -> str:
    """How a policy names a style or a script that is in the page."""
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
