"""What a manifest can cost: the work of reading it grows with its size, whatever stands in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from cProfile import Profile
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from benchmarks import hostile
from reconciler.cli.terminal import MOST_FINDINGS
from reconciler.errors import Invalid
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.manifest import MAX_PROBLEMS
from reconciler.model import Scope
from reconciler.providers import PROVIDERS
from reconciler.report.rows import details
from reconciler.values.compare import differences
from reconciler.values.composition import MOST_MARKS, composed
from reconciler.values.interpolation import MAX_ADDED, Budget, Unresolved
from reconciler.values.text import MOST_COMPARED, Suggestions
from reconciler.yaml12 import parse
from reconciler.yaml12.files import MAX_FILES

from .conftest import Result, Run

SMALL, LARGE = 5_000, 20_000
MAX_OUTPUT = 400_000


def calls_of(work: Callable[[], Result]) -> tuple[int, Result]:
    """The calls of functions that some work needs, of Python and of C, which do not depend on the
    machine; and what it gives."""
    profile = Profile()
    result = profile.runcall(work)
    return sum(entry.callcount for entry in profile.getstats()), result


@pytest.mark.parametrize("name", hostile.CASES)
def test_four_times_the_text_is_at_most_four_times_the_work(
    name: str, tmp_path: Path, run: Run
) -> None:
    """Findings and not a traceback, an output that somebody can read, and no work that grows
    faster than the file."""
    counts = []
    for size in (SMALL // 10, SMALL, LARGE):  # what is made once is made in the first run
        hostile.write(name, tmp_path, size)
        count, result = calls_of(lambda: run("-C", str(tmp_path), "validate"))
        assert result.code in (0, 1), result
        assert len(result.out + result.err) < MAX_OUTPUT
        counts.append(count)
    _, small, large = counts
    assert large < 4.4 * small + 20_000, (small, large)


def test_a_variable_may_make_manifests_only_so_long(workspace: Any) -> None:
    """The error names the variable, the object and its place; nothing is made that long before."""
    uses = "${var.long}" * 9000
    here = workspace(
        f"provider: kobo-plm\nsuppliers:\n  S-1: {{name: 'a ${{var.long}}'}}\n"
        f"  S-2: {{name: '{uses}'}}\n",
        variables={"long": "x" * 1000},
    )
    result = here.run("validate")
    assert result.code == 1
    assert '"${var.long}" makes the text too long' in result.err
    assert "at manifests/main.yaml:4:15, kobo-plm/suppliers/S-2" in result.err
    assert "S-1" not in result.err
    assert "8 MB" in result.err


def test_what_a_variable_stands_for_is_counted_every_time() -> None:
    """Also a list, also as the whole value: what comes after must go through all of it."""
    for value, uses in (("x" * 1_000_000, 8), (["x" * 96] * 10_000, 8), (5, 1_000_000)):
        budget = Budget()
        for _ in range(uses):
            budget.spend("${var.x}", value)
        if value == 5:
            assert budget.left == MAX_ADDED
            continue
        with pytest.raises(Unresolved, match="too long"):
            budget.spend("${var.x}", value)


def test_no_more_mistakes_are_explained_than_somebody_reads(workspace: Any) -> None:
    """The objects after them are counted, and the exit code is that of an error."""
    count = MAX_PROBLEMS + 500
    bodies = "".join(f"  S-{n}: {{nam{n}: x}}\n" for n in range(count))
    result = workspace(f"provider: kobo-plm\nsuppliers:\n{bodies}").run("validate")
    assert result.code == 1
    assert result.err.count("Error: there is no field") == MAX_PROBLEMS
    assert "Error: 500 more objects were not checked" in result.err


def test_files_after_too_many_mistakes_are_not_read(workspace: Any) -> None:
    """They are counted too."""
    bodies = "".join(f"  S-{n}: {{nam{n}: x}}\n" for n in range(MAX_PROBLEMS))
    here = workspace(f"provider: kobo-plm\nsuppliers:\n{bodies}")
    here.write("provider: kobo-plm\nsuppliers: {T: {name: x}}\n", "other")
    here.write("provider: kobo-plm\nsuppliers: {U: {name: x}}\n", "zzz")
    result = here.run("validate")
    assert result.code == 1
    assert "Error: 2 more files were not checked" in result.err


def test_findings_of_a_plan_that_nobody_reads_are_counted(workspace: Any) -> None:
    """People are shown the first; JSON has all."""
    count = MOST_FINDINGS + 100
    bodies = "".join(f"  C-{n}: {{name: x, supplier: S-{n}}}\n" for n in range(count))
    here = workspace(f"provider: kobo-plm\ncomponents:\n{bodies}")
    result = here.run("plan")
    assert result.code == 1
    assert result.err.count("no such object") == MOST_FINDINGS
    assert "… and 100 more; --format json has all of them." in result.err
    shown = here.run("plan", "--format", "json")
    assert (
        sum("no such object" in one["summary"] for one in shown.json["x_reconciler"]["diagnostics"])
        == count
    )


def test_many_warnings_are_no_error(workspace: Any) -> None:
    """As many as there may be errors are shown; all objects are checked."""
    bodies = "".join(f"  S-{n}: {{name: 0{n}}}\n" for n in range(MAX_PROBLEMS + 10))
    result = workspace(f"provider: kobo-plm\nsuppliers:\n{bodies}").run("validate")
    assert result.code == 0, result
    assert f"{MAX_PROBLEMS + 10} resources are valid" in result.out


def test_among_very_many_names_the_nearest_are_compared() -> None:
    """A few names are all compared; of many those that begin alike, and letters in another case."""
    few = Suggestions(["webhooks", "suppliers"])
    assert few.similar("xebhooks") == "webhooks"
    many = Suggestions(f"S-{number:05}" for number in range(100 * MOST_COMPARED))
    assert many.similar("S-04999x") == "S-04999"
    assert many.similar("s-04999") == "S-04999"
    assert many.similar("nothing") == ""


@pytest.mark.parametrize(
    "text",
    [
        '{"a"\n: 1}',
        '{"a" \r\n \n : 1}',
        '{"a\\\\"\n: 1}',
        '{"a": {"b"\n\n:\n 1}}',
        '{"a\\"b"\n: 1}',
    ],
)
def test_json_may_have_a_line_break_before_a_colon(text: str) -> None:
    """However it ends its key."""
    assert parse(text.encode(), "x")[0].value == json.loads(text)


def test_a_file_has_so_many_documents_at_most() -> None:
    """Each costs something, also where there is nothing in it."""
    with pytest.raises(Invalid, match="more than 100,000 documents"):
        parse(b"---\n" * 100_002, "x")


def test_a_letter_with_very_many_marks_stays_as_it_is() -> None:
    """Their order would take the square of their number. Other text is in NFC at any length, and
    the form of a form is the form."""
    marks = "\u0301\u0316" * MOST_MARKS
    assert composed(f"e\u0301 a{marks} e\u0301") == f"é a{marks} é"
    assert composed(marks) == marks
    for text in (
        "e\u0301",
        "i\u0307 " * 500,
        "漢字" * 500,
        "Ş\u0301\u0316" * 200,
        f"a{marks[:99]}",
    ):
        assert composed(text) == normalize("NFC", text) == composed(composed(text))


@pytest.mark.parametrize(
    ("kind", "field", "before", "after"),
    [
        ("components", "specifications", {"k{}": "a"}, {"k{}": "b"}),
        ("styles", "sizes", ["s{}"], ["t{}"]),
        ("styles", "sizes", ["a", "b"], ["b", "a", "a"]),
        ("suppliers", "certifications", ["c{}"], ["d{}"]),
        ("suppliers", "contacts", [{"name": "n{}", "email": "a"}], [{"name": "n{}", "email": "b"}]),
        ("suppliers", "contacts", [{"name": "n{}", "email": "a"}], [{"name": "m{}", "email": "a"}]),
    ],
)
def test_large_values_are_compared_and_shown_in_linear_time(
    kind: str, field: str, before: Any, after: Any
) -> None:
    """Four times as many entries are at most four times the calls, and one change or one each."""
    facts = ResourceTypes(PROVIDERS).of(Scope("kobo-plm", kind)).facts

    def work(count: int) -> Callable[[], Result]:
        live, desired = ({field: many(value, count)} for value in (before, after))

        def compare() -> Result:
            changes = differences(facts, desired, live)
            for change in changes:
                list(details(change))
            return Result(len(changes), "", "")

        return compare

    small, _ = calls_of(work(1000))
    large, result = calls_of(work(4000))
    assert result.code > 0
    assert large < 4.4 * small + 20_000, (small, large)


def many(value: Any, count: int) -> Any:
    """A value with as many entries, where {} stands for their numbers."""
    if isinstance(value, dict):
        return {name.format(n): member for n in range(count) for name, member in value.items()}
    text = json.dumps(value)[1:-1]
    return json.loads(f"[{', '.join(text.replace('{}', str(n)) for n in range(count))}]")


def test_long_texts_that_aliases_repeat_are_counted() -> None:
    """Whoever writes them out, as a saved plan does, would write gigabytes."""
    text = "a: &a '" + "x" * 1_000_000 + "'\n"
    few = "".join(f"b{n}: *a\n" for n in range(30))
    assert len(parse((text + few).encode(), "x")[0].value) == 31
    with pytest.raises(Invalid, match="MB of text"):
        parse((text + few + few.replace("b", "c")).encode(), "x")


def test_there_are_so_many_files_at_most(workspace: Any) -> None:
    """Each costs something, also where there is nothing in it."""
    here = workspace("provider: kobo-plm\nsuppliers: {S-1: {name: x}}\n")
    for number in range(MAX_FILES):
        (here.root / "manifests" / f"{number}.yaml").touch()
    result = here.run("validate")
    assert result.code == 1
    assert "Error: there are more than 10,000 manifests\n  at manifests\n" in result.err
    (here.root / "manifests" / "0.yaml").unlink()
    assert here.run("validate").code == 0
