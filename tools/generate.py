"""Write what is generated from the schemas and the declarations: the schemas that editors read, the
reference pages, the tables on other pages and in the README, and requirements.txt. Run it in a
checkout:

    python -m tools.generate
"""

from __future__ import annotations

import json
from pathlib import Path

from reconciler.app.schema import umbrella, words, workspace
from reconciler.providers import PROVIDERS
from tools.commands_page import commands_page
from tools.reference import reference, with_capabilities
from tools.reports_page import with_formats
from tools.requirements import requirements
from tools.settings import with_options, with_settings

ROOT = Path(__file__).parent.parent


def files(root: Path = ROOT) -> dict[str, str]:
    """Every generated file: its path in the checkout at `root`, and its text."""
    providers = PROVIDERS.values()
    schemas = {provider.type: umbrella(provider) for provider in providers}
    schemas |= {"workspace": workspace(providers), "words": words()}
    readme = (root / "README.md").read_text("utf-8")
    return {
        **{
            f"schemas/generated/{name}.schema.json": json.dumps(
                schema, indent=2, ensure_ascii=False
            )
            + "\n"
            for name, schema in schemas.items()
        },
        **{f"docs/providers/{p.type}.md": reference(p) for p in providers},
        "requirements.txt": requirements(root),
        "README.md": with_capabilities(readme, providers),
        "docs/reports.md": with_formats((root / "docs" / "reports.md").read_text("utf-8")),
        "docs/commands.md": commands_page(),
        "docs/workspace.md": with_settings(
            (root / "docs" / "workspace.md").read_text("utf-8"), providers
        ),
        "docs/manifests.md": with_options((root / "docs" / "manifests.md").read_text("utf-8")),
    }


def main(root: Path = ROOT) -> None:
    """Write the files that have changed, and name them."""
    for name, text in files(root).items():
        path = root / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            print(f"wrote {name}")


if __name__ == "__main__":
    main()
