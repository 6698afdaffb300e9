"""Read a report in HTML as a browser does, and refuse whatever we would not have written."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from xml.etree.ElementTree import Element

import html5lib

ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "p", "time", "h1", "h2", "h3",
    "small", "span", "ul", "li", "strong", "nav", "main", "section", "b", "i", "br", "div", "form",
    "label", "input", "kbd", "select", "option", "output", "button", "details", "summary", "table",
    "tbody", "tr", "th", "td", "del", "ins", "dl", "dt", "dd", "footer", "script", "svg", "defs",
    "marker", "path", "figure", "figcaption", "g", "rect", "text",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "content", "http-equiv", "name", "class", "href", "rel", "id", "datetime",
    "hidden", "type", "placeholder", "autocomplete", "spellcheck", "value", "role", "tabindex",
    "open", "scope", "data-a", "data-c", "data-p", "data-k", "width", "height", "viewBox", "refX",
    "refY", "markerWidth", "markerHeight", "orient", "d", "marker-end", "transform", "rx", "x",
    "y", "aria-label", "aria-labelledby", "aria-hidden", "aria-live", "aria-keyshortcuts",
}  # fmt: skip
OURS = {
    "class": r"[a-z -]*", "id": r"[a-z-]*[0-9]*", "type": "search|button", "role": r"[a-z]+",
    "d": r"[MCHLz0-9 .-]+", "transform": r"translate\([0-9 ]+\)", "scope": "col|row",
    "aria-label": r"[A-Za-z0-9 %:,]+", "marker-end": r"url\(#tip\)", "data-c": "ours|drift|both",
}  # fmt: skip
POLICY = (
    "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; "
    "form-action 'none'"
)
_CODE = re.compile(r"<(style|script)>(.*?)</\1>", re.DOTALL)


def read_html(text: str, link: str) -> Element:
    """The document; AssertionError where HTML's own parser finds an error, or where there is an
    element, an attribute, a link, a style or a script that is not ours."""
    codes = _CODE.findall(text)
    assert [name for name, _ in codes] == ["style", "script"]
    policy = POLICY.format(
        *(b64encode(sha256(code.encode()).digest()).decode() for _, code in codes)
    )
    folder = files("reconciler.report.html")
    assert [code for _, code in codes] == [
        (folder / name).read_text("utf-8") for name in ("style.css", "script.js")
    ]
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    document: Element = parser.parse(_CODE.sub(r"<\1></\1>", text))
    known = set()
    for element in document.iter():
        assert isinstance(element.tag, str), "a comment"
        name = element.tag.rpartition("}")[2]
        assert name in ELEMENTS, name
        for attribute, value in element.attrib.items():
            assert attribute in ATTRIBUTES, attribute
            assert re.fullmatch(OURS.get(attribute, ".*"), value, re.DOTALL), (attribute, value)
            if attribute == "href":
                assert value == link or re.fullmatch("#[a-z]+[0-9]*", value), value
            if attribute == "id":
                assert value not in known, value
                known.add(value)
    (policies,) = (m.get("content") for m in document.iter("meta") if m.get("http-equiv"))
    assert policies == policy
    for element in document.iter():
        href = element.get("href", "")
        assert not href.startswith("#") or href[1:] in known, href
    return document
