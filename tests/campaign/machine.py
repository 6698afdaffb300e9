"""A machine that edits manifests, meddles at vendors and applies, in any order, and then asks
whether everything is as it was promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from reconciler import PlanOptions
from reconciler.app import state as ledgers
from reconciler.errors import Invalid, Refused
from reconciler.model import Applied

from . import draws, promises, runs
from .draws import KEYS, draw
from .sorts import SHOPS, Raw, Sort
from .world import Place, World

MOST = 5
"""Applies after which everything must have settled, once nothing goes wrong any more."""


LOST: tuple[Mapping[str, Any], ...] = (
    {"reset": "after"},
    {"reset": "before"},
    {"truncate": True},
    {"status": 500},
)
"""What may become of the answer to a write."""


class Machine(RuleBasedStateMachine):
    """A workspace on a sandbox, and all that may happen to it."""

    place: ClassVar[Place]

    @initialize(data=st.data(), vendors=st.sampled_from(SHOPS))
    def begin(self, data: st.DataObject, vendors: Sequence[str]) -> None:
        """An empty workspace, vendors as they were at the beginning, and the first objects."""
        self.world = World(self.place, vendors)
        if data.draw(st.booleans(), "vendors keep texts otherwise"):
            for sort in self.world.sorts:
                self.world.bends[sort.scope] = dict(sort.bends)
                if sort.moves and data.draw(st.booleans(), f"and names of {sort.kind}"):
                    self.world.bends[sort.scope][sort.key] = "lower"
        for sort in self.world.sorts:
            for _ in range(data.draw(st.integers(0, 3), f"new {sort.kind}")):
                draws.declare(self.world, data, sort)
        runs.run(self.world)

    @rule(data=st.data())
    def declare(self, data: st.DataObject) -> None:
        """Another object."""
        draws.declare(self.world, data, draw(data, self.world.sorts, "kind"))

    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        """Other values, more fields or fewer."""
        if (chosen := draws.chosen(self.world, data)) is not None:
            sort, key = chosen
            before = self.world.declared[sort.scope][key]
            self.world.declared[sort.scope][key] = {
                sort.key: before[sort.key],
                **draws.fields(self.world, data, sort, before, self.world.is_owned(sort, key)),
            }

    @rule(data=st.data())
    def rename(self, data: st.DataObject) -> None:
        """Another natural key under the same key."""
        chosen = draws.chosen(self.world, data)
        if chosen is None or not draws.renames(self.world, *chosen):
            return
        sort, key = chosen
        if (name := draws.free_name(self.world, data, sort)) is not None:
            self.world.declared[sort.scope][key][sort.key] = name

    @rule(data=st.data())
    def swap(self, data: st.DataObject) -> None:
        """Two objects take each other's names."""
        if (pair := draws.pair(self.world, data)) is not None:
            sort, one, two = pair
            objects = self.world.declared[sort.scope]
            first, second = objects[one][sort.key], objects[two][sort.key]
            objects[one][sort.key], objects[two][sort.key] = second, first

    @rule(data=st.data())
    def hand_on(self, data: st.DataObject) -> None:
        """One takes the name of another, which takes a new one."""
        if (pair := draws.pair(self.world, data)) is not None:
            sort, one, two = pair
            objects = self.world.declared[sort.scope]
            if (name := draws.free_name(self.world, data, sort)) is not None:
                objects[one][sort.key], objects[two][sort.key] = objects[two][sort.key], name

    @rule(data=st.data(), said=st.booleans())
    def move(self, data: st.DataObject, said: bool) -> None:
        """Another key, with `$was` or without."""
        chosen = draws.chosen(self.world, data)
        if chosen is None:
            return
        sort, key = chosen
        objects = self.world.declared[sort.scope]
        rows = {address.key for address in self.world.owned() if str(address.scope) == sort.scope}
        taken = rows | set(objects) | {old for scope, old in self.world.formerly()}
        free = [key for key in KEYS if key not in taken]
        if not free:
            return
        new = data.draw(st.sampled_from(free), "new key")
        was = self.world.moved.pop((sort.scope, key), key)
        objects[new] = objects.pop(key)
        for other in self.world.sorts:
            for name, target in other.refs.items():
                for fields in self.world.declared[other.scope].values():
                    if f"{other.vendor}/{target}" == sort.scope and name in fields:
                        fields[name] = replaced(fields[name], key, new)
        row = self.world.address(sort, was)
        kept = self.world.stays.pop(row, None)
        if said and row in self.world.owned():
            self.world.moved[sort.scope, new] = was
            if kept is not None:
                self.world.stays[self.world.address(sort, new)] = kept

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        """An object leaves the manifests, unless another one refers to it or it cannot go."""
        chosen = draws.chosen(self.world, data)
        if chosen is None or not chosen[0].deletes or self.world.used(*chosen):
            return
        if self.world.keeps_name(*chosen):
            return
        self.world.drop(*chosen)

    @rule(data=st.data())
    def meddle(self, data: st.DataObject) -> None:
        """Somebody changes a field of any object."""
        sort = draw(data, self.world.sorts, "kind")
        raws = [raw for raw in self.world.raws(sort) if not sort.gone(raw)]
        if not raws:
            return
        raw = draw(data, raws, "object", sort.id_of)
        name = data.draw(st.sampled_from(sort.meddled), "field")
        value = data.draw(st.sampled_from(sort.fields[name]), "value")
        if sort.form(name, value) != sort.value(raw, name):
            self.place.people.change(sort, raw, {name: value})
            self.world.meddled.setdefault((sort.scope, sort.id_of(raw)), set()).add(name)

    @rule(data=st.data())
    def take_away(self, data: st.DataObject) -> None:
        """Somebody deletes an object that nothing refers to."""
        sorts = [sort for sort in self.world.sorts if sort.deletes]
        if not sorts:
            return
        sort = draw(data, sorts, "kind")
        users = self.world.targets()
        raws = [
            raw
            for raw in self.world.raws(sort)
            if not sort.gone(raw) and (sort.scope, sort.id_of(raw)) not in users
        ]
        raw = draw(data, raws, "object", sort.id_of) if raws else None
        if raw is not None and self.place.people.delete(sort, raw):
            self.world.meddled.setdefault((sort.scope, sort.id_of(raw)), set()).add("")

    @rule(data=st.data())
    def appear(self, data: st.DataObject) -> None:
        """Somebody makes an object of a name that nobody declares."""
        sorts = [sort for sort in self.world.sorts if sort.new]
        sort = draw(data, sorts, "kind")
        if (name := draws.free_name(self.world, data, sort, new=True)) is not None:
            before = set(self.world.live())
            self.place.people.create(sort, {sort.key: name, **sort.new})
            theirs = set(self.world.live()) - before
            self.world.known |= theirs
            # Where the name is the id, one of ours may have had it, and is gone.
            self.world.ours = {
                address: row
                for address, row in self.world.ours.items()
                if (str(address.scope), row.id) not in theirs
            }

    @rule(data=st.data())
    def take_in(self, data: st.DataObject) -> None:
        """Write a manifest for an object that exists, and adopt it."""
        sorts = [sort for sort in self.world.sorts if sort.deletes]
        if not sorts:
            return
        sort = draw(data, sorts, "kind")
        owned = {row.id for a, row in self.world.owned().items() if str(a.scope) == sort.scope}
        names = self.world.names(sort)
        raws = [
            raw
            for raw in self.world.raws(sort)
            if not sort.gone(raw)
            and sort.id_of(raw) not in owned
            and raw[sort.key] not in names
            and self.world.only(sort, raw[sort.key])
        ]
        rows = {address.key for address in self.world.owned() if str(address.scope) == sort.scope}
        free = [
            key for key in KEYS if key not in rows and key not in self.world.declared[sort.scope]
        ]
        free = [key for key in free if (sort.scope, key) not in self.world.formerly()]
        if not raws or not free:
            return
        raw = draw(data, raws, "object", sort.id_of)
        key = data.draw(st.sampled_from(free), "key")
        plain = [n for n in sort.needed if n not in ("items",) and n not in sort.refs]
        fields = {name: raw[name] for name in plain}
        if sort.kind == "tasks":
            if len(raw["Items"]) != 1 or raw["Items"][0]["Product"] is None:
                return
            fields["items"] = items(sort, raw)
        self.world.declared[sort.scope][key] = {sort.key: raw[sort.key], **fields}
        if data.draw(st.booleans(), "by command"):
            self.world.write()
            self.world.open().adopt(str(self.world.address(sort, key)))
            self.world.look()

    @rule(data=st.data())
    def import_all(self, data: st.DataObject) -> None:
        """Import every object of a kind that is not declared yet."""
        sorts = [sort for sort in self.world.sorts if not sort.refs and not sort.observed]
        sort = draw(data, sorts, "kind")
        if self.world.moved or self.world.pending(sort):
            return
        self.world.write()
        found = self.world.open().import_(sort.scope)
        for kind in found.kinds:
            kind.path.unlink()
            for one in kind.objects:
                fields = {sort.key: one.address.key, **unescaped(one.entry)}
                self.world.declared[sort.scope][one.address.key] = fields
                self.world.imported.add((sort.scope, one.id))
        self.world.write()
        self.world.look()

    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        """Let go of an object, and take it out of the manifests."""
        chosen = draws.chosen(self.world, data)
        if chosen is None or self.world.used(*chosen):
            return
        sort, key = chosen
        if not sort.deletes and not self.world.is_owned(sort, key):
            return
        objects = self.world.declared[sort.scope]
        address = self.world.address(sort, self.world.moved.get((sort.scope, key), key))
        owned = self.world.owned()
        if address in owned:
            raw = self.world.live().get((sort.scope, owned[address].id))
            if raw is not None and raw[sort.key] in self.world.names(sort) - {
                objects[key][sort.key]
            }:
                return  # another one is to have its name
            ledgers.forget(self.world.open().project, [str(address)])
            self.world.released.add((sort.scope, owned[address].id))
        self.world.drop(sort, key)
        self.world.stays.pop(address, None)
        self.world.look()

    @rule()
    def lose_ledger(self) -> None:
        """The ledger is gone. Without it, an object cannot be found by another spelling of its
        name than the declared one."""
        if any(sort.key in self.world.bends.get(sort.scope, ()) for sort in self.world.sorts):
            return
        for name in ("ledger.jsonl", "ledger.jsonl.lock"):
            (self.world.here.root / ".reconciler" / name).unlink(missing_ok=True)
        for sort, key in [(s, k) for s in self.world.sorts for k in self.world.declared[s.scope]]:
            # What is not owned is not replaced, which is right: so nobody asks for it.
            fields = self.world.declared[sort.scope][key]
            for raw in self.world.raws(sort):
                if sort.kind == "tasks" and raw[sort.key] == fields[sort.key] and raw["Items"]:
                    fields["items"] = items(sort, raw)
        self.world.ours, self.world.stays, self.world.moved = {}, {}, {}
        self.world.imported, self.world.bereft = set(), True
        self.world.rules, self.world.lagging = [], False
        self.world.released |= set(self.world.live())

    @rule()
    def change_account(self) -> None:
        """The workspace is pointed at another account, and back: nothing is written there."""
        if not self.world.owned():
            return
        self.world.write()
        before = {vendor: self.place.other.state(vendor) for vendor in self.world.vendors}
        self.place.make(self.world.here.root, self.place.other)
        refused = False
        try:
            self.world.open().apply()
        except Refused as error:
            refused = True
            note(f"refused: {error}")
        finally:
            self.world.here = self.place.make(self.world.here.root, self.world.sandbox)
        assert refused
        assert {vendor: self.place.other.state(vendor) for vendor in self.world.vendors} == before

    @rule(data=st.data())
    def rename_provider(self, data: st.DataObject) -> None:
        """A provider is called otherwise: an error until the ledger's rows are moved."""
        vendor = data.draw(st.sampled_from(self.world.vendors))
        if not any(address.provider == vendor for address in self.world.owned()):
            return
        self.world.write()
        name = "renamed"
        settings = self.world.here.root / "reconciler.yaml"
        text = settings.read_text("utf-8")
        manifests = self.world.here.root / "manifests" / "main.yaml"
        declared = manifests.read_text("utf-8")
        settings.write_text(text.replace(f'"{vendor}": {{', f'"{name}": {{', 1), "utf-8")
        manifests.write_text(declared.replace(f'"provider": "{vendor}"', f'"provider": "{name}"'))
        try:
            refused = ""
            try:
                self.world.open().apply()
            except Invalid as error:
                refused = " ".join(finding.detail for finding in error.diagnostics)
            assert "state mv" in refused, refused
            before = sorted(row.id for row in self.world.owned().values())
            ledgers.move(self.world.open().project, vendor, name)
            assert sorted(row.id for row in self.world.owned().values()) == before
            ledgers.move(self.world.open().project, name, vendor)
        finally:
            settings.write_text(text, "utf-8")
            manifests.write_text(declared, "utf-8")
        self.world.look()

    @rule(data=st.data())
    def lag(self, data: st.DataObject) -> None:
        """An apply in which lists show what was, and perhaps an answer is lost too."""
        if self.world.bereft:
            return  # without a ledger and without a list, nobody knows what there is
        stale = data.draw(st.sampled_from([True, 60]), "how old")
        self.world.lagging = True
        self.world.rules += [
            {"method": "GET", "path": f"*{list_path(sort)}", "fault": {"stale": stale}}
            for sort in self.world.sorts
        ]
        self._change_some(data)
        self._lose(data, data.draw(st.integers(0, 1), "lost answers"))
        runs.run(self.world)

    @rule(data=st.data(), number=st.integers(1, 3))
    def lose_answers(self, data: st.DataObject, number: int) -> None:
        """An apply in which answers to writes are lost, with the write or after it."""
        self._change_some(data)
        self._lose(data, number)
        runs.run(self.world)

    @rule(data=st.data(), nth=st.integers(1, 4))
    def be_killed(self, data: st.DataObject, nth: int) -> None:
        """An apply that ends after so many writes, without a word."""
        self._change_some(data)
        self.world.kill = nth
        self._lose(data, data.draw(st.integers(0, 1), "lost answers"))
        runs.run(self.world)

    def _change_some(self, data: st.DataObject) -> None:
        """So that there is something to write when it goes wrong."""
        for _ in range(data.draw(st.integers(1, 3), "changes")):
            change = data.draw(st.sampled_from(["declare", "edit", "rename", "remove"]), "change")
            getattr(self, change)(data)

    def _lose(self, data: st.DataObject, number: int) -> None:
        for _ in range(number):
            fault = data.draw(st.sampled_from(LOST), "fault")
            method = data.draw(st.sampled_from(["POST", "POST", "PUT", "PATCH", "DELETE"]))
            nth = data.draw(st.integers(1, 2), "nth")
            self.world.rules += [
                {"method": method, "path": path, "nth": nth, "fault": fault}
                for path in sorted({f"*{sort.path}*" for sort in self.world.sorts})
            ]

    @rule()
    def apply(self) -> None:
        """One apply, with whatever goes wrong."""
        runs.run(self.world)

    @rule()
    def settle(self) -> None:
        """Nothing goes wrong any more: everything must come to rest, and be as declared."""
        self.world.rules, self.world.kill, self.world.lagging = [], 0, False
        choice = PlanOptions()
        for _ in range(MOST):
            self.world.give_way()
            applied = runs.run(self.world, choice)
            if isinstance(applied, Applied) and promises.clean(self.world, applied):
                break
            if self.world.exchanges(applied):
                self.world.take_back()
            choice = runs.choice(self.world, applied)
        else:
            raise AssertionError(f"it does not settle: {applied}")
        if self.world.moved:
            self.world.moved = {}
            runs.run(self.world)
        promises.check(self.world)
        promises.rest(self.world)
        self.world.meddled = {}
        self.world.stays = {address: row.id for address, row in self.world.owned().items()}

    def teardown(self) -> None:
        """Every sequence ends at rest."""
        try:
            self.settle()
        finally:
            self.world.close()


def items(sort: Sort, raw: Raw) -> list[dict[str, Any]]:
    """A task's items as manifests have them."""
    return [
        {"product": sku, "quantity": quantity, "unitType": unit}
        for sku, quantity, unit in sort.value(raw, "items")
    ]


def replaced(value: Any, old: str, new: str) -> Any:
    """A reference, or several, with another key."""
    if isinstance(value, list):
        return sorted(new if one == old else one for one in value)
    return new if value == old else value


def unescaped(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an imported entry."""
    return {name: value for name, value in entry.items() if name != "$id"}


def list_path(sort: Sort) -> str:
    """Where the objects of a kind are listed."""
    return "/variants" if sort.vendor == "kobiks" else sort.path
