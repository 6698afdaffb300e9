"""Which entries of a plan are wanted: `--target` and `--exclude`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reconciler.model import Address, Change


def select(
    changes: Sequence[Change], targets: Sequence[str], excludes: Sequence[str]
) -> list[Change]:
    """The entries that `targets` name with all that those need, less those that `excludes` name
    with all that need them. A name is an address, or the provider or provider/kind it begins with.
    """
    if not targets and not excludes:
        return list(changes)
    by_address = {change.address: change for change in changes}
    wanted = set(by_address)
    if targets:
        wanted = _closure(
            (a for a in by_address if covers(targets, a)),
            {address: change.needs for address, change in by_address.items()},
        )
    if excludes:
        needed_by: dict[Address, list[Address]] = {}
        for change in changes:
            for need in change.needs:
                needed_by.setdefault(need, []).append(change.address)
        wanted -= _closure((a for a in by_address if covers(excludes, a)), needed_by)
    return [change for change in changes if change.address in wanted]


def covers(names: Iterable[str], address: Address) -> bool:
    """Whether one of `names` is the address, its provider/kind or its provider."""
    text = str(address)
    return any(text == name or text.startswith(f"{name.rstrip('/')}/") for name in names)


def _closure(
    start: Iterable[Address],
    edges: dict[Address, tuple[Address, ...]] | dict[Address, list[Address]],
) -> set[Address]:
    found: set[Address] = set()
    waiting = list(start)
    while waiting:
        address = waiting.pop()
        if address not in found:
            found.add(address)
            waiting += edges.get(address, ())
    return found
