"""Handle the secrets that a vendor shows only once."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.errors import Diagnostic, Severity, Unknown
from reconciler.executor.freshness import ChangeFailed
from reconciler.kinds.resource_types import ResourceType
from reconciler.model import Secret, Status
from reconciler.rest.driver import Driver


def rotate(driver: Driver, id: str) -> tuple[Mapping[str, Secret], Diagnostic | None]:
    """Replace the secret of an object; returns the new one, and a warning where the answer did not
    show it. Raises ChangeFailed where the answer was lost."""
    names = ", ".join(driver.resource_type.secrets_shown_once)
    try:
        secrets = driver.rotate(id)
    except Unknown as error:
        raise ChangeFailed(
            Status.UNKNOWN,
            f"the answer with its new {names} was lost: {error.diagnostics[0].summary}",
            "Apply again, which replaces it once more.",
        ) from None
    if secrets:
        return secrets, None
    return secrets, Diagnostic(
        f"its {names} was replaced, but the answer did not show the new one",
        f"Look for it in {driver.resource_type.kind.screen}.",
        Severity.WARNING,
    )


def lost_secret_warning(resource_type: ResourceType) -> Diagnostic | None:
    """The warning that names the secrets in the lost answer to a create; None without any."""
    names, kind = ", ".join(resource_type.secrets_shown_once), resource_type.kind
    if not names:
        return None
    return Diagnostic(
        f"it was created, but the answer with its {names} was lost",
        "Change its $rotate and apply, which shows a new one."
        if kind.rotate
        else f"Create a new {names} in {kind.screen}.",
        Severity.WARNING,
    )
