"""What comes with the package from others: known licences, a bill of materials, hashes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.cli import COMMANDS
from tools.dependencies import GROUPS, PAGE, Package, packages, table, with_licences
from tools.sbom import SCOPES, bill, pinned_hashes

ROOT = Path(__file__).parents[1]
PERMITTED = {
    "Apache-2.0", "Apache-2.0 OR BSD-2-Clause", "Apache-2.0 OR BSD-3-Clause", "BSD-2-Clause",
    "BSD-3-Clause", "ISC", "MIT", "MIT AND PSF-2.0", "MIT-0", "MPL-2.0", "PSF-2.0",
}  # fmt: skip
TEXT = PAGE.read_text("utf-8")


@pytest.fixture(scope="module")
def known() -> dict[str, Package]:
    """What is installed of what we need."""
    return packages()


def rows() -> dict[str, tuple[str, str]]:
    """The licences on the page, with what each package is needed for."""
    part = TEXT.split("<!-- licences -->")[1].split("<!-- /licences -->")[0]
    found = re.findall(r"^\| ([\w.-]+) \| ([^|]+) \| ([^|]+) \|$", part, re.MULTILINE)
    return {name: (licence, purpose) for name, licence, purpose in found[2:]}


def test_the_licences_on_the_page_are_those_of_the_packages(known: dict[str, Package]) -> None:
    """Every pinned version that is installed is there with its licence, and nothing that is not
    pinned. Of other versions, with which CI tries too, nothing is said."""
    pins = dict(
        re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "pins.txt").read_text("utf-8"), re.MULTILINE)
    )
    shown = rows()
    assert {"click", "httpx", "pytest"} <= shown.keys() <= pins.keys()
    pinned = {name: one for name, one in known.items() if pins.get(name) == one.version}
    assert {name: shown[name][0] for name in pinned} == {
        name: one.licence for name, one in pinned.items()
    }
    # what a package is needed for may differ between versions of Python
    assert {purpose for _, purpose in shown.values()} == set(GROUPS)


def test_no_licence_binds_who_uses_the_tool() -> None:
    """Only licences that ask for nothing from whoever passes the tool on unchanged. Those who
    choose a ledger in PostgreSQL install psycopg beside the tool, which contains none of it, and
    yamllint only checks in our tests what the tool wrote."""
    licences: dict[str, set[str]] = {}
    for licence, purpose in rows().values():
        licences.setdefault(purpose, set()).add(licence)
    assert licences.pop("ledgers in PostgreSQL") <= PERMITTED | {"LGPL-3.0-only"}
    assert licences.pop("tests and checks") <= PERMITTED | {"GPL-3.0-or-later"}
    assert set().union(*licences.values()) <= PERMITTED


def test_the_table_is_put_between_its_markers(known: dict[str, Package]) -> None:
    """Made again it is what it was, and nothing around it changes."""
    page = with_licences("a\n<!-- licences -->\nold\n<!-- /licences -->\nb", known)
    assert page == f"a\n<!-- licences -->\n{table(known)}\n<!-- /licences -->\nb"


@pytest.fixture(scope="module")
def printed() -> dict[str, Any]:
    """The bill of materials as the command prints it."""
    command = [sys.executable, "-m", "tools.sbom"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_the_bill_names_what_users_install(
    printed: dict[str, Any], known: dict[str, Package]
) -> None:
    """Each package with its version, its licence and its place; none that only tests need."""
    shipped = {one.name: one for one in known.values() if one.purpose in SCOPES}
    assert set(SCOPES) < set(GROUPS)
    found = {one["name"]: one for one in printed["components"]}
    assert found.keys() == shipped.keys()
    for name, one in found.items():
        package = shipped[name]
        assert one["version"] == package.version
        assert one["licenses"] == ([{"expression": package.licence}] if package.licence else [])
        assert one["purl"] == f"pkg:pypi/{name}@{package.version}"
    assert "pytest" not in found
    assert found["starlette"]["scope"] == "optional"
    assert found["httpx"]["scope"] == "required"


def test_the_bill_is_what_cyclonedx_means(printed: dict[str, Any]) -> None:
    """The members that version 1.6 of the format asks for; each reference leads somewhere."""
    assert (printed["bomFormat"], printed["specVersion"], printed["version"]) == (
        "CycloneDX",
        "1.6",
        1,
    )
    assert re.fullmatch(
        r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", printed["serialNumber"]
    )
    parts = [printed["metadata"]["component"], *printed["components"]]
    names = [part["bom-ref"] for part in parts]
    assert len(set(names)) == len(names)
    assert {part["type"] for part in parts} == {"application", "library"}
    assert {one["ref"] for one in printed["dependencies"]} == set(names)
    for one in printed["dependencies"]:
        assert set(one["dependsOn"]) <= set(names)
    ours = printed["dependencies"][0]["dependsOn"]
    assert any(name.startswith("pkg:pypi/httpx@") for name in ours)


def test_the_bill_is_the_same_each_time(printed: dict[str, Any], known: dict[str, Package]) -> None:
    """It holds no time and no number by chance."""
    assert bill(known) == printed


def test_a_pinned_version_has_its_hashes(printed: dict[str, Any]) -> None:
    """Those of constraints.txt, which CI checks."""
    hashes = pinned_hashes()
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for own in hashes.values() for one in own)
    pins = (ROOT / "pins.txt").read_text("utf-8")
    assert {f"{name}=={version}" for name, version in hashes} == set(
        re.findall(r"^\S+==\S+$", pins, re.MULTILINE)
    )
    for one in printed["components"]:
        expected = hashes.get((one["name"], one["version"]), [])
        assert [part["value"] for part in one["properties"]] == expected


def test_ci_installs_what_has_a_hash() -> None:
    """Until it tries the newest versions, the only files that it installs are those that were
    checked when they were fetched."""
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    fetched, pinned = script.split("export PIP_NO_INDEX=1 PIP_FIND_LINKS=$work/pinned\n")
    pinned, newest = pinned.split("unset PIP_NO_INDEX PIP_FIND_LINKS\n")
    assert re.findall(r'pip"? (\w+).*', fetched) == ["download"]
    assert "--require-hashes -r constraints.txt" in fetched
    assert "npm install" not in script
    assert "newest" not in pinned.replace("the newest versions", "")
    assert "pip" in newest


def test_the_packages_of_npm_have_hashes() -> None:
    """The lock file has one for each, and names no registry."""
    text = (ROOT / "tests" / "thirdparty" / "package-lock.json").read_text("utf-8")
    packages_ = {name: one for name, one in json.loads(text)["packages"].items() if name}
    assert len(packages_) > 10
    assert all(one["integrity"].startswith("sha512-") for one in packages_.values())
    assert "resolved" not in text


def test_the_workflow_on_the_page_keeps_its_own_rules() -> None:
    """It is YAML; what runs for everybody has no secret, and the tool is installed with hashes."""
    (text,) = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    workflow = yaml.safe_load(text)
    everybody, reviewed = workflow["jobs"]["validate"], workflow["jobs"]["plan"]
    assert "pull_request_target" not in text
    assert workflow["permissions"] == {"contents": "read"}
    assert "secrets." not in str(everybody)
    assert "env" not in everybody
    assert "secrets." in str(reviewed["env"])
    assert {"RECONCILER_ALLOWED_ENV", "RECONCILER_ALLOWED_HOSTS"} < set(reviewed["env"])
    assert reviewed["environment"] == "plan"
    assert "!github.event.pull_request.head.repo.fork" in reviewed["if"]
    for job in (everybody, reviewed):
        installed = [step["run"] for step in job["steps"] if "pip" in step.get("run", "")]
        assert all("--require-hashes" in command for command in installed)


def test_the_page_speaks_of_commands_that_exist() -> None:
    """Each `reconciler WORD` on it is a command of ours."""
    named = re.findall(r"reconciler\"? ([a-z]+)", TEXT)
    assert {"validate", "plan", "providers"} <= set(named)
    assert set(named) <= {*COMMANDS, "imports"}
