"""What must be true of a workspace with webhooks, and every line that must be said about it: worked
out here from what was merged, applied and changed by hand, and never from the tool."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

KIND = "kobo-plm/webhooks"
ONCE = "its secret will be shown once: apply with --secrets-out FILE"
FOUND = (
    "an earlier run created it, and the answer was lost, which held its secret: create a new one"
)
SAME = "No changes. Your vendors match the manifests."
NEW = "No ledger yet: neither drift nor what was removed from the manifests can be seen."
OTHERS = "Kinds in which nothing is declared or owned were not looked at; drift lists them."


def url(key: str, version: int) -> str:
    """The URL of a webhook in a version of its manifest."""
    return f"https://x.example/{key}/{version}"


def plain(text: str) -> list[str]:
    """The lines of an output, without how long things took, in an order that does not depend on
    what was done at the same time."""
    return sorted(re.sub(r" in \d+\.\d s", " in T s", line) for line in text.splitlines() if line)


@dataclass
class Changes:
    """What a plan has to say: keys to create, update, delete, and to find at the vendor."""

    add: list[str]
    change: list[str]
    destroy: list[str]
    found: list[str]

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many are created, updated and deleted."""
        return len(self.add), len(self.change), len(self.destroy)


@dataclass
class World:
    """The manifests (key → version), what was last applied and what is live (key → URL), and which
    creates the ledger has no outcome of. `runs` is what the history must show: for each run how it
    ended, and its writes."""

    merged: dict[str, int] = field(default_factory=dict)
    applied: dict[str, str] = field(default_factory=dict)
    live: dict[str, str] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    runs: list[tuple[str, list[str]]] = field(default_factory=list)
    creates: int = 0
    new: bool = True
    # How each webhook was written last, and by which of the runs.
    last: dict[str, str] = field(default_factory=dict)

    def manifest(self) -> str:
        """The manifest, with one webhook a line."""
        rows = (
            f"  {key}: {{name: {key.upper()}, url: '{url(key, version)}', events: [style.created]}}"
            for key, version in self.merged.items()
        )
        return "\n".join(["provider: kobo-plm", "webhooks:", *rows, ""])

    def changes(self) -> Changes:
        """What a plan has to find."""
        merged = self.merged
        return Changes(
            [key for key in merged if key not in self.live],
            [
                k
                for k, v in merged.items()
                if k in self.applied and k in self.live and self.live[k] != url(k, v)
            ],
            [key for key in self.applied if key not in merged],
            [key for key in self.open if key in self.live],
        )

    def plan(self) -> list[str]:
        """The lines of a plan."""
        changes = self.changes()
        lines = [*self._entries(changes), *self._noted(changes), *([NEW] if self.new else [])]
        if not any(changes.counts):
            return sorted([*lines, OTHERS, SAME])
        counts = "{} to add, {} to change, {} to destroy.".format(*changes.counts)
        return sorted([*lines, f"Plan: {counts}"])

    def drift(self) -> list[str]:
        """The lines of a drift report, but for what it did not look at."""
        lines, count = [], 0
        for key, before in self.applied.items():
            if key not in self.live:
                lines.append(f"  - {self._at(key, 'it was deleted at the vendor')}")
            elif (now := self.live[key]) != before:
                lines.append(f"  ~ {self._at(key, 'changed at the vendor')}")
                lines.append(f'      ~ url: "{before}" -> "{now}"')
            if self.live.get(key) != before:
                lines.append(f"      last {self.last[key]}")
                count += 1
        if count:
            return sorted([*lines, f"Drift: {count} changed at the vendor since the last apply."])
        return ["No drift. Your vendors are as they were last applied."]

    def outcome(self, ids: dict[str, int], before: dict[str, int]) -> list[str]:
        """The lines of an apply after its plan, which is then done. `ids` are those at the vendor
        now, and `before` those from before."""
        changes = self.changes()
        lines = [f"{KIND}/{key}: created in T s [id={ids[key]}]" for key in changes.add]
        lines += [f"{KIND}/{key}: updated in T s [id={ids[key]}]" for key in changes.change]
        lines += [f"{KIND}/{key}: destroyed in T s [id={before[key]}]" for key in changes.destroy]
        lines += self._recorded(changes)
        counts = (len(changes.add), len(changes.change), len(changes.destroy))
        lines.append(
            "Apply complete! Resources: {} added, {} changed, {} destroyed.".format(*counts)
        )
        return sorted(lines)

    def warnings(self, changes: Changes) -> list[str]:
        """What an apply says of the secrets that nobody saved."""
        return sorted(
            line
            for key in changes.add
            for line in (
                "Warning: the vendor showed its secret once, and it was not saved",
                f"  at {KIND}/{key}",
                "  Use --secrets-out FILE next time; change $rotate to get a new one.",
            )
        )

    def apply(self, ids: dict[str, int], before: dict[str, int]) -> None:
        """Take an apply for done."""
        changes, self.new = self.changes(), False
        writes = [f"+  {KIND}/{key}  create  applied [id={ids[key]}]" for key in changes.add]
        writes += [f"~  {KIND}/{key}  update  applied [id={ids[key]}]" for key in changes.change]
        writes += [
            f"-  {KIND}/{key}  delete  applied [id={before[key]}]" for key in changes.destroy
        ]
        self.settle(ids)
        self.last |= {key: f"created by run {len(self.runs)}" for key in changes.add}
        self.last |= {key: f"updated by run {len(self.runs)}" for key in changes.change}
        self.creates += len(changes.add)
        self.applied = {key: url(key, version) for key, version in self.merged.items()}
        self.live = dict(self.applied)
        noted = [f"~  {KIND}/{key}  what the ledger has of it changed" for key in changes.found]
        if writes or noted:
            recorded = f", {len(noted)} only recorded" if noted else ""
            self.runs.append((f"{len(writes)} applied{recorded}", sorted(writes + noted)))

    def cut_off(self, key: str, made: bool) -> None:
        """Take it for done that a run was killed, or lost its lock, while it created `key`."""
        self.open.append(key)
        self.last[key] = f"created by run {len(self.runs)}"
        self.runs.append(("cut off", [key]))
        if made:
            self.live[key] = url(key, self.merged[key])
            self.creates += 1

    def settle(self, ids: dict[str, int]) -> None:
        """What the history says of the runs that were cut off, once a later one has looked."""
        for number, (how, what) in enumerate(self.runs):
            if how != "cut off":
                continue
            (key,) = what
            end = "; cut off: it never reached its end"
            if key in self.live:
                line = f"{_write('+', 'create', key, ids)}: found by a later run"
                self.runs[number] = (f"1 applied{end}", [line])
            else:
                line = f"+  {KIND}/{key}  create  failed: looked for by a later run"
                self.runs[number] = (f"1 failed{end}", [line])
        self.open = []

    def _entries(self, changes: Changes) -> Iterator[str]:
        for key in changes.add:
            gone = "it was deleted at the vendor; " if key in self.applied else ""
            yield f"  + {self._at(key, gone + ONCE)}"
            yield from self._fields("+", key, url(key, self.merged[key]))
        for key in changes.change:
            want, now, before = url(key, self.merged[key]), self.live[key], self.applied[key]
            cause = "the manifest changed" if now == before else "changed at the vendor"
            both = "changed here and at the vendor"
            yield f"  ~ {self._at(key, both if before not in (now, want) else cause)}"
            yield f'      ~ url: "{now}" -> "{want}"'
        for key in changes.destroy:
            yield f"  - {KIND}/{key}  (it is no longer in the manifests)"
            yield from self._fields("-", key, self.live[key])

    def _fields(self, sign: str, key: str, value: str) -> Iterator[str]:
        yield f'      {sign} name: "{key.upper()}"'
        yield f'      {sign} url: "{value}"'
        yield f'      {sign} events: ["style.created"]'

    def _at(self, key: str, why: str) -> str:
        line = list(self.merged).index(key) + 3
        return f"{KIND}/{key}  ({why})  manifests/main.yaml:{line}:3"

    def _noted(self, changes: Changes) -> Iterator[str]:
        if changes.found:
            yield f"{_objects(changes)} will be recorded in the ledger by apply."
        for key in changes.found:
            yield f"  {KIND}/{key}  ({FOUND})"

    def _recorded(self, changes: Changes) -> Iterator[str]:
        if changes.found:
            yield f"{_objects(changes)} recorded in the ledger."


def _write(sign: str, verb: str, key: str, ids: dict[str, int]) -> str:
    return f"{sign}  {KIND}/{key}  {verb}  applied [id={ids[key]}]"


def _objects(changes: Changes) -> str:
    return "1 object" if len(changes.found) == 1 else f"{len(changes.found)} objects"
