"""Keep the last plan, and show it again where everything that it was made from is the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.app.cache import open_cache
from reconciler.app.options import PlanOptions
from reconciler.app.project import Project, manifest_files
from reconciler.errors import ReconcilerError
from reconciler.frozen import frozen
from reconciler.ledger import Content
from reconciler.model import Plan, Secret
from reconciler.planfile.kept import changing, packed, unpacked

if TYPE_CHECKING:
    from reconciler.rest.account import Account

MOST_CHANGES = 1_000


@frozen
class Inputs:
    """What a plan is made from on this machine: the manifests, the ledger, and a digest of these
    and of all else, which is empty where some of it cannot be read."""

    manifests: Mapping[Path, bytes]
    ledger: Content | None
    digest: str = ""


@frozen
class KeptPlan:
    """A plan without what stays as it is, and what the vendors' accounts said when it was made: the
    digests of the replies by question, and the limits in requests a minute."""

    plan: Plan
    replies: Mapping[str, Mapping[str, str]]
    limits: Mapping[str, int]


class PlanMemory:
    """The last plan that was made with these options in the environment of a project."""

    def __init__(self, project: Project, options: PlanOptions) -> None:
        self._project = project
        self._cache = open_cache(project)
        chosen = json.dumps([project.config.environment, asdict(options)])
        self._name = f"plan-{self._cache.digest(chosen.encode())}"

    def look(self) -> Inputs:
        """What a plan is made from now. What cannot be read is left to those who need it."""
        manifests: Mapping[Path, bytes] = {}
        ledger: Content | None = None
        if not self._cache:
            return Inputs(manifests, ledger)
        try:
            manifests = manifest_files(self._project)
            ledger = self._project.ledger.fetch()
            settings = json.dumps(_plain(self._project.config)).encode()
            seen = self._project.ledger.seen()
        except ReconcilerError:
            return Inputs(manifests, ledger)
        files = (part for path, data in manifests.items() for part in (bytes(path), data))
        return Inputs(manifests, ledger, self._cache.digest(settings, ledger.data, seen, *files))

    def recall(self, inputs: Inputs) -> KeptPlan | None:
        """The plan that was made from these inputs; None where there is none."""
        data = self._cache.get(self._name) if inputs.digest else None
        kept = json.loads(data) if data else None
        if kept is None or kept["inputs"] != inputs.digest:
            return None
        return KeptPlan(unpacked(kept["plan"]), kept["replies"], kept["limits"])

    def note(self, accounts: Mapping[str, Account], kept: KeptPlan | None) -> None:
        """Note from now on what the vendors reply. What a kept plan was made from is asked at once;
        who asks it again is given the same reply."""
        from reconciler.http.replies import Replies

        for name, account in accounts.items():
            expected = kept.replies[name] if kept else {}
            account.client.replies = Replies(self._cache.digest, expected)
        if kept:
            with ThreadPoolExecutor(len(accounts) or 1) as pool:
                list(pool.map(lambda account: account.client.read_early(), accounts.values()))

    def keep(self, plan: Plan, inputs: Inputs, accounts: Mapping[str, Account]) -> None:
        """Keep a plan, if it took enough requests and can be shown again exactly."""
        limits = {name: account.per_minute for name, account in accounts.items()}
        noted = {name: account.client.replies for name, account in accounts.items()}
        replies = {n: own.digests for n, own in noted.items() if own and own.complete}
        requests = sum(map(len, replies.values()))
        few = requests < self._project.config.cache.from_requests
        if not inputs.digest or len(replies) < len(accounts) or few:
            return
        shown = changing(plan)
        if len(shown.changes) > MOST_CHANGES:
            return
        text = json.dumps(
            {
                "inputs": inputs.digest,
                "replies": replies,
                "limits": limits,
                "plan": packed(shown),
            }
        )
        again = unpacked(json.loads(text)["plan"])
        if replace(again, origin=plan.origin) == shown:
            self._cache.put(self._name, text.encode())


def is_same(kept: KeptPlan, accounts: Mapping[str, Account]) -> bool:
    """Whether the vendors replied to everything as they did when a plan was made."""
    return all(
        account.per_minute == kept.limits[name]
        and account.client.replies is not None
        and account.client.replies.as_expected
        for name, account in accounts.items()
    )


def _plain(value: Any) -> Any:
    """Settings as JSON has them, each one in full, secrets in clear: only for a keyed digest."""
    if isinstance(value, Secret):
        return ["secret", value.reveal()]
    if is_dataclass(value) and not isinstance(value, type):
        return [_plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, Mapping):
        return [[_plain(name), _plain(inner)] for name, inner in value.items()]
    if isinstance(value, (set, frozenset)):
        return sorted(map(_plain, value), key=str)
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
