"""Say how to correct a value of the wrong type, with advice that the next run accepts."""

from __future__ import annotations

import json
from dataclasses import field
from typing import Any

from reconciler.frozen import frozen
from reconciler.values.fields import Schema
from reconciler.values.text import did_you_mean, printable, shown

_YES = ("true", "yes", "on", "y")
_NO = ("false", "no", "off", "n")
MAX_CHOICES = 12


@frozen
class Mistyped:
    """A value of the wrong type, the schema that it violates, and whether it must be there."""

    value: Any = field(compare=False)
    schema: Schema = field(compare=False)
    required: bool = False

    def advice(self, written: str | None = None) -> str:
        """How to correct the value; empty where there is no good advice.

        `written` is the text without quotes that stands for the value in the file, such as `1.10`
        for 1.1, `*name` for an alias or `${var.zip}`; None where it is not known.
        """
        types = self.schema.get("type", ())
        types = {types} if isinstance(types, str) else set(types)
        if isinstance(self.value, (bool, int, float)):
            return self._advice_for_scalar(types, written or shown(self.value))
        if self.value is None:
            return "" if self.required else "Remove the field if it should not be managed."
        if isinstance(self.value, str):
            return self._advice_for_text(types)
        if isinstance(self.value, dict) and "array" in types and self._accepts([self.value]):
            return "Write it as a list: put - before its first field."
        return ""

    def _advice_for_scalar(self, types: set[str], written: str) -> str:
        if "string" in types and written.startswith("*"):
            return f"Write the value that {printable(written)} repeats in quotes."
        if "string" in types and "${" in written:
            return "Write the variable's value in quotes, where it is declared in reconciler.yaml."
        if "string" in types and self._accepts(written):
            return f"Write it in quotes: {_quoted(written)}."
        if "array" in types and self._accepts([self.value]):
            return f"Write it as a list: [{printable(written)}]."
        if "array" in types and self._accepts([written]):
            return f"Write it as a list: [{_quoted(written)}]."
        branches = (self.schema, *self.schema.get("anyOf", ()))
        choices = [v for part in branches for v in part.get("enum", ()) if isinstance(v, str)]
        if 0 < len(choices) <= MAX_CHOICES:
            return did_you_mean(written, choices)
        return self._example()

    def _advice_for_text(self, types: set[str]) -> str:
        text = self.value
        if "array" in types:
            parts = [part.strip() for part in text.split(",")]
            if len(parts) > 1 and not self._accepts([text]) and self._accepts(parts):
                return f"Write it as a list: [{', '.join(map(_quoted, parts))}]."
            return f"Write it as a list: [{_quoted(text)}]." if self._accepts([text]) else ""
        if "boolean" in types and text.lower() in _YES + _NO:
            return f"Write {'true' if text.lower() in _YES else 'false'}, without quotes."
        if types & {"integer", "number"} and (number := _number(text)) is not None:
            if self._accepts(number):
                return "Write it without quotes and leading zeros."
            return self._example()
        return ""

    def _accepts(self, value: Any) -> bool:
        import jsonschema_rs

        try:
            return jsonschema_rs.is_valid(dict(self.schema), value, validate_formats=True)
        except (ValueError, jsonschema_rs.ReferencingError):
            return True  # it refers to another part of its schema, which is not here

    def _example(self) -> str:
        for example in self.schema.get("examples", ()):
            return f"Example: {shown(example)}."
        return ""


def _number(text: str) -> int | float | None:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.replace(".", "", 1).isdigit()):
        return None
    return float(text) if "." in text else int(text[:40])


def _quoted(text: str) -> str:
    """The text in double quotes as YAML reads them, safe to print."""
    safe = printable(text)
    return json.dumps(safe, ensure_ascii=False) if safe == text else f'"{safe}"'
