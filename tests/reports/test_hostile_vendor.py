"""A vendor that names its objects to deceive: the files of a real run hold nothing of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from reconciler.report.formats import formats_of
from reconciler.sandbox import Options
from tools.reports_page import COMMANDS

from ..vendors import running
from .readers import READERS
from .results import MARKUP

EVIL = [
    "@team fixes #1 GH-1", "![x](https://evil.example/x) <img src=x onerror=y>",
    "``` </details> ~~~",
    "`" * 90 + "</code>", "x\r\n::error::y\n##vso[task.complete]z", "]]> <!-- --> &lt; <?x ?>",
    "=cmd|' /C calc'!A0 %0A%25 $x^2$", "<!channel> <@U1> \u202e\u2028\ud800\x1b[2J\0",
]  # fmt: skip


@pytest.fixture
def shop(tmp_path: Any, new_workspace: Callable[..., Any]) -> Any:
    """A workspace with one vendor, whose suppliers are what a test says."""
    with running(Options(port=0, rate=0, data="empty", vendors=("kobo-plm",))) as sandbox:
        yield new_workspace(tmp_path / "shop", sandbox)


def show(shop: Any, names: list[str], *more: dict[str, Any]) -> None:
    """Let the vendor answer suppliers of these names."""
    rows = [
        {"id": number, "code": f"S{number} {name}", "name": name, "payment_terms": name}
        for number, name in enumerate(names, 1)
    ]
    meta = {"total": len(rows), "current_page": 1, "per_page": 100, "last_page": 1}
    body = json.dumps({"data": rows, "meta": meta, **meta})
    rule = {"method": "GET", "path": "*/suppliers", "fault": {"status": 200, "body": body}}
    shop.sandbox.faults([rule, *more])


def check(shop: Any, *words: str) -> None:
    """Run a command with every report that it has, and read each."""
    folder = shop.root / "reports"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    known = formats_of(COMMANDS[words[0]])
    shown = shop.run(*words, *(f"--report={name}=reports/{name}" for name in known))
    assert "Traceback" not in shown.err
    for name in known:
        text = (folder / name).read_text("utf-8")
        if text:
            READERS[name](text.removesuffix("\n").split("\n"))
    for name in ("github-annotations", "azure"):
        READERS[name](shop.run(*words, "--format", name).out.splitlines())


def test_no_report_of_a_run_obeys_a_vendor(shop: Any) -> None:
    """Names, fields, errors and drift, in every command and format."""
    # How a key with a combining mark is matched is no matter of reports.
    markup = [text for text in MARKUP if "\u0301" not in text]
    names = EVIL + ["".join(markup[at : at + 4]) for at in range(0, len(markup), 4)]
    show(shop, names)
    check(shop, "plan")
    imported = shop.run("import", "--kind", "suppliers")
    assert imported.code == 0, imported
    assert shop.run("apply", "--auto-approve").code == 0
    check(shop, "plan")
    check(shop, "drift")
    show(shop, [f"{name} moved" for name in names])
    check(shop, "drift")
    check(shop, "plan")
    evil = {"status": 422, "body": json.dumps({"message": EVIL[0], "errors": {EVIL[2]: EVIL}})}
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        show(shop, names, {"method": method, "path": "*/suppliers*", "fault": evil})
        check(shop, "apply", "--auto-approve")
    shop.sandbox.faults([{"method": "GET", "path": "*", "fault": evil}])
    check(shop, "plan")
    shop.write(f"provider: kobo-plm\nsuppliers: {json.dumps({EVIL[1]: {EVIL[3]: EVIL[2]}})}\n", "x")
    check(shop, "validate")
    check(shop, "plan")
