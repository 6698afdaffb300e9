"""Resources and their references as Mermaid or Graphviz, with every name escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b

from reconciler.model import Address
from reconciler.values.text import printable

Edge = tuple[Address, Address, str]
LONGEST_NAME = 200
# In Mermaid these begin an entity, a directive, a link or a Markdown string, or end a statement.
_MERMAID = {ord(sign): f"#{ord(sign)};" for sign in '"#&<>`\\;:%{}|'}
_DOT = {ord('"'): '\\"', ord("\\"): "\\\\"}


def mermaid(
    nodes: Iterable[Address], edges: Sequence[Edge], declared: set[Address]
) -> Iterator[str]:
    """A flowchart: an arrow points at what is needed; nodes that are not `declared` are rounded."""
    yield "flowchart LR"
    for node in nodes:
        text = _text(node).translate(_MERMAID)
        yield f'  {_id(node)}["{text}"]' if node in declared else f'  {_id(node)}(["{text}"])'
    for node, needed, field in edges:
        label = printable(field, LONGEST_NAME).translate(_MERMAID)
        yield f'  {_id(node)} -->|"{label}"| {_id(needed)}'


def dot(nodes: Iterable[Address], edges: Sequence[Edge], declared: set[Address]) -> Iterator[str]:
    """A digraph: an arrow points at what is needed; nodes that are not `declared` are dashed."""
    yield "digraph reconciler {"
    yield "  rankdir=LR;"
    yield "  node [shape=box];"
    for node in nodes:
        style = "" if node in declared else ", style=dashed"
        yield f'  {_id(node)} [label="{_text(node).translate(_DOT)}"{style}];'
    for node, needed, field in edges:
        label = printable(field, LONGEST_NAME).translate(_DOT)
        yield f'  {_id(node)} -> {_id(needed)} [label="{label}"];'
    yield "}"


def _text(node: Address) -> str:
    return printable(str(node), LONGEST_NAME)


def _id(node: Address) -> str:
    """A name that both languages accept, and that does not depend on the other nodes."""
    text = str(node).encode("utf-8", "surrogatepass")
    return f"n{blake2b(text, digest_size=6).hexdigest()}"
