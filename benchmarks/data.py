"""What is measured: a workspace of suppliers, and as many DNS records for octoDNS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from reconciler.sandbox.generated import KOBO_PLM

PER_FILE = 100
NOT_DECLARED = {"code", "address", "rating", "created_at", "updated_at"}

WORKSPACE = """\
name: benchmark
providers:
  kobo:
    type: kobo-plm
    api_key: sandbox-kobo-key
    base_url: {base_url}
    requests_per_minute: 0
"""

OCTODNS = """\
providers:
  source: {class: octodns.provider.yaml.YamlProvider, directory: zones}
  target: {class: octodns.provider.yaml.YamlProvider, directory: zones}
zones:
  example.com.: {sources: [source], targets: [target]}
"""


def workspace(folder: Path, base_url: str, count: int) -> None:
    """`count` suppliers of ten fields, a nested contact among them, as the sandbox's own data set
    of that size has them; what else the sandbox has is not declared and so not ours."""
    manifests = folder / "manifests"
    manifests.mkdir(parents=True)
    (folder / "reconciler.yaml").write_text(WORKSPACE.format(base_url=base_url), "utf-8")
    for first in range(1, count + 1, PER_FILE):
        numbers = range(first, min(first + PER_FILE, count + 1))
        lines = ["provider: kobo", "suppliers:", *(line for n in numbers for line in _supplier(n))]
        text = "\n".join(lines) + "\n"
        (manifests / f"suppliers-{first:06}.yaml").write_text(text, "utf-8")


def _supplier(number: int) -> Iterator[str]:
    fields = KOBO_PLM["suppliers"](number)
    yield f"  {fields['code']}:"
    for name, value in fields.items():
        if name in NOT_DECLARED:
            continue
        if name == "contacts":
            yield "    contacts:"
            for contact in value:
                members = [f"{part}: {_text(inner)}" for part, inner in contact.items()]
                yield f"      - {members[0]}"
                yield from (f"        {member}" for member in members[1:])
        else:
            yield f"    {name}: {_text(value)}"


def _text(value: object) -> str:
    """Text in quotes only where it needs them, as people write it."""
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
