"""SARIF 2.1.0 of the findings in manifests, for GitHub's code scanning and for editors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

from reconciler.errors import Diagnostic
from reconciler.model import Validation
from reconciler.report.remarks import Level, Remark, finding_remarks, validation_remarks
from reconciler.values.text import json_text

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 5_000
"""GitHub keeps so many results of a run."""
WORKSPACE_FILE = "reconciler.yaml"
LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTICE: "note"}
RULES = {
    "error": ("A manifest or the workspace cannot be used", "Correct it as the message says."),
    "warning": ("Something in a manifest needs a look", "Look at it; it stops nothing."),
}
# In a message of SARIF these are a link, and the place of an argument.
_LINK = re.compile(r"\](?=\()")
_PLACE = re.compile(r"\{(?=[0-9])")


def validation(validation: Validation) -> Iterator[str]:
    """The findings in the manifests as one line of JSON."""
    yield _document(validation_remarks(validation))


def errors(findings: Sequence[Diagnostic]) -> Iterator[str]:
    """The findings that ended a command."""
    yield _document([*finding_remarks(findings)])


def identity(remark: Remark, rule: str, seen: dict[str, int]) -> str:
    """What a finding is known by in later runs: not the line, which any edit above it moves.
    `seen` counts findings that are alike, so that each has its own."""
    parts = "\0".join((rule, remark.file, remark.address, remark.text))
    seen[parts] = seen.get(parts, 0) + 1
    return hashlib.sha256(f"{parts}\0{seen[parts]}".encode()).hexdigest()


def _document(remarks: Sequence[Remark]) -> str:
    left = max(0, len(remarks) - MOST_RESULTS)
    seen: dict[str, int] = {}
    run = {
        "tool": {
            "driver": {
                "name": "reconciler",
                "rules": [
                    {
                        "id": f"reconciler/{name}",
                        "shortDescription": {"text": title},
                        "fullDescription": {"text": f"{title}."},
                        "help": {"text": advice},
                        "defaultConfiguration": {"level": name},
                    }
                    for name, (title, advice) in RULES.items()
                ],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(remark, seen) for remark in remarks[:MOST_RESULTS]],
        "properties": {"results_left_out": left},
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _result(remark: Remark, seen: dict[str, int]) -> dict[str, Any]:
    rule = LEVELS[remark.level]
    region = {"startLine": max(1, remark.line)}
    if remark.column:
        region["startColumn"] = remark.column
    return {
        "ruleId": f"reconciler/{rule}",
        "level": rule,
        "message": {"text": _message(remark)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(remark.file or WORKSPACE_FILE)},
                    "region": region,
                },
                **(
                    {"logicalLocations": [{"fullyQualifiedName": remark.address}]}
                    if remark.address
                    else {}
                ),
            }
        ],
        "partialFingerprints": {"primaryLocationLineHash": identity(remark, rule, seen)},
    }


def _message(remark: Remark) -> str:
    """The text so that it holds no link and no place for an argument."""
    return _PLACE.sub("{ ", _LINK.sub("] ", remark.text)) or "(no text)"


def _uri(file: str) -> str:
    """A path as a relative URI reference: a colon in its first part would make a scheme of it."""
    safe = b"-._~/"
    return "".join(
        chr(byte) if (byte < 128 and chr(byte).isalnum()) or byte in safe else f"%{byte:02X}"
        for byte in file.encode()
    )
