"""Credentials as needed: a command resolves those of the providers that it contacts, and the
secrets that it writes, and names exactly what is missing of them."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import SETTINGS

ALL = [variable for settings in SETTINGS.values() for variable in settings.values()]
BOTH = (
    "provider: kobo-plm\nsuppliers: {S: {name: S}}\n---\n"
    "provider: inventora\nlocations: {L: {name: L}}\n"
)
TARGET = ("--target", "kobo-plm")


@pytest.fixture
def only_kobo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all variables with credentials, only Kobo's is set."""
    for variable in ALL:
        if variable != SETTINGS["kobo-plm"]["api_key"]:
            monkeypatch.delenv(variable)


@pytest.mark.usefixtures("only_kobo")
@pytest.mark.parametrize(
    "words",
    [
        ("plan", *TARGET),
        ("drift", *TARGET),
        ("apply", "--auto-approve", *TARGET),
        ("import", "--kind", "kobo-plm/suppliers", "--dry-run"),
        ("doctor", "kobo-plm"),
        ("validate",),
        ("state", "list"),
    ],
    ids=lambda words: words[0],
)
def test_what_contacts_one_provider_needs_its_credentials_alone(
    workspace: Any, sandbox: Any, words: tuple[str, ...]
) -> None:
    """Five providers are declared, one is contacted, and its key is enough."""
    here = workspace(BOTH)
    shown = here.run(*words)
    assert shown.code == 0, shown
    assert sandbox.journal("inventora") == []


@pytest.mark.usefixtures("only_kobo")
def test_a_provider_of_which_nothing_is_declared_needs_no_credentials(workspace: Any) -> None:
    """Without targets, too: the others are not contacted."""
    here = workspace("provider: kobo-plm\nsuppliers: {S: {name: S}}\n")
    here.apply()
    assert here.settled()


@pytest.mark.usefixtures("only_kobo")
@pytest.mark.parametrize(
    "words",
    [
        ("plan",),
        ("drift",),
        ("apply", "--auto-approve"),
        ("plan", "--target", "inventora"),
        ("import", "--kind", "inventora/locations"),
        ("state", "account", "inventora"),
    ],
    ids=" ".join,
)
def test_exactly_what_is_missing_is_named(
    workspace: Any, sandbox: Any, words: tuple[str, ...]
) -> None:
    """One error, for the variable of the provider that is needed, before anybody is asked."""
    here = workspace(BOTH)
    shown = here.run(*words)
    assert (shown.code, shown.err.count("Error: ")) == (1, 1), shown
    assert 'the environment variable "INVENTORA_API_KEY" is not set' in shown.err
    assert "at reconciler.yaml:1:" in shown.err
    assert "export INVENTORA_API_KEY=" in shown.err
    assert sandbox.journal("kobo-plm") == sandbox.journal("inventora") == []


EXPORT = (
    "fetch_file_configs: {n: {active: true, postProcessAction: 1, ftpServer: f, ftpPassword: %s}}\n"
)


def test_a_secret_is_needed_by_what_writes_it(
    workspace: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not write a secret does not miss it; what does says which variable to set."""
    declared = "provider: kobo-plm\nsuppliers: {S: {name: S}}\n---\nprovider: kibo\n"
    here = workspace(declared + EXPORT % "'${secret.ftp}'")
    here.configure(secrets={"ftp": "${env.FTP_PASSWORD}", "other": "${env.NOBODY_SET_THIS}"})
    assert here.run("validate").code == 0
    assert here.run("plan", *TARGET).code == 0
    shown = here.run("apply", "--auto-approve")
    assert (shown.code, shown.err.count("Error: ")) == (1, 1), shown
    assert 'secrets.ftp: the environment variable "FTP_PASSWORD" is not set' in shown.err
    assert here.writes() == []
    monkeypatch.setenv("FTP_PASSWORD", "gizli-parola")
    here.apply()
    assert here.settled()
