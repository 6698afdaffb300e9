"""The help of a command that has commands of its own."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("group", ["ci", "providers", "state"])
def test_what_a_command_does_is_said_whole(run: Any, group: str) -> None:
    """Each line about a command is a sentence, broken into lines and never cut."""
    shown = run(group, "--help")
    assert shown.code == 0
    about = shown.out.partition("Commands:")[2]
    assert about
    assert "..." not in about
    assert about.rstrip().endswith(".")
    for line in about.strip("\n").splitlines():
        assert len(line) <= 80


def test_the_help_of_state_does_not_promise_to_work_offline(run: Any) -> None:
    """A ledger that is shared is reached over the network."""
    out = run("state", "--help").out
    assert "no network" not in out
    assert "no vendor is asked" in " ".join(out.lower().split())
