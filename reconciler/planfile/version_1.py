"""The form of saved plans in which also what stays as it is has an entry."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from reconciler.model import Plan
from reconciler.planfile.document import document_of
from reconciler.values.compare import fingerprint

VERSION = 1


def digest(body: Mapping[str, Any]) -> str:
    """The fingerprint that such a plan has."""
    return fingerprint(json.dumps(body, sort_keys=True))


def document(plan: Plan) -> dict[str, Any]:
    """The document of such a plan, apart from members that are new since."""
    return document_of(plan, plan.changes)
