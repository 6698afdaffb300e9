"""What the benchmarks compare does the same job, and their results go where they belong."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from benchmarks import data, hcl
from benchmarks.__main__ import PARTS
from benchmarks.cases import forget
from benchmarks.parts.limits import most_in
from benchmarks.results import RESULTS, Part, quoted, replaced, section, tables
from reconciler.sandbox import Options
from reconciler.sandbox.server import Running

from .conftest import Result
from .vendors import running

COUNT = 150
VENDOR = "kobo-plm"
GO = shutil.which("go")
Run = Callable[..., Result]


@pytest.fixture(name="vendor")
def _vendor() -> Iterator[Callable[[str], Running]]:
    """Starts Kobo PLMs with a data set."""
    started = []

    def start(data: str) -> Running:
        context = running(Options(port=0, rate=0, data=data, vendors=(VENDOR,)))
        started.append(context)
        return context.__enter__()

    yield start
    for context in started:
        context.__exit__(None, None, None)


def program(name: str, *arguments: str | Path) -> str:
    """The output of one of the programs that the tool is measured beside."""
    command = [sys.executable, str(data.PROGRAMS / f"{name}.py"), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def suppliers(vendor: Running) -> dict[str, Any]:
    """The vendor's suppliers by their codes, without what depends on when they were created."""
    own = ("id", "created_at", "updated_at")
    return {
        supplier["code"]: {name: value for name, value in supplier.items() if name not in own}
        for supplier in vendor.state(VENDOR)["suppliers"]
    }


def test_the_bare_loop_creates_what_apply_creates(
    vendor: Callable[[str], Running], run: Run, tmp_path: Path
) -> None:
    """Both leave the same suppliers at an empty vendor, and send one POST for each."""
    ours, theirs = vendor("empty"), vendor("empty")
    data.workspace(tmp_path / "w", ours.urls[VENDOR], COUNT)
    data.bodies(tmp_path / "bodies", COUNT)
    assert run("-C", str(tmp_path / "w"), "apply", "--auto-approve").code == 0
    said = program("bare", f"{theirs.urls[VENDOR]}/suppliers", tmp_path / "bodies")
    assert said == f"{COUNT} created"
    assert suppliers(ours) == suppliers(theirs)
    for one in (ours, theirs):
        assert sum(entry["method"] == "POST" for entry in one.journal(VENDOR)) == COUNT


def test_the_least_program_finds_what_the_plan_finds(
    vendor: Callable[[str], Running], run: Run, tmp_path: Path
) -> None:
    """It reads the pages that a plan reads, finds as many differences, and says that all is as
    before only where all is as before."""
    started = vendor(str(COUNT))
    url, folder = started.urls[VENDOR], tmp_path / "w"
    data.workspace(folder, url, COUNT)
    least = ("least", url, folder / "manifests", tmp_path / "digests")
    assert [program(*least), program(*least)] == ["0 differ", "0 differ, as before"]
    forget(folder)
    started.clear_journal()
    assert "No changes." in run("-C", str(folder), "plan").out
    pages = [(entry["path"], entry["query"]) for entry in started.journal(VENDOR)]
    started.clear_journal()
    assert program(*least[:-1], "-") == "0 differ"
    assert len(started.journal(VENDOR)) == len(pages) == 2
    data.edit(folder, 102, "+90-555-0100")
    assert "102 to change" in run("-C", str(folder), "plan", "--allow-updates", "102").out
    assert program(*least) == "102 differ"
    assert program(*least) == "102 differ"


def test_what_is_kept_is_deleted_before_a_run_that_has_kept_nothing(tmp_path: Path) -> None:
    """Only the folder with what can be worked out again is deleted; the ledger stays."""
    kept = tmp_path / ".reconciler" / "cache" / "entry"
    kept.parent.mkdir(parents=True)
    ledger = tmp_path / ".reconciler" / "ledger.jsonl"
    for path in (kept, ledger):
        path.write_text("x", "utf-8")
    forget(tmp_path)
    forget(tmp_path)
    assert not kept.parent.exists()
    assert ledger.exists()


def test_a_part_replaces_its_own_section_only() -> None:
    """A part that is measured again has a new section; the others, their order and what stands
    before them stay, and a part that was never measured comes to its place."""
    part = Part("How.", ["| new |"], ["A remark."])
    order = ("plan", "apply", "limits")
    text = "# Results\n\nHead.\n\n## plan\n\nOld.\n\n## limits\n\nOther.\n"
    again = replaced(text, "plan", section("plan", part), order)
    assert "Old." not in again
    assert again.startswith("# Results\n\nHead.\n\n## plan\n\n")
    assert again.endswith("- A remark.\n\n## limits\n\nOther.\n")
    more = replaced(again, "apply", section("apply", part), order)
    assert re.findall("^## (.*)", more, re.M) == list(order)
    assert replaced(more, "apply", section("apply", part), order) == more
    assert tables(more) == {"plan": "| new |\n", "apply": "| new |\n"}


def test_the_readme_gets_the_tables_that_it_quotes() -> None:
    """A table that is quoted is replaced by what was measured; nothing else is touched, and a
    table that was not measured stays."""
    readme = "a\n<!-- benchmarks plan -->\nold\n<!-- /benchmarks plan -->\nb\n"
    other = readme.replace("plan", "start")
    measured = readme.replace("old", "new") + readme.replace("plan", "memory")
    assert quoted(readme + other, measured) == readme.replace("old", "new") + other


def test_every_part_can_be_measured_and_has_its_section() -> None:
    """The names of the command are modules that measure, and only these have sections."""
    assert all(callable(import_module(f"benchmarks.parts.{name}").measured) for name in PARTS)
    found = re.findall("^## (.*)", RESULTS.read_text("utf-8"), re.M)
    assert found == [name for name in PARTS if name in found]
    files = {path.stem for path in (RESULTS.parent / "parts").glob("*.py")}
    assert files == {*PARTS, "__init__"}


def test_the_most_requests_in_a_time_are_those_of_the_worst_time() -> None:
    """The window may begin at any moment, and has its first moment but not its end."""
    assert most_in([], 10) == 0
    assert most_in([0.0, 9.9, 10.0, 19.8], 10) == 3
    assert most_in([0.0, 10.0, 20.0], 10) == 1
    assert most_in([5.0] * 4, 10) == 4


def test_terraform_is_given_the_same_suppliers(tmp_path: Path) -> None:
    """The configuration and the state have every supplier with the fields that the manifests
    declare, and the ids that the vendor gives; an edit is in the configuration only."""
    tool = hcl.Terraform("terraform", {}, "1.11.4", ())
    folder = tmp_path / "terraform"
    hcl.configuration(folder, "http://127.0.0.1:1/api/v1", COUNT, edited=2)
    hcl.state(folder, tool, COUNT)
    resources = json.loads((folder / "terraform.tfstate").read_text("utf-8"))["resources"]
    blocks = "".join(path.read_text("utf-8") for path in sorted(folder.glob("suppliers-*.tf")))
    names = re.findall(r'^resource "kobo_supplier" "(\w+)"', blocks, re.M)
    assert names == [resource["name"] for resource in resources]
    attributes = [resource["instances"][0]["attributes"] for resource in resources]
    wanted = [{"id": str(n), **data.supplier(n)} for n in range(1, COUNT + 1)]
    assert attributes == wanted
    assert blocks.count(f'  phone = "{hcl.OTHER_PHONE}"\n') == 2
    assert all(f'  code = "{one["code"]}"\n' in blocks for one in wanted)


def test_the_provider_has_the_address_that_is_asked_for() -> None:
    """Terraform finds a provider by its address, which the Go source and the configuration say."""
    assert f'"{hcl.ADDRESS}"' in (hcl.PROVIDER / "main.go").read_text("utf-8")


@pytest.mark.skipif(GO is None, reason="Go is not installed")
def test_the_provider_is_formatted() -> None:
    """gofmt would change nothing."""
    assert GO is not None
    gofmt = Path(GO).with_name("gofmt")
    command = [str(gofmt), "-d", "-e", *map(str, hcl.PROVIDER.glob("*.go"))]
    shown = subprocess.run(command, capture_output=True, text=True)
    assert (shown.returncode, shown.stdout, shown.stderr) == (0, "", "")


@pytest.mark.campaign
@pytest.mark.skipif(GO is None, reason="Go is not installed")
def test_the_provider_passes_vet() -> None:
    """go vet finds nothing, and go.mod and go.sum name what is needed and no more."""
    assert GO is not None
    for command in (("vet", "./..."), ("mod", "tidy", "-diff")):
        shown = subprocess.run(
            [GO, *command], cwd=hcl.PROVIDER, capture_output=True, text=True, timeout=500
        )
        assert shown.returncode == 0, shown


@pytest.mark.campaign
@pytest.mark.skipif(not (GO and shutil.which("terraform")), reason="Go or Terraform is missing")
def test_terraform_finds_what_the_plan_finds(
    vendor: Callable[[str], Running], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With the state that was written Terraform has nothing to do, and asks for each supplier; an
    edit is one change, which it makes; and it creates what the bare loop creates."""
    monkeypatch.setenv("BENCHMARK_FOLDER", str(tmp_path))
    tool = hcl.installed(tmp_path)
    started, empty = vendor("12"), vendor("empty")
    for edited, says in ((0, "No changes."), (1, "0 to add, 1 to change, 0 to destroy")):
        folder = tmp_path / f"terraform-{edited}"
        hcl.configuration(folder, started.urls[VENDOR], 12, edited)
        hcl.state(folder, tool, 12)
        started.clear_journal()
        tool.case("plan", "plan", folder, says).once()
        asked = {(entry["method"], entry["path"]) for entry in started.journal(VENDOR)}
        assert asked == {("GET", f"/api/v1/suppliers/{n}") for n in range(1, 13)}
    tool.case("apply", "apply", tmp_path / "terraform-1", "1 changed").once()
    assert [one["phone"] for one in started.state(VENDOR)["suppliers"]][:2] == [
        hcl.OTHER_PHONE,
        data.supplier(2)["phone"],
    ]
    hcl.configuration(tmp_path / "new", empty.urls[VENDOR], 12)
    tool.case("apply", "apply", tmp_path / "new", "12 added").once()
    made = suppliers(empty)
    wanted = {supplier["code"]: supplier for supplier in map(data.supplier, range(1, 13))}
    assert {code: one | wanted[code] for code, one in made.items()} == made
    assert made.keys() == wanted.keys()
