"""Keep the result of the last run, for the next one where all that it was made from is the same."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import wait
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconciler.app.cache import open_cache
from reconciler.app.kept_lists import announce, lists_in
from reconciler.app.options import PlanOptions
from reconciler.app.project import Project, manifest_files, open_accounts
from reconciler.errors import ReconcilerError
from reconciler.files.cache import Cache
from reconciler.frozen import frozen
from reconciler.ledger import Content
from reconciler.manifest import NOTHING
from reconciler.model import Secret, Snapshot

if TYPE_CHECKING:
    from reconciler.http.replies import Replies
    from reconciler.rest.account import Account

LONGEST = 1_000_000
"""In characters: a result that says more, such as a plan of very many changes, is not kept."""
Accounts = Mapping[str, "Account"]


@frozen
class Inputs:
    """What a result is made from on this machine: the manifests and the ledger, as far as they were
    read, and a digest of these and all else; "" where something could not be read."""

    manifests: Mapping[Path, bytes]
    ledger: Content | None = None
    digest: str = ""


class Memory:
    """What a command gave when it last ran with the same options in the same environment.

    `result` is that, as JSON has it, where everything that it was made from is the same: what is on
    this machine, and every reply of the vendors, who were asked once more. Else it is None, and the
    result is to be made from the `inputs`, and from the `accounts`, whose replies that came already
    are not asked for again.
    """

    def __init__(
        self, project: Project, inputs: Inputs, cache: Cache, name: str, recall: bool
    ) -> None:
        self.inputs = inputs
        self.cache = cache
        self.result: Any = None
        self._project = project
        self._name = name
        self._accounts: dict[str, Account] = {}
        self._stack = ExitStack()
        data = cache.get(name) if inputs.digest else None
        if data is not None:
            self._recall(json.loads(data), recall)

    def close(self) -> None:
        """Close the accounts."""
        self._stack.close()

    def accounts(self, names: Iterable[str]) -> Accounts:
        """The accounts of these providers, open until the memory is closed; raises what
        `open_accounts` does."""
        names = tuple(names)
        self._open([name for name in names if name not in self._accounts], {})
        self._accounts = {name: self._accounts[name] for name in names}
        return self._accounts

    def release(self) -> None:
        """Let go of the bytes of the inputs, once they have been read: of a large workspace they
        are a sixth of what a plan needs."""
        self.inputs = Inputs(NOTHING, None, self.inputs.digest)

    def keep(self, pack: Callable[[], Any], live: Snapshot) -> None:
        """Keep a result for the next run if it took enough requests, or rests on lists that did
        when they were read. `pack` gives it as JSON has it, or None where it cannot be kept."""
        heard, lists = self._heard(), lists_in(live)
        asked = sum(map(len, heard["replies"].values()))
        enough = lists or asked >= self._project.config.cache.from_requests
        if not (self.inputs.digest and heard["complete"] and enough):
            return
        if (result := pack()) is not None:
            members = {"inputs": self.inputs.digest, **heard, "lists": lists, "result": result}
            text = json.dumps(members)
            if len(text) <= LONGEST:
                self.cache.put(self._name, text.encode())

    def _recall(self, kept: Mapping[str, Any], recall: bool) -> None:
        """Ask the vendors what was asked for a kept result, which is the result if all they say is
        the same. Where it cannot be, because something on this machine has changed, they are asked
        too, as most of it will be needed; but not for what changed in lists that were kept, of
        which another plan may need the whole."""
        lists, same = kept["kept"], recall and kept["inputs"] == self.inputs.digest
        if not all(map(self._is_there, lists.values())) or (any(lists.values()) and not same):
            return
        names = [name for name in kept["replies"] if name in self._project.config.connections]
        # What an account lacks is told once it is needed.
        with suppress(ReconcilerError):
            self._open(names, kept["replies"])
        if not same or len(self._accounts) < len(kept["replies"]):
            return
        for name, replies in self._noted():
            replies.kept.update(lists[name])
            wait(replies.coming.values())
        if self._heard("digests").items() <= kept.items():
            self.result = kept["result"]
            announce(self._project, kept["lists"])

    def _is_there(self, entries: Mapping[str, Sequence[Any]]) -> bool:
        """Whether these entries of the cache are as they were, and may still be used."""
        return all(
            time.time() < until and self.cache.has(name, seal)
            for name, (seal, until) in entries.items()
        )

    def _open(self, names: Sequence[str], expected: Mapping[str, Mapping[str, str]]) -> None:
        """Open accounts and note from now on what they reply. What is expected is asked at once."""
        if names:
            from reconciler.http.replies import Replies

            opened = self._stack.enter_context(open_accounts(self._project, names))
            for name, account in opened.items():
                account.client.read_early(Replies(self.cache.digest, expected.get(name, {})))
            self._accounts.update(opened)

    def _noted(self) -> Iterator[tuple[str, Replies]]:
        """What each account replied."""
        for name, account in self._accounts.items():
            if account.client.replies is not None:
                yield name, account.client.replies

    def _heard(self, which: str = "needed") -> dict[str, Any]:
        """What the vendors said: the digests of their replies by question, all or those that were
        `needed`; what is kept that they were read with; whether these are all; and the limits in
        requests a minute."""
        noted = dict(self._noted())
        return {
            "replies": {name: getattr(replies, which) for name, replies in noted.items()},
            "kept": {name: replies.kept for name, replies in noted.items()},
            "complete": all(replies.complete for replies in noted.values()),
            "limits": {name: account.per_minute for name, account in self._accounts.items()},
        }


@contextmanager
def remembered(
    project: Project, command: str, options: PlanOptions, recall: bool = True
) -> Iterator[Memory]:
    """What `command` gave when it last ran with these options; unless `recall`, it is made anew in
    any case, and kept for the next run."""
    cache = open_cache(project)
    chosen = json.dumps([project.config.environment, asdict(options)]).encode()
    name = f"{command}-{cache.digest(chosen)}"
    # Only the memory holds the inputs, which it lets go of as soon as they have been read.
    memory = Memory(project, _look(project, cache), cache, name, recall)
    try:
        yield memory
    finally:
        memory.close()


def _look(project: Project, cache: Cache) -> Inputs:
    """What there is on this machine. What cannot be read is left to those who need it."""
    manifests, ledger = NOTHING, None
    if not cache:
        return Inputs(manifests)
    try:
        manifests = manifest_files(project)
        ledger = project.ledger.fetch()
        settings = json.dumps(_plain(project.config)).encode()
        seen = project.ledger.seen()
    except ReconcilerError:
        return Inputs(manifests, ledger)
    files = (part for path, data in manifests.items() for part in (bytes(path), data))
    return Inputs(manifests, ledger, cache.digest(settings, ledger.data, seen, *files))


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
