"""The hidden first line by which a comment or an issue is found again.

What it says is percent-encoded, so that nothing in it ends the line, the HTML comment or the
parenthesis that hides it. Only in the first line of a text it counts: a reply that quotes the text
has another first line.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import fields
from hashlib import sha256
from urllib.parse import quote, unquote

from reconciler.frozen import frozen

_LINE = re.compile(r"(?:<!-- |\[//\]: # \()reconciler ((?:\w+=[\w.~%]* ?)+)(?: ?-->|\))")
LONGEST = 1_500


@frozen
class Marker:
    """What a text of ours is about: a `plan`, an `apply` or `drift`, of which `folder` of the
    repository and which environment.

    Of a plan there is its digest, the commit whose manifests were planned, and the `run` of CI that
    has the saved plan. `seal` is made with the key of saved plans, where there is one.
    """

    about: str
    folder: str
    environment: str
    digest: str = ""
    commit: str = ""
    run: str = ""
    seal: str = ""

    def is_about(self, other: Marker) -> bool:
        """Whether both are about the same thing, whatever state that has."""
        mine = (self.about, self.folder, self.environment)
        return mine == (other.about, other.folder, other.environment)

    def sealed(self, pull_request: str, key: bytes | None) -> str:
        """The seal of what the marker says of a pull request; "" without a key."""
        if key is None:
            return ""
        names = (self.about, self.folder, self.environment, self.digest, self.commit, self.run)
        text = " ".join(map(_encoded, (pull_request, *names)))
        return hmac.digest(key, f"comment {text}".encode(), sha256).hex()

    def line(self, html: bool = True) -> str:
        """The first line of a text: an HTML comment, or where the platform shows those, a link that
        nothing refers to."""
        names = (field.name for field in fields(self))
        text = " ".join(f"{n}={_encoded(getattr(self, n))}" for n in names if getattr(self, n))
        return f"<!-- reconciler {text} -->" if html else f"[//]: # (reconciler {text})"


def marker_of(text: str) -> Marker | None:
    """The marker of a text; None where it has none."""
    first = text.lstrip("\ufeff\r\n ").partition("\n")[0].strip()
    found = _LINE.fullmatch(first) if len(first) <= 2 * LONGEST else None
    if found is None:
        return None
    parts = (part.partition("=") for part in found[1].split())
    values = {name: unquote(value) for name, _, value in parts}
    known = {field.name: values.get(field.name, "") for field in fields(Marker)}
    return Marker(**known) if known["about"] else None


def _encoded(text: str) -> str:
    return quote(text, safe="").replace("-", "%2D")
