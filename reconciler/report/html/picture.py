"""The order of changes as a picture: boxes in columns, and arrows to what waits for them.

A few changes are shown one by one; of very many a box is a kind, so that the picture stays as small
as the number of kinds. Changes that neither wait nor are waited for are not in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from reconciler.frozen import frozen
from reconciler.model import Action, Address, Change, Scope
from reconciler.values.text import printable

MOST_OBJECTS = 30
MOST_KINDS = 40
WIDTH, HEIGHT = 216, 48
"""Of a box, in pixels."""
ACROSS, DOWN = 64, 14
"""Between two boxes."""
THIN = 10
"""The height that an arrow needs which passes a column."""
ROUNDS = 6
"""How often the boxes of all columns are sorted by those that they are connected with."""
LONGEST = 200
SPACE = 24
"""Characters that fit into a box; the whole name is its title."""

Node = Address | Scope
Facts = Mapping[Any, Change | int]
"""Of an address its change, and of a kind the number of its changes."""
Place = tuple[int, int]
"""A column, and the number of a box or of a passing arrow in it."""


@frozen
class Box:
    """A change or a kind: where it is, its name in full and as far as it fits, and a remark.
    `action` is that of a change, and empty for a kind."""

    x: int
    y: int
    name: str
    label: str
    remark: str
    action: str = ""
    address: Address | None = None


@frozen
class Picture:
    """The boxes, the arrows as paths of SVG, the size in pixels, whether a box is a kind, and how
    many changes are not in it because they wait for nothing, or because there are too many."""

    boxes: tuple[Box, ...]
    arrows: tuple[str, ...]
    width: int
    height: int
    kinds: bool
    alone: int
    left_out: int


def picture(changes: Iterable[Change]) -> Picture | None:
    """The picture; None where no change, or of very many no kind, waits for another one."""
    shown = {c.address: c for c in changes if c.action is not Action.NO_OP}
    waits = {
        (needed, address)
        for address, change in shown.items()
        for needed in (*change.needs, *change.users)
        if needed in shown and needed != address
    }
    connected = {address for pair in waits for address in pair}
    if not waits:
        return None
    alone = len(shown) - len(connected)
    if len(connected) <= MOST_OBJECTS:
        return _drawn(sorted(connected), waits, shown, alone)
    counts = Counter(address.scope for address in connected)
    kept = [scope for scope, _ in counts.most_common(MOST_KINDS)]
    between = {(a.scope, b.scope) for a, b in waits if a.scope != b.scope}
    between = {(a, b) for a, b in between if a in kept and b in kept}
    if not between:
        return None
    left_out = sum(count for scope, count in counts.items() if scope not in kept)
    return _drawn(sorted(kept), between, counts, alone, left_out)


def _drawn(
    nodes: Sequence[Node],
    waits: Iterable[tuple[Node, Node]],
    facts: Facts,
    alone: int,
    left_out: int = 0,
) -> Picture:
    number = {node: at for at, node in enumerate(nodes)}
    edges = _needed(_without_circles(sorted((number[a], number[b]) for a, b in waits), len(nodes)))
    columns, routes = _columns(edges, len(nodes))
    places = _placed(columns, routes, len(nodes))
    boxes = [_box(node, *places[at], facts) for node, at in number.items()]
    arrows = [_arrow([places[at] for at in route], len(nodes), route) for route in routes]
    width = max(box.x for box in boxes) + WIDTH
    height = max(y for _, y in places.values()) + HEIGHT
    kinds = isinstance(nodes[0], Scope)
    return Picture(tuple(boxes), tuple(arrows), width, height, kinds, alone, left_out)


def _box(node: Node, x: int, y: int, facts: Facts) -> Box:
    fact, action, address = facts[node], "", None
    if isinstance(node, Address) and isinstance(fact, Change):
        name, remark = node.key, f"{node.kind} · {node.provider}"
        action, address = fact.action.value, node
    else:
        name, remark = node.kind, f"{fact:,} change{'' if fact == 1 else 's'} · {node.provider}"
    name = printable(name, LONGEST)
    label = name if len(name) <= SPACE else f"{name[: SPACE - 1]}…"
    remark = printable(remark, SPACE + 8)
    return Box(x, y, name, label, remark, action, address)


def _without_circles(edges: Sequence[tuple[int, int]], count: int) -> list[tuple[int, int]]:
    """The edges without those that lead back: kinds may need each other."""
    after: dict[int, list[int]] = defaultdict(list)
    for a, b in edges:
        after[a].append(b)
    state = [0] * count  # 1: on the path that is followed, 2: done
    back = set()
    for start in range(count):
        path = [(start, iter(after[start]))] if not state[start] else []
        state[start] = state[start] or 1
        while path:
            at, rest = path[-1]
            following = next(rest, None)
            if following is None:
                state[at] = 2
                path.pop()
            elif state[following] == 1:
                back.add((at, following))
            elif not state[following]:
                state[following] = 1
                path.append((following, iter(after[following])))
    return [edge for edge in edges if edge not in back]


def _needed(edges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The edges without those that others imply: what waits for a second box, which waits for a
    first one, waits for the first one too."""
    after: dict[int, list[int]] = defaultdict(list)
    for a, b in edges:
        after[a].append(b)
    later: dict[int, set[int]] = {}

    def all_after(at: int) -> set[int]:
        if at not in later:
            later[at] = {other for b in after[at] for other in (b, *all_after(b))}
        return later[at]

    return [
        (a, b)
        for a, b in edges
        if not any(b in all_after(other) for other in after[a] if other != b)
    ]


def _columns(
    edges: Sequence[tuple[int, int]], count: int
) -> tuple[list[list[int]], list[list[int]]]:
    """The numbers in each column: each is right of all that it waits for. An edge that passes
    columns has a number of its own, from `count` on, in each of them; a route is its numbers."""
    depth = [0] * count
    for _ in range(count):
        moved = False
        for a, b in edges:
            if depth[b] <= depth[a]:
                depth[b], moved = depth[a] + 1, True
        if not moved:
            break
    columns: list[list[int]] = [[] for _ in range(max(depth) + 1)]
    for at, column in enumerate(depth):
        columns[column].append(at)
    routes = []
    following = count
    for a, b in edges:
        between = []
        for column in range(depth[a] + 1, depth[b]):
            columns[column].append(following)
            between.append(following)
            following += 1
        routes.append([a, *between, b])
    return columns, routes


def _placed(
    columns: Sequence[list[int]], routes: Sequence[Sequence[int]], count: int
) -> dict[int, Place]:
    """The corner of each box and passing arrow. Columns are sorted by the middle of what each is
    connected with, from both sides in turn, so that few arrows cross."""
    near: dict[int, list[int]] = defaultdict(list)
    for route in routes:
        for a, b in pairwise(route):
            near[a].append(b)
            near[b].append(a)
    rank = {at: float(place) for column in columns for place, at in enumerate(column)}
    for turn in range(ROUNDS):
        for column in columns if turn % 2 == 0 else reversed(columns):
            middle = {at: _middle([rank[other] for other in near[at]], rank[at]) for at in column}
            column.sort(key=lambda at: middle[at])
            rank.update({at: float(place) for place, at in enumerate(column)})
    heights = [sum(_height(at, count) + DOWN for at in column) - DOWN for column in columns]
    places = {}
    for x, (column, height) in enumerate(zip(columns, heights, strict=True)):
        y = (max(heights) - height) // 2
        for at in column:
            places[at] = (x * (WIDTH + ACROSS), y)
            y += _height(at, count) + DOWN
    return places


def _middle(ranks: Sequence[float], otherwise: float) -> float:
    return sum(ranks) / len(ranks) if ranks else otherwise


def _height(at: int, count: int) -> int:
    return HEIGHT if at < count else THIN


def _arrow(places: Sequence[Place], count: int, route: Sequence[int]) -> str:
    """A path from the right side of the first box to the left side of the last one."""
    points = []
    for (x, y), at in zip(places, route, strict=True):
        middle = y + _height(at, count) // 2
        points += [(x, middle), (x + WIDTH, middle)]
    points = points[1:-1]
    path = f"M{points[0][0]} {points[0][1]}"
    half = ACROSS // 2
    for at, ((x, y), (to_x, to_y)) in enumerate(pairwise(points)):
        if at % 2:
            path += f"H{to_x}"
        else:
            path += f"C{x + half} {y} {to_x - half} {to_y} {to_x} {to_y}"
    return path
