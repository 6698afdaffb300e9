"""Values that only the vendor can list: guessed at offline, asked for by `validate --online`."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.app.enumerations import values_in
from reconciler.kinds import Call

from ..conftest import MakeWorkspace, Workspace

HOOK = """\
provider: kobo-plm
webhooks:
  erp:
    url: https://erp.example.com/hook
    events: [style.created, %s]
"""
FLOW = """\
provider: kobo-plm
workflows:
  tell: {trigger_type: %s}
"""
EVENTS, TEMPLATES = "/webhooks/events", "/workflows/templates"
CALL = Call("GET", EVENTS, "data")


def asked(here: Workspace) -> list[str]:
    """The lists that were asked for since the journal was cleared, in order."""
    paths = [entry["path"].removeprefix("/api/v1") for entry in here.sandbox.journal("kobo-plm")]
    return [path for path in paths if path in (EVENTS, TEMPLATES)]


def answering(here: Workspace, path: str, body: Any, status: int = 200) -> None:
    """Have the vendor answer this instead of its own list."""
    here.sandbox.faults([{"path": path, "fault": {"status": status, "body": body}}])


def test_an_undocumented_value_is_a_warning_offline(workspace: MakeWorkspace) -> None:
    """The vendor may have what its documentation lacks: named with its place and what is near,
    and neither validate nor plan fails or asks for a list."""
    here = workspace(HOOK % "style.create")
    for command in ("validate", "plan"):
        result = here.run(command)
        assert result.code == 0, result
        assert result.err == (
            "Warning: events[1] is not one of the 44 documented values, "
            'is "style.create"\n'
            "  at manifests/main.yaml:5:29, kobo-plm/webhooks/erp\n"
            '  Did you mean "style.created"? '
            "Run `reconciler validate --online` to ask the vendor.\n"
        )
    assert asked(here) == []


def test_a_value_that_the_vendor_lacks_is_an_error_online(workspace: MakeWorkspace) -> None:
    """Said once, with the place, the address, the value and the nearest that there is."""
    here = workspace(HOOK % "style.create")
    result = here.run("validate", "--online")
    assert result.code == 1
    assert result.err == (
        'Error: events[1] is not one of the 44 values that kobo-plm lists, is "style.create"\n'
        "  at manifests/main.yaml:5:29, kobo-plm/webhooks/erp\n"
        '  Did you mean "style.created"?\n'
        "1 error found.\n"
    )
    assert asked(here) == [EVENTS]


def test_json_says_the_same(workspace: MakeWorkspace) -> None:
    """For programs: one error or one warning."""
    here = workspace(HOOK % "style.create")
    offline = here.run("validate", "--format", "json").json
    online = here.run("validate", "--online", "--format", "json").json
    assert (offline["valid"], offline["error_count"], offline["warning_count"]) == (True, 0, 1)
    assert (online["valid"], online["error_count"], online["warning_count"]) == (False, 1, 0)


@pytest.mark.parametrize(
    "entry",
    ["%s", {"event": "%s", "description": "x"}, {"name": "X", "code": "%s"}, {"name": "%s"}],
    ids=str,
)
@pytest.mark.parametrize("envelope", [True, False])
def test_a_value_that_only_the_vendor_knows_is_fine_online(
    workspace: MakeWorkspace, entry: Any, envelope: bool
) -> None:
    """Whatever form its list has: texts or objects, bare or in an envelope."""
    here = workspace(HOOK % "style.published")

    def filled(value: str) -> Any:
        if isinstance(entry, str):
            return entry % value
        return {name: text.replace("%s", value) for name, text in entry.items()}

    body = [filled(value) for value in ("style.created", "style.published")]
    answering(here, EVENTS, {"data": body} if envelope else body)
    result = here.run("validate", "--online")
    assert (result.code, result.err) == (0, ""), result


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"data": {"style": ["created"]}}, 200),
        ({"data": ["style.created", {"id": 1}]}, 200),
        ({"data": [["style.created"]]}, 200),
        ("style.created", 200),
        ({"message": "Not found."}, 404),
        ({"message": "Forbidden."}, 403),
    ],
)
def test_a_list_that_says_nothing_is_one_warning(
    workspace: MakeWorkspace, body: Any, status: int
) -> None:
    """What cannot be read or understood makes nothing fail; the documentation decides instead."""
    here = workspace(HOOK % "style.updated")
    answering(here, EVENTS, body, status)
    result = here.run("validate", "--online")
    assert result.code == 0, result
    assert result.err.count("Warning: ") == 1, result.err
    assert "kobo-plm: GET /webhooks/events answered " in result.err
    assert "checked against the documentation only" in result.err


def test_an_empty_list_says_nothing(workspace: MakeWorkspace) -> None:
    """A vendor that lists no values is not taken to have none."""
    here = workspace(HOOK % "style.updated")
    answering(here, EVENTS, {"data": []})
    assert here.run("validate", "--online").err == ""


def test_a_trigger_that_no_template_has_is_a_warning(workspace: MakeWorkspace) -> None:
    """Templates are examples, and no list of all triggers: nothing is said offline, and online
    nothing fails."""
    here = workspace(FLOW % "style.creatd")
    assert here.run("validate").err == ""
    result = here.run("validate", "--online")
    assert result.code == 0, result
    assert "main.yaml:3:24" in result.err
    assert "trigger_type is not one of the 2 values that kobo-plm lists" in result.err
    assert 'Did you mean "style.created"?' in result.err
    assert asked(here) == [TEMPLATES]
    here.write(FLOW % "style.created")
    assert here.run("validate", "--online").err == ""


def test_templates_without_triggers_say_nothing(workspace: MakeWorkspace) -> None:
    """The name of a template is no trigger."""
    here = workspace(FLOW % "style.created")
    answering(here, TEMPLATES, {"data": [{"id": 1, "name": "Approve samples"}]})
    result = here.run("validate", "--online")
    assert (result.code, result.err.count("Warning: ")) == (0, 1), result


def test_only_what_is_declared_is_asked_for(workspace: MakeWorkspace) -> None:
    """No list is read for fields that nobody declares, and none by a plan or an apply."""
    here = workspace("provider: kobo-plm\nsuppliers:\n  SUP-001: {}\n")
    assert here.run("validate", "--online").code == 0
    here.write(HOOK % "style.updated")
    here.apply()
    assert here.settled()
    assert asked(here) == []


def test_an_object_that_is_to_be_absent_has_no_events(workspace: MakeWorkspace) -> None:
    """Nothing is held against its fields."""
    here = workspace(HOOK % "style.create" + "    $absent: true\n")
    assert here.run("validate").err == ""


@pytest.mark.parametrize("answer", [None, 5, "x", {}, {"data": None}, [None], [5], [{}], [[]]])
def test_what_is_no_list_of_values_is_not_understood(answer: Any) -> None:
    """Never half a list, and never an exception."""
    assert values_in(answer, CALL, ("event", "name")) is None
