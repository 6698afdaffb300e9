"""Whatever a vendor says wrong of what changed, a plan from kept lists writes nothing that one that
reads everything would not write; and where the vendor says nothing wrong, the two are the same."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from reconciler.app.apply import Run
from reconciler.app.options import ApplyOptions, PlanOptions
from reconciler.app.plan import Planned, make_plan
from reconciler.app.project import Project, open_project
from reconciler.errors import Source
from reconciler.executor import FRESH_SECONDS
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.ledger import Ledger
from reconciler.model import (
    Action,
    CacheSettings,
    Change,
    Listing,
    Manifests,
    Options,
    Ref,
    Resource,
    Scope,
)
from reconciler.rest.account import Account
from reconciler.sandbox import credentials

from .in_process import KOBO, Client, MemoryStore, Vendor

EACH = 50
"""Histories in one test: the tests of a campaign are shared out among processes."""
SMALL = 300
"""Histories of the default run."""
STEPS = 4
CODES = "ABCDEFG"
SUPPLIERS, COMPONENTS = Scope(KOBO, "suppliers"), Scope(KOBO, "components")
ONE_BY_ONE = ApplyOptions(parallelism=1)
LATE: tuple[Any, ...] = (True, 90, 600, 7200, 7200)
LIES: tuple[Mapping[str, Any], ...] = (
    *({"since": how} for how in ("ignored", "page", "total", 1, 120, 7200, -7200)),
    *({"date": wrong} for wrong in ("none", 3600, -3600, 86400 * 365)),
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for every EACH histories: SMALL, or with -m campaign what --histories says."""
    if "part" in metafunc.fixturenames:
        first: int = metafunc.config.getoption("campaign_seed")
        count: int = metafunc.config.getoption("histories")
        parts = [
            part if part < first + SMALL // EACH else pytest.param(part, marks=pytest.mark.campaign)
            for part in range(first, first + -(-count // EACH))
        ]
        metafunc.parametrize("part", parts)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A workspace whose lists are kept from the first page on; a page has two objects."""
    root = tmp_path_factory.mktemp("histories")
    (root / "manifests").mkdir()
    (root / "reconciler.yaml").write_text(
        "name: acme\nproviders:\n  kobo-plm:\n    type: kobo-plm\n"
        "    base_url: http://localhost:9\n    api_key: ${env.KOBO_API_KEY}\n"
        "guard: {max_deletes: 1000, max_delete_percent: 100, max_update_percent: 100}\n"
        "cache: {from_requests: 0}\n",
        "utf-8",
    )
    variables = {**credentials(), "RECONCILER_LEDGER_KEY": "a key that is long enough"}
    opened = open_project(root, None, variables)
    kobo = opened.resource_types.providers[KOBO]
    kinds = {
        name: replace(kind, paging=replace(kind.paging, per_page=2)) if kind.paging else kind
        for name, kind in kobo.kinds.items()
    }
    return replace(opened, resource_types=ResourceTypes({KOBO: replace(kobo, kinds=kinds)}))


class History:
    """What people, the vendor and our runs did, in an order that the seed decides."""

    def __init__(self, project: Project, seed: int) -> None:
        self.dice = random.Random(seed)
        self.honest = self.dice.random() < 0.25
        self.vendor = Vendor("2020-05-05T10:00:00Z")
        self.client = Client(self.vendor, project.config.connections[KOBO], self.count_wrong)
        self.miscount = 0
        accounts: Any = {KOBO: Account(self.client)}  # type: ignore[arg-type]
        self.accounts = accounts
        self.project = replace(project, ledger=Ledger(MemoryStore(), project.config.name))
        never = replace(project.config, cache=CacheSettings(max_age_hours=0))
        self.uncached = replace(self.project, config=never)
        self.declared: dict[tuple[Scope, str], dict[str, str]] = {}
        self.names: dict[tuple[Scope, str], str] = {}
        self.seen: Counter[str] = Counter()
        both = (SUPPLIERS, SUPPLIERS, COMPONENTS)
        self.kinds = both if self.dice.random() < 0.4 else (SUPPLIERS,)
        for entry in (project.config.root / ".reconciler").glob("cache/list-*"):
            entry.unlink()

    def run(self) -> None:
        """Begin with some objects of ours, and go on."""
        for code in CODES[:4]:
            self.declare(SUPPLIERS, code)
        if self.kinds != (SUPPLIERS,):
            self.declare(COMPONENTS, "A")
        self.apply()
        for _ in range(STEPS):
            for _ in range(self.dice.randrange(3)):
                self.dice.choice((self.meddle, self.swap))()
                self.wait()
            if self.dice.random() < 0.4:
                self.edit()
            self.dice.choice((self.apply, self.look))()
            self.wait()
        self.apply()

    def wait(self) -> None:
        """Some time passes."""
        self.vendor.clock.set(self.vendor.clock.iso(), self.dice.choice((0, 1, 20, 61, 400, 5000)))

    def declare(self, scope: Scope, code: str) -> None:
        """Declare an object, or another name for one; a component has one of the suppliers."""
        fields = {"code": code, "name": f"Name {self.dice.randrange(3)}"}
        suppliers = [key for kind, key in self.declared if kind == SUPPLIERS]
        if scope == COMPONENTS and suppliers:
            fields["supplier"] = self.dice.choice(suppliers)
        self.declared[scope, code] = fields

    def edit(self) -> None:
        """Edit the manifests."""
        scope = self.dice.choice(self.kinds)
        ours = [code for kind, code in self.declared if kind == scope]
        code = self.dice.choice(ours if ours and self.dice.random() < 0.7 else CODES)
        used = {fields.get("supplier") for fields in self.declared.values()}
        if self.dice.random() < 0.2 and not (scope == SUPPLIERS and code in used):
            self.declared.pop((scope, code), None)
        else:
            self.declare(scope, code)

    def meddle(self) -> None:
        """Somebody else writes something at the vendor."""
        scope = self.dice.choice(self.kinds)
        path = f"/{scope.kind}"
        objects = list(self.vendor.account.store[scope.kind])
        body = {"code": self.dice.choice(CODES), "name": f"Name {self.dice.randrange(3)}"}
        how = self.dice.choice(("create", "update", "rename", "delete"))
        if how == "create" or not objects:
            self.write("POST", path, body)
            return
        id = self.dice.choice(objects)["id"]
        if how == "delete":
            self.write("DELETE", f"{path}/{id}")
        else:
            changed = {"name": body["name"]} if how == "update" else {"code": body["code"]}
            self.write("PUT", f"{path}/{id}", changed)

    def swap(self) -> None:
        """Somebody deletes an object and makes one: there are as many as before."""
        objects = list(self.vendor.account.store["suppliers"])
        if objects:
            victim = self.dice.choice(objects)
            self.write("DELETE", f"/suppliers/{victim['id']}")
            code = self.dice.choice((victim["code"], self.dice.choice(CODES)))
            self.write("POST", "/suppliers", {"code": code, "name": "Name 0"})

    def write(self, method: str, path: str, body: Any = None) -> None:
        """A write of somebody else, which the vendor may refuse, or see late."""
        if not self.honest and self.dice.random() < 0.8:
            self.lie({"late": self.dice.choice(LATE)})
        self.vendor.request(method, path, None, body)
        self.vendor.faults.set(())

    def count_wrong(self, query: Mapping[str, Any]) -> None:
        """Count wrong where only the count is asked for: nobody could read a list whose pages are
        counted wrong."""
        if self.miscount:
            wrong = self.miscount if query.get("per_page") == 1 else 0
            self.vendor.faults.set([{"path": "*", "fault": {"count": wrong}}])

    def lie(self, fault: Mapping[str, Any]) -> None:
        """From now on say this wrong, of all or of one of the kinds."""
        path = self.dice.choice(("*", "*/suppliers*", "*/components*"))
        self.vendor.faults.set([{"path": path, "fault": fault}])

    def manifests(self) -> Manifests:
        """What is declared."""
        place = Source("main.yaml", 1, 1)
        return Manifests(
            tuple(
                Resource(
                    scope.address(code),
                    fields,
                    (Ref(("supplier",), SUPPLIERS, fields["supplier"]),)
                    if "supplier" in fields
                    else (),
                    Options(),
                    place,
                )
                for (scope, code), fields in self.declared.items()
            ),
            files=frozenset(("main.yaml",)),
        )

    def plans(self) -> tuple[Planned, Planned]:
        """The plan from what is kept, while the vendor may say something wrong, and the one that
        reads everything, while it does not."""
        manifests, state = self.manifests(), self.project.ledger.read()
        if not self.honest and self.dice.random() < 0.6:
            if self.dice.random() < 0.2:
                self.miscount = self.dice.choice((-1, 1))
            else:
                self.lie(self.dice.choice(LIES))
        warm = make_plan(self.project, PlanOptions(), self.accounts, manifests, state)
        self.miscount = 0
        self.vendor.faults.set(())
        cold = make_plan(self.uncached, PlanOptions(), self.accounts, manifests, state)
        self.seen["plans"] += 1
        for scope, listing in warm.snapshot.listings.items():
            if listing.kept_at is not None:
                self.seen["kept"] += 1
                self.seen["wrong"] += shown(listing) != shown(cold.snapshot.listings[scope])
        return warm, cold

    def look(self) -> Planned:
        """Plan, and compare."""
        warm, cold = self.plans()
        allowed = list(map(entry, to_do(cold)))
        for change in to_do(warm):
            assert entry(change) in allowed, (entry(change), allowed)
        self.seen["missed"] += len(to_do(warm)) < len(allowed)
        if self.honest:
            assert warm.plan.changes == cold.plan.changes
            assert warm.plan.unmanaged == cold.plan.unmanaged
            assert warm.plan.diagnostics == cold.plan.diagnostics
        self.wanted = {request(change) for change in to_do(cold)}
        return warm

    def apply(self) -> None:
        """Carry out a plan from what is kept: nothing is sent but what the plan that reads
        everything would send."""
        planned = self.look()
        self.client.written.clear()
        if not self.honest and self.dice.random() < 0.4:
            self.lie({"late": self.dice.choice(LATE)})
        with self.project.ledger.lock("apply") as session:
            run = Run(self.project, planned, self.accounts, session, ONE_BY_ONE, FRESH_SECONDS)
            run.execute()
        self.vendor.faults.set(())
        assert set(self.client.written) <= self.wanted, (self.client.written, self.wanted)
        self.seen["writes"] += len(self.client.written)


def shown(listing: Listing) -> set[tuple[str, str, str]]:
    """The ids, codes and names of the objects in a listing."""
    return {(live.id, live.fields["code"], live.fields["name"]) for live in listing.objects}


def to_do(planned: Planned) -> list[Change]:
    """The entries of a plan that do anything."""
    return [change for change in planned.plan.changes if change.action is not Action.NO_OP]


def entry(change: Change) -> tuple[Any, ...]:
    """What an entry would do."""
    refs = tuple(pointer for _, pointer in change.refs)
    return change.address, change.action, change.id, change.after, change.fields, refs


def request(change: Change) -> str:
    """The request that makes a change."""
    kind = change.address.kind
    if change.action is Action.CREATE:
        return f"POST /{kind}"
    method = {Action.UPDATE: "PUT", Action.DELETE: "DELETE"}.get(change.action, "")
    return f"{method} /{kind}/{change.id}"


def test_a_lying_vendor_is_never_the_reason_for_a_write(project: Project, part: int) -> None:
    """EACH histories. So that this says anything, many plans rest on what was kept."""
    seen: Counter[str] = Counter()
    for seed in range(part * EACH, (part + 1) * EACH):
        history = History(project, seed)
        try:
            history.run()
        except AssertionError as error:
            raise AssertionError(f"history {seed}: {error}") from error
        seen += history.seen
    assert seen["kept"] > seen["plans"] / 10
    assert seen["writes"]
    assert seen["wrong"] or part >= SMALL // EACH  # in a few of the many parts there is none
