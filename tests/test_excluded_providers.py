"""What is excluded as a whole is left alone: it is not contacted and needs no credentials."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import SETTINGS

BOTH = (
    "provider: kobo-plm\nsuppliers: {S: {name: S}}\n---\n"
    "provider: kibo\nlocation_types: {ANKARA: {name: Ankara}}\n"
    "fetch_file_configs: {f: {active: true, postProcessAction: 1, ftpServer: f.example, "
    "ftpPassword: '${secret.sftp}'}}\n"
)
ALL_OF_KIBO = ["kibo", "kibo/**", "kibo/*"]


@pytest.fixture
def only_kobo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither Kibo's credentials nor the secret that is written there are set."""
    for variable in (*SETTINGS["kibo"].values(), "SFTP_PASSWORD"):
        monkeypatch.delenv(variable, raising=False)


def contacts(sandbox: Any) -> list[Any]:
    """The requests that Kibo got."""
    found: list[Any] = sandbox.journal("kibo")
    return found


@pytest.mark.usefixtures("only_kobo")
@pytest.mark.parametrize("name", ALL_OF_KIBO)
@pytest.mark.parametrize("command", ["plan", "apply --auto-approve", "drift"])
def test_an_excluded_provider_is_not_contacted(
    workspace: Any, sandbox: Any, name: str, command: str
) -> None:
    """Its credentials and the secrets that are written there are not needed, also where one of its
    kinds is exclusive."""
    here = workspace(BOTH, secrets={"sftp": "${env.SFTP_PASSWORD}"}, exclusive=["kibo/channels"])
    shown = here.run(*command.split(), "--exclude", name)
    assert shown.code == 0, shown
    assert contacts(sandbox) == []
    assert "kibo/" not in shown.out
    assert "kibo:" not in shown.out


def test_what_is_owned_there_stays(workspace: Any, sandbox: Any) -> None:
    """An excluded provider keeps what the ledger has of it, also where all is to be destroyed."""
    here = workspace("provider: kibo\nlocation_types: {ANKARA: {name: Ankara}}\n")
    here.apply()
    here.write("provider: kobo-plm\nsuppliers: {S: {name: S}}\n")
    before = len(contacts(sandbox))
    here.apply("--exclude", "kibo")
    here.apply("--destroy", "--exclude", "kibo/**")
    assert len(contacts(sandbox)) == before
    assert "kibo/location_types/ANKARA" in here.run("state", "list").out


def test_a_kind_without_objects_may_be_excluded(workspace: Any) -> None:
    """The name of a provider or a kind is no typo, though nothing is declared there; a kind that
    does not exist is one, with what was probably meant."""
    here = workspace("provider: kobo-plm\nsuppliers: {S: {name: S}}\n")
    for name in ("kibo", "kibo/**", "kibo/locations", "kobo-plm/webhooks/**"):
        assert here.run("plan", "--exclude", name).code == 0
    for name in ("kiboo", "kobo-plm/supplier", "kobo-plm/suppliers/T", "kibo/location/**"):
        shown = here.run("plan", "--exclude", name)
        assert shown.code == 1
        assert f"--exclude {name}: nothing declared or owned has this address" in shown.err


def test_what_refers_to_an_excluded_kind_is_compared(workspace: Any) -> None:
    """The kind is read where another one of the same vendor refers to it."""
    manifest = (
        "provider: kobo-plm\nsuppliers: {{S: {{name: S}}}}\n"
        "components: {{C: {{name: {}, supplier: S}}}}\n"
    )
    here = workspace(manifest.format("c"))
    here.apply()
    here.write(manifest.format("d"))
    (entry,) = here.plan("--exclude", "kobo-plm/suppliers")
    assert (entry["address"], entry["x_action"]) == ("kobo-plm/components/C", "update")
