"""SARIF 2.1.0 of the findings in manifests, for GitHub's code scanning and for editors."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

from reconciler.errors import Diagnostic
from reconciler.model import Validation
from reconciler.report.remarks import Level, Remark, finding_remarks, validation_remarks
from reconciler.report.rules import RULES, rule_of
from reconciler.values.text import json_text

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 5_000
"""GitHub keeps so many results of a run."""
WORKSPACE_FILE = "reconciler.yaml"
LEVELS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTICE: "note"}
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
                        "id": f"reconciler/{rule.name}",
                        "shortDescription": {"text": rule.title},
                        "fullDescription": {"text": f"{rule.title}."},
                        "help": {"text": rule.advice},
                        "defaultConfiguration": {"level": "error" if rule.error else "warning"},
                    }
                    for rule in RULES
                ],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(remark, seen) for remark in remarks[:MOST_RESULTS]],
        "properties": {"results_left_out": left},
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _result(remark: Remark, seen: dict[str, int]) -> dict[str, Any]:
    level = LEVELS[remark.level]
    rule = rule_of(remark.title, remark.level is Level.ERROR)
    region = {"startLine": max(1, remark.line)}
    if remark.column:
        region["startColumn"] = remark.column
    return {
        "ruleId": f"reconciler/{rule.name}",
        "level": level,
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
        "partialFingerprints": {"primaryLocationLineHash": identity(remark, level, seen)},
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
