"""What pages of a list have just shown, for updates that send back the whole object."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from operator import itemgetter

from reconciler.errors import VendorError
from reconciler.http.client import Client
from reconciler.kinds import Carries, Kind, Raw, Verb
from reconciler.rest import lists

FEW = 10
"""Where fewer objects of a page are to be updated, each is read just before it."""
LONGEST = 30.0
"""Seconds for which what a page shows may be sent back."""


class Shown:
    """The objects that pages have shown, undecoded; `look` reads one as the vendor has it now.

    An object is given out once: what is written to it after that rests on a new look. Threads may
    share it.
    """

    def __init__(self, client: Client, kind: Kind, look: Callable[[str], Raw]) -> None:
        self._client = client
        self._kind = kind
        self.look = look
        self._kept: dict[str, tuple[float, Raw]] = {}
        self._given: set[str] = set()

    @property
    def saves_looks(self) -> bool:
        """Whether updates of the kind send back a whole object, and its list shows whole ones."""
        kind = self._kind
        call = kind.calls.get(Verb.UPDATE)
        whole = call is not None and call.carries is Carries.ALL and kind.can(Verb.GET)
        return whole and lists.page_size(kind) > 0 and kind.paging is not None and kind.paging.whole

    def page(self, number: int, ids: Collection[str]) -> list[Raw]:
        """The objects on a page of the list, which is read now; the first has the number 0. Those
        with the `ids` are about to be updated. Raises VendorError."""
        began = time.monotonic()
        raws = lists.page(self._client, self._kind, number)
        if len(ids) >= FEW and self.saves_looks:
            known = {id: raw for raw in raws if (id := self._kind.id_in(raw)) is not None}
            mine = {id: known[id] for id in known.keys() & ids if id not in self._given}
            if mine and self._is_whole(mine):
                kept = {id: (began, raw) for id, raw in mine.items() if id not in self._given}
                self._kept.update(kept)
        return raws

    def take(self, id: str) -> Raw:
        """The object as a page has just shown it, else as the vendor has it now. Raises NotFound
        where it is gone."""
        self._given.add(id)
        began, raw = self._kept.pop(id, (0.0, None))
        if raw is None or time.monotonic() - began > LONGEST:
            return self.look(id)
        return raw

    def _is_whole(self, raws: dict[str, Raw]) -> bool:
        """Whether the longest of these objects of a page, in which a shortened text would be seen
        first, says of itself the same as its own page in the vendor's API, and not more."""
        sizes = ((len(repr(raw)), id) for id, raw in raws.items())
        _, id = max(sizes, key=itemgetter(0))
        try:
            return {**raws[id], **self.look(id)} == raws[id]
        except VendorError:
            return False
