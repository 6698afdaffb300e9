"""The newcomer's tour: what it promises, and what it leaves behind."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from reconciler.cli import demo
from reconciler.errors import Invalid
from reconciler.sandbox import VENDORS, Options

from .conftest import Run
from .vendors import running

ROOT = Path(demo.__file__).parents[2]
STORY = (
    "$ reconciler validate\nSuccess! ",
    "$ reconciler plan --out first.plan\n",
    "! kobiks/price_categories/Perakende Satış Fiyatı (TL)  (by hand; ",
    "Plan: 19 to add, 8 to change, 0 to destroy, 1 by hand.",
    "$ reconciler apply first.plan ",
    "Apply complete! Resources: 19 added, 8 changed, 0 destroyed.",
    "Perakende Satış Fiyatı (TL): tax_included = true",
    "$ reconciler plan --detailed-exitcode\n",
    "No changes. Your vendors match the manifests.",
    "No drift. Your vendors are as they were last applied.",
    "ERP Sync: is_active = false",
    "$ reconciler drift --detailed-exitcode\n",
    "~ kobo/webhooks/erp-sync  (changed at the vendor)",
    "Drift: 1 changed at the vendor since the last apply.",
    "(exit code 2)",
    "$ reconciler plan\n",
    "Plan: 0 to add, 1 to change, 0 to destroy.",
    "$ reconciler apply --auto-approve\n",
    "Apply complete! Resources: 0 added, 1 changed, 0 destroyed.",
    "No changes. Your vendors match the manifests.",
    "$ reconciler history\n",
)


@pytest.fixture
def usual_port_taken() -> Iterator[None]:
    """Somebody already listens where the tour would like to."""
    with socket.socket() as taken:
        with suppress(OSError):
            taken.bind(("127.0.0.1", demo.USUAL_PORT))
            taken.listen()
        yield


@pytest.mark.usefixtures("usual_port_taken")
def test_the_tour_tells_its_story_and_leaves_a_workspace_to_go_on_with(
    tmp_path: Path, run: Run
) -> None:
    """Drift is found and mended, all without a terminal, a key, or a port of one's choice; what
    was in the usual folder is left alone."""
    earlier = tmp_path / "reconciler-demo" / "mine.txt"
    earlier.parent.mkdir()
    earlier.write_text("mine")

    told = _demo(tmp_path)

    assert told.returncode == 0, told.stdout + told.stderr
    place = 0
    for line in STORY:
        assert line in told.stdout[place:], (line, told.stdout)
        place = told.stdout.index(line, place) + len(line)
    assert [one.name for one in earlier.parent.iterdir()] == ["mine.txt"]
    made = tmp_path / "reconciler-demo-2"
    settings = (made / "reconciler.yaml").read_text("utf-8")
    assert f":{demo.USUAL_PORT}/" not in settings
    assert (made / "webhook-secrets.jsonl").stat().st_mode & 0o777 == 0o600

    with running(Options(port=0, state=made / "sandbox.json")) as again:
        for vendor in VENDORS:
            port = re.search(rf"type: {vendor}\n.*?127\.0\.0\.1:(\d+)", settings, re.S)
            assert port
            now = again.urls[vendor].rpartition(":")[2].partition("/")[0]
            settings = settings.replace(f"127.0.0.1:{port[1]}", f"127.0.0.1:{now}")
        (made / "reconciler.yaml").write_text(settings, "utf-8")
        result = run("-C", str(made), "plan", "--detailed-exitcode")
    assert result.code == 0, result
    assert result.last == "No changes. Your vendors match the manifests."


def test_the_tour_takes_no_folder_in_which_something_is(tmp_path: Path, run: Run) -> None:
    """A folder is named, and something is in it: nothing is touched."""
    (tmp_path / "work.txt").write_text("mine")
    result = run("demo", str(tmp_path))
    assert (result.code, result.out) == (1, "")
    assert "exists\n  Name an empty folder" in result.err
    assert [one.name for one in tmp_path.iterdir()] == ["work.txt"]


def test_a_step_that_does_not_end_as_promised_stops_the_tour(tmp_path: Path) -> None:
    """The step and both exit codes are named."""
    step = demo.Step("There is no workspace here.", "validate")
    with pytest.raises(Invalid, match=r"`reconciler validate` ended with 1, .* ended with 0"):
        demo._run(tmp_path, step, demo._environment())


def test_every_file_of_the_example_names_a_schema_that_is_there(tmp_path: Path) -> None:
    """In the checkout, and in the workspace that the tour makes of it."""
    example = demo.example_folder()
    made = demo._files("shop", 9000)
    modelines = 0
    for file in example.rglob("*.yaml"):
        name = file.relative_to(example)
        for text, folder in ((file.read_text("utf-8"), file.parent), (made[str(name)], None)):
            named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
            assert named, name
            modelines += 1
            if folder:
                assert (folder / named[1]).resolve().is_relative_to(ROOT / "schemas")
                assert (folder / named[1]).is_file()
            else:
                assert os.path.normpath(name.parent / named[1]) in made
    assert modelines == 12
    for offset in VENDORS.values():
        assert f"base_url: http://127.0.0.1:{9000 + offset}" in made["reconciler.yaml"]


def _demo(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reconciler", "demo"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
