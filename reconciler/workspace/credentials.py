"""Say where `reconciler.yaml` may take a value from the environment, and read it there.

Whoever changes the file chooses the variable. What is read is therefore never shown, part of a name
or a URL, or written to the ledger: it is a credential of a provider or a secret, and all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path as FilePath
from typing import Any

from reconciler.model import Path
from reconciler.providers import PROVIDERS
from reconciler.values.interpolation import Unresolved, not_allowed
from reconciler.values.text import dotted, has_control_characters, printable, shown
from reconciler.values.validate import Finding
from reconciler.values.walk import replace_at, value_at
from reconciler.workspace.approved_hosts import is_approved
from reconciler.workspace.refusals import PROXY, refusals

ALLOWED = "RECONCILER_ALLOWED_ENV"
_OURS = "RECONCILER_"
_SURROGATE = re.compile("[\ud800-\udfff]")
_WRITE_IT = "Write the value itself, or a variable: ${var.NAME}. Only a credential of a provider"


class Credentials:
    """What the `reconciler.yaml` in `root` takes from the `environment` of the process.

    named       the environment variable of each setting that comes from one
    missing     what is not set
    refused     the addresses and proxies of providers that must not have the credentials, which are
                not read then, and the variables for providers that must not be read
    """

    def __init__(self, environment: Mapping[str, str], root: FilePath) -> None:
        self.named: dict[Path, str] = {}
        self.missing: list[Finding] = []
        self.refused: list[Finding] = []
        self._environment = environment
        self._root = root

    def read(self, filled: Any, written: Any, findings: list[Finding]) -> Any:
        """The settings with what comes from the environment. `written` are the settings as the file
        has them; what cannot be used is added to `findings`."""
        approved = partial(is_approved, environment=self._environment, root=self._root)
        proxies = [path for path in self.named if _is_proxy(path)]
        filled = self._with_variables(filled, proxies, findings)
        providers = value_at(filled, ("providers",))
        for name, settings in providers.items() if isinstance(providers, dict) else ():
            if isinstance(settings, dict):
                self.refused += refusals(name, settings, written, approved)
        refused = {finding.path[:2] for finding in self.refused}
        others = [p for p in self.named if p[:2] not in refused and not _is_proxy(p)]
        return self._with_variables(filled, others, findings)

    def of(self, provider: str) -> tuple[str, ...]:
        """The settings of a provider that come from the environment."""
        return tuple(str(path[2]) for path in self.named if path[:2] == ("providers", provider))

    def _with_variables(self, filled: Any, paths: Iterable[Path], findings: list[Finding]) -> Any:
        for path in paths:
            try:
                value = read_variable(self._environment, self.named[path], path)
                filled = replace_at(filled, path, value)
            except Unresolved as error:
                finding = Finding(path, f"{dotted(path)}: {error.summary}", "", error.detail)
                if isinstance(error, NotAllowed) and path[0] == "providers":
                    self.refused.append(finding)
                elif isinstance(error, (NotAllowed, Unavailable)):
                    self.missing.append(finding)
                else:
                    findings.append(finding)
        return filled


def _is_proxy(path: Path) -> bool:
    return path[0] == "providers" and path[-1] == PROXY


class Unavailable(Unresolved):
    """An environment variable that is not set: an error only for who needs its value."""


class NotAllowed(Unresolved):
    """An environment variable that must not be read: refused to who needs its value."""


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


def _is_allowed(name: str, allowed: str | None) -> bool:
    """Whether a variable is one of those that commas separate, where * stands for any text; all are
    allowed only where the list is not there at all."""
    if allowed is None:
        return True
    patterns = (re.escape(one.strip()).replace(r"\*", ".*") for one in allowed.split(","))
    return any(re.fullmatch(pattern, name) for pattern in patterns)


def read_variable(environment: Mapping[str, str], name: str, path: Path) -> str:
    """The value of an environment variable for the setting at `path`. Raises NotAllowed where
    RECONCILER_ALLOWED_ENV leaves it out, Unavailable where it is not set, and Unresolved where it
    cannot be used; none shows the value."""
    if name.upper().startswith(_OURS):
        raise Unresolved(
            f"the environment variable {shown(name)} is for reconciler itself",
            "It is sent nowhere. Name the variable that holds the credential.",
        )
    if not _is_allowed(name, environment.get(ALLOWED)):
        raise NotAllowed(
            f"the environment variable {shown(name)} must not be read: {ALLOWED} does not name it",
            "Add it there, where no change of the repository can, or name another one.",
        )
    value = environment.get(name, "")
    if not value:
        raise Unavailable(
            f"the environment variable {shown(name)} is "
            f"{'empty' if name in environment else 'not set'}",
            f"Set it before running reconciler: export {printable(name)}=…",
        )
    if path[0] == "providers" and has_control_characters(value):
        raise Unresolved(
            f"the environment variable {shown(name)} has a line break or a control character",
            "Often it is a line break at the end: store the value again without it.",
        )
    if _SURROGATE.search(value):
        raise Unresolved(
            f"the environment variable {shown(name)} is not valid UTF-8", "Store the value again."
        )
    return value
