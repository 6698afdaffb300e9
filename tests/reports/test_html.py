"""The report in HTML, as a browser shows it: nothing is loaded, and people find what they look for.

The tests of the page as text are with those of the other formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, pairwise, product
from pathlib import Path
from typing import Any

import pytest

from reconciler.model import Action, Address, Budget, Cause, Change, FieldChange, Plan
from reconciler.report.digest import of_plan
from reconciler.report.html.listing import Listing
from reconciler.report.html.page import TILES
from reconciler.report.html.picture import MOST_KINDS, picture
from reconciler.report.html.words import marked
from tools.report_examples import LINK, RESULTS, lines_of

from .html_reader import read_html
from .results import MARKUP, many, results

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDE = {"width": 1200, "height": 900}
NARROW = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield chromium
        chromium.close()


class Tab:
    """A tab of the browser, which notes whatever a report did there that it was not to."""

    def __init__(self, browser: Any, **context: Any) -> None:
        self.wrong: list[str] = []
        self._opened = Path()
        self.page = browser.new_context(viewport=WIDE, **context).new_page()
        self.page.on("console", lambda message: self.wrong.append(message.text))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", lambda dialog: self.wrong.append(dialog.message))
        self.page.on("request", lambda request: self._request(request.url))

    def _request(self, url: str) -> None:
        if url.partition("#")[0] != self._opened.as_uri():
            self.wrong.append(url)

    def open(self, path: Path, result: Any) -> Any:
        """Open the report of a result, as a new tab would; the page."""
        self._opened = path
        path.write_text("".join(f"{line}\n" for line in lines_of("html", result)), "utf-8")
        self.page.set_viewport_size(WIDE)
        self.page.emulate_media(media="screen", color_scheme="light")
        self.page.goto(path.as_uri())
        return self.page


@pytest.fixture(scope="module")
def tabs(browser: Any) -> dict[bool, Tab]:
    """A tab with the script and one without: opening one takes longer than most tests."""
    return {script: Tab(browser, java_script_enabled=script) for script in (True, False)}


@pytest.fixture
def show(tabs: dict[bool, Tab], tmp_path: Path) -> Iterator[Any]:
    """Open a result's report in the browser; afterwards nothing may have gone wrong there. There
    is one report with the script at a time, and one without."""
    names = (tmp_path / f"report-{number}.html" for number in count())

    def open_report(result: Any, script: bool = True) -> Any:
        return tabs[script].open(next(names), result)

    yield open_report
    wrong = [*tabs[True].wrong, *tabs[False].wrong]
    for tab in tabs.values():
        tab.wrong.clear()
    assert wrong == []


def visible(page: Any) -> list[str]:
    """The names of the changes that are shown."""
    names: list[str] = page.locator(".entry:visible .key").all_inner_texts()
    return names


def chosen(page: Any, **values: str) -> list[str]:
    """The names that are left with these filters; afterwards they are cleared."""
    for name, value in values.items():
        page.locator(f"#{name}").select_option(value)
    names = visible(page)
    page.locator("#clear").click()
    return names


@pytest.mark.parametrize("name", RESULTS)
def test_every_example_is_shown(show: Any, name: str) -> None:
    """Without an error, a violation of the policy or a request, in light and dark, and without a
    scroll bar to the side on a telephone."""
    page = show(RESULTS[name])
    for scheme, size in product(("light", "dark"), (WIDE, NARROW)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert page.locator("h1").count() == 1
    assert "never shown" not in page.content()


def test_the_counts_and_what_is_destroyed_come_first(show: Any) -> None:
    """Then what is protected, what is by hand, what the pull request changes, and drift."""
    page = show(RESULTS["small-plan"])
    tiles = page.locator(".tiles li").all_inner_texts()
    assert [tile.split() for tile in tiles] == [
        ["1", "to", "add"], ["3", "to", "change"], ["1", "to", "destroy"], ["1", "by", "hand"],
    ]  # fmt: skip
    titles = [title.split(" ")[0] for title in page.locator("h2").all_inner_texts()]
    assert titles == [
        "Findings", "Destroyed", "Protected,", "By", "In", "Drift:", "Notes", "Order", "Requests",
        "Past",
    ]  # fmt: skip


def test_a_word_that_differs_is_marked(show: Any) -> None:
    """Both values stand side by side, and only what differs in them is marked."""
    page = show(RESULTS["small-plan"])
    row = page.locator("tr", has_text="payment_terms")
    assert row.locator("td").all_inner_texts() == ['"NET30"', '"NET45"']
    assert row.locator("del").all_inner_texts() == ["NET30"]
    assert row.locator("ins").all_inner_texts() == ["NET45"]


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("a b c", "a x c", "a <del>b</del> c", "a <ins>x</ins> c"),
        ("same", "same", "same", "same"),
        ("", "new", "", "<ins>new</ins>"),
        ("1.50", "1.75", "<del>1.50</del>", "<ins>1.75</ins>"),
        ("a, b, c, d", "a, c, d", "a, <del>b, </del>c, d", "a, c, d"),
        ("<i>", "<b>", "&lt;<del>i</del>&gt;", "&lt;<ins>b</ins>&gt;"),
        ("one two three four", "one 2 three 4",
         "one <del>two</del> three <del>four</del>", "one <ins>2</ins> three <ins>4</ins>"),
    ],
)  # fmt: skip
def test_words_are_marked(before: str, after: str, old: str, new: str) -> None:
    """What both have is left as it is, and all of it is escaped."""
    assert marked(before, after) == (old, new)


def test_search_finds_names_fields_and_values(show: Any) -> None:
    """Whatever the case and the accents; every word counts, and Escape shows all again."""
    page = show(RESULTS["small-plan"])
    everything = visible(page)
    search = page.locator("#search")
    for words, found in (
        ("OLD-ERP", ["old-erp"]), ("istanbul", ["IST-1"]), ("net45", ["SUP-1"]),
        ("kibo/price", ["RETAIL"]), ("kobo created", ["erp-styles"]), ("stock.yaml", ["WH-01"]),
        ("nobody has this", []),
    ):  # fmt: skip
        search.fill(words)
        assert visible(page) == found
        assert page.locator("#shown").inner_text() == f"{len(found)} of 6 changes"
        assert page.locator("#nothing").is_visible() == (not found)
        assert page.locator("h2:visible", has_text="Destroyed").count() == ("old-erp" in found)
    search.press("Escape")
    assert search.input_value() == ""
    assert visible(page) == everything
    assert page.locator("#shown").inner_text() == "6 changes"


def test_each_filter_works(show: Any) -> None:
    """Provider, kind, action and cause, alone and together with each other and the search."""
    page = show(RESULTS["small-plan"])
    assert chosen(page, provider="kibo") == ["RETAIL", "WH-01"]
    assert chosen(page, kind="webhooks") == ["old-erp", "erp-styles"]
    assert chosen(page, action="to update") == ["RETAIL", "SUP-1", "WH-01"]
    assert chosen(page, cause="drift") == ["WH-01"]
    assert chosen(page, provider="kibo", cause="ours") == ["RETAIL"]
    assert chosen(page, provider="kibo", kind="webhooks") == []
    page.locator("#search").fill("erp")
    assert chosen(page, action="to create") == ["erp-styles"]
    assert len(visible(page)) == 6


def test_kinds_that_are_folded_open_for_what_is_found(show: Any) -> None:
    """Of very many changes only those are unfolded that matter most; a search shows the others,
    and clearing it folds them again."""
    page = show(replace(many(500)["plan"], diagnostics=()))
    assert page.locator(".urgent .group:not([open])").count() == 0
    folded = page.locator(".group:not([open])").count()
    assert folded > 0
    page.locator("#search").fill("all.yaml:78:1")
    assert visible(page) == ["Perakende Şube 77"]
    page.locator("#clear").click()
    assert page.locator(".group:not([open])").count() == folded


def test_everything_is_reached_with_the_keyboard(show: Any) -> None:
    """`/` leads to the search, Tab to every control in the order of the page, each with a visible
    outline; Enter folds and unfolds."""
    page = show(RESULTS["small-plan"])
    reached = []
    for _ in range(80):
        page.keyboard.press("Tab")
        facts = page.evaluate(
            """() => { const e = document.activeElement;
            if (e === document.body) return null;
            const style = getComputedStyle(e);
            return [[...document.querySelectorAll("*")].indexOf(e), style.outlineStyle,
                    parseFloat(style.outlineWidth)]; }"""
        )
        if facts is None:
            break
        reached.append(facts)
    controls = page.evaluate(
        """() => [...document.querySelectorAll(
            "a[href], button, input, select, summary, [tabindex]")]
            .filter(e => e.checkVisibility()).map(
            e => [...document.querySelectorAll("*")].indexOf(e))"""
    )
    assert [at for at, _, _ in reached] == controls
    assert all(style == "solid" and width >= 2 for _, style, width in reached)
    summary = page.locator(".entry summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator(".entry").first.get_attribute("open") is None
    page.keyboard.press("Enter")
    assert page.locator(".entry").first.get_attribute("open") is not None
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("a/b")
    assert page.locator("#search").input_value() == "a/b"


def test_a_link_to_a_change_opens_it(show: Any) -> None:
    """From the picture and from what waits for it, also where a filter hides it."""
    page = show(RESULTS["small-plan"])
    page.locator("#fold").click()
    page.locator("#provider").select_option("kobo")
    page.locator("svg a", has_text="SUP-1").click()
    entry = page.locator(".entry", has=page.locator(".key", has_text="SUP-1"))
    assert entry.is_visible()
    assert entry.locator("td").first.is_visible()
    page.locator("#unfold").click()
    page.locator("#provider").select_option("inventora")
    page.locator("svg a", has_text="SUP-1").click()
    page.locator(".entry:target").wait_for()


def test_all_can_be_read_without_the_script(show: Any) -> None:
    """What could not work is not there."""
    page = show(RESULTS["small-plan"], script=False)
    assert len(visible(page)) == 6
    assert not page.locator(".filters").is_visible()
    assert page.locator("td", has_text="NET45").is_visible()


def test_all_is_on_paper(show: Any) -> None:
    """Also what is folded, with the script and without; and no control is."""
    for script in (True, False):
        page = show(many(150)["plan"], script=script)
        assert not page.locator("td").first.is_visible()
        page.emulate_media(media="print")
        assert page.locator("td").first.is_visible()
        assert page.locator("td").last.is_visible()
        assert not page.locator(".filters").is_visible()


def test_it_can_be_read_by_everybody(show: Any) -> None:
    """Every text has a contrast of 4.5 to what is behind it, every control a name, every table
    headings, and no level of headings is left out."""
    for name in ("small-plan", "partial-apply", "drift", "invalid"):
        page = show(RESULTS[name])
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate(CONTRASTS) == []
        assert page.evaluate(NAMELESS) == []
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(h => +h.tagName[1])")
        assert levels[0] == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))
        assert page.locator("html").get_attribute("lang") == "en"
        heads = page.locator("table tr:first-child th").count()
        assert heads == page.locator("table tr:first-child th[scope=col]").count()


def test_no_name_becomes_an_element(show: Any) -> None:
    """Whatever vendors and manifests call things, they are text, which says what it said."""
    for result in results(["".join(MARKUP[at::8]) for at in range(8)]).values():
        page = show(result)
        foreign = "img, iframe, object, embed, base, link, script[src], [onerror], [onload]"
        assert page.locator(foreign).count() == 0
        assert page.locator("script").count() == 1
        assert page.locator("main").count() == 1
    page = show(results(["<b>x</b><img src=x onerror=alert(1)>"] * 8)["plan"])
    assert "<b>x</b><img src=x onerror=alert(1)>" in page.locator(".key").first.inner_text()


def test_five_thousand_changes_are_less_than_five_megabytes() -> None:
    """With all their fields; and with far more and longer ones, what is left out is said."""
    text = "\n".join(lines_of("html", many(5000)["plan"]))
    assert len(text.encode()) < 5_000_000
    assert "Left out, to keep this file below 5 MB" not in text
    assert text.count('class="entry"') == 5000


@pytest.mark.parametrize(
    ("most", "left_out", "without_fields"),
    [(200_000, False, False), (60_000, False, True), (20_000, True, True)],
)
def test_what_is_too_much_is_left_out_and_counted(
    most: int, left_out: bool, without_fields: bool
) -> None:
    """First the fields of the last changes, then the last changes themselves: what is urgent comes
    first."""
    plan = many(100)["plan"]
    assert isinstance(plan, Plan)
    listing = Listing(of_plan(plan), most)
    groups = [group for _, groups in listing.sections for group in groups]
    shown = [entry for group in groups for entry in group.entries]
    assert (listing.left_out > 0, listing.without_fields > 0) == (left_out, without_fields)
    assert sum(len(entry.encode()) for entry in shown) <= most
    assert sum(group.more for group in groups) == listing.left_out == 100 - len(shown)
    assert sum("<table>" not in entry for entry in shown) == listing.without_fields
    assert "<table>" in shown[0] or left_out
    assert shown[0].startswith('<details class="entry" id="c0"' if not left_out else "<div")


def test_very_many_changes_are_well_formed() -> None:
    """Read by HTML's own parser, with every part that only very many have."""
    plan = many(450)["plan"]
    assert isinstance(plan, Plan)
    read_html("\n".join(lines_of("html", replace(plan, changes=waiting(450)))), LINK)


def waiting(count: int) -> tuple[Change, ...]:
    """Changes of many kinds, each of which waits for the one before it."""
    addresses = [Address("vendor", f"kind_{at % 50}", f"o{at}") for at in range(count)]
    return tuple(
        Change(address, Action.CREATE, after={}, needs=tuple(addresses[max(0, at - 1) : at]))
        for at, address in enumerate(addresses)
    )


def test_the_picture_shows_what_is_done_first() -> None:
    """Each box is right of all that it waits for; what follows from other arrows has none."""
    one, two, three = (Address("kobo", "styles", name) for name in "abc")
    changes = (
        Change(three, Action.CREATE, needs=(one, two)),
        Change(two, Action.UPDATE, needs=(one,)),
        Change(one, Action.CREATE),
        Change(Address("kobo", "styles", "alone"), Action.CREATE),
        Change(Address("kobo", "styles", "unchanged"), Action.NO_OP, needs=(one,)),
    )
    drawn = picture(changes)
    assert drawn is not None
    assert sorted((box.name, box.x) for box in drawn.boxes) == [("a", 0), ("b", 280), ("c", 560)]
    assert len(drawn.arrows) == 2
    assert (drawn.alone, drawn.left_out, drawn.kinds) == (1, 0, False)
    assert picture(changes[2:]) is None


def test_the_picture_of_very_many_changes_is_bounded() -> None:
    """A box is a kind then; it says how many changes are in none; kinds may wait for each other."""
    drawn = picture(waiting(5000))
    assert drawn is not None
    assert drawn.kinds
    assert len(drawn.boxes) == MOST_KINDS
    assert drawn.left_out == 10 * 100


def test_boxes_and_arrows_do_not_overlap(show: Any) -> None:
    """Nor does a name leave its box."""
    page = show(Plan(waiting(30), origin={"workspace": "acme"}))
    boxes = page.locator(".box > rect:first-of-type").all()
    corners = [box.bounding_box() for box in boxes]
    for at, a in enumerate(corners):
        for b in corners[at + 1 :]:
            apart = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
            assert apart or a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]


def test_requests_are_beside_the_limits(show: Any) -> None:
    """How many, the limit, and the shortest time; the longest first."""
    budget = (
        Budget("a", 2, 60),
        Budget("b", 9000, 60),
        Budget("c", 5, 0),
        Budget("d", 300, 120),
    )
    minutes, seconds = divmod(round(budget[3].seconds), 60)
    page = show(Plan((), budget=budget))
    rows = page.locator("#requests tr").all()[1:]
    assert [[c.inner_text() for c in row.locator("th, td").all()][:4] for row in rows] == [
        ["b", "9,000", "60", "2 h 29 min"],
        ["d", "300", "120", f"{minutes} min {seconds} s"],
        ["a", "2", "60", "no waiting"],
        ["c", "5", "none", "no limit"],
    ]


def test_the_file_is_named_by_nothing_but_our_words() -> None:
    """Every kind of result has its numbers."""
    change = Change(
        Address("kobo", "styles", "a"),
        Action.UPDATE,
        fields=(FieldChange(("name",), "a", "b"),),
        cause=Cause.EDIT,
    )
    titles = set()
    for result in (*RESULTS.values(), Plan((change,))):
        text = "\n".join(lines_of("html", result))
        titles.add(re.findall(r"<title>(\w+)", text)[0])
    assert titles | {"Error"} == set(TILES)


CONTRASTS = """() => {
  const parse = (text) => (text.match(/[0-9.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !element.checkVisibility() || element.closest("script")) continue;
    const style = getComputedStyle(element);
    const ink = light(parse(element.closest("svg") ? style.fill : style.color));
    const paper = light(behind(element.closest("svg") || element));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (ratio < 4.5) bad.push([element.outerHTML.slice(0, 80), ratio]);
  }
  return bad;
}"""
NAMELESS = """() => [...document.querySelectorAll(
    "a[href], button, input, select, summary, [role=region], [role=img], nav, section, form")]
  .filter((e) => e.checkVisibility())
  .filter((e) => !(e.innerText || e.getAttribute("aria-label") || e.textContent
    || (e.labels && e.labels.length)
    || document.getElementById(e.getAttribute("aria-labelledby"))))
  .map((e) => e.outerHTML.slice(0, 80))"""
