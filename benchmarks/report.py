"""`python -m benchmarks.report`: what reports of 5,000 changes cost, to make and in a browser."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from reconciler.errors import Source
from reconciler.model import Action, Address, Cause, Change, FieldChange, Plan
from reconciler.report.formats import FORMATS

FORMATS_MEASURED = ("html", "markdown", "markdown-gitlab", "markdown-azure", "markdown-bitbucket")
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
# From the input to the next picture: the second frame begins when the first has been painted.
FILTER = """async ([id, value]) => {
  const control = document.getElementById(id);
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  await painted();
  const began = performance.now();
  control.value = value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  await painted();
  return performance.now() - began;
}"""
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
FILTERS = (
    ("search", "4321"),
    ("search", "şube"),
    ("search", ""),
    ("kind", "kind_3"),
    ("kind", ""),
    ("action", "to update"),
    ("cause", "drift"),
    ("action", ""),
    ("cause", ""),
)


def plan_of(count: int) -> Plan:
    """A plan of so many changes of four fields each, half of them updates, at three vendors."""
    actions = (Action.CREATE, Action.UPDATE, Action.DELETE, Action.UPDATE, Action.REPLACE)
    causes = (Cause.NEW, Cause.EDIT, None, Cause.DRIFT, Cause.EDIT)
    return Plan(
        tuple(
            Change(
                Address(f"vendor{at % 3}", f"kind_{at % 7}", f"Perakende Şube {at}"),
                actions[at % 5],
                before={"name": "Perakende Şube"},
                after=None if actions[at % 5] is Action.DELETE else {"name": "Perakende Şube"},
                fields=tuple(
                    FieldChange((f"f{n}",), f"Perakende Şube {n}", f"Perakende Şube {at}")
                    for n in range(4)
                ),
                cause=causes[at % 5],
                source=Source("manifests/all.yaml", at + 1, 1),
            )
            for at in range(count)
        ),
        origin={"workspace": "acme", "environment": "production"},
    )


def made(plan: Plan, folder: Path) -> None:
    """Make each report, and print its size and the processor time."""
    for name in FORMATS_MEASURED:
        began = process_time()
        text = "\n".join(FORMATS[name].lines_of(plan))
        print(f"{name}: {len(text.encode()):,} bytes in {process_time() - began:.2f} s")
        (folder / name).with_suffix(".html").write_text(text, "utf-8")


def shown(browser: Any, path: Path, rounds: int) -> None:
    """Open the page so many times, and print the medians of what a reader waits for."""
    paints = []
    filters: dict[tuple[str, str], list[list[float]]] = {}
    for _ in range(rounds):
        page = browser.new_context(viewport={"width": 1200, "height": 900}).new_page()
        tools = page.context.new_cdp_session(page)
        tools.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(path.as_uri())
        paints.append([page.evaluate(PAINT), busy(tools)])
        for one in FILTERS:
            before = busy(tools)
            painted = page.evaluate(FILTER, list(one))
            filters.setdefault(one, []).append([painted, busy(tools) - before])
        page.context.close()
    first, load = (median(column) for column in zip(*paints, strict=True))
    print(f"first paint after {first:.0f} ms; processor time until it is read {load:.0f} ms")
    for (control, value), times in filters.items():
        painted, used = (median(column) for column in zip(*times, strict=True))
        what = f"{control} {value!r}" if value else f"{control} cleared"
        print(f"{what}: painted after {painted:.0f} ms; processor time {used:.0f} ms")


def busy(tools: Any) -> float:
    """The processor time that the page's thread has used, in ms: other programs do not slow it."""
    metrics = tools.send("Performance.getMetrics")["metrics"]
    return float(next(m["value"] for m in metrics if m["name"] == "TaskDuration")) * 1000


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--count", type=int, default=5_000, help="changes")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name, sync_playwright() as tool:
        made(plan_of(options.count), Path(name))
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        shown(browser, Path(name) / "html.html", options.rounds)
        browser.close()


if __name__ == "__main__":
    main()
