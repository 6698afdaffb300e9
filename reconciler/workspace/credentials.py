"""Say where `reconciler.yaml` may take a value from the environment, and read it there.

Whoever changes the file chooses the variable. What is read is therefore never shown, part of a name
or a URL, or written to the ledger: it is a credential of a provider or a secret, and all of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reconciler.model import Path
from reconciler.providers import PROVIDERS
from reconciler.values.interpolation import Unresolved, not_allowed
from reconciler.values.text import printable, shown
from reconciler.values.walk import value_at

PROXY = "proxy"
_OURS = "RECONCILER_"
_UNSENDABLE = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WRITE_IT = "Write the value itself, or a variable: ${var.NAME}. Only a credential of a provider"


class Unavailable(Unresolved):
    """An environment variable that is not set: an error only for who needs its value."""


def credential_settings(provider_type: object) -> frozenset[str]:
    """The settings of an account of this type that may come from the environment; those of all
    types where there is no such type, which is said elsewhere."""
    known = [provider for provider in PROVIDERS.values() if provider.type == provider_type]
    names = {name for one in known or PROVIDERS.values() for name in one.credential_settings}
    return frozenset((*names, PROXY))


def check_place(settings: Mapping[str, Any], name: str, entire: bool, path: Path) -> None:
    """Raise Unresolved where the setting at `path` of reconciler.yaml must not be taken from the
    environment variable `name`; `entire` says whether it is nothing else."""
    where = "or an entry under secrets may come from the environment, and must do so entirely"
    if len(path) == 3 and path[0] == "providers":
        names = credential_settings(value_at(settings, (*path[:2], "type")))
        where = f"({', '.join(sorted(names))}) {where}"
        allowed = path[2] in names
    else:
        allowed = len(path) == 2 and path[0] == "secrets"
    if not allowed:
        raise not_allowed("env", name, f"{_WRITE_IT} {where}")
    if not entire:
        raise Unresolved(
            "an environment variable must be the entire value",
            "Put the complete text into the environment variable.",
        )


def read_variable(environment: Mapping[str, str], name: str, path: Path) -> str:
    """The value of an environment variable for the setting at `path`. Raises Unavailable where it
    is not set, and Unresolved where it cannot be used; neither shows the value."""
    if name.upper().startswith(_OURS):
        raise Unresolved(
            f"the environment variable {shown(name)} is for reconciler itself",
            "It is sent nowhere. Name the variable that holds the credential.",
        )
    value = environment.get(name, "")
    if not value:
        raise Unavailable(
            f"the environment variable {shown(name)} is "
            f"{'empty' if name in environment else 'not set'}",
            f"Set it before running reconciler: export {printable(name)}=…",
        )
    if path[0] == "providers" and not is_sendable(value):
        raise Unresolved(
            f"the environment variable {shown(name)} has a line break or a control character",
            "Often it is a line break at the end: store the value again without it.",
        )
    if _SURROGATE.search(value):
        raise Unresolved(
            f"the environment variable {shown(name)} is not valid UTF-8", "Store the value again."
        )
    return value


def is_sendable(credential: str) -> bool:
    """Whether a credential has neither line breaks nor control characters."""
    return _UNSENDABLE.search(credential) is None
