"""The least program that does what a plan with nothing to do does: it reads the same manifests and
the same pages, and counts the suppliers that are not as declared.

Arguments: the vendor's base URL, the folder of the manifests, and a file in which the digests of
what was read are kept where nothing differs; `-` keeps none. It has no schema, no ledger, no
identity and no messages, and knows the shape of these manifests.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterator
from hashlib import blake2b
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from yaml.events import (
    DocumentEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

HEADERS = {"X-API-Key": "sandbox-kobo-key"}


def pages(base_url: str) -> Iterator[bytes]:
    """The bytes of each page, over one connection."""
    parts = urlsplit(base_url)
    connection = HTTPConnection(parts.netloc)
    number, last = 1, 1
    while number <= last:
        query = f"{parts.path}/suppliers?page={number}&per_page=100"
        connection.request("GET", query, headers=HEADERS)
        text = connection.getresponse().read()
        if number == 1:
            last = json.loads(text)["meta"]["last_page"]
        yield text
        number += 1


def value(parser: Any, event: Any) -> Any:
    """The value that begins with this event."""
    if isinstance(event, ScalarEvent):
        return event.value
    if isinstance(event, MappingStartEvent):
        found = {}
        while isinstance(key := parser.get_event(), ScalarEvent):
            found[key.value] = value(parser, parser.get_event())
        return found
    assert isinstance(event, SequenceStartEvent)  # noqa: S101
    items = []
    while not isinstance(entry := parser.get_event(), SequenceEndEvent):
        items.append(value(parser, entry))
    return items


def declared(text: bytes) -> Any:
    """The suppliers of a manifest by their codes."""
    parser = yaml.CLoader(text)
    while not isinstance(event := parser.get_event(), DocumentEndEvent):
        if isinstance(event, MappingStartEvent):
            return value(parser, event)["suppliers"]
    raise ValueError("an empty manifest")


def different(manifests: list[bytes], answers: list[bytes]) -> int:
    """How many suppliers are declared and not so, or live and not declared."""
    wanted: dict[str, Any] = {}
    for text in manifests:
        wanted |= declared(text)
    count = 0
    for answer in answers:
        for live in json.loads(answer)["data"]:
            fields = wanted.pop(live["code"], None)
            if fields is None or any(live[name] != field for name, field in fields.items()):
                count += 1
    return count + len(wanted)


def main() -> None:
    """Compare, or find that nothing is other than the last time, when nothing differed."""
    gc.disable()
    base_url, folder, kept = sys.argv[1:]
    manifests = [path.read_bytes() for path in sorted(Path(folder).iterdir())]
    answers = list(pages(base_url))
    digests = [blake2b(text).hexdigest() for text in (*manifests, *answers)] if kept != "-" else []
    known = Path(kept)
    if digests and known.exists() and json.loads(known.read_text("utf-8")) == digests:
        print("0 differ, as before")
        return
    count = different(manifests, answers)
    if digests and not count:
        known.write_text(json.dumps(digests), "utf-8")
    print(f"{count} differ")


if __name__ == "__main__":
    main()
