"""Read a CSV file, as spreadsheets write it, into rows; every finding names its row."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from typing import NamedTuple

from reconciler.errors import Diagnostic, Invalid, Source
from reconciler.values.text import printable, shown

MAX_BYTES = 64 << 20
MAX_COLUMNS = 1000
DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";"}
_SNIFFED = (";", "\t", ",")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# how the files begin that a spreadsheet program writes unless it is told to write CSV
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_ENCODINGS = (
    "Save it as `CSV UTF-8`, or say what it is: --encoding windows-1254 (Turkish), windows-1252 "
    "(Western Europe)."
)


class Column(NamedTuple):
    """A column by its position, from 0, and its heading."""

    position: int
    name: str

    def __str__(self) -> str:
        return f"column {self.letters} {shown(self.name)}"

    @property
    def letters(self) -> str:
        """What a spreadsheet calls the column: A, B … Z, AA."""
        letters, left = "", self.position + 1
        while left:
            left, letter = divmod(left - 1, 26)
            letters = chr(ord("A") + letter) + letters
        return letters


class Row(NamedTuple):
    """One row: its number, as a spreadsheet counts, the line in the file where it begins, and its
    cells without blanks around them."""

    number: int
    line: int
    cells: tuple[str, ...]


class Table(NamedTuple):
    """The columns and the rows of a file; rows without any text are left out."""

    file: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def source(self, row: Row) -> Source:
        """The place of a row."""
        return Source(self.file, row.line)


def read_table(data: bytes, file: str, encoding: str | None, delimiter: str | None) -> Table:
    """The table in the bytes of a file, whose first row has the names of the columns.

    Without an `encoding` it is UTF-8, or what its byte order mark says; without a `delimiter` it
    is semicolon, tab or comma, whichever the first row has most of. Raises Invalid with a finding
    for each row that cannot be read.
    """
    text = _decoded(data, file, encoding)
    separator = _SEPARATOR.match(text)
    if separator:
        text = text[separator.end() :]
        delimiter = delimiter or separator[1]
    if (at := text.find("\0")) >= 0:
        raise _invalid(file, text.count("\n", 0, at) + 1, "it contains a NUL", _ENCODINGS)
    sign = DELIMITERS.get(delimiter or "", delimiter) or _sniffed(text, file)
    if len(sign) != 1 or sign in '"\r\n':
        raise Invalid(Diagnostic(f"--delimiter {printable(sign)}: must be one character, or `tab`"))
    rows = list(_rows(text, sign, file, 2 if separator else 1))
    if not rows:
        raise Invalid(
            Diagnostic(f"{printable(file, 200)} is empty", "Its first row names columns.")
        )
    header, *others = rows
    columns = tuple(Column(n, name) for n, name in enumerate(header.cells))
    table = Table(file, columns, tuple(others))
    if findings := [*_findings(table, header)]:
        raise Invalid(*findings)
    return table


def _decoded(data: bytes, file: str, encoding: str | None) -> str:
    if data.startswith(_SPREADSHEETS):
        hint = "Save it as `CSV UTF-8` first."
        raise Invalid(Diagnostic(f"{printable(file, 200)} is a spreadsheet, not a CSV file", hint))
    marked = next((name for mark, name in _BOMS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding or marked).removeprefix("\ufeff")
    except LookupError:
        hint = "Write utf-8, windows-1254, windows-1252, iso-8859-9 …"
        problem = f"--encoding {printable(encoding or '')}: there is no such encoding"
        raise Invalid(Diagnostic(problem, hint)) from None
    except UnicodeError as error:
        before = data[: getattr(error, "start", 0)]
        problem = f"it is not {printable(encoding or marked.removesuffix('-sig'))}"
        raise _invalid(file, before.count(b"\n") + 1, problem, _ENCODINGS) from None


def _invalid(file: str, line: int, problem: str, hint: str = "") -> Invalid:
    return Invalid(Diagnostic(f"cannot read the file: {problem}", hint, source=Source(file, line)))


def _sniffed(text: str, file: str) -> str:
    """The delimiter that the first row has most of."""
    counts = {}
    for sign in _SNIFFED:
        try:
            counts[sign] = len(next(csv.reader(StringIO(text, newline=""), delimiter=sign), ()))
        except csv.Error:
            counts[sign] = 0
    most = max(counts.values())
    best = [sign for sign, count in counts.items() if count == most]
    if most > 1 and len(best) > 1:
        problem = "its first row may be divided in several ways"
        raise _invalid(file, 1, problem, "Say which sign divides it: --delimiter ';'")
    return best[-1]


def _rows(text: str, delimiter: str, file: str, line: int) -> Iterator[Row]:
    """The rows that have any text. Raises Invalid where the file cannot be divided."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number, offset = 0, line
    while True:
        number += 1
        line = reader.line_num + offset
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _invalid(file, line, f"row {number}: {_reason(error)}") from None
        if cells is None:
            return
        stripped = tuple(cell.strip() for cell in cells)
        if any(stripped):
            yield Row(number, line, stripped)


def _reason(error: csv.Error) -> str:
    text = str(error)
    if "field limit" in text:
        most = csv.field_size_limit()
        return f"a cell has more than {most:,} characters; is a quote opened and never closed?"
    if "unexpected end" in text:
        return "a quote is opened and never closed"
    return f"{text}: inside a quoted cell a quote is written twice"


def _findings(table: Table, header: Row) -> Iterator[Diagnostic]:
    """What is wrong with the rows as rows."""
    if len(header.cells) > MAX_COLUMNS:
        yield Diagnostic(
            f"there are more than {MAX_COLUMNS:,} columns", source=table.source(header)
        )
    counts = Counter(name for name in header.cells if name)
    for name in (name for name, count in counts.items() if count > 1):
        letters = " and ".join(c.letters for c in table.columns if c.name == name)
        summary = f"the columns {letters} have the same heading {shown(name)}"
        yield Diagnostic(summary, "Rename one of them.", source=table.source(header))
    width = len(header.cells)
    for row in table.rows:
        if row.cells == header.cells:
            summary = f"row {row.number} repeats the headings"
            yield Diagnostic(summary, "Remove it.", source=table.source(row))
        elif len(row.cells) < width or any(row.cells[width:]):
            summary = f"row {row.number} has {len(row.cells)} cells, the first row has {width}"
            hint = "A cell with the delimiter or a line break in it must be in quotes."
            yield Diagnostic(summary, hint, source=table.source(row))
