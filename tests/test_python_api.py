"""The Python API does what its page says, and costs nothing until it is used."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import reconciler
from reconciler import ApplyOptions, PlanOptions, Workspace
from reconciler.errors import Invalid, LockHeld, Refused
from reconciler.ledger import open_ledger
from reconciler.model import Outcome, Plan, Status
from reconciler.sandbox.server import Running

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "python-api.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
(MANIFEST,) = (text for language, text in BLOCKS if language == "yaml")


@pytest.fixture
def shop(sandbox: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace of the page, in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop" / "manifests").mkdir(parents=True)
    account = {
        "type": "kobo-plm",
        "api_key": "${env.KOBO_API_KEY}",
        "base_url": sandbox.urls["kobo-plm"],
        "requests_per_minute": 0,
    }
    settings = {"name": "shop", "providers": {"kobo": account}}
    Path("shop/reconciler.yaml").write_text(json.dumps(settings), "utf-8")
    Path("shop/manifests/kobo.yaml").write_text(MANIFEST, "utf-8")
    return Path("shop")


@pytest.mark.usefixtures("shop")
def test_the_page_prints_what_it_says() -> None:
    """Its blocks of Python, run one after the other, print the texts below them."""
    names: dict[str, Any] = {}
    printed = None
    texts = 0
    for language, text in BLOCKS:
        if language == "python":
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(text, "docs/python-api.md", "exec"), names)
            printed = out.getvalue()
        elif language == "text":
            assert printed == text
            texts += 1
    assert texts == 7


@pytest.mark.usefixtures("sandbox")
def test_an_apply_tells_each_outcome_and_asks_before_it_writes(shop: Path) -> None:
    """`review` has the plan first; refused, nothing is written; approved, each outcome is told."""
    told: list[Plan | Outcome] = []

    def refuse(plan: Plan) -> bool:
        told.append(plan)
        return False

    workspace = Workspace.open(shop)
    with pytest.raises(Refused, match="not approved"):
        workspace.apply(options=ApplyOptions(review=refuse))
    assert len(told) == 1
    applied = workspace.apply(options=ApplyOptions(on_outcome=told.append))
    assert told[1:] == list(applied.outcomes)
    assert applied.tally() == {Status.APPLIED: 1}
    assert workspace.plan().tally() == {"no-op": 1}
    assert workspace.apply().outcomes == ()


def test_a_plan_that_is_stale_is_refused(shop: Path) -> None:
    """A plan kept as a value grows stale as a saved one does."""
    workspace = Workspace.open(shop)
    plan = workspace.plan()
    (shop / "manifests" / "kobo.yaml").write_text(MANIFEST.replace("900", "901"), "utf-8")
    with pytest.raises(Refused, match="manifests changed"):
        workspace.apply(plan)
    with pytest.raises(Invalid, match="cannot be combined"):
        workspace.apply(plan, choice=PlanOptions(destroy=True))


def test_only_one_apply_runs_at_a_time(shop: Path) -> None:
    """The lock that another run holds is an error at once."""
    held = open_ledger(".reconciler/ledger.jsonl", shop, "shop").lock("apply")
    with held, pytest.raises(LockHeld):
        Workspace.open(shop).apply()


def test_an_import_is_written_and_owned(shop: Path) -> None:
    """What is imported is in a manifest and in the ledger: a plan has nothing to do with it."""
    workspace = Workspace.open(shop)
    (imported,) = workspace.import_("webhooks").kinds
    assert imported.path == shop / "manifests" / "kobo" / "webhooks.yaml"
    assert imported.text in imported.path.read_text("utf-8")
    changes = workspace.plan(PlanOptions(targets=("kobo/webhooks",))).tally()
    assert changes == {"no-op": len(imported.objects)}
    with pytest.raises(Invalid, match="no provider of this workspace has this kind"):
        workspace.import_("webhoks")


def test_whoever_watches_is_told_of_every_request(shop: Path, sandbox: Running) -> None:
    """The observer counts what the vendor's own journal counts."""
    requests: list[tuple[str, int]] = []

    class Observer:
        def request(self, method: str, path: str, status: int, seconds: float) -> None:
            requests.append((method, status))

        def hold(self, provider: str, seconds: float) -> None:
            raise AssertionError("there is no rate limit here")

        def notice(self, message: str) -> None:
            raise AssertionError(message)

    sandbox.clear_journal()
    Workspace.open(shop, observer=Observer()).plan()
    journal = sandbox.journal("kobo-plm")
    assert sorted(requests) == sorted((entry["method"], entry["status"]) for entry in journal)


def test_credentials_may_come_from_anywhere(shop: Path) -> None:
    """From the mapping that is given, and from nowhere where none are needed."""
    with pytest.raises(Invalid, match="KOBO_API_KEY"):
        Workspace.open(shop, variables={}).plan()
    assert Workspace.open(shop, variables={}, offline=True).validate().valid
    key = os.environ["KOBO_API_KEY"]
    assert Workspace.open(shop, variables={"KOBO_API_KEY": key}).validate(online=True).valid


def test_there_is_nothing_in_the_package_that_is_not_said() -> None:
    """The names of the API are there, and no other one is made up."""
    assert {name for name in reconciler.__all__ if getattr(reconciler, name)} == {
        "ApplyOptions",
        "PlanOptions",
        "Workspace",
        "__version__",
    }
    assert not hasattr(reconciler, "workspaces")


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import reconciler", ("reconciler.app", "click", "yaml")),
        ("from reconciler import Workspace", ("click", "deepdiff", "httpx", "reconciler.cli")),
    ],
)
def test_an_import_costs_what_it_must(code: str, absent: tuple[str, ...]) -> None:
    """The package alone imports nothing, and the API neither a command line nor HTTP."""
    ended = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; print([*sys.modules])"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not set(absent) & set(json.loads(ended.stdout.replace("'", '"')))
