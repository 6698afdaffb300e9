"""Reads rules for faults from a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reconciler.sandbox.faults import InvalidRule


def read(path: Path) -> tuple[Mapping[str, Any], ...]:
    """The rules in a JSON or YAML file; InvalidRule where it holds no list."""
    text = path.read_text(encoding="utf-8")
    try:
        rules = json.loads(text)
    except ValueError as error:
        rules = _yaml(path, text, error)
    if not isinstance(rules, list):
        raise InvalidRule(f"{path}: must be a list of rules")
    return tuple(rules)


def _yaml(path: Path, text: str, error: ValueError) -> object:
    try:
        import yaml
    except ImportError:
        raise InvalidRule(f"{path}: not JSON: {error}") from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as problem:
        raise InvalidRule(f"{path}: neither JSON nor YAML: {problem}") from None
