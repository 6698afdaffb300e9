"""`adopt` takes several addresses and patterns, and says what it could not adopt."""

from __future__ import annotations

from typing import Any

import pytest

DECLARED = """
provider: kobo-plm
suppliers:
  S-1: {name: One}
  S-2: {name: Two}
  S-3: {name: Three}
  OLD: {$absent: true}
components:
  C-1: {name: Jersey}
"""


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """Three suppliers of which two are live, and a component that is live twice."""
    suppliers = [{"id": n, "code": f"S-{n}", "name": "live"} for n in (1, 2)]
    twins = [{"id": n, "code": "C-1", "name": "Jersey"} for n in (8, 9)]
    sandbox.put_state("kobo-plm", {"suppliers": suppliers, "components": twins})
    return workspace(DECLARED)


def owned(here: Any) -> set[str]:
    """The addresses in the ledger."""
    return {line.split()[0] for line in here.run("state", "list").out.splitlines()}


def test_several_addresses_at_once(here: Any) -> None:
    """All are owned, nothing is written to the vendor, and the plan shows what the manifests
    change."""
    shown = here.run("adopt", "kobo-plm/suppliers/S-1", "kobo-plm/suppliers/S-2")
    assert shown.code == 0
    assert shown.out.splitlines() == [f"adopted kobo-plm/suppliers/S-{n} [id={n}]" for n in (1, 2)]
    assert owned(here) == {"kobo-plm/suppliers/S-1", "kobo-plm/suppliers/S-2"}
    assert here.writes() == []
    changed = [e["address"] for e in here.plan("--target", "kobo-plm/suppliers/S-1")]
    assert changed == ["kobo-plm/suppliers/S-1"]


def test_one_that_cannot_be_adopted_stops_the_others(here: Any) -> None:
    """Of addresses that are given in full all are adopted or none, and every reason is told."""
    names = [f"kobo-plm/suppliers/S-{n}" for n in (1, 3)]
    shown = here.run("adopt", *names, "kobo-plm/components/C-1")
    assert (shown.code, shown.out) == (1, "")
    assert "kobo-plm/suppliers has no live object with its natural key" in shown.err
    assert "2 live objects have its natural key: ids 8 and 9" in shown.err
    assert owned(here) == set()


@pytest.mark.parametrize("pattern", ["kobo-plm/suppliers", "kobo-plm/suppliers/*", "*/S-?"])
def test_a_pattern_adopts_what_it_can(here: Any, pattern: str) -> None:
    """What is live is owned, what is not is told with its place, and that is no success. What is
    declared to be absent is not asked for."""
    shown = here.run("adopt", pattern)
    assert shown.code == 1
    assert shown.out.count("adopted ") == 2
    assert "kobo-plm/suppliers/S-3" in shown.err
    assert "main.yaml:6:3" in shown.err
    assert "Not adopted: 1." in shown.err
    assert "OLD" not in shown.err
    assert owned(here) == {"kobo-plm/suppliers/S-1", "kobo-plm/suppliers/S-2"}


def test_a_pattern_leaves_alone_what_is_owned(here: Any, sandbox: Any) -> None:
    """What was applied stays known, so that drift is not taken for what was applied."""
    here.apply("--target", "kobo-plm/suppliers/S-1")
    state = sandbox.state("kobo-plm")["suppliers"]
    sandbox.put_state("kobo-plm", {"suppliers": [{**one, "name": "drifted"} for one in state]})
    shown = here.run("adopt", "kobo-plm/suppliers/S-[12]")
    assert (shown.code, shown.out) == (0, "adopted kobo-plm/suppliers/S-2 [id=2]\n")
    assert "Owned already, and left as they are: 1." in shown.err
    (entry,) = here.plan("--target", "kobo-plm/suppliers/S-1")
    assert entry["x_cause"] == "drift"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["kobo-plm/suppliers/S-4"], 'Did you mean "kobo-plm/suppliers/S-'),
        (["kobo-plm/webhooks/*"], "is not declared"),
        (["kobo-plm/suppliers/*", "--id", "1"], "--id takes exactly one address"),
    ],
)
def test_a_wrong_name_is_said(here: Any, arguments: list[str], message: str) -> None:
    """Nothing is adopted then."""
    shown = here.run("adopt", *arguments)
    assert (shown.code, shown.out) == (1, "")
    assert message in shown.err
    assert owned(here) == set()
