"""What the ledger's tests share: a place for a ledger in each of the stores."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.register_assert_rewrite(f"{__package__}.story", f"{__package__}.team")

from .stores import STORES, Place  # noqa: E402


@pytest.fixture(params=list(STORES))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A ledger that was never written, in one store after the other."""
    return STORES[request.param](tmp_path)
