"""The hosts that whoever runs the tool has approved for credentials: nothing in a workspace can."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from reconciler.errors import Diagnostic, Invalid
from reconciler.files import advice, configuration_folder, read_private, reason, save_private
from reconciler.http.destinations import (
    Destination,
    HostPattern,
    host_pattern,
    may_have_credentials,
)
from reconciler.values.text import shown
from reconciler.workspace.user_folder import is_in_repository

VARIABLE = "RECONCILER_ALLOWED_HOSTS"
FILE = "trusted-hosts"


def is_approved(place: Destination, environment: Mapping[str, str], root: Path) -> bool:
    """Whether a host is named in the variable RECONCILER_ALLOWED_HOSTS, where commas separate them,
    or trusted by this user. `root` is the folder of the workspace, which is never asked. Raises
    Invalid for text that is no host and for a file that others could have written."""
    texts = (text.strip() for text in environment.get(VARIABLE, "").split(","))
    named = [_pattern(text, VARIABLE, "Separate hosts with commas.") for text in texts if text]
    return may_have_credentials(place, (), named) or may_have_credentials(
        place, (), _trusted_patterns(environment, root)
    )


def trusted_hosts(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The hosts that this user trusts on this machine, as they were written. Raises Invalid."""
    try:
        lines = (read_private(FILE, environment) or b"").decode("utf-8").splitlines()
    except OSError as error:
        raise _unusable("use", error) from None
    except UnicodeError:
        where = configuration_folder(environment) / FILE
        raise Invalid(Diagnostic(f"{where} is not UTF-8", "Remove it.")) from None
    return tuple(line.strip() for line in lines if line.strip())


def trust(hosts: Iterable[str], environment: Mapping[str, str] = os.environ) -> Path:
    """Approve these hosts for this user on this machine, and return the file that says so. Raises
    Invalid for text that is no host, and where the file cannot be written or would not be used."""
    given = tuple(hosts)
    try:
        inside = is_in_repository(environment, Path())
    except OSError as error:
        raise _unusable("write", error) from None
    if inside:
        folder = configuration_folder(environment)
        summary = f"{folder} is in this repository, which could then approve hosts by itself"
        hint = f"Set XDG_CONFIG_HOME to another folder, or name the hosts in {VARIABLE}."
        raise Invalid(Diagnostic(summary, hint))
    for text in given:
        _pattern(text, "providers trust", "Name the host as base_url does, without the path.")
    return _save((*trusted_hosts(environment), *given), environment)


def distrust(hosts: Iterable[str], environment: Mapping[str, str] = os.environ) -> Path:
    """Take the approval of these hosts back. Raises Invalid for one that has none."""
    known, given = trusted_hosts(environment), tuple(hosts)
    for text in given:
        if text not in known:
            hint = "`reconciler providers trust --list` lists those that are."
            raise Invalid(Diagnostic(f"{shown(text)} is not trusted on this machine", hint))
    return _save((text for text in known if text not in given), environment)


def _save(hosts: Iterable[str], environment: Mapping[str, str]) -> Path:
    text = "".join(f"{host}\n" for host in dict.fromkeys(hosts))
    try:
        save_private(FILE, text.encode(), environment)
    except OSError as error:
        raise _unusable("write", error) from None
    return configuration_folder(environment) / FILE


def _trusted_patterns(environment: Mapping[str, str], root: Path) -> Iterable[HostPattern]:
    try:
        if is_in_repository(environment, root):
            return ()
    except OSError:
        return ()  # a user without a home has approved nothing
    where = f"{configuration_folder(environment) / FILE}"
    return [_pattern(one, where, "Remove it.") for one in trusted_hosts(environment)]


def _pattern(text: str, where: str, hint: str) -> HostPattern:
    try:
        return host_pattern(text)
    except ValueError as error:
        raise Invalid(Diagnostic(f"{where}: {shown(text)} {error}", hint)) from None


def _unusable(what: str, error: OSError) -> Invalid:
    hint = advice(error, f"Or name the hosts in {VARIABLE}.")
    return Invalid(Diagnostic(f"cannot {what} {error.filename}: {reason(error)}", hint))
