"""Tells the writes that move a quantity from those that set one."""

from __future__ import annotations

import json
import re

from reconciler.sandbox.vendor import Call

# Kibo's adjustments; `adjustFutureDate`, which sets a date, is none of them.
ADJUSTED = re.compile(r"/(smart-)?adjust/?", re.IGNORECASE)
# Inventora's one path for both: only an `audit` sets what is there (section Update Stock Level).
MOVED = re.compile(r"/stock-level-updates/?")
SETS = "audit"


def mover(call: Call) -> str:
    """Who asks for a relative write: the product that the client calls itself by, `?` where it
    says none; nothing where the write is absolute or the request a read. A write of stock whose
    body does not say that it sets is taken for one that moves."""
    if call.method == "GET" or not _moves(call):
        return ""
    return re.split(r"[/\s]", call.headers.get("user-agent", ""))[0] or "?"


def _moves(call: Call) -> bool:
    end = "/" + call.path.rstrip("/").rpartition("/")[2]
    if ADJUSTED.fullmatch(end):
        return True
    if not MOVED.fullmatch(end):
        return False
    try:
        body = json.loads(call.body)
    except ValueError:
        return True
    return not isinstance(body, dict) or body.get("updateType") != SETS
