"""Every field that holds a day is known as one: compared as a day, and checked to exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.providers import PROVIDERS
from reconciler.values.fields import facts_of

DAY = re.compile(r"^\^\[0-9\]\{4\}-\(0\[1-9\]\|1\[0-2\]\)-\(0\[1-9\]\|\[12\]\[0-9\]\|3\[01\]\)\$$")


def days() -> Iterator[tuple[str, str, Any]]:
    """The fields of objects whose pattern is that of a day, with their schemas."""
    for name, provider in PROVIDERS.items():
        for kind in provider.kinds:
            members = facts_of(name, kind).schema.get("properties", {})
            yield from (
                (f"{name}/{kind}", field, part)
                for field, part in members.items()
                if DAY.match(str(part.get("pattern")))
            )


@pytest.mark.parametrize(("kind", "field", "part"), list(days()))
def test_a_day_has_the_format_of_one(kind: str, field: str, part: Any) -> None:
    """Not only the look of one."""
    assert part["format"] == "date", f"{kind}: {field}"


@pytest.mark.parametrize("sandbox", ["empty"], indirect=True)
def test_the_day_of_a_quotation(workspace: Any, sandbox: Any) -> None:
    """Answered with a midnight it is the same day; 30 February is none."""
    manifest = """provider: kobo-plm
suppliers: {S: {name: s}}
styles: {T: {name: t}}
quotations: {q: {supplier: S, style: T, unit_price: "4.50", valid_until: %s}}
"""
    here = workspace(manifest % "2027-02-28")
    here.apply()
    (stored,) = sandbox.state("kobo-plm")["quotations"]
    midnight = stored | {"valid_until": "2027-02-28T00:00:00.000000Z"}
    sandbox.put_state("kobo-plm", {"quotations": [midnight]})
    assert here.settled()
    here.write(manifest % "2027-02-30")
    shown = here.run("validate")
    assert shown.code == 1
    assert "valid_until must be a date that exists" in shown.err
