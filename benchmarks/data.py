"""What is measured: a workspace of suppliers, and as many DNS records for octoDNS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from reconciler.sandbox.dataset import generated
from reconciler.sandbox.store import Clock
from reconciler.sandbox.vendors.kobo_plm.kinds import SUPPLIERS

PER_FILE = 100
DECLARED = ("name", "type", "phone", "contacts", "payment_terms", "currency", "certifications")

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
    """`count` suppliers as the sandbox's own data set of that size has them. Their key is the
    code; what else the sandbox has is not declared and so not ours."""
    manifests = folder / "manifests"
    manifests.mkdir(parents=True)
    (folder / "reconciler.yaml").write_text(WORKSPACE.format(base_url=base_url), "utf-8")
    for first in range(1, count + 1, PER_FILE):
        numbers = range(first, min(first + PER_FILE, count + 1))
        lines = ["provider: kobo", "suppliers:", *(line for n in numbers for line in _supplier(n))]
        text = "\n".join(lines) + "\n"
        (manifests / f"suppliers-{first:06}.yaml").write_text(text, "utf-8")


def _supplier(number: int) -> Iterator[str]:
    fields = generated(Clock(), SUPPLIERS, number)
    yield f"  {fields['code']}:"
    for name in DECLARED:
        yield f"    {name}: {_text(fields[name])}"


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
