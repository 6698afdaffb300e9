"""Print a software bill of materials of what users install, as CycloneDX 1.6 in JSON.

    python -m tools.sbom > sbom.cdx.json

Versions and licences are those of the installed packages; where a version is the pinned one, the
hashes of constraints.txt are listed with it. The same environment gives the same document.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from reconciler import __version__
from tools.dependencies import PROJECT, ROOT, Package, direct, packages

SCOPES = {"running it": "required", "the sandbox": "optional"}
_PINNED = re.compile(r"^([\w.-]+)==(\S+) \\\n((?:    --hash=\S+(?: \\)?\n)+)", re.MULTILINE)


def bill(known: Mapping[str, Package]) -> dict[str, Any]:
    """The document; packages that users do not install are left out."""
    shipped = {name: one for name, one in known.items() if one.purpose in SCOPES}
    hashes = pinned_hashes()
    ours = f"pkg:pypi/{PROJECT}@{__version__}"
    asked = sorted(direct(frozenset({"sandbox"})) & shipped.keys())
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": ours,
                "name": PROJECT,
                "version": __version__,
                "purl": ours,
                "licenses": [{"expression": "Apache-2.0"}],
            }
        },
        "components": [_component(one, hashes) for one in shipped.values()],
        "dependencies": [
            {"ref": ours, "dependsOn": [_purl(shipped[name]) for name in asked]},
            *(
                {
                    "ref": _purl(one),
                    "dependsOn": [_purl(shipped[name]) for name in one.needs if name in shipped],
                }
                for one in shipped.values()
            ),
        ],
    }
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(document, sort_keys=True))
    return {**document, "serialNumber": f"urn:uuid:{number}"}


def pinned_hashes() -> dict[tuple[str, str], list[str]]:
    """The hashes of all files of each pinned package, by name and version."""
    text = (ROOT / "constraints.txt").read_text("utf-8")
    return {
        (name, version): re.findall(r"--hash=(\S+)", lines)
        for name, version, lines in _PINNED.findall(text)
    }


def _component(package: Package, hashes: Mapping[tuple[str, str], list[str]]) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": _purl(package),
        "name": package.name,
        "version": package.version,
        "scope": SCOPES[package.purpose],
        "purl": _purl(package),
        "licenses": [{"expression": package.licence}] if package.licence else [],
        "properties": [
            {"name": "reconciler:file-hash", "value": value}
            for value in hashes.get((package.name, package.version), ())
        ],
    }


def _purl(package: Package) -> str:
    return f"pkg:pypi/{package.name}@{package.version}"


def main() -> None:
    """Print the document."""
    print(json.dumps(bill(packages()), indent=2))


if __name__ == "__main__":
    main()
