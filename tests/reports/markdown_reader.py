"""Read a report in Markdown as CommonMark does, and refuse whatever we would not have written."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

# What Markdown, a platform's extensions or HTML make something of, outside of code.
OBEYED = re.compile(r"[@<>$\[\]|~^{}\\]|#[0-9]|GH-|https?:|www\.|:[a-z+]\w*:|\w/\w+#")
BLOCKS = {
    "heading", "paragraph", "bullet_list", "list_item", "fence", "html_block", "inline",
}  # fmt: skip
PHRASES = {"text", "code_inline", "strong", "em", "link", "softbreak"}


class Fold(HTMLParser):
    """The elements and the texts of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins, without attributes."""
        assert not attrs, attrs
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        self.tags.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        """A text, and the element that it is in."""
        self.texts.append((self.tags[-1] if self.tags else "", data))

    def handle_comment(self, data: str) -> None:
        """We write none."""
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def read_markdown(text: str, link: str) -> list[Token]:
    """The blocks of the text; AssertionError where there is an element, a link, a picture, a
    mention or anything else that is not ours, or a fence or a fold that does not end."""
    assert all(line.isprintable() for line in text.split("\n"))
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = parser.parse(text)
    lines = text.split("\n")
    depth = 0
    for token in tokens:
        kind = token.type.removesuffix("_open").removesuffix("_close")
        assert kind in BLOCKS, token
        if token.type == "fence":
            assert token.map
            assert token.info == "diff"
            assert lines[token.map[1] - 1] == token.markup, "a fence does not end"
        elif token.type == "html_block":
            fold = Fold(token.content)
            depth += fold.tags.count("details") - fold.tags.count("/details")
            assert depth in (0, 1)
            opening = ["details", "summary", "code", "/code", "/summary"]
            assert fold.tags in (opening, ["/details"]), token.content
            for element, words in fold.texts:
                assert element == "code" or not OBEYED.search(words), words
        elif token.type == "inline":
            read_inline(token.children or [], link)
    assert depth == 0, "a fold does not end"
    return tokens


def read_inline(tokens: list[Token], link: str) -> None:
    """The phrases of a paragraph are ours."""
    for token in tokens:
        kind = token.type.removesuffix("_open").removesuffix("_close")
        assert kind in PHRASES, token
        if token.type == "link_open":
            assert token.attrs == {"href": link}, token
        if token.type == "text":
            assert not OBEYED.search(token.content), token.content
