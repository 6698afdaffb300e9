"""Say which secrets may have changed, where the ledger's fingerprints cannot tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.errors import Diagnostic, Severity
from reconciler.model import Change


def uncertain_secrets(changes: Iterable[Change]) -> Iterator[Diagnostic]:
    """The warning for the secrets of these changes of which nobody can tell whether they changed;
    none where there are none."""
    count = sum(field.uncertain for change in changes for field in change.fields)
    if count:
        what = "1 secret has" if count == 1 else f"{count} secrets have"
        yield Diagnostic(
            f"it cannot be told whether {what} changed: the ledger has fingerprints that were made "
            "with another key",
            "Set RECONCILER_LEDGER_KEY to the key that the last apply had (docs/security.md). With "
            "this key they are written once more.",
            Severity.WARNING,
        )
