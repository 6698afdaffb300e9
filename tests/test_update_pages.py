"""Many updates that send back whole objects rest on a page that is read anew."""

from __future__ import annotations

from typing import Any
from urllib.request import Request, urlopen

import pytest

COUNT = 12
REPLACED = {"vendor": "kobo-plm", "method": "PUT", "path": "*", "fault": {"replace": True}}
STALE_LIST = {
    "vendor": "kobo-plm",
    "method": "GET",
    "path": "*/suppliers",
    "fault": {"stale": True},
}


def declare(here: Any, phone: str) -> None:
    """Declare the suppliers with this phone number; the first has the longest name."""
    suppliers = {
        f"S-{n:02}": {"name": "Uzun" * 40 if not n else f"N{n}", "phone": phone}
        for n in range(COUNT)
    }
    here.declare({"kobo-plm/suppliers": suppliers})


def edit(sandbox: Any, number: int, **fields: Any) -> None:
    """Change one of the suppliers, as somebody else would."""
    objects = sandbox.state("kobo-plm")["suppliers"]
    (found,) = [one for one in objects if one["code"] == f"S-{number:02}"]
    found.update(fields)
    sandbox.put_state("kobo-plm", {"suppliers": objects})


def supplier(sandbox: Any, number: int) -> Any:
    """One of the suppliers as the vendor has it."""
    objects = sandbox.state("kobo-plm")["suppliers"]
    return next(one for one in objects if one["code"] == f"S-{number:02}")


def planned(here: Any) -> None:
    """Save a plan that gives every supplier another phone number."""
    declare(here, "+90 1")
    shown = here.run("plan", "--out", "saved.json", "--allow-updates", "12")
    assert shown.code == 0, shown.err


def looks(sandbox: Any) -> list[str]:
    """The paths of single suppliers that were read before the last of the updates was sent."""
    sent = [(e["method"], e["path"]) for e in sandbox.journal("kobo-plm")]
    last = max(at for at, (method, _) in enumerate(sent) if method == "PUT")
    return [path for method, path in sent[:last] if method == "GET" and path[-1].isdigit()]


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that owns a dozen suppliers, at a vendor where a PUT replaces."""
    made = workspace()
    declare(made, "+90 0")
    made.apply()
    sandbox.faults([REPLACED])
    return made


def test_many_updates_of_one_page_take_one_page_and_one_look(here: Any, sandbox: Any) -> None:
    """Beside the updates: the list for the plan, its page again, the longest object, and reading
    back."""
    planned(here)
    sandbox.clear_journal()
    assert here.run("apply", "saved.json").code == 0
    assert len(looks(sandbox)) == 1
    assert sum(e["method"] == "PUT" for e in sandbox.journal("kobo-plm")) == COUNT
    assert here.settled()


def test_what_nobody_declares_is_sent_back_as_it_is_just_then(here: Any, sandbox: Any) -> None:
    """What somebody else wrote after the plan survives updates that replace the whole object."""
    planned(here)
    for number in range(COUNT):
        edit(sandbox, number, website=f"https://example.com/{number}", rating=4.5)
    assert here.run("apply", "saved.json").code == 0
    for number in range(COUNT):
        found = supplier(sandbox, number)
        assert (found["website"], found["phone"]) == (f"https://example.com/{number}", "+90 1")


def test_few_updates_of_a_page_are_looked_at_one_by_one(here: Any, sandbox: Any) -> None:
    """Where it saves little, the moment between the look and the write stays as short as it is."""
    suppliers = {f"S-{n:02}": {"name": f"N{n}", "phone": "+90 1"} for n in range(1, 4)}
    others = {"S-00": {"name": "Uzun" * 40, "phone": "+90 0"}}
    rest = {f"S-{n:02}": {"name": f"N{n}", "phone": "+90 0"} for n in range(4, COUNT)}
    here.declare({"kobo-plm/suppliers": {**suppliers, **others, **rest}})
    sandbox.clear_journal()
    assert here.run("apply", "--auto-approve").code == 0
    assert len(looks(sandbox)) == 3


def test_a_list_that_says_otherwise_than_the_object_is_not_sent_back(
    here: Any, sandbox: Any, url: str
) -> None:
    """A page whose longest object is not as its own answer has it is no basis for an update."""
    planned(here)
    id = supplier(sandbox, 0)["id"]
    body = b'{"website": "https://example.com/new"}'
    headers = {"X-API-Key": "sandbox-kobo-key", "Content-Type": "application/json"}
    with urlopen(Request(f"{url}/suppliers/{id}", body, headers, method="PATCH")):
        sandbox.faults([REPLACED, STALE_LIST])
    sandbox.clear_journal()
    here.run("apply", "saved.json")
    assert supplier(sandbox, 0)["website"] == "https://example.com/new"
    assert len(looks(sandbox)) >= COUNT


@pytest.fixture
def url(sandbox: Any) -> str:
    """The base URL of the vendor."""
    found: str = sandbox.urls["kobo-plm"]
    return found
