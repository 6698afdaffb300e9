"""`diff`: what differs between two environments, by natural key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from reconciler.sandbox import Options

from .vendors import running

MANIFEST = """provider: kobo-plm
suppliers:
  S-1: {name: Firma}
components:
  C-1: {name: Cotton, supplier: S-1}
webhooks:
  erp: {name: ERP, url: 'https://erp.example.com/hook', events: [style.created]}
"""
KINDS = ("suppliers", "components", "webhooks")
EMPTY: dict[str, list[Any]] = {kind: [] for kind in (*KINDS, "quotations")}


class Two(NamedTuple):
    """A workspace whose environments staging and production are two sandboxes."""

    here: Any
    staging: Any
    production: Any

    def diff(self, *arguments: str) -> Any:
        """The comparison of the two as JSON; it must be complete."""
        shown = self.here.run("diff", "staging", "production", "--format", "json", *arguments)
        assert shown.code == 0, shown
        return shown.json

    def put(self, sandbox: Any, kind: str, **changes: Any) -> None:
        """Change the only object of a kind in the vendor's screens."""
        (row,) = sandbox.state("kobo-plm")[kind]
        sandbox.put_state("kobo-plm", {kind: [row | changes]})


@pytest.fixture
def two(workspace: Any, sandbox: Any) -> Iterator[Two]:
    """Both have applied the same, under other ids."""
    with running(Options(port=0, rate=0, job_seconds=0)) as other:
        environments = {
            name: {
                "providers": {
                    vendor: {"base_url": url, "requests_per_minute": 0}
                    for vendor, url in account.urls.items()
                }
            }
            for name, account in (("staging", sandbox), ("production", other))
        }
        sandbox.put_state("kobo-plm", EMPTY)
        extra = {"id": 40, "code": "X-1", "name": "Other"}
        other.put_state("kobo-plm", EMPTY | {"suppliers": [extra]})
        made = workspace(MANIFEST, environments=environments)
        for name in environments:
            assert made.run("--env", name, "apply", "--auto-approve").code == 0
        rows = [r for r in other.state("kobo-plm")["suppliers"] if r["code"] != "X-1"]
        other.put_state("kobo-plm", {"suppliers": rows})
        yield Two(made, sandbox, other)


def test_two_that_are_the_same(two: Two) -> None:
    """Other ids, other references by id and other secrets are no difference."""
    ids = [
        account.state("kobo-plm")["components"][0]["supplier"]["id"]
        for account in (two.staging, two.production)
    ]
    assert ids[0] != ids[1]
    assert two.diff()["differences"] == []
    shown = two.here.run("diff", "staging", "production", "--detailed-exitcode")
    assert shown.code == 0
    assert shown.last == "No differences. 3 objects are the same in staging and production."


def test_what_differs_is_told_by_its_natural_key(two: Two) -> None:
    """A changed field with both values, an object that one lacks, a list; nothing is written."""
    two.put(two.production, "webhooks", url="https://new.example.com/", events=["style.updated"])
    two.put(two.staging, "suppliers", phone="123")
    row = two.staging.state("kobo-plm")["components"][0]
    more = [row, row | {"id": 77, "code": "C-2", "name": "Silk"}]
    two.staging.put_state("kobo-plm", {"components": more})
    for account in (two.staging, two.production):
        account.clear_journal()
    found = {entry["address"]: entry for entry in two.diff()["differences"]}
    assert found.keys() == {
        "kobo-plm/webhooks/ERP",
        "kobo-plm/suppliers/S-1",
        "kobo-plm/components/C-2",
    }
    fields = {tuple(f["path"]): f for f in found["kobo-plm/webhooks/ERP"]["fields"]}
    assert fields["url",]["first"] == "https://erp.example.com/hook"
    assert fields["url",]["second"] == "https://new.example.com/"
    assert fields["events",]["second"] == ["style.updated"]
    assert found["kobo-plm/suppliers/S-1"]["fields"][0]["first"] == "123"
    assert found["kobo-plm/components/C-2"]["only_in"] == "staging"
    shown = two.here.run("diff", "staging", "production", "--detailed-exitcode")
    assert shown.code == 2
    assert "  - kobo-plm/components/C-2  (only in staging)\n" in shown.out
    assert shown.last == (
        "Differences: 2 differ, 1 only in staging, 0 only in production, 1 the same."
    )
    for account in (two.staging, two.production):
        assert {e["method"] for e in account.journal("kobo-plm")} == {"GET"}


def test_the_order_of_the_two_only_turns_it_round(two: Two) -> None:
    """What is first in one is second in the other, also where only one side has a value."""
    two.put(two.staging, "suppliers", phone="123", address={"city": "Bursa", "street": "A"})
    two.put(two.production, "suppliers", address={"city": "Izmir"})
    (there,) = two.diff()["differences"]
    shown = two.here.run("diff", "production", "staging", "--format", "json")
    (back,) = shown.json["differences"]

    def sides(entry: Any, *names: str) -> set[tuple[str, ...]]:
        return {(str(f["path"]), *(str(f.get(name)) for name in names)) for f in entry["fields"]}

    assert sides(there, "first", "second") == sides(back, "second", "first")
    assert len(there["fields"]) == 3


def test_a_reference_is_compared_by_what_it_means(two: Two) -> None:
    """The same id of another object is a difference."""
    row = two.production.state("kobo-plm")["suppliers"][0]
    other = row | {"id": 90, "code": "S-2", "name": "Second"}
    two.production.put_state("kobo-plm", {"suppliers": [row, other]})
    two.put(two.production, "components", supplier={"id": 90, "name": "Second"})
    found = {entry["address"]: entry for entry in two.diff()["differences"]}
    (field,) = found["kobo-plm/components/C-1"]["fields"]
    assert (field["first"], field["second"]) == ("S-1", "S-2")


def test_objects_that_no_key_tells_apart(two: Two) -> None:
    """They are told and not compared."""
    row = two.production.state("kobo-plm")["webhooks"][0]
    two.production.put_state("kobo-plm", {"webhooks": [row, row | {"id": 91}]})
    result = two.diff()
    assert result["differences"] == []
    (finding,) = result["diagnostics"]
    assert (
        'production: kobo-plm/webhooks: 2 objects have the natural key "ERP"' in finding["summary"]
    )


def test_a_side_that_cannot_be_read(two: Two) -> None:
    """It is an error, and what could not be compared is not said to be the same."""
    rule = {"vendor": "kobo-plm", "path": "*/suppliers*", "fault": {"status": 403}}
    two.production.faults([rule])
    shown = two.here.run("diff", "staging", "production")
    assert shown.code == 1
    assert shown.last == "No differences in what could be read."
    shown = two.here.run("diff", "staging", "production", "--format", "json")
    assert shown.json["complete"] is False
    assert shown.json["kinds"] == ["kobo-plm/webhooks"]


def test_which_kinds_are_compared(two: Two) -> None:
    """Those in use, those that are named, or all."""
    assert two.diff()["kinds"] == [f"kobo-plm/{k}" for k in sorted(KINDS)]
    assert two.diff("--kind", "customers")["kinds"] == ["kobo-plm/customers"]
    every = two.diff("--all")
    assert {"kobo-plm/customers", "kobiks/products", "inventora/products"} <= set(every["kinds"])
    assert every["differences"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("diff", "staging", "staging"), "named twice"),
        (("diff", "staging", "prodction"), 'there is no environment "prodction"'),
        (("--env", "staging", "diff", "staging", "production"), "leave --env out"),
        (("diff", "staging", "production", "--kind", "webhoks"), "Did you mean"),
    ],
)
def test_what_cannot_be_compared(two: Two, arguments: tuple[str, ...], words: str) -> None:
    """It is told before a vendor is asked."""
    two.staging.clear_journal()
    shown = two.here.run(*arguments)
    assert shown.code == 1
    assert words in shown.err
    assert two.staging.journal("kobo-plm") == []


def test_without_an_environment(two: Two) -> None:
    """A dash means the settings alone."""
    shown = two.here.run("diff", "-", "production")
    assert shown.code == 0, shown
    assert "in the settings without an environment and production" in shown.last
