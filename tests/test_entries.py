"""Lists whose entries have a name, and secrets inside objects and lists: one made-up kind, whose
objects are workflows of the sandbox's Kobo PLM, from the manifest to the vendor and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import planfile
from reconciler.app.apply import Run
from reconciler.app.drift import find_drift
from reconciler.app.options import ApplyOptions, PlanOptions
from reconciler.app.plan import Planned, make_plan
from reconciler.app.project import Project
from reconciler.app.undeclared import find_undeclared
from reconciler.errors import Source
from reconciler.kinds.resource_types import ResourceType, ResourceTypes
from reconciler.ledger import open_ledger
from reconciler.manifest.declaration import declare
from reconciler.manifest.rules import rules_of
from reconciler.manifest.substitution import Values
from reconciler.model import (
    ABSENT,
    Applied,
    Guard,
    Manifests,
    Pointer,
    Scope,
    Secret,
    WorkspaceConfig,
)
from reconciler.providers import PROVIDERS
from reconciler.report import json as json_report
from reconciler.report.ledger import owned_object_lines
from reconciler.report.rows import row
from reconciler.report.text import drift_lines, plan_lines, unpainted
from reconciler.rest.account import Account
from reconciler.values.compare import differences
from reconciler.values.fields import Facts, facts_from
from reconciler.values.fingerprints import Fingerprints
from reconciler.values.items import match_items
from reconciler.values.mask import drop_secrets, reveal_secrets, seal_secrets, secrets_in
from reconciler.values.shape import keep_items, merge, overlay, restrict_to

from .conftest import connection
from .naming import known

FLOWS = Scope("kobo-plm", "workflows")
SERVER = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "host": {"type": ["string", "null"]},
        "port": {"type": "integer"},
        "made": {"type": "string", "readOnly": True},
        "password": {"type": ["string", "null"], "x-sensitive": True},
        "login": {
            "type": "object",
            "properties": {
                "user": {"type": "string"},
                "realm": {"type": "string"},
                "token": {"type": "string", "x-sensitive": True},
            },
        },
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "description": {"type": ["string", "null"]},
        "actions": {"type": "array", "x-key": "name", "items": SERVER},
        "conditions": {"type": "array", "items": SERVER},
    },
}
FACTS = facts_from(SCHEMA)
LOOSE = facts_from(
    {"properties": {"actions": {"type": "array", "x-key": "name", "x-set": True, "items": SERVER}}}
)
BY_POSITION = FACTS.fields["conditions"]
KEYED = FACTS.fields["actions"]
ONE, TWO = "hunter2-hunter2-one", "correct-horse-two"


class Made(ResourceTypes):
    """A catalogue in which workflows are of the made-up kind."""

    def of(self, scope: Scope) -> ResourceType:
        """The shape, with the facts of the kind that this file makes."""
        resource_type = ResourceTypes.of(self, scope)
        return replace(resource_type, facts=FACTS) if scope == FLOWS else resource_type


def declared(body: Any, **secrets: str) -> Any:
    """What a manifest's entry becomes, and the findings."""
    values = Values({}, {name: Secret(value, name) for name, value in secrets.items()})
    return declare(rules_of(Made(PROVIDERS), FLOWS), "Dışa", body, Source("m.yaml", 1, 1), values)


@dataclass
class Here:
    """A workspace of one object, over a real connection."""

    project: Project
    account: Account
    sandbox: Any
    manifests: Manifests = field(default_factory=lambda: Manifests(()))

    def say(self, body: Any, **secrets: str) -> None:
        """Declare the object."""
        resource, findings = declared(body, **secrets)
        assert findings == []
        self.manifests = Manifests((resource,), (), "digest")

    @property
    def accounts(self) -> Mapping[str, Account]:
        """The open accounts."""
        return {"kobo-plm": self.account}

    def plan(self, **choice: Any) -> Planned:
        """Plan, as the command does."""
        state = self.project.ledger.read()
        options = PlanOptions(**choice)
        return make_plan(self.project, options, self.accounts, self.manifests, state)

    def apply(self, **choice: Any) -> Applied:
        """Plan and apply; what was written must stick."""
        planned = self.plan(**choice)
        with self.project.ledger.lock("apply") as session:
            applied = Run(
                self.project, planned, self.accounts, session, ApplyOptions(), 30.0
            ).execute()
        assert [o.status.value for o in applied.outcomes if o.status != "applied"] == []
        assert applied.problems == ()
        return applied

    def todo(self, **choice: Any) -> dict[str, list[str]]:
        """What there is to do: the lines of each action's fields."""
        made = self.plan(**choice).plan
        assert made.diagnostics == ()
        return {
            one.action.value: [
                f"{d.symbol} {d.path}: {d.before} -> {d.after}" for d in row(one).details
            ]
            for one in made.changes
            if one.action != "no-op"
        }

    def raw(self) -> dict[str, Any]:
        """The object as the vendor has it."""
        found: dict[str, Any] = self.sandbox.state("kobo-plm")["workflows"][-1]
        return found

    def meddle(self, **fields: Any) -> None:
        """Change the object at the vendor."""
        objects = self.sandbox.state("kobo-plm")["workflows"]
        objects[-1] = {**objects[-1], **fields}
        self.sandbox.put_state("kobo-plm", {"workflows": objects})

    def texts(self) -> list[str]:
        """All that we print or keep: plans, drift, the saved plan, the ledger and its reports."""
        state = self.project.ledger.read()
        found = []
        for choice in ({}, {"refresh_only": True}, {"destroy": True}):
            made = self.plan(**choice).plan
            saved = planfile.write(made)
            read = planfile.read(saved)
            assert planfile.write(read) == saved
            found += [saved, *plan_lines(made), *plan_lines(read), repr(made)]
        moved = find_drift(self.project, self.accounts, self.manifests, state).drift
        found += drift_lines(moved)
        found += json_report.drift(moved, unpainted)
        for kept in state.owned.values():
            found += [*json_report.owned_object(kept, False), *owned_object_lines(kept, False)]
        files = self.project.config.root.rglob("*.jsonl")
        return [*found, *(file.read_text("utf-8") for file in files)]


@pytest.fixture
def here(client: Any, sandbox: Any, tmp_path: Any) -> Here:
    """One account, a ledger, and the made-up kind."""
    workspace = WorkspaceConfig(
        tmp_path,
        "acme",
        tmp_path,
        {"kobo-plm": connection(sandbox, "kobo-plm")},
        {},
        {},
        "ledger.jsonl",
        frozenset(),
        Guard(99, 100, 100),
    )
    ledger = open_ledger("ledger.jsonl", tmp_path, "acme")
    key = Fingerprints(lambda: b"a key of 16 bytes")
    project = Project(workspace, Made(PROVIDERS), ledger, lambda _: ledger, fingerprints=key)
    return Here(project, Account(client(writable=True)), sandbox)


PRIMARY = {"name": "primary", "host": "a.example", "password": "${secret.one}"}
BACKUP = {"name": "backup", "host": "b.example", "login": {"user": "u", "token": "${secret.two}"}}
BODY = {"actions": [PRIMARY, BACKUP], "conditions": [{"name": "c", "password": "${secret.one}"}]}


def hidden(texts: list[str], *secrets: str) -> None:
    """None of the secrets is in any of the texts."""
    for text in texts:
        for secret in secrets or (ONE, TWO):
            assert secret not in text, text


def test_secrets_at_any_depth_are_written_and_never_shown(here: Here) -> None:
    """They reach the vendor in the one write; no plan, report, saved plan or ledger has them."""
    here.say(BODY, one=ONE, two=TWO)
    hidden(here.texts())
    made = planfile.head(here.plan().plan)["resource_changes"][0]["change"]
    assert made["after_sensitive"] == {
        "actions": [{"password": True}, {"login": {"token": True}}],
        "conditions": [{"password": True}],
    }
    here.apply()
    raw = here.raw()
    assert [one.get("password") for one in raw["actions"]] == [ONE, None]
    assert raw["actions"][1]["login"] == {"user": "u", "token": TWO}
    assert raw["conditions"] == [{"name": "c", "password": ONE}]
    assert here.todo() == here.todo(refresh_only=True) == {}
    texts = here.texts()
    hidden(texts)
    assert any("$fingerprint" in text for text in texts)  # in the ledger, that is
    (line,) = json_report.owned_object(next(iter(here.project.ledger.read().owned.values())), False)
    shown = json.loads(line)
    assert shown["fields"]["actions"][0]["password"] == "(sensitive)"


def test_a_changed_secret_is_one_update_that_names_it(here: Here) -> None:
    """By the entry's name where it has one, else by its position; the path has the position."""
    here.say(BODY, one=ONE, two=TWO)
    here.apply()
    here.say(BODY, one=ONE, two="another-token-2")
    place = "actions[backup].login.token"
    assert here.todo() == {"update": [f"~ {place}: (sensitive) -> (sensitive)"]}
    (change,) = here.plan().plan.changes
    (moved,) = planfile.head(here.plan().plan)["resource_changes"][0]["x_fields"]
    assert moved == {
        "path": ["actions", 1, "login", "token"],
        "place": ["actions", "backup", "login", "token"],
        "after": "(sensitive)",
        "sensitive": True,
    }
    assert change.cause == "edit"
    hidden(here.texts(), ONE, TWO, "another-token-2")
    here.apply()
    assert here.raw()["actions"][1]["login"]["token"] == "another-token-2"
    assert here.todo() == {}
    here.say(BODY, one="another-password", two="another-token-2")
    assert here.todo() == {
        "update": [
            "~ actions[primary].password: (sensitive) -> (sensitive)",
            "~ conditions[0].password: (sensitive) -> (sensitive)",
        ]
    }


def test_entries_that_change_places_keep_their_secrets(here: Here) -> None:
    """A secret belongs to its entry's name: another order is a difference, another secret none."""
    here.say(BODY, one=ONE, two=TWO)
    here.apply()
    here.say({**BODY, "actions": [BACKUP, PRIMARY]}, one=ONE, two=TWO)
    (change,) = here.plan().plan.changes
    assert [(one.path, one.sensitive) for one in change.fields] == [(("actions",), False)]
    hidden(here.texts())
    here.apply()
    assert [one["name"] for one in here.raw()["actions"]] == ["backup", "primary"]
    assert here.raw()["actions"][1]["password"] == ONE
    assert here.todo() == {}


def test_what_the_vendor_adds_to_an_entry_is_not_ours(here: Here) -> None:
    """Its members are no difference and survive an update; an entry it adds is one, and goes."""
    here.say(BODY, one=ONE, two=TWO)
    here.apply()
    first, second = here.raw()["actions"]
    ours = [{**first, "port": 22, "made": "now"}, {**second, "port": 21}]
    here.meddle(actions=ours)
    assert here.todo() == here.todo(refresh_only=True) == {}
    here.meddle(actions=[*ours, {"name": "theirs", "host": "t.example"}])
    line = '- actions[theirs]: {"name": "theirs", "host": "t.example"} -> '
    assert here.todo() == {"update": [line]}
    here.say({**BODY, "actions": [{**PRIMARY, "host": "z.example"}, BACKUP]}, one=ONE, two=TWO)
    assert here.todo() == {"update": ['~ actions[primary].host: "a.example" -> "z.example"', line]}
    assert here.plan().plan.changes[0].cause == "both"
    here.apply()
    first, second = here.raw()["actions"]
    assert (first["port"], first["host"], first["password"]) == (22, "z.example", ONE)
    assert "made" not in first
    assert second["port"] == 21
    assert here.todo() == {}


def test_an_entry_that_is_gone_comes_back_with_its_secret(here: Here) -> None:
    """What the vendor lost is drift; accepted, its secret is known no longer and is set anew."""
    here.say(BODY, one=ONE, two=TWO)
    here.apply()
    here.meddle(actions=[{**here.raw()["actions"][1], "host": "moved.example"}])
    shown = '{"name": "primary", "host": "a.example"}'
    assert here.todo() == {
        "update": [
            f"+ actions[primary]:  -> {shown}",
            '~ actions[backup].host: "moved.example" -> "b.example"',
        ]
    }
    assert here.plan().plan.changes[0].cause == "drift"
    hidden(here.texts())
    here.apply(refresh_only=True)
    assert here.todo(refresh_only=True) == {}
    kept = next(iter(here.project.ledger.read().owned.values())).fields
    assert [set(one) for one in kept["actions"]] == [{"name", "host", "login"}]
    assert "$fingerprint" in kept["actions"][0]["login"]["token"]
    assert "~ actions[primary].password: (sensitive) -> (sensitive)" in here.todo()["update"]
    hidden(here.texts())
    here.apply()
    assert here.raw()["actions"][0]["password"] == ONE
    assert here.todo() == {}


def test_what_the_vendor_shows_of_a_secret_is_not_read(here: Here) -> None:
    """Neither a plan nor an import has it, whatever the vendor has there."""
    here.say(BODY, one=ONE, two=TWO)
    here.apply()
    here.meddle(actions=[{**one, "password": "theirs-" * 3} for one in here.raw()["actions"]])
    assert here.todo() == {}
    hidden(here.texts(), ONE, TWO, "theirs-theirs")
    nothing, state = Manifests((), (), ""), here.project.ledger.read()
    found = find_undeclared(here.project, [FLOWS], here.accounts, nothing, state)
    entry = next(one.entry for one in found.entries[FLOWS] if one.address.key == "Dışa")
    assert entry["actions"] == [
        {"name": "primary", "host": "a.example"},
        {"name": "backup", "host": "b.example", "login": {"user": "u"}},
    ]
    hidden([repr(found)], ONE, TWO, "theirs-theirs")


@pytest.mark.parametrize("place", ["actions", "conditions"])
def test_a_secret_stands_only_where_the_field_is_sensitive(place: str) -> None:
    """A literal there is refused without being shown, and a secret anywhere else."""
    _, findings = declared({place: [{"name": "x"}, {"name": "y", "password": ONE}]})
    assert [one.summary for one in findings] == [
        f"{place}[1].password is sensitive and must not be written in a manifest"
    ]
    assert ONE not in str(findings)
    _, findings = declared({place: [{"name": "x", "host": "${secret.one}"}]}, one=ONE)
    assert "a secret cannot be used here" in findings[0].summary
    assert f"{place}[0].password" in findings[0].detail


def test_two_entries_of_one_name_are_refused() -> None:
    """Nobody could tell which of them a live entry is."""
    _, findings = declared({"actions": [{"name": "x"}, {"name": "y"}, {"name": "x", "port": 1}]})
    (found,) = findings
    assert (found.path, found.summary) == (
        ("actions", 2, "name"),
        'actions has two entries with name "x"',
    )


# Properties -----------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "c", "Kumaş"])
HOSTS = st.none() | st.sampled_from(["x", "y"])
LOGIN = st.fixed_dictionaries(
    {},
    optional={
        "user": HOSTS.filter(bool),
        "realm": HOSTS.filter(bool),
        "token": st.sampled_from([Secret("s"), Secret("t")]),
    },
)
ENTRY = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "host": HOSTS,
        "port": st.integers(0, 2),
        "password": st.sampled_from([Secret("s"), Secret("t")]),
        "login": LOGIN,
    },
)
LISTS = st.lists(ENTRY, max_size=4, unique_by=lambda entry: str(entry["name"]))
OBJECTS = st.fixed_dictionaries({}, optional={"actions": LISTS, "conditions": LISTS})
EXTRA = st.fixed_dictionaries({}, optional={"id": st.integers(), "made": st.just("now")})
KINDS = st.sampled_from([FACTS, LOOSE])


@given(KINDS, LISTS, LISTS)
def test_writing_what_is_declared_settles_it(facts: Facts, before: Any, after: Any) -> None:
    """Merged into what is live, the declared entries are no difference to it any more, whichever
    of the ways of writing it was; nothing that is nobody's is lost from an entry of both."""
    actions, live = facts.fields["actions"], known(facts.fields["actions"], before)
    desired = {"actions": after}
    shown = drop_secrets(FACTS, desired)
    for written in (
        merge(facts.fields, {"actions": live}, desired),
        {"actions": keep_items(actions, live, after)},
        overlay(facts.fields, {"actions": before}, reveal_secrets(desired)),
    ):
        assert differences(facts, shown, {"actions": known(actions, written["actions"])}) == ()
        for entry in written["actions"]:
            old = [one for one in live if one["name"] == entry["name"]]
            assert all(member in entry for member in (old[0] if old else ()))
        assert [one["name"] for one in written["actions"]] == [one["name"] for one in after]


@given(KINDS, LISTS, LISTS)
def test_every_difference_is_found(facts: Facts, before: Any, after: Any) -> None:
    """There is none exactly where the names (in order, unless it does not matter) and all that is
    declared of each entry are the same."""
    live, shown = known(KEYED, before), drop_secrets(FACTS, {"actions": after})["actions"]
    there = {one["name"]: one for one in live}

    def holds(declared: Any, there: Any) -> bool:
        if isinstance(declared, dict):
            return all(
                holds(value, (there or {}).get(name))
                if value is not None
                else (there or {}).get(name) is None
                for name, value in declared.items()
            )
        return bool(declared == there)

    names, theirs = [one["name"] for one in shown], [one["name"] for one in live]
    order = names == theirs if facts is FACTS else set(names) == set(theirs)
    alike = order and all(holds(one, there[one["name"]]) for one in shown)
    found = differences(facts, {"actions": shown}, {"actions": live})
    assert (found == ()) == alike, found
    for one in found:
        assert not one.place or len(one.place) == len(one.path)


@given(OBJECTS)
def test_a_secret_is_in_one_place(fields: Any) -> None:
    """Every secret is found, is the value at its path, and has a place of its own; the ledger
    holds a fingerprint there and what is compared holds nothing."""
    found = list(secrets_in(FACTS, fields))
    assert len({one.place for one in found}) == len(found)
    for path, _, _, secret in found:
        value: Any = fields
        for part in path:
            value = value[part]
        assert value is secret
    kept = seal_secrets(FACTS, fields, Fingerprints(lambda: b"a key of 16 bytes"))
    assert [one[:2] for one in secrets_in(FACTS, kept)] == [one[:2] for one in found]
    assert json.dumps(kept)
    assert list(secrets_in(FACTS, drop_secrets(FACTS, fields))) == []
    assert "(sensitive)" not in repr(drop_secrets(FACTS, fields))
    assert drop_secrets(FACTS, kept) == drop_secrets(FACTS, fields)
    assert "Secret" not in json.dumps(reveal_secrets(fields))


@given(OBJECTS, EXTRA, EXTRA)
def test_nothing_read_only_or_sensitive_gets_through(fields: Any, one: Any, other: Any) -> None:
    """What is read has no secret at any depth; what is laid over an answer has nothing that only
    the vendor sets, and keeps what nobody knows."""
    raw = {**reveal_secrets(fields), **one, "unknown": 1}
    if "actions" in raw:
        raw["actions"] = [{**entry, **other, "extra": 2} for entry in raw["actions"]]
    sent = overlay(FACTS.fields, raw, {})
    assert sent["unknown"] == 1
    assert "id" not in sent
    assert all("made" not in e and e["extra"] == 2 for e in sent.get("actions", ()))
    for name in ("actions", "conditions"):
        seen = known(FACTS.fields[name], raw.get(name, []))
        assert seen == drop_secrets(FACTS, {name: strip(fields.get(name, []), other, name)})[name]


def strip(entries: Any, other: Any, name: str) -> Any:
    """The entries with the members of `other` that the schema knows."""
    extra = {"made": other["made"]} if "made" in other and name == "actions" else {}
    return [{**entry, **extra} for entry in entries]


def test_an_answer_keeps_what_the_body_does_not_mention() -> None:
    """Laid over it: objects member by member, named entries one by one, anything else whole."""
    raw = {
        "id": 5,
        "name": "old",
        "their": {"own": 1},
        "actions": [
            {"name": "b", "host": "x", "made": "m", "no": 1, "login": {"user": "u", "x": 2}},
            {"name": "gone"},
        ],
        "conditions": [{"name": "c", "no": 1, "made": "m"}],
    }
    body = {
        "name": "new",
        "their": {"new": 2},
        "actions": [{"name": "a"}, {"name": "b", "login": {"realm": "r"}}],
    }
    assert overlay(FACTS.fields, raw, body) == {
        "name": "new",
        "their": {"new": 2},
        "actions": [
            {"name": "a"},
            {"name": "b", "host": "x", "no": 1, "login": {"user": "u", "x": 2, "realm": "r"}},
        ],
        "conditions": [{"name": "c", "no": 1}],
    }
    assert overlay(FACTS.fields, raw, {"conditions": []})["conditions"] == []


def test_entries_that_refer_to_something_are_the_same_by_what_they_refer_to() -> None:
    """Whether the vendor points by id or by key; what the manifest resolved to has both."""
    item = {"type": "object", "properties": {"to": {"type": "string"}}}
    facts = facts_from({"properties": {"l": {"type": "array", "x-key": "to", "items": item}}})
    ours = [{"to": Pointer("1", "a")}, {"to": Pointer("2", "b")}]
    for live in (
        [{"to": Pointer("2")}, {"to": Pointer("1")}],
        [{"to": Pointer(None, "b")}, {"to": Pointer(None, "a")}],
        [{"to": Pointer("2", "b")}, {"to": Pointer("1", "a")}],
    ):
        assert match_items(facts.fields["l"], ours, live) == [1, 0]


def test_entries_that_nothing_identifies_are_told_apart_by_what_they_contain() -> None:
    """Of an entry only what is declared is compared, at its position or where it moved to."""
    live = [{"name": "a", "host": "x"}, {"name": "b", "host": "y"}]
    assert restrict_to(BY_POSITION, [{"name": "a"}], live) == [{"name": "a"}, live[1]]
    assert (
        differences(FACTS, {"conditions": [{"name": "a"}, {"name": "b"}]}, {"conditions": live})
        == ()
    )
    (change,) = differences(FACTS, {"conditions": [{"name": "b"}]}, {"conditions": live})
    assert (change.path, change.before, change.after) == (("conditions", 0), live[0], ABSENT)
    (change,) = differences(
        FACTS,
        {"conditions": [{"name": "a", "host": "z"}, {"name": "b"}]},
        {"conditions": live},
    )
    assert (change.path, change.place) == (("conditions", 0, "host"), ())


def test_a_kind_without_secrets_does_not_look_for_them() -> None:
    """Nothing is copied: what would be compared or kept is the very object that was declared."""
    facts = facts_from({"properties": {"a": {"type": "array"}}})
    fields = {"a": [{"b": [1]}]}
    assert not facts.sensitive
    assert not facts.has_entries
    assert drop_secrets(facts, fields) is fields
    assert seal_secrets(facts, fields, repr) is fields
    assert list(secrets_in(facts, {"a": [Secret("x")]})) == []
