"""Mermaid itself, as it runs on the pages of GitHub and GitLab, draws what `graph` writes.

The package is looked for in $RECONCILER_NODE_MODULES, or in node_modules beside this file; get it
with `npm ci --ignore-scripts --prefix tests/thirdparty`. It runs in Debian's Chromium.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from reconciler.model import Action, Address
from reconciler.report.graph import LONGEST_TEXT, MOST_EDGES, mermaid

HERE = Path(__file__).parent
MODULES = Path(os.environ.get("RECONCILER_NODE_MODULES") or HERE / "node_modules")
SCRIPT = MODULES / "mermaid" / "dist" / "mermaid.min.js"
CHROMIUM = shutil.which("chromium")

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(
        not SCRIPT.exists(), reason=f"no {SCRIPT}: install mermaid and set RECONCILER_NODE_MODULES"
    ),
]

# With the defaults, which are those of GitHub; an error is thrown and not drawn.
DRAW = """async text => {
  mermaid.initialize({startOnLoad: false, securityLevel: 'strict', suppressErrorRendering: true});
  const {svg} = await mermaid.render('drawing', text);
  document.body.innerHTML = svg;
  const texts = which => [...document.querySelectorAll(which)].map(each => each.textContent);
  const others = 'script, a, b, strong, em, i, img, ul, ol, math';
  return [texts('g.node'), texts('g.edgeLabel'), document.body.querySelectorAll(others).length,
          svg.includes('Maximum text size')];
}"""


class Drawing(NamedTuple):
    """The texts of the nodes and of the arrows, how many elements are not ours, and whether it was
    refused for its size."""

    nodes: list[str]
    labels: list[str]
    foreign: int
    refused: bool


Draw = Callable[[Sequence[str]], Drawing]


@pytest.fixture(scope="module")
def draw() -> Iterator[Draw]:
    """Draws lines of Mermaid in a browser."""
    playwright: Any = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.add_script_tag(path=str(SCRIPT))
        yield lambda lines: Drawing(*page.evaluate(DRAW, "\n".join(lines)))
        browser.close()


def k(name: str) -> Address:
    """An address with this key."""
    return Address("kobo", "components", name)


NAMES = [
    'a"b',
    "a]b[c",
    "end",
    "a;b|c`d",
    "%%{init: {}}%%",
    "<script>alert(1)</script>&#35;",
    "<img src=x onerror=alert(1)>",
    "back\\slash",
    "style:x#1;",
    "{}() (())",
    "**b** __c__ _em_ ~~s~~ `code`",
    "- a",
    "1. x",
    "$$x^2$$",
    "$$$$",
    "#quot;",
    "http://a.example/c",
    "[a](http://a.example)",
    "@{shape: rect}",
    "İğüşöç ı",
    "fa:fa-user x",
    "x :::create",
    "a --> b",
    "click n1 call alert()",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_drawn_as_it_is(name: str, draw: Draw) -> None:
    """It is the text of its node and of its arrow, and nothing else comes of it."""
    one, other = k(name), k("other")
    drawn = draw([*mermaid([one, other], [(one, other, name)], {one}, {one: Action.CREATE})])
    # an invisible sign keeps two dollars from being a formula
    texts = [text.replace("\u200b", "") for text in (*drawn.nodes, *drawn.labels)]
    assert texts == [f"+ {one}", str(other), name]
    assert drawn.foreign == 0


@pytest.mark.parametrize("action", Action)
def test_changes_have_their_symbols(action: Action, draw: Draw) -> None:
    """Whatever a plan does to an object is drawn, also at the beginning of a line."""
    drawn = draw([*mermaid([k("a")], [], {k("a")}, {k("a"): action})])
    assert drawn.nodes[0].endswith("kobo/components/a")
    assert drawn.foreign == 0


@pytest.mark.parametrize("count", [MOST_EDGES, MOST_EDGES + 1, 20_000])
def test_a_large_drawing_is_not_refused(count: int, draw: Draw) -> None:
    """What has more arrows than Mermaid draws is drawn by kinds, and says so."""
    hub = Address("kobo", "suppliers", "S")
    nodes = [k(f"c{number}") for number in range(count)]
    lines = [*mermaid([hub, *nodes], [(node, hub, "supplier") for node in nodes], {hub, *nodes})]
    assert sum(len(line) + 1 for line in lines) <= LONGEST_TEXT
    drawn = draw(lines)
    assert not drawn.refused
    if count > MOST_EDGES:
        assert f"kobo/components ({count:,})" in drawn.nodes
        assert drawn.labels == [f"supplier ({count:,})"]
        assert f"{count:,} references are too many for one drawing" in " ".join(drawn.nodes)


def test_long_names_are_drawn_by_kinds_where_their_text_is_too_long(draw: Draw) -> None:
    """It is the length of the text that Mermaid refuses, not only the number of arrows."""
    nodes = [k(f"{number} " + "ü;" * 100) for number in range(300)]
    lines = [*mermaid(nodes, [], set(nodes))]
    assert sum(len(line) + 1 for line in lines) <= LONGEST_TEXT
    assert "kobo/components (300)" in draw(lines).nodes
