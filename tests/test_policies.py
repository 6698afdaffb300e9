"""Policies: the rules of a workspace about what a plan may change."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconciler.model import Action, Address, Change, Policy, Secret, Window
from reconciler.planner.policies import closed_windows, policy_refusals, window_text

HOOK = "events: [style.created]"
HOOKS = f"""provider: kobo-plm
webhooks:
  a: {{name: A, url: 'https://hooks.acme.example/a', {HOOK}}}
  b: {{name: B, url: 'https://hooks.acme.example/b', {HOOK}}}
"""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@pytest.fixture
def empty(sandbox: Any) -> Any:
    """A vendor without webhooks and suppliers."""
    sandbox.put_state("kobo-plm", {"suppliers": [], "webhooks": [], "components": []})
    return sandbox


def lines(*rules: str) -> dict[str, Any]:
    """Settings with these policies, given as JSON without the outer braces."""
    return {"policies": json.loads("{" + ", ".join(rules) + "}")}


def refused(here: Any, *words: str) -> Any:
    """The plan is refused and so is apply, with nothing written; both say these words."""
    here.sandbox.clear_journal()
    for command in (("plan",), ("apply", "--auto-approve")):
        shown = here.run(*command)
        assert shown.code == 3, shown
        for word in words:
            assert word in shown.err
    assert here.writes() == []
    return shown


def test_a_kind_in_which_nothing_may_be_deleted(workspace: Any, empty: Any) -> None:
    """A deletion there is refused with the rule, its place and what to tell; in other kinds it is
    not, and neither are updates."""
    rule = '"hooks-stay": {"targets": ["kobo-plm/webhooks"], "deny": ["delete"], "message": "Ask"}'
    here = workspace(HOOKS, **lines(rule))
    here.write("provider: kobo-plm\nsuppliers: {S-1: {name: Firma}, S-2: {name: Two}}\n", "more")
    here.apply()
    here.write("provider: kobo-plm\nsuppliers: {S-1: {name: Other}}\n", "more")
    here.apply()
    here.write(f"provider: kobo-plm\nwebhooks: {{a: {{name: A, {HOOK}}}}}\n")
    refused(
        here,
        "policy hooks-stay: delete is denied, and the plan would delete it",
        "at reconciler.yaml:1:",
        "kobo-plm/webhooks/b",
        "  Ask\n",
    )


def test_a_replacement_is_a_deletion(workspace: Any, empty: Any) -> None:
    """What cannot be changed in place is replaced, which deletes the old object."""
    change = Change(Address("k", "webhooks", "a"), Action.REPLACE, None, {"name": "A"})
    for verb in ("create", "delete"):
        assert policy_refusals([change], [Policy("p", deny=frozenset({verb}))])
    assert not policy_refusals([change], [Policy("p", deny=frozenset({"update"}))])


def test_how_many_one_run_may_create_in_a_kind(workspace: Any, empty: Any) -> None:
    """The count is that of each kind, no option of the guards lifts it, and smaller steps pass."""
    here = workspace(HOOKS, **lines('"few": {"most": {"create": 1, "delete": 0}}'))
    here.write("provider: kobo-plm\nsuppliers: {S-1: {name: Firma}}\n", "more")
    shown = refused(here, "policy few: in kobo-plm/webhooks, 2 would be created, and most.create")
    assert "kobo-plm/suppliers" not in shown.err
    here.apply("--target", "kobo-plm/webhooks/a")
    here.apply()
    here.write("provider: kobo-plm\n")
    assert here.run("plan", "--allow-deletes", "9").code == 3


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/hook",
        "https://acme.example/hook",
        "https://hooks.acme.example:8443/hook",
        "https://hooks.acme.example@evil.example/",
        "https://evil.example\\@hooks.acme.example/",
        "https://evil.example\\.acme.example/",
        "https://evil.example/?https://hooks.acme.example",
        "https:evil.example",
        "HTTPS://EVIL.EXAMPLE/",
        "  https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "https://hooks.acme.example\n.evil.example/",
        "https://[::1]/",
        "ftp://hooks.acme.example/",
        "https://hooks.acme.example.evil.example/",
        "https://hooks.acme.example%2eevil.example/",
        "https:///hooks.acme.example/",
    ],
)
@pytest.mark.parametrize("fields", [(), ("url",)])
@pytest.mark.parametrize("hidden", [False, True])
def test_other_hosts_in_urls_are_refused(url: str, fields: tuple[str, ...], hidden: bool) -> None:
    """However the URL is written, in a named field or in any, also where it is a secret, which the
    refusal then does not show."""
    policy = Policy("ours", hosts=("hooks.acme.example:443",), fields=fields)
    value: Any = Secret(url, "url") if hidden else url
    for after in ({"url": value}, {"url": [{"to": value}]}, {"url": {"more": value}}):
        change = Change(Address("k", "webhooks", "a"), Action.CREATE, None, after)
        (found,) = policy_refusals([change], [policy])
        assert found.summary.startswith("policy ours: url")
        assert not hidden or "evil" not in str(found)


@pytest.mark.parametrize(
    ("pattern", "url"),
    [
        ("hooks.acme.example", "https://hooks.acme.example/a?b#c"),
        ("hooks.acme.example", "https://Hooks.ACME.example:8443/"),
        ("*.acme.example", "http://a.b.acme.example"),
        ("[::1]:80", "http://[::1]/"),
    ],
)
def test_our_hosts_in_urls_are_fine(pattern: str, url: str) -> None:
    """The host is compared as host, at any port unless one is named, and text is no URL."""
    after = {"url": url, "name": "A: see //", "more": ["hook", None, 3]}
    change = Change(Address("k", "webhooks", "a"), Action.UPDATE, None, after)
    assert policy_refusals([change], [Policy("ours", hosts=(pattern,))]) == ()


@pytest.mark.parametrize("sign", [";", ",", "%2f", "%23", "$", "\u00a0"])
def test_a_host_with_other_signs_is_nobodys(workspace: Any, empty: Any, sign: str) -> None:
    """What stands before the sign may be the host for a program that reads it, also in a field
    whose schema takes any text."""
    settings = lines('"ours": {"hosts": ["*.acme.example"]}')
    url = f"https://evil.example{sign}.acme.example/"
    supplier = {"code": "S", "name": "S", "website": url}
    here = workspace("", **settings)
    here.declare({"kobo-plm/suppliers": {"S": supplier}})
    refused(here, "policy ours: website may only name *.acme.example")


def test_hosts_of_webhooks(workspace: Any, empty: Any) -> None:
    """An object that is created with another host is refused, and with ours it is applied."""
    rule = (
        '"ours": {"targets": ["kobo-plm/webhooks"], "fields": ["url"], "hosts": ["*.acme.example"]}'
    )
    here = workspace(HOOKS.replace("hooks.acme.example/b", "evil.example/b"), **lines(rule))
    refused(here, 'url may only name *.acme.example, and "https://evil.example/b" does not')
    here.write(HOOKS)
    here.apply()


def rule_for(moment: datetime) -> str:
    """A window that contains the moment, from two hours before it to two hours after."""
    start, end = moment - timedelta(hours=2), moment + timedelta(hours=2)
    window = {"days": [DAYS[start.weekday()]], "from": f"{start:%H:%M}", "to": f"{end:%H:%M}"}
    return f'"hours": {json.dumps({"windows": [window]})}'


def test_outside_of_its_windows_a_plan_is_shown_and_not_applied(workspace: Any, empty: Any) -> None:
    """The plan warns and can be saved; to apply it is refused, and in the window it is applied."""
    now = datetime.now(UTC)
    here = workspace(HOOKS, **lines(rule_for(now + timedelta(days=1, hours=6))))
    shown = here.run("plan", "--out", str(here.root / "a.plan"))
    assert shown.code == 0
    assert "Warning: policy hours: changes are made" in shown.err
    empty.clear_journal()
    for command in (("apply", "--auto-approve"), ("apply", str(here.root / "a.plan"))):
        shown = here.run(*command)
        assert shown.code == 3
        assert "Error: policy hours: changes are made" in shown.err
    assert here.writes() == []
    here.configure(**lines(rule_for(now)))
    assert here.run("apply", str(here.root / "a.plan")).code == 0
    here.configure(**lines(rule_for(now + timedelta(days=1, hours=6))))
    assert "policy" not in here.run("plan").err


@pytest.mark.parametrize(
    ("window", "moment", "zone", "is_open"),
    [
        (Window(frozenset({0}), 540, 1020), "2026-11-23T09:00", "UTC", True),
        (Window(frozenset({0}), 540, 1020), "2026-11-23T16:59", "UTC", True),
        (Window(frozenset({0}), 540, 1020), "2026-11-23T17:00", "UTC", False),
        (Window(frozenset({0}), 540, 1020), "2026-11-24T09:00", "UTC", False),
        (Window(frozenset({0}), 540, 1020), "2026-11-23T06:00", "Europe/Istanbul", True),
        (Window(frozenset({0}), 0, 1440), "2026-11-23T23:59", "UTC", True),
        (Window(frozenset({0}), 0, 1440), "2026-11-23T23:59", "Asia/Tokyo", False),
        (Window(frozenset({4}), 1320, 240), "2026-11-28T03:59", "UTC", True),
        (Window(frozenset({4}), 1320, 240), "2026-11-27T22:00", "UTC", True),
        (Window(frozenset({4}), 1320, 240), "2026-11-27T03:00", "UTC", False),
        (Window(frozenset({4}), 1320, 240), "2026-11-28T04:00", "UTC", False),
        (Window(frozenset({6}), 1320, 240), "2026-11-30T03:00", "UTC", True),
        (Window(frozenset({6}), 60, 120), "2026-10-25T00:30", "Europe/Berlin", False),
        (Window(frozenset({6}), 120, 180), "2026-10-25T00:30", "Europe/Berlin", True),
        (Window(frozenset({6}), 120, 180), "2026-10-25T01:30", "Europe/Berlin", True),
    ],
)
def test_windows(window: Window, moment: str, zone: str, is_open: bool) -> None:
    """A window is on the clock of its time zone, also over midnight and when the clock is put
    back."""
    change = Change(Address("k", "webhooks", "a"), Action.CREATE, None, {})
    policy = Policy("hours", windows=(window,), time_zone=zone)
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert (list(closed_windows([change], [policy], now)) == []) is is_open


def test_a_window_as_text() -> None:
    """Days are in their order."""
    assert window_text(Window(frozenset({1, 0}), 540, 1440)) == "mon tue 09:00-24:00"
    assert window_text(Window(frozenset(range(7)), 0, 65)) == "daily 00:00-01:05"


def test_a_saved_plan_is_checked_against_the_policies_of_the_moment(
    workspace: Any, empty: Any
) -> None:
    """A rule that came after the plan was made holds, and one that has gone does not."""
    here = workspace(HOOKS)
    assert here.run("plan", "--out", str(here.root / "a.plan")).code == 0
    here.configure(**lines('"none": {"deny": ["create"]}'))
    empty.clear_journal()
    shown = here.run("apply", str(here.root / "a.plan"))
    assert shown.code == 3
    assert "policy none: create is denied" in shown.err
    assert here.writes() == []
    assert here.run("plan", "--out", str(here.root / "b.plan")).code == 3
    here.configure()
    assert here.run("apply", str(here.root / "b.plan")).code == 0


def test_an_environment_changes_a_rule_or_leaves_it_out(workspace: Any, empty: Any) -> None:
    """Rules are merged by their names, and the place is that in the environment's settings."""
    rules = {"few": {"most": {"create": 1}}, "none": {"deny": ["create"]}}
    environments = {
        "staging": {"policies": {"few": {"most": {"create": 2}}, "none": None}},
        "live": {"policies": {"none": None}},
    }
    here = workspace(HOOKS, policies=rules, environments=environments)
    assert here.run("plan").err.count("Error: policy") == 3
    assert here.run("--env", "staging", "plan").code == 0
    shown = here.run("--env", "live", "plan")
    assert shown.err.count("Error: policy") == 1
    assert "policy few" in shown.err


def test_a_rule_about_a_provider_that_an_environment_lacks_is_left_out(workspace: Any) -> None:
    """It is about nothing there, and not about everything."""
    rule = '"none": {"targets": ["inventora"], "deny": ["create"]}'
    here = workspace(
        "provider: kobo-plm\nsuppliers: {S-1: {name: Firma}}\n",
        **lines(rule),
        environments={"staging": {"providers": {"inventora": None}}},
    )
    shown = here.run("--env", "staging", "plan")
    assert shown.code == 0, shown


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({}, "says nothing that could be refused"),
        ({"fields": ["url"], "deny": ["delete"]}, "fields means nothing without hosts"),
        ({"time_zone": "UTC", "deny": ["delete"]}, "time_zone means nothing without windows"),
        ({"deny": ["destroy"]}, "must be one of"),
        ({"denies": ["delete"]}, "denies"),
        ({"hosts": ["https://a.example"]}, "hosts[0] must be a host without scheme"),
        ({"hosts": ["*"]}, "hosts[0] must be a host"),
        ({"windows": [{"from": "9:00"}]}, "from"),
        ({"windows": [{}], "time_zone": "../etc/passwd"}, "must be a time zone"),
        ({"windows": [{}], "time_zone": "Europe"}, "must be a time zone"),
        ({"windows": [{}], "time_zone": "Europe/Nowhere"}, "must be a time zone"),
        ({"targets": ["kobo/webhooks"], "deny": ["delete"]}, 'the provider "kobo"'),
        ({"targets": ["koba-*"], "deny": ["delete"]}, 'the provider "koba-*"'),
        ({"targets": ["kobo-plm/webhoks"], "deny": ["delete"]}, "has no such kind"),
        ({"targets": ["kobo-plm/suppliers"], "hosts": ["a.example"], "fields": ["url"]}, '"url"'),
        ({"targets": [], "deny": ["delete"]}, "at least 1"),
    ],
)
def test_a_rule_that_could_never_refuse_is_an_error(
    workspace: Any, rule: dict[str, Any], words: str
) -> None:
    """It is told with its place before anything is read."""
    here = workspace("", policies={"one": rule})
    shown = here.run("validate")
    assert shown.code == 1
    assert words in shown.err
    assert "reconciler.yaml:1:" in shown.err


@pytest.mark.parametrize(
    "target",
    [
        *("kobo-plm", "kobo-*", "*-plm", "kobo-plm/**", "kobo-*/**"),
        *("kobo-plm/web*", "*/webhooks", "kobo-*/webhooks", "*/webhooks/*", "*/webhooks/**"),
        *("kobo-plm/webhooks/a*", "*/*/a"),
    ],
)
def test_targets_are_written_as_on_the_command_line(
    workspace: Any, empty: Any, target: str
) -> None:
    """A provider, a kind, an address, or a pattern of one."""
    here = workspace(HOOKS, policies={"none": {"targets": [target], "deny": ["create"]}})
    assert "kobo-plm/webhooks/a" in refused(here, "policy none").err


def test_the_report_has_the_rule(workspace: Any, empty: Any) -> None:
    """Formats for programs and for people name it as they name a guard."""
    here = workspace(HOOKS, **lines('"none": {"deny": ["create"]}'))
    for name in ("json", "markdown", "junit", "github-annotations", "json-lines"):
        shown = here.run("plan", "--format", name)
        assert shown.code == 3
        assert "policy none: create is denied" in shown.out


def test_a_plan_that_undoes_a_run_is_no_exception(workspace: Any, empty: Any) -> None:
    """Nor is one that puts back what somebody changed: a rule is about what would be written."""
    here = workspace(HOOKS)
    here.apply()
    run = here.run("history", "--format", "json").json["runs"][-1]["run"]
    here.configure(**lines('"none": {"deny": ["delete", "update"]}'))
    plan = here.root / "undo.plan"
    shown = here.run("revert", run, "--out", str(plan))
    assert shown.code == 3, shown
    assert "policy none: delete is denied" in shown.err
    rows = empty.state("kobo-plm")["webhooks"]
    empty.put_state("kobo-plm", {"webhooks": [row | {"is_active": False} for row in rows]})
    empty.put_state("kobo-plm", {"webhooks": [row | {"url": "https://x.example"} for row in rows]})
    shown = here.run("drift", "--revert", "--out", str(plan))
    assert shown.code == 3, shown
    assert "policy none: update is denied" in shown.err
    empty.clear_journal()
    assert here.run("apply", str(plan)).code == 3
    assert here.writes() == []
