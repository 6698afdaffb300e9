"""Read a report as the platform does that it is for, and refuse whatever we would not have written.

Each reader takes the lines of a report and raises AssertionError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from xml.etree import ElementTree

from tools.report_examples import LINK

from .markdown_reader import read_markdown

Reader = Callable[[Sequence[str]], None]
NUMBER = re.compile(r"[a-z_]+=(true|false|[0-9]+)")
JUNIT = {
    "testsuites": {"name", "tests", "failures", "errors", "skipped"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped"},
    "testcase": {"classname", "name", "time"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
    "system-out": set(),
}
WORDS = {"name", "type"}
GITHUB = {"error", "warning", "notice"}


def markdown(lines: Sequence[str]) -> None:
    """CommonMark."""
    read_markdown("\n".join(lines), LINK)


def junit(lines: Sequence[str]) -> None:
    """XML with JUnit's elements, and numbers that are those of its cases."""
    text = "\n".join(lines)
    assert not re.search("<!|<[?](?!xml )", text)
    root = ElementTree.fromstring(text)
    cases = [*root.iter("testcase")]
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) == JUNIT[element.tag], element.tag
        if element.tag in ("failure", "error", "skipped"):
            assert re.fullmatch("[a-z-]+", element.get("type", ""))
    for element in (root, *root):
        assert element.get("tests") == str(len(cases))
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert element.get(name) == str(len([*root.iter(tag)]))


def commands(lines: Sequence[str]) -> Iterator[tuple[str, dict[str, str], str]]:
    """The commands that GitHub's runner reads: name, properties, message. What it would print is
    refused: each line is a command."""
    for line in lines:
        assert "\n" not in line
        assert "\r" not in line
        assert line.startswith("::"), line
        head, end, message = line[2:].partition("::")
        assert end, line
        name, _, rest = head.partition(" ")
        properties = {}
        for each in rest.split(","):
            key, equals, value = each.partition("=")
            assert equals, line
            assert key not in properties, line
            for code, sign in (
                ("%0D", "\r"),
                ("%0A", "\n"),
                ("%3A", ":"),
                ("%2C", ","),
                ("%25", "%"),
            ):
                value = value.replace(code, sign)
            properties[key] = value
        yield name, properties, message


def github_annotations(lines: Sequence[str]) -> None:
    """Only annotations with the properties that there are, ten of each level at the most."""
    names = []
    for name, properties, message in commands(lines):
        assert name in GITHUB
        assert set(properties) <= {"file", "line", "col", "title"}
        assert properties.get("line", "1").isdecimal()
        assert message
        assert "##[" not in message
        assert "##vso[" not in message
        names.append(name)
    assert all(names.count(name) <= 10 for name in GITHUB)


def github_outputs(lines: Sequence[str]) -> None:
    """Names and numbers, each once, and no beginning of a longer value."""
    for line in lines:
        assert NUMBER.fullmatch(line), line
    names = [line.partition("=")[0] for line in lines]
    assert len(names) == len(set(names))


READERS: Mapping[str, Reader] = {
    **dict.fromkeys(
        ("markdown", "markdown-gitlab", "markdown-azure", "markdown-bitbucket", "github-summary"),
        markdown,
    ),
    "junit": junit,
    "github-annotations": github_annotations,
    "github-outputs": github_outputs,
}
