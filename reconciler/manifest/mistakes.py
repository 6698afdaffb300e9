"""Findings about what is around the objects: folders, documents, kinds and keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.errors import Diagnostic, Severity, Source
from reconciler.kinds import Provider
from reconciler.values.text import did_you_mean, shown
from reconciler.values.validate import Finding, kind_of

# manifests with more mistakes than anybody reads are not read on: each costs time to explain
MAX_PROBLEMS = 1000


def no_manifests(folder: str) -> Diagnostic:
    """The warning about a manifests folder without a manifest."""
    return Diagnostic(
        f"{folder} has no *.yaml or *.yml file, so nothing is declared",
        "Write a manifest, or run `reconciler import` to write manifests for live objects.",
        Severity.WARNING,
        source=Source(folder),
    )


def skipped(provider: str, count: int) -> Diagnostic:
    """The warning about what is declared for a provider that the environment leaves out."""
    objects = "1 object is" if count == 1 else f"{count} objects are"
    return Diagnostic(
        f"this environment has no provider {provider}: {objects} skipped",
        severity=Severity.WARNING,
    )


def not_read(count: int, noun: str) -> Diagnostic:
    """The error about files or objects that come after MAX_PROBLEMS mistakes."""
    are = f"1 more {noun} was" if count == 1 else f"{count:,} more {noun}s were"
    summary = f"{are} not checked: there are more than {MAX_PROBLEMS:,} mistakes before"
    return Diagnostic(summary, "Correct those first.")


def is_printable(key: str) -> bool:
    """Whether a key has no control character and no line break."""
    return key.isprintable() or not any(c < " " or c in "\x7f\x85\u2028\u2029" for c in key)


def bad_key(kind: str, key: str) -> Finding:
    """The finding about the key of an object."""
    if "${" in key:
        must, hint = (
            f"{shown(key)} is not a valid key: it contains ${{…}}",
            "Write the key out.",
        )
    elif key:
        must, hint = f"{shown(key)} is not a valid key: it has a control character", "Remove it."
    else:
        must, hint = f"an object of {kind} has an empty key", "Write a key before the colon."
    return Finding((kind, key), must, "", hint, True)


def no_provider(value: dict[str, Any], providers: Mapping[str, Provider]) -> Finding:
    """The finding about a document that names no provider of the workspace."""
    if "provider" not in value:
        near = [key for key in value if key.lower() in ("providers", "provider")]
        hint = f"Start the document with `provider: NAME`. {did_you_mean('', providers)}".strip()
        return Finding(
            tuple(near[:1]), "the document does not say which provider it is for", "", hint, True
        )
    named = value["provider"]
    if not isinstance(named, str):
        return Finding(("provider",), "provider must be text", f"is {kind_of(named)}")
    hint = did_you_mean(named, providers) or "Declare it under providers in reconciler.yaml."
    return Finding(
        ("provider",), f"there is no provider {shown(named)} in reconciler.yaml", "", hint
    )
