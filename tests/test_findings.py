"""One mistake in many objects is one finding that counts them, as text and as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reconciler.errors import FEW, Diagnostic, Severity, Source, grouped

MANY = 80


def suppliers(body: str, count: int = MANY) -> str:
    """A manifest of suppliers, `{n}` in the body being the number of each."""
    lines = (f"  S{n:02}: {{{body.replace('{n}', str(n))}}}\n" for n in range(count))
    return "provider: kobo-plm\nsuppliers:\n" + "".join(lines)


@pytest.mark.parametrize(
    ("body", "summary"),
    [
        ("nme: A", 'there is no field "nme"'),
        ("name: 5{n}", "name must be text, is a number (50)"),
        ("name: A, email: x{n}", 'email has the wrong format, is "x0"'),
        ("name: A, $protekt: true", 'there is no option "$protekt"'),
        (
            "name: A, contacts: [{email: 1}]",
            "contacts[0].email must be text or null, is a number (1)",
        ),
        ("name: '${var.nme}'", 'name: there is no variable "nme"'),
    ],
)
def test_one_mistake_in_many_objects_is_one_finding(
    workspace: Any, body: str, summary: str
) -> None:
    """With the first place, a count and the other places, also where the values differ."""
    here = workspace(suppliers(body))
    shown = here.run("validate")
    assert shown.code == 1
    assert shown.err.count("Error: ") == 1
    assert f"Error: {summary}\n" in shown.err
    assert "The same in 79 more: manifests/main.yaml:4:" in shown.err
    for command in ("validate", "plan", "drift"):
        document = here.run(command, "--format", "json").json
        (finding,) = document["diagnostics"]
        assert (finding["count"], len(finding["others"])) == (MANY, MANY - 1)
        assert (finding["summary"], finding["address"]) == (summary, "kobo-plm/suppliers/S00")
        last = finding["others"][-1]
        assert (last["address"], last["file"], last["line"]) == (
            "kobo-plm/suppliers/S79",
            "manifests/main.yaml",
            MANY + 2,
        )
    assert here.run("validate", "--format", "json").json["error_count"] == 1


def test_few_mistakes_are_told_one_by_one(workspace: Any) -> None:
    """And their JSON says that each is about one object."""
    here = workspace(suppliers("nme: A", FEW - 1))
    found = here.run("validate", "--format", "json").json["diagnostics"]
    assert [(f["address"][-3:], f["count"], f["others"]) for f in found] == [
        ("S00", 1, []),
        ("S01", 1, []),
        ("S02", 1, []),
    ]


def test_different_mistakes_stay_apart(workspace: Any) -> None:
    """Another field, another kind and another file are another finding."""
    here = workspace(suppliers("nme: A, phon: B"))
    here.write(suppliers("nme: A"), "second")
    found = here.run("validate", "--format", "json").json["diagnostics"]
    told = [(f["file"], f["summary"], f["count"]) for f in found]
    assert ("manifests/main.yaml", 'there is no field "nme"', MANY) in told
    assert ("manifests/main.yaml", 'there is no field "phon"', MANY) in told
    assert any(file == "manifests/second.yaml" and n == MANY for file, _, n in told)


def test_the_same_reference_to_nothing_is_one_finding_of_a_plan(
    workspace: Any, sandbox: Any
) -> None:
    """In the text, in the JSON and in the saved plan."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "components": []})
    lines = "".join(f"  C{n:02}: {{name: C, supplier: NONE}}\n" for n in range(MANY))
    here = workspace(f"provider: kobo-plm\ncomponents:\n{lines}")
    shown = here.run("plan")
    assert shown.code == 1
    assert shown.err.count('names "NONE"') == 1
    assert "The same in 79 more: " in shown.err
    document = json.loads(here.run("plan", "--format", "json").out)
    (finding,) = document["x_reconciler"]["diagnostics"]
    assert finding["count"] == MANY


def test_warnings_about_many_values_are_one(workspace: Any) -> None:
    """Postal codes without quotes in every object are one habit."""
    here = workspace(suppliers("name: A, address: {postal_code: 060{n}}"))
    shown = here.run("validate")
    assert shown.code == 0
    assert shown.err.count("Warning: ") == 1
    assert "The same in 79 more" in shown.err


def test_grouping_keeps_the_order() -> None:
    """What is not grouped stays where it was."""

    def finding(number: int, summary: str) -> Diagnostic:
        source = Source("f", number)
        return Diagnostic(summary, "", Severity.ERROR, f"p/k/{number}", source)

    findings = [finding(n, "ab"[n % 2] if n < 2 * FEW else "c") for n in range(2 * FEW + 1)]
    alone = Diagnostic("x")
    assert [d.summary for d in grouped([alone, *findings, alone])] == ["x", "a", "b", "c", "x"]
    assert [d.summary for d in grouped(findings[: 2 * FEW - 2])] == list("ababab")
