"""Commands that reach no vendor do not load what only reaching one needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reconciler import planfile
from reconciler.model import Plan

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "kobo-plm"
PROGRAM = """
import sys
from reconciler.cli import run
code = run(sys.argv[1:])
loaded = {name for name in ("httpx", "deepdiff", "httpcore", "jinja2") if name in sys.modules}
print(code, sorted(loaded), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["validate"],
        ["explain", "kobo-plm/webhooks"],
        ["state", "list"],
        ["history"],
        ["graph"],
        ["schema", "kobo-plm"],
        ["providers"],
    ],
)
def test_neither_httpx_nor_deepdiff_is_imported(words: list[str]) -> None:
    """They cost more than such a command takes."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "-C", str(EXAMPLE), *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert done.stderr.splitlines()[-1] == "0 []"


def test_showing_a_saved_plan_imports_neither(tmp_path: Path) -> None:
    """A plan is read and shown without a vendor in sight."""
    saved = tmp_path / "nothing.plan"
    saved.write_text(planfile.write(Plan(())), "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "show", str(saved)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    assert done.stdout.startswith("No changes.")
    assert done.stderr.splitlines()[-1] == "0 []"
