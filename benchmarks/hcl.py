"""Terraform as it is installed here, and what it plans: a configuration and its state."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import data
from benchmarks.cases import Case
from benchmarks.results import Skipped

PROVIDER = Path(__file__).parent / "terraform"
ADDRESS = "example.com/benchmarks/kobo"
"""The provider's address, which `main.go` has too; nothing is ever fetched from there."""
BINARY = "terraform-provider-kobo"
OTHER_PHONE = "+90-555-0100"

SETTINGS = """\
provider_installation {{
  dev_overrides {{
    "{address}" = "{folder}"
  }}
  direct {{}}
}}
"""
MAIN = """\
terraform {{
  required_providers {{
    kobo = {{
      source = "{address}"
    }}
  }}
}}

provider "kobo" {{
  base_url = "{base_url}"
  api_key  = "sandbox-kobo-key"
}}
"""


@dataclass(frozen=True, slots=True)
class Terraform:
    """The program, the variables of its environment, and the versions of what is measured."""

    program: str
    settings: Mapping[str, str]
    version: str
    versions: tuple[str, ...]

    def case(self, name: str, command: str, folder: Path, says: str) -> Case:
        """A command in a folder with a configuration; an apply is not asked about."""
        more = ("-auto-approve",) if command == "apply" else ()
        line = (self.program, command, "-input=false", "-no-color", *more)
        return Case(name, line, folder, says, settings=self.settings)


def installed(folder: Path) -> Terraform:
    """Terraform, with the provider as it was just built. Raises Skipped where one of them cannot be
    had."""
    program, go = shutil.which("terraform"), shutil.which("go")
    if program is None or go is None:
        raise Skipped(f"{'go' if program else 'terraform'} is not installed")
    built = subprocess.run(
        (go, "build", "-o", str(folder / "provider" / BINARY), "."),
        cwd=PROVIDER,
        capture_output=True,
        text=True,
    )
    if built.returncode:
        raise Skipped(f"the provider cannot be built: {built.stderr.strip().splitlines()[-1]}")
    configured = folder / "terraform.rc"
    text = SETTINGS.format(address=ADDRESS, folder=folder / "provider")
    configured.write_text(text, "utf-8")
    settings = {"TF_CLI_CONFIG_FILE": str(configured), "CHECKPOINT_DISABLE": "1"}
    shown = subprocess.run((program, "version", "-json"), capture_output=True, check=True)
    version = str(json.loads(shown.stdout)["terraform_version"])
    asked = subprocess.run((go, "env", "GOVERSION"), capture_output=True, text=True, check=True)
    framework = _framework()
    versions = (f"terraform {version}", f"terraform-plugin-framework {framework}", asked.stdout)
    return Terraform(program, settings, version, tuple(text.strip() for text in versions))


def _framework() -> str:
    """The version of the framework in `go.mod`."""
    lines = (PROVIDER / "go.mod").read_text("utf-8").splitlines()
    return next(
        words[-1] for line in lines if "plugin-framework" in line and (words := line.split())
    )


def configuration(folder: Path, base_url: str, count: int, edited: int = 0) -> None:
    """The suppliers of the workspace of this size as `resource` blocks, in as many files; the first
    `edited` have another telephone number."""
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text(MAIN.format(address=ADDRESS, base_url=base_url), "utf-8")
    for first, numbers in data.parts(count):
        blocks = (_block(number, number <= edited) for number in numbers)
        (folder / f"suppliers-{first:06}.tf").write_text("\n".join(blocks), "utf-8")


def _block(number: int, edited: bool) -> str:
    fields = data.supplier(number) | ({"phone": OTHER_PHONE} if edited else {})
    lines = (f"  {name} = {_expression(value)}\n" for name, value in fields.items())
    return f'resource "kobo_supplier" "s{number:06}" {{\n{"".join(lines)}}}\n'


def _expression(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_expression, value))}]"
    if isinstance(value, dict):
        members = (f"{name} = {_expression(inner)}" for name, inner in value.items())
        return f"{{ {', '.join(members)} }}"
    return json.dumps(value, ensure_ascii=False)


def state(folder: Path, tool: Terraform, count: int) -> None:
    """The state that Terraform has when it has created the suppliers of a sandbox of this size: the
    n-th has the id n. It is written piece by piece, which keeps this process small."""
    head = {"version": 4, "terraform_version": tool.version, "serial": 1, "lineage": "benchmark"}
    with open(folder / "terraform.tfstate", "w", encoding="utf-8") as file:
        file.write(json.dumps(head)[:-1] + ', "outputs": {}, "check_results": null, "resources": [')
        file.writelines(_resources(count))
        file.write("]}\n")


def _resources(count: int) -> Iterator[str]:
    for number in range(1, count + 1):
        attributes = {"id": str(number), **data.supplier(number)}
        resource = {
            "mode": "managed",
            "type": "kobo_supplier",
            "name": f"s{number:06}",
            "provider": f'provider["{ADDRESS}"]',
            "instances": [{"schema_version": 0, "attributes": attributes}],
        }
        yield ("," if number > 1 else "") + json.dumps(resource, ensure_ascii=False)
