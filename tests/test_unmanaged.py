"""Objects that nobody manages are counted, listed on request, and acknowledged in reconciler.yaml;
what drifted says when it was last set."""

from __future__ import annotations

from typing import Any

import pytest

FIELDS = {"url": "https://x.example/1", "events": ["style.created"]}
HOOK = "url: 'https://x.example/1', events: [style.created]"
ONE = f"provider: kobo-plm\nwebhooks: {{a: {{name: A, {HOOK}}}}}\n"


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that owns one of eight webhooks."""
    sandbox.put_state("kobo-plm", {"webhooks": []})
    made = workspace(ONE)
    made.apply()
    owned = sandbox.state("kobo-plm")["webhooks"]
    others = [{"id": 90 + n, "name": f"shop-{n}", **FIELDS} for n in range(7)]
    sandbox.put_state("kobo-plm", {"webhooks": [*owned, *others]})
    return made


def test_unmanaged_objects_are_counted_and_listed_on_request(here: Any) -> None:
    """`--full` names all of them."""
    assert "kobo-plm/webhooks: shop-0, shop-1, shop-2, shop-3, shop-4 and 2 more" in (
        here.run("drift").out
    )
    assert "shop-4, shop-5, shop-6" in here.run("drift", "--full").out


def test_acknowledged_objects_do_not_count(here: Any) -> None:
    """Neither in the drift nor in a plan, and `--fail-on unmanaged` leaves them alone."""
    here.configure(unmanaged=["kobo-plm/webhooks/shop-[0-5]"])
    shown = here.run("drift")
    assert "Not managed: kobo-plm/webhooks: shop-6" in shown.out
    assert "Not managed, as reconciler.yaml says: 6 objects" in shown.out
    assert shown.last == "No drift. Your vendors are as they were last applied."
    document = here.run("drift", "--format", "json").json
    assert document["unmanaged"] == {"kobo-plm/webhooks": ["shop-6"]}
    assert document["acknowledged"] == {"kobo-plm/webhooks": [f"shop-{n}" for n in range(6)]}
    assert "6 objects not managed, as reconciler.yaml says" in (
        here.run("drift", "--format", "markdown").out
    )
    assert here.run("drift", "--fail-on", "unmanaged").code == 2
    here.configure(unmanaged=["*/webhooks/shop-*"])
    for command in ("plan", "drift"):
        assert here.run(command, "--fail-on", "unmanaged").code == 0


def test_what_is_acknowledged_is_not_deleted(here: Any, sandbox: Any) -> None:
    """Also in an exclusive kind: two settings that contradict each other destroy nothing."""
    here.configure(
        unmanaged=["kobo-plm/webhooks/shop-[0-5]"],
        exclusive=["kobo-plm/webhooks"],
        guard={"max_deletes": 10, "max_delete_percent": 100},
    )
    assert [entry["address"] for entry in here.plan()] == ["kobo-plm/webhooks/shop-6"]
    assert here.run("drift").last.endswith("since the last apply, 1 not declared.")
    here.apply()
    assert len(sandbox.state("kobo-plm")["webhooks"]) == 7


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("kobo-plm/webhooks/none-*", "kobo-plm/webhooks/none-* matches no unmanaged object"),
        ("kobo-plm/webhooks/a", "kobo-plm/webhooks/a matches no unmanaged object"),
        ("kobo-plm/webhook/*", "kobo-plm/webhook/* names no kind of this workspace"),
        ("kobo-plm/suppliers/none", ""),
        ("kobo-plm/webhooks/shop-1", ""),
    ],
)
def test_a_pattern_that_matches_nothing_is_told(here: Any, pattern: str, message: str) -> None:
    """As far as its kinds were looked at."""
    here.configure(unmanaged=[pattern])
    shown = here.run("drift")
    assert shown.code == 0
    assert (message in shown.err) if message else ("unmanaged in reconciler.yaml" not in shown.err)
    assert "unmanaged in" not in here.run("drift", "--target", "kobo-plm/webhooks").err


def test_a_pattern_must_be_of_an_address(here: Any) -> None:
    """A kind alone is a mistake, with its place."""
    here.configure(unmanaged=["kobo-plm/webhooks"])
    shown = here.run("validate")
    assert shown.code == 1
    assert "unmanaged[0]" in shown.err


def test_what_drifted_says_when_it_was_last_set(here: Any, sandbox: Any) -> None:
    """By the journal: when, and by which run; and what the vendor says of its last change."""
    rows = sandbox.state("kobo-plm")["webhooks"]
    moved = {"url": "https://x.example/2", "updated_at": "2026-11-26T02:03:04Z"}
    sandbox.put_state("kobo-plm", {"webhooks": [{**rows[0], **moved}, *rows[1:]]})
    (entry,) = here.run("drift", "--format", "json").json["resources"]
    (run,) = here.run("history", "--format", "json").json["runs"]
    assert entry["live_updated_at"] == "2026-11-26T02:03:04Z"
    set_ = entry["last_set"]
    assert (set_["run"], set_["how"], set_["command"]) == (run["run"], "created", "apply")
    assert set_["at"] == run["operations"][0]["at"]
    for form in ("text", "markdown"):
        out = here.run("drift", "--format", form).out
        assert f"last created {set_['at']} by run {run['run']} (apply, " in out
        assert "; the vendor says it changed 2026-11-26T02:03:04Z" in out
    here.apply()
    sandbox.put_state("kobo-plm", {"webhooks": [{**rows[0], **moved}, *rows[1:]]})
    (entry,) = here.run("drift", "--format", "json").json["resources"]
    assert entry["last_set"]["how"] == "updated"
    assert entry["last_set"]["run"] != run["run"]


def test_what_was_adopted_has_no_run(workspace: Any, sandbox: Any) -> None:
    """Nothing was written then; what was never owned has nothing to say."""
    sandbox.put_state("kobo-plm", {"webhooks": [{"id": 1, "name": "A", **FIELDS}]})
    here = workspace(ONE)
    here.apply()
    moved = {"id": 1, "name": "A", **FIELDS, "url": "https://y.example"}
    sandbox.put_state("kobo-plm", {"webhooks": [moved]})
    (entry,) = here.run("drift", "--format", "json").json["resources"]
    assert (entry["last_set"]["how"], entry["last_set"]["run"]) == ("adopted", None)
    here.write("provider: inventora\nlocations: {Depo: {}}\n")
    entries = here.run("drift", "--format", "json").json["resources"]
    assert [e["last_set"] for e in entries if e["drift"] == "by-hand"] == [None]
