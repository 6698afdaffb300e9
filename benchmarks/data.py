"""What is measured: a workspace of suppliers, and as many DNS records for octoDNS."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reconciler.sandbox.dataset import generated
from reconciler.sandbox.store import Clock
from reconciler.sandbox.vendors.kobo_plm.kinds import SUPPLIERS

PER_FILE = 100
PROGRAMS = Path(__file__).parent / "programs"
DECLARED = ("name", "type", "phone", "contacts", "payment_terms", "currency", "certifications")

WORKSPACE = """\
name: benchmark
providers:
  kobo:
    type: kobo-plm
    api_key: sandbox-kobo-key
    base_url: {base_url}
    {limit}
"""
NO_LIMIT = "requests_per_minute: 0"
PHONE = re.compile("^    phone: .*$", re.M)

OCTODNS = """\
providers:
  source: {class: octodns.provider.yaml.YamlProvider, directory: zones}
  target: {class: octodns.provider.yaml.YamlProvider, directory: zones}
zones:
  example.com.: {sources: [source], targets: [target]}
"""


def workspace(folder: Path, base_url: str, count: int, limit: str = NO_LIMIT) -> None:
    """`count` suppliers as the sandbox's own data set of that size has them. Their key is the
    code; what else the sandbox has is not declared and so not ours. `limit` is a setting of the
    provider."""
    manifests = folder / "manifests"
    manifests.mkdir(parents=True)
    text = WORKSPACE.format(base_url=base_url, limit=limit)
    (folder / "reconciler.yaml").write_text(text, "utf-8")
    for first, numbers in parts(count):
        lines = ["provider: kobo", "suppliers:", *(line for n in numbers for line in _supplier(n))]
        text = "\n".join(lines) + "\n"
        (manifests / f"suppliers-{first:06}.yaml").write_text(text, "utf-8")


def parts(count: int) -> Iterator[tuple[int, range]]:
    """The numbers of the suppliers of each file, and the first of them."""
    for first in range(1, count + 1, PER_FILE):
        yield first, range(first, min(first + PER_FILE, count + 1))


def supplier(number: int) -> dict[str, Any]:
    """The fields of a supplier that are declared, with its code."""
    fields = generated(Clock(), SUPPLIERS, number)
    return {name: fields[name] for name in ("code", *DECLARED)}


def _supplier(number: int) -> Iterator[str]:
    fields = supplier(number)
    yield f"  {fields.pop('code')}:"
    for name, value in fields.items():
        yield f"    {name}: {_text(value)}"


def edit(folder: Path, count: int, phone: str) -> None:
    """Declare another telephone number for the first `count` suppliers of a workspace."""
    for path in sorted((folder / "manifests").iterdir()):
        if count <= 0:
            break
        text, edited = PHONE.subn(f"    phone: {_text(phone)}", path.read_text("utf-8"), count)
        path.write_text(text, "utf-8")
        count -= edited


def bodies(path: Path, count: int) -> None:
    """The bodies with which `count` suppliers are created, one in each line."""
    with open(path, "w", encoding="utf-8") as file:
        for number in range(1, count + 1):
            file.write(json.dumps(supplier(number), ensure_ascii=False) + "\n")


def _text(value: object) -> str:
    """A value in one line, in quotes only where it needs them, as people write it."""
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {_text(inner)}' for name, inner in value.items())}}}"
    if isinstance(value, str) and value[:1].isalpha():
        return value
    return json.dumps(value, ensure_ascii=False)


def zone(folder: Path, count: int) -> None:
    """`count` A records with two values each, as source and as target of octoDNS."""
    (folder / "zones").mkdir(parents=True)
    (folder / "octodns.yaml").write_text(OCTODNS, "utf-8")
    with open(folder / "zones" / "example.com.yaml", "w", encoding="utf-8") as file:
        file.write("---\n")
        for n in range(count):
            first, second = f"10.0.{n // 250}.{n % 250 + 1}", f"10.1.{n // 250}.{n % 250 + 1}"
            file.write(f"r{n:06}:\n  ttl: 300\n  type: A\n  values:\n  - {first}\n  - {second}\n")
