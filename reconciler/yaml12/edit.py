"""Change single values in the text of a file: comments, order, quotes and every other byte stay.

The text is spliced where the parser says that the values stand. The result is read again, and is
given out only where exactly the intended values have changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from reconciler import yaml12
from reconciler.errors import Diagnostic, Invalid, Source
from reconciler.model import ABSENT, Path
from reconciler.values.text import printable
from reconciler.yaml12.composer import compose
from reconciler.yaml12.events import BOM, checked, unspaced
from reconciler.yaml12.nodes import Alias, Collection, Node, Scalar
from reconciler.yaml12.splices import Splices

# what stands for something else; `$${` is the text `${`
_MARK = re.compile(r"(?<!\$)\$\{[^{}]*\}?")
BY_HAND = "Edit it by hand."


class Edit(NamedTuple):
    """What is to change at a path in a document of a file, which is counted from 0.

    `old` is the value as it is meant, with everything filled in; what is equal in `new` stays as it
    is written. Where `new` is ABSENT the key is removed with its value, and where `old` is, the key
    is added after those that `after` names, as far as they are there.
    """

    document: int
    path: Path
    old: Any
    new: Any
    after: tuple[str, ...] = ()


class Edited(NamedTuple):
    """The bytes of a file after some edits, and why others were refused, by their positions."""

    data: bytes
    refused: dict[int, Diagnostic]


def edited(data: bytes, name: str, edits: Sequence[Edit]) -> Edited:
    """The bytes of a file after these edits, of which no two may overlap.

    An edit is refused, with the place, for a value that does not stand there itself: one that is
    repeated by an alias or filled in for `${…}`; and where the edited text would not be read as
    exactly what is intended. Raises Invalid for a file with errors.
    """
    values = yaml12.values(data, name)
    plain = checked(data, name)
    if unspaced(plain) != plain:
        summary = "a key and its colon are on two lines"
        raise Invalid(Diagnostic(summary, BY_HAND, source=Source(name)))
    splices = Splices(plain.decode(), windows=b"\r\n" in data)
    roots = [page.root for page in compose(plain).pages if page.root is not None]
    refused: dict[int, Diagnostic] = {}
    for position, edit in enumerate(edits):
        number, before = edit.document, splices.count
        try:
            values[number] = _Editor(splices, name, edit).apply(roots[number], values[number])
        except Invalid as error:
            splices.undo(before)
            refused[position] = error.diagnostics[0]
    result = (BOM if data.startswith(BOM) else b"") + splices.result().encode()
    if yaml12.is_read_as(result, values):
        return Edited(result, refused)
    if len(edits) == 1:
        summary = "the file would be read as other values than intended"
        return Edited(data, {0: Diagnostic(summary, BY_HAND, source=Source(name))})
    return _one_by_one(data, name, edits)


def _one_by_one(data: bytes, name: str, edits: Sequence[Edit]) -> Edited:
    """The same, where one of the edits spoils the file."""
    refused: dict[int, Diagnostic] = {}
    for position, edit in enumerate(edits):
        data, problems = edited(data, name, [edit])
        if problems:
            refused[position] = problems[0]
    return Edited(data, refused)


class _Editor:
    """Makes the splices of one edit. Its methods return the value that the file then has; `flow`
    says whether a node stands in brackets."""

    def __init__(self, splices: Splices, name: str, edit: Edit) -> None:
        self._splices = splices
        self._name = name
        self._edit = edit

    def apply(self, node: Node, value: Any, at: int = 0, flow: bool = False) -> Any:
        """Make the edit below a node, which stands `at` so many keys into its path."""
        edit, path = self._edit, self._edit.path[at:]
        if not path:
            return self._replace(node, value, edit.old, edit.new, flow)
        self._check(node)
        head, is_last = str(path[0]), len(path) == 1
        if not (isinstance(node, Collection) and node.is_mapping and node.members):
            if edit.old is ABSENT and is_last and not value:
                return self._write(node, {head: edit.new}, flow)
            raise self._refused(node, f"there is no {printable(head, 100)} here")
        member = next((m for m in node.members if m.key and m.key.value == head), None)
        if member is None and edit.old is ABSENT and is_last:
            self._splices.add_member(node, head, edit.new, edit.after)
            return {**value, head: edit.new}
        if member is None:
            raise self._refused(node, f"there is no {printable(head, 100)} here")
        if is_last and edit.new is ABSENT:
            self._remove(node, [node.members.index(member)], comments=True)
            return {name: inner for name, inner in value.items() if name != head}
        inner = self.apply(member.value, value[head], at + 1, flow or node.flow)
        return {**value, head: inner}

    def _replace(self, node: Node, value: Any, old: Any, new: Any, flow: bool) -> Any:
        """Change a value where `new` differs from `old`, and nowhere else."""
        if _same(old, new):
            return value
        self._check(node)
        if isinstance(node, Collection) and node.members and new:
            inside = flow or node.flow
            if node.is_mapping and isinstance(old, dict) and isinstance(new, dict):
                if old.keys() & new.keys():
                    return self._replace_members(node, value, old, new, inside)
            elif not node.is_mapping and isinstance(old, list) and isinstance(new, list):
                return self._replace_items(node, value, old, new, inside)
        return self._write(node, new, flow)

    def _replace_members(self, node: Collection, value: Any, old: Any, new: Any, flow: bool) -> Any:
        result = {}
        for member in node.members:
            name = member.key.value if member.key else ""
            if name in new:
                result[name] = self._replace(
                    member.value, value[name], old.get(name, ABSENT), new[name], flow
                )
        self._remove(
            node, [n for n, m in enumerate(node.members) if m.key and m.key.value not in new]
        )
        for position, name in enumerate(new):
            if name not in value:
                self._splices.add_member(node, name, new[name], tuple(new)[:position])
                result[name] = new[name]
        return result

    def _replace_items(self, node: Collection, value: Any, old: Any, new: Any, flow: bool) -> Any:
        before, after = ([_text(item) for item in items] for items in (old, new))
        result: list[Any] = []
        gone: list[int] = []
        for _, i, end, j, until in SequenceMatcher(None, before, after, False).get_opcodes():
            shared = min(end - i, until - j)
            for at in range(shared):
                inner = node.members[i + at].value
                result.append(self._replace(inner, value[i + at], old[i + at], new[j + at], flow))
            gone += range(i + shared, end)
            if added := new[j + shared : until]:
                self._splices.add_items(node, i + shared, added)
                result += added
        self._remove(node, gone)
        return result

    def _remove(self, node: Collection, positions: list[int], comments: bool = False) -> None:
        """Remove some members. Where none is left, the mapping or list is empty. With `comments`
        they are removed by name, with the comments above them and whatever their values are."""
        for position in positions:
            self._check_all(node.members[position].value, marks=not comments)
        if len(positions) == len(node.members):
            self._splices.write(node, {} if node.is_mapping else [], False)
        elif positions and not self._splices.remove(node, positions, comments):
            raise self._refused(node, "what is to be removed shares its lines with something else")

    def _write(self, node: Node, new: Any, flow: bool) -> Any:
        self._check_all(node)
        self._splices.write(node, new, flow)
        return new

    def _check(self, node: Node) -> None:
        """Raise Invalid for a value that is also meant elsewhere, or stands elsewhere."""
        if isinstance(node, Alias):
            raise self._refused(node, f"the value stands elsewhere: *{node.name} repeats it")
        if node.anchor:
            reason = f"the value is named &{node.anchor}, so that other places can repeat it"
            raise self._refused(node, reason)

    def _check_all(self, node: Node, marks: bool = True) -> None:
        """The same for all that is in it, and for values that are filled in."""
        self._check(node)
        if marks and isinstance(node, Scalar) and (mark := _MARK.search(node.value)):
            hint = "Change it where that is defined, or write the value itself here."
            raise self._refused(node, f"the value comes from {printable(mark[0], 100)}", hint)
        for member in node.members if isinstance(node, Collection) else ():
            self._check_all(member.value, marks)

    def _refused(self, node: Node, reason: str, hint: str = BY_HAND) -> Invalid:
        source = Source(self._name, *self._splices.place(node.start))
        return Invalid(Diagnostic(reason, hint, source=source))


def _same(left: Any, right: Any) -> bool:
    return left is right or _text(left) == _text(right)


def _text(value: Any) -> str:
    """A value as text that tells types apart."""
    return json.dumps(value, sort_keys=True, default=repr)
