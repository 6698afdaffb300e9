"""Read a report as the platform does that it is for, and refuse whatever we would not have written.

Each reader takes the lines of a report and raises AssertionError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import jsonschema

from tools.report_examples import LINK

from .html_reader import read_html
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


def text(lines: Sequence[str]) -> None:
    """Nothing that a terminal or a CI runner obeys: all can be seen, and no line is a command."""
    for line in lines:
        assert line.isprintable(), ascii(line)
        assert not re.search(r"^\s*::|##\w*\[", line), line
        line.encode()


def json_document(lines: Sequence[str]) -> None:
    """One document, which a log can show too."""
    (line,) = lines
    assert isinstance(strict_json(line), dict)
    text(lines)


def mermaid(lines: Sequence[str]) -> None:
    """A flowchart of boxes and arrows; what a box is called ends no text and begins no entity,
    directive, formula or link."""
    first, *rest = lines
    assert first == "flowchart LR"
    word = r'"(?:[^"#&<>`\\;:%{}|$]|\$(?!\$)|#[0-9]+;)*"'
    node = "n[0-9a-f]{12}"
    box = rf"  (?:{node}|note)(?:\[{word}\]|\(\[{word}\]\))(?::::[a-z_]+)?"
    arrow = rf"  {node} -->(?:\|{word}\|)? {node}"
    style = r"  classDef [a-z_]+ stroke:#[0-9a-f]{6},stroke-width:2px"
    for line in rest:
        assert re.fullmatch(f"{box}|{arrow}|{style}", line), line


def dot(lines: Sequence[str]) -> None:
    """A digraph whose texts end where ours do."""
    first, *rest, last = lines
    assert (first, last) == ("digraph reconciler {", "}")
    label = r'\[label="(?:[^"\\]|\\["\\])*"(?:, style=dashed)?(?:, color="#[0-9a-f]{6}")?\];'
    names = "n[0-9a-f]{12}(?: -> n[0-9a-f]{12})?"
    for line in rest[2:]:
        assert re.fullmatch(f"  {names} {label}", line), line


def html(lines: Sequence[str]) -> None:
    """HTML, without an error."""
    read_html("\n".join(lines), LINK)


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


def azure(lines: Sequence[str]) -> None:
    """Only issues and variables of Azure's agent, which finds a command anywhere in a line."""
    variables = []
    for line in lines:
        assert line.count("##vso[") == 1, line
        assert line.startswith("##vso["), line
        assert "##[" not in line
        head, end, message = line[6:].partition("]")
        assert end
        command, _, rest = head.partition(" ")
        properties = dict(each.split("=", 1) for each in rest.split(";"))
        if command == "task.setvariable":
            assert set(properties) == {"variable", "isOutput"}
            assert NUMBER.fullmatch(f"{properties['variable']}={message}")
            variables.append(properties["variable"])
        else:
            assert command == "task.logissue"
            assert properties["type"] in ("error", "warning")
            assert set(properties) <= {"type", "sourcepath", "linenumber", "columnnumber", "code"}
            assert re.fullmatch("[a-z-]*", properties.get("code", ""))
            assert properties.get("linenumber", "1").isdecimal()
    assert len(variables) == len(set(variables))


def bitbucket(lines: Sequence[str]) -> None:
    """A report, and annotations within Bitbucket's limits; each is known by an id of its own."""
    report, *batches = map(strict_json, lines)
    assert set(report) - {"link"} == {
        "title", "details", "report_type", "reporter", "result", "data",
    }  # fmt: skip
    assert report.get("link", LINK) == LINK
    assert report["result"] in ("PASSED", "FAILED")
    assert len(report["data"]) <= 10
    for entry in report["data"]:
        assert isinstance(entry["value"], bool if entry["type"] == "BOOLEAN" else int)
    annotations = [annotation for batch in batches for annotation in batch]
    assert all(1 <= len(batch) <= 100 for batch in batches)
    assert len(annotations) <= 1000
    assert len({annotation["external_id"] for annotation in annotations}) == len(annotations)
    for annotation in annotations:
        assert 1 <= len(annotation["summary"]) <= 450
        assert annotation["annotation_type"] in ("BUG", "CODE_SMELL")
        assert annotation["severity"] in ("HIGH", "MEDIUM", "LOW")
        assert ("path" in annotation) == ("line" in annotation)
        assert annotation.get("line", 1) >= 1


def gitlab_terraform(lines: Sequence[str]) -> None:
    """The three keys that GitLab's parser wants, with numbers of at most six digits; of an error
    none of them."""
    (line,) = lines
    document = strict_json(line)
    if "error" not in document:
        assert sorted(document) == ["create", "delete", "update"]
        assert all(0 <= number <= 999_999 for number in document.values())


def gitlab_codequality(lines: Sequence[str]) -> None:
    """Every issue is valid, since GitLab stops at the first that is not, and has its own
    fingerprint."""
    (line,) = lines
    issues = strict_json(line)
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["description"]
        assert issue["location"]["path"]
        assert issue["location"]["lines"]["begin"] >= 1
        assert re.fullmatch("[0-9a-f]{64}", issue["fingerprint"])
        assert re.fullmatch("reconciler/[a-z-]+", issue["check_name"])
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


def sarif(lines: Sequence[str]) -> None:
    """SARIF 2.1.0 as far as we write it, with what GitHub needs beside it, and messages without
    links and arguments."""
    (line,) = lines
    document = strict_json(line)
    jsonschema.validate(document, SARIF)
    (run,) = document["runs"]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    for result in run["results"]:
        assert result["ruleId"] in rules
        assert not re.search(r"\[[^\]]*\]\(|{[0-9]", result["message"]["text"])
    hashes = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(set(hashes)) == len(hashes)


def prometheus(lines: Sequence[str]) -> None:
    """The text format of Prometheus: each series once, those of a metric together, after its
    type."""
    label = r'[a-z]+="(?:[^"\\\n]|\\[\\"n])*"'
    sample = re.compile(rf"([a-z_]+)(\{{{label}(?:,{label})*\}})? ([0-9]+)")
    typed: list[str] = []
    series = set()
    for line in lines:
        if line.startswith("# "):
            word, name, rest = line[2:].split(" ", 2)
            assert word in ("TYPE", "HELP")
            if word == "TYPE":
                assert rest == "gauge"
                assert name not in typed
                typed.append(name)
            continue
        match = sample.fullmatch(line)
        assert match, line
        assert match[1] == typed[-1]
        assert line.rpartition(" ")[0] not in series
        series.add(line.rpartition(" ")[0])


def slack(lines: Sequence[str]) -> None:
    """Words and numbers of ours, and one link."""
    (line,) = lines
    document = strict_json(line)
    assert set(document) == {"text", "blocks"}
    (block,) = document["blocks"]
    assert block == {"type": "section", "text": {"type": "mrkdwn", "text": document["text"]}}
    words, _, link = document["text"].partition("\n<")
    assert link in ("", f"{LINK}|The job>")
    assert re.fullmatch(r"\*reconciler: [A-Z][a-z]+\*\n[A-Za-z0-9 .,:!\n]+", words)
    assert len(words) < 400


def json_lines(lines: Sequence[str]) -> None:
    """A document on each line, of a type that we know, with the time in UTC."""
    for line in lines:
        document = strict_json(line)
        assert datetime.fromisoformat(document["@timestamp"]).tzinfo == UTC
        assert document["@timestamp"].endswith("Z")
        assert document["type"] in (
            "planned_change", "refusal", "drift", "outcome", "diagnostic", "summary",
        )  # fmt: skip


def strict_json(text: str) -> Any:
    """JSON without NaN, and without members that come twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({name for name, _ in pairs}) == len(pairs)
        return dict(pairs)

    def refuse(word: str) -> None:
        raise AssertionError(word)

    return json.loads(text, object_pairs_hook=once, parse_constant=refuse)


TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"minLength": 1}}}
SARIF = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "items": {
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "properties": {"type": "object"},
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name"],
                                "properties": {
                                    "rules": {
                                        "items": {
                                            "required": ["id"],
                                            "properties": {
                                                "shortDescription": TEXT,
                                                "fullDescription": TEXT,
                                                "help": TEXT,
                                                "defaultConfiguration": {
                                                    "properties": {
                                                        "level": {"enum": ["error", "warning"]}
                                                    }
                                                },
                                            },
                                        }
                                    }
                                },
                            }
                        },
                    },
                    "results": {
                        "maxItems": 5000,
                        "items": {
                            "additionalProperties": False,
                            "required": ["ruleId", "message", "locations", "level"],
                            "properties": {
                                "ruleId": {"type": "string", "minLength": 1},
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "message": TEXT,
                                "partialFingerprints": {
                                    "additionalProperties": {"type": "string", "minLength": 1}
                                },
                                "locations": {
                                    "minItems": 1,
                                    "items": {
                                        "additionalProperties": False,
                                        "required": ["physicalLocation"],
                                        "properties": {
                                            "logicalLocations": {"type": "array"},
                                            "physicalLocation": {
                                                "required": ["artifactLocation", "region"],
                                                "properties": {
                                                    "artifactLocation": {
                                                        "required": ["uri"],
                                                        "properties": {
                                                            "uri": {
                                                                "pattern": "^(?!/)([A-Za-z0-9._~/-]"
                                                                "|%[0-9A-F]{2})+$"
                                                            }
                                                        },
                                                    },
                                                    "region": {
                                                        "required": ["startLine"],
                                                        "additionalProperties": {"minimum": 1},
                                                    },
                                                },
                                            },
                                        },
                                    },
                                },
                            },
                        },
                    },
                },
            }
        },
    },
}
"""What of SARIF 2.1.0 we write, as the standard has it."""

READERS: Mapping[str, Reader] = {
    **dict.fromkeys(
        ("markdown", "markdown-gitlab", "markdown-azure", "markdown-bitbucket", "github-summary"),
        markdown,
    ),
    "text": text,
    "json": json_document,
    "mermaid": mermaid,
    "dot": dot,
    "html": html,
    "junit": junit,
    "github-annotations": github_annotations,
    "github-outputs": github_outputs,
    "gitlab-terraform": gitlab_terraform,
    "gitlab-codequality": gitlab_codequality,
    "azure": azure,
    "bitbucket": bitbucket,
    "sarif": sarif,
    "prometheus": prometheus,
    "slack": slack,
    "json-lines": json_lines,
}
