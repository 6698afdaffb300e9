"""`graph` draws a part of what is declared, or what a plan changes, and stays small enough."""

from __future__ import annotations

import re
from typing import Any

import pytest

from reconciler.model import Address
from reconciler.report.graph import LONGEST_TEXT, MOST_EDGES, mermaid

SHOP = """
provider: kobo-plm
suppliers:
  S-1: {name: One}
  S-2: {name: Two}
components:
  C-1: {name: Jersey, type: fabric, supplier: S-1}
  C-2: {name: Thread, type: trim, supplier: S-2}
"""


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """Two components, each with a supplier; nothing is live."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "components": []})
    return workspace(SHOP)


def nodes(text: str) -> set[str]:
    """The addresses that are drawn."""
    return set(re.findall(r'\["(?:[^"]* )?(kobo-plm/[^"]+)"\]', text))


def test_a_part_with_its_neighbours(here: Any) -> None:
    """An address draws what it refers to and what refers to it, and nothing else."""
    shown = here.run("graph", "kobo-plm/components/C-1")
    assert nodes(shown.out) == {"kobo-plm/components/C-1", "kobo-plm/suppliers/S-1"}
    shown = here.run("graph", "kobo-plm/suppliers/S-2")
    assert nodes(shown.out) == {"kobo-plm/components/C-2", "kobo-plm/suppliers/S-2"}
    wrong = here.run("graph", "kobo-plm/suppliers/S-3")
    assert (wrong.code, wrong.out) == (1, "")
    assert 'Did you mean "kobo-plm/suppliers/S-' in wrong.err


@pytest.mark.parametrize("format", ["mermaid", "dot"])
def test_the_changes_of_a_saved_plan(here: Any, format: str) -> None:
    """What is to be done is drawn with its symbol and with what must be done before; what stays as
    it is is not drawn."""
    here.apply()
    plan = str(here.root / "next.plan")
    text = SHOP.replace("Two", "Three").replace("  S-2:", "  S-3: {name: Third}\n  S-2:")
    here.write(text.replace("supplier: S-1", "supplier: S-3"))
    assert here.run("plan", "--out", plan).code == 0
    shown = here.run("graph", "--changes", plan, "--format", format)
    assert shown.code == 0, shown.err
    assert "+ kobo-plm/suppliers/S-3" in shown.out
    assert "~ kobo-plm/suppliers/S-2" in shown.out
    assert "~ kobo-plm/components/C-1" in shown.out
    assert "C-2" not in shown.out
    assert len(re.findall(r'"supplier"', shown.out)) == 1
    assert len(re.findall(r"-->|->", shown.out)) == 1


def test_a_plan_without_changes_is_an_empty_drawing(here: Any) -> None:
    """It is drawn without a node, and that is no error."""
    here.apply()
    plan = str(here.root / "next.plan")
    assert here.run("plan", "--out", plan).code == 0
    shown = here.run("graph", "--changes", plan)
    assert (shown.code, shown.out) == (0, "flowchart LR\n")


def test_what_platforms_refuse_is_drawn_by_kinds(workspace: Any) -> None:
    """Beyond the arrows that Mermaid draws there is a box for each kind, and the drawing says how
    much that is; Graphviz draws all of it."""
    count = MOST_EDGES + 1
    lines = ["provider: kobo-plm", "suppliers: {S: {name: S}}", "components:"]
    lines += [f"  C-{n}: {{name: C, supplier: S}}" for n in range(count)]
    made = workspace("\n".join(lines) + "\n")
    shown = made.run("graph")
    assert f'["kobo-plm/components ({count})"]' in shown.out
    assert f'-->|"supplier ({count})"|' in shown.out
    assert f"{count + 1} resources and {count} references are too many" in shown.out
    assert len(shown.out) < 1000
    assert made.run("graph", "--format", "dot").out.count("->") == count


def test_any_number_of_kinds_stays_small() -> None:
    """Also where there are very many accounts with long names."""
    hub = Address("z", "hub", "H")
    many = [Address(f"account-{n}-{'x' * 50}", "locations", "L") for n in range(5000)]
    edges = [(node, hub, "field-" + "y" * 300) for node in many]
    text = "\n".join(mermaid([hub, *many], edges, {hub, *many}))
    assert len(text) <= LONGEST_TEXT
    assert "4901 kinds and" in text
