"""Turn the text of a spreadsheet's cell into the value of a field."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from reconciler import yaml12
from reconciler.errors import Invalid
from reconciler.frozen import frozen
from reconciler.values.dates import day_form, instant_form
from reconciler.values.fields import Field
from reconciler.values.patterns import is_instant
from reconciler.values.text import shown
from reconciler.yaml12.numbers import number

_TRUE = {"true", "yes", "1", "evet", "doğru", "dogru", "wahr", "ja", "vrai", "oui"}
# İ and I are two letters in Turkish and one to Python
_FALSE = {"false", "no", "0", "hayır", "hayir", "yanlış", "yanliş", "falsch", "nein", "faux", "non"}
_PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_WITH_COMMA = re.compile(r"[+-]?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+)(,[0-9]+)?")
# What spreadsheets show in place of a long number, an error, and a number in a narrow column.
_SHORTENED = re.compile(r"[+-]?[0-9]([.,][0-9]+)?E[+-][0-9]{2,3}")
_ERROR = re.compile(r"#(N/A|[A-ZÇĞİÖŞÜ/0-9]+[!?]|YOK|NV|#+)")
_ROUNDED = re.compile(r"[1-9][0-9]{14}0+")
_DAY_NUMBER = re.compile(r"[1-9][0-9]{4}(\.[0-9]+)?")


class BadCell(ValueError):
    """A cell that is no value of its field: what is wrong, and what to do."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason, self.hint = reason, hint


@frozen
class CellForm:
    """How values are written in the cells: with a decimal comma or not, days in a format of
    `strptime` or only as ISO 8601, and what is between the items of a list."""

    decimal_comma: bool = False
    date_format: str | None = None
    list_separator: str = ";"

    def value(self, field: Field, text: str) -> Any:
        """The value of a field in the text of a cell; raises BadCell."""
        if _ERROR.fullmatch(text):
            raise BadCell(f"{shown(text)} is an error of the spreadsheet", "Correct the cell.")
        types = field.types - {"null"}
        if field.date or field.format in ("date", "date-time"):
            return self._date(field, text)
        if "array" in types:
            return self._list(field, text)
        if types == {"object"}:
            return _json(text, dict, '{"name": "value"}')
        if types == {"boolean"}:
            return _boolean(text)
        if field.decimal or (types and "string" not in types):
            return self._number(field, text)
        return _text(text)

    def _number(self, field: Field, text: str) -> int | float | str:
        pattern = _WITH_COMMA if self.decimal_comma else _PLAIN
        if not pattern.fullmatch(text):
            raise BadCell(f"{shown(text)} is not a number", self._number_hint(text))
        plain = text.replace(".", "").replace(",", ".") if self.decimal_comma else text
        if not field.types & {"integer", "number"}:
            return plain
        exact = Decimal(plain)
        if field.types <= {"integer", "null"} and exact != exact.to_integral_value():
            raise BadCell(f"{shown(text)} is not a whole number")
        if exact == exact.to_integral_value():
            exact = exact.to_integral_value()
        value, problem = number(format(exact, "f"))
        if problem or isinstance(value, str):
            raise BadCell(f"the number {problem or 'cannot be stored'}")
        return value

    def _number_hint(self, text: str) -> str:
        if _SHORTENED.fullmatch(text):
            return "The spreadsheet has shortened it. Format the column as a number, and export."
        if self.decimal_comma:
            return "With --decimal-comma a number is written 1234,5 or 1.234,5."
        if _WITH_COMMA.fullmatch(text):
            return "If the comma is a decimal comma: --decimal-comma."
        return "Write digits and a decimal point, without a currency and without blanks."

    def _date(self, field: Field, text: str) -> str:
        moment = field.format == "date-time"
        form = instant_form(text) if moment else day_form(text)
        if form is not None and "-" in text:
            return text if moment and is_instant(text) else form
        for written in filter(None, (self.date_format, field.date)):
            try:
                found = datetime.strptime(text, written)
            except ValueError:
                continue
            return f"{found.isoformat()}Z" if moment else found.date().isoformat()
        what = "a point in time such as 2027-03-01T09:00:00Z" if moment else "a day as 2027-03-01"
        hint = "Say how it is written, as in --date-format %d.%m.%Y"
        if _DAY_NUMBER.fullmatch(text):
            hint = "It looks like a spreadsheet's number of a day: format the column as a date."
        raise BadCell(f"{shown(text)} is not {what}", hint)

    def _list(self, field: Field, text: str) -> list[Any]:
        items = field.items
        if text.startswith("[") or (items and items.types - {"null"} == {"object"}):
            found: list[Any] = _json(text, list, '["a", "b"]')
            return found
        parts = text.replace("\n", self.list_separator).split(self.list_separator)
        read: Callable[[str], Any] = _text if items is None else lambda t: self.value(items, t)
        return [read(part.strip()) for part in parts if part.strip()]


def rounded(text: str) -> bool:
    """Whether a text looks like a longer number of which a spreadsheet kept 15 digits."""
    return _ROUNDED.fullmatch(text) is not None


def _text(text: str) -> str:
    if _SHORTENED.fullmatch(text):
        raise BadCell(
            f"{shown(text)} is a number that the spreadsheet has shortened: digits are lost",
            "Format the column as text, enter the number again, and export.",
        )
    return text


def _boolean(text: str) -> bool:
    lower = text.replace("\u0130", "i").lower()
    if lower in _TRUE or lower in _FALSE:
        return lower in _TRUE
    raise BadCell(f"{shown(text)} is neither yes nor no", "Write true or false, yes or no, 1 or 0.")


def _json(text: str, kind: type, example: str) -> Any:
    """A list or a map in JSON, read as a manifest is: no name twice, no number inexactly, and not
    nested too deep."""
    reason = ""
    if text.startswith(("[", "{")):
        try:
            documents = yaml12.parse(text.encode("utf-8", "surrogatepass"), "the cell")
        except Invalid as error:
            reason = f" ({error.diagnostics[0].summary})"
        else:
            value = documents[0].value if len(documents) == 1 else None
            if isinstance(value, kind):
                return value
    raise BadCell(f"{shown(text)} is not {example} or the like{reason}", "Write it as JSON.")
