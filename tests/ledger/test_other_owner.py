"""A checkout of another user, as a runner makes it for a container: git does not work in it."""

from __future__ import annotations

from typing import Any

import pytest

from .stores import git


def test_the_doctor_says_what_git_says(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do about it, in words without escapes; so do all commands."""
    here = workspace(ledger="git:ledger")
    git(here.root, "init", "-q", ".")
    # What git has for its own tests: the folder is taken for somebody else's.
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    doctor, plan = here.run("doctor"), here.run("plan")
    assert (doctor.code, plan.code) == (1, 1)
    for said in (doctor.out, plan.err):
        words = " ".join(said.split())
        assert "detected dubious ownership" in words
        assert "git config --global --add safe.directory" in words
        assert "\\t" not in said
        assert "\\n" not in said
    assert doctor.last == "Not well: 1 of 6 (the ledger)."
