"""Bodies as Kobiks' documentation writes them, which is not quite JSON."""

from __future__ import annotations

import json
import re
from typing import Any

from reconciler.sandbox.describe import Call
from reconciler.sandbox.store import Object

_COMMA_NUMBER = re.compile(r"(:\s*)(-?\d+,\d+)(?=\s*[}\]])")
_LAST_COMMA = re.compile(r",(?=\s*[}\]])")
_QUOTED_NAME = re.compile(r"'(\w+)'(?=\s*:)")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')


def body_of(call: Call) -> Object:
    """The object in a request, also where it is written as the documentation's samples are."""
    try:
        body = parse(call.body.decode())
    except ValueError:
        body = None
    return body if isinstance(body, dict) else call.json()


def parse(text: str) -> Any:
    """The value of a JSON text; where it is none, the value it has once what the samples of
    sections Ürün Oluşturma and Ürün Güncelleme do is allowed: commas after the last entry, names in
    single quotes, and decimal commas (`1,020`). Raises ValueError for anything else."""
    try:
        return json.loads(text)
    except ValueError:
        return json.loads(_strict(text))


def _strict(text: str) -> str:
    """The text with what is outside its quoted texts written as JSON wants it."""
    parts, end = [], 0
    for quoted in _TEXT.finditer(text):
        parts += [_corrected(text[end : quoted.start()]), quoted[0]]
        end = quoted.end()
    return "".join([*parts, _corrected(text[end:])])


def _corrected(text: str) -> str:
    named = _QUOTED_NAME.sub(r'"\1"', text)
    return _LAST_COMMA.sub("", _COMMA_NUMBER.sub(r'\1"\2"', named))
