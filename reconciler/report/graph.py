"""Resources and their references as Mermaid or Graphviz, with every name escaped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b

from reconciler.model import Action, Address, Scope
from reconciler.report.rows import SYMBOLS
from reconciler.values.text import printable

Edge = tuple[Address, Address, str]
LONGEST_NAME = 200
# Mermaid refuses more, and so do GitHub and GitLab, which draw with its defaults (`maxTextSize`,
# `maxEdges` in its configuration).
LONGEST_TEXT = 50_000
MOST_EDGES = 500
MOST_KINDS = 100
# In Mermaid these begin an entity, a directive, a link or a Markdown string, or end a statement.
_MERMAID = {ord(sign): f"#{ord(sign)};" for sign in '"#&<>`\\;:%{}|'}
_DOT = {ord('"'): '\\"', ord("\\"): "\\\\"}
# two of these begin a formula, also written as entities
_DOLLARS = re.compile(r"\$(?=\$)")
_COLOURS = {
    Action.CREATE: "#1a7f37",
    Action.UPDATE: "#9a6700",
    Action.REPLACE: "#cf222e",
    Action.DELETE: "#cf222e",
    Action.BY_HAND: "#8250df",
}
NO_ACTIONS: Mapping[Address, Action] = {}


def mermaid(
    nodes: Collection[Address],
    edges: Sequence[Edge],
    declared: set[Address],
    actions: Mapping[Address, Action] = NO_ACTIONS,
) -> Iterator[str]:
    """A flowchart: an arrow points at what is needed; nodes that are not `declared` are rounded.
    `actions` are what a plan does to the nodes.

    Where the platforms would refuse it for its size, it has one node for each kind instead, and
    says so.
    """
    if len(edges) <= MOST_EDGES and len(nodes) <= LONGEST_TEXT // 20:
        lines = tuple(_whole(nodes, edges, declared, actions))
        if sum(len(line) + 1 for line in lines) <= LONGEST_TEXT:
            yield from lines
            return
    yield from _by_kind(nodes, edges)


def _whole(
    nodes: Iterable[Address],
    edges: Iterable[Edge],
    declared: set[Address],
    actions: Mapping[Address, Action],
) -> Iterator[str]:
    yield "flowchart LR"
    for used in dict.fromkeys(actions.values()):
        if colour := _COLOURS.get(used):
            yield f"  classDef {_class(used)} stroke:{colour},stroke-width:2px"
    for node in nodes:
        action = actions.get(node)
        text = _escaped(_marked(node, action))
        shape = f'["{text}"]' if node in declared else f'(["{text}"])'
        yield f"  {_id(node)}{shape}" + (f":::{_class(action)}" if action in _COLOURS else "")
    for node, needed, field in edges:
        label = f'|"{_escaped(printable(field, LONGEST_NAME))}"|' if field else ""
        yield f"  {_id(node)} -->{label} {_id(needed)}"


def _by_kind(nodes: Collection[Address], edges: Sequence[Edge]) -> Iterator[str]:
    """A flowchart with a node for each kind and an arrow for each field, both with their numbers;
    of very many the most frequent."""
    counts = Counter(node.scope for node in nodes)
    kinds = dict(counts.most_common(MOST_KINDS))
    arrows = Counter((node.scope, needed.scope, field) for node, needed, field in edges)
    kept = [edge for edge, _ in arrows.most_common() if edge[0] in kinds and edge[1] in kinds]
    kept = sorted(kept[:MOST_KINDS])
    yield "flowchart LR"
    left = f"{len(counts) - len(kinds)} kinds and " if len(counts) > len(kinds) else ""
    left += f"{len(arrows) - len(kept)} fields are left out. " if len(arrows) > len(kept) else ""
    note = f"{len(nodes):,} resources and {len(edges):,} references are too many for one drawing. "
    note += f"{left}Each box is a kind. To draw a part, name addresses."
    yield f'  note(["{_escaped(note)}"])'
    for scope in sorted(kinds):
        text = printable(str(scope), LONGEST_NAME)
        yield f'  {_id(scope)}["{_escaped(f"{text} ({kinds[scope]:,})")}"]'
    for scope, target, field in kept:
        label = printable(field, LONGEST_NAME) + f" ({arrows[scope, target, field]:,})"
        yield f'  {_id(scope)} -->|"{_escaped(label)}"| {_id(target)}'


def dot(
    nodes: Collection[Address],
    edges: Sequence[Edge],
    declared: set[Address],
    actions: Mapping[Address, Action] = NO_ACTIONS,
) -> Iterator[str]:
    """A digraph: an arrow points at what is needed; nodes that are not `declared` are dashed.
    `actions` are what a plan does to the nodes."""
    yield "digraph reconciler {"
    yield "  rankdir=LR;"
    yield "  node [shape=box];"
    for node in nodes:
        action = actions.get(node)
        style = "" if node in declared else ", style=dashed"
        style += f', color="{_COLOURS[action]}"' if action in _COLOURS else ""
        yield f'  {_id(node)} [label="{_marked(node, action).translate(_DOT)}"{style}];'
    for node, needed, field in edges:
        label = printable(field, LONGEST_NAME).translate(_DOT)
        yield f'  {_id(node)} -> {_id(needed)} [label="{label}"];'
    yield "}"


def _marked(node: Address, action: Action | None) -> str:
    """The text of a node: its address, after the symbol of its action."""
    symbol = SYMBOLS.get(action, "") if action else ""
    return f"{symbol} {printable(str(node), LONGEST_NAME)}".lstrip()


def _escaped(text: str) -> str:
    return _DOLLARS.sub("$#8203;", text.translate(_MERMAID))


def _class(action: Action | None) -> str:
    return action.value.replace("-", "_") if action else ""


def _id(node: Address | Scope) -> str:
    """A name that both languages accept, and that does not depend on the other nodes."""
    text = str(node).encode("utf-8", "surrogatepass")
    return f"n{blake2b(text, digest_size=6).hexdigest()}"
