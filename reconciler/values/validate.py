"""Check a value against a JSON Schema, and say in plain words what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from reconciler.errors import Severity
from reconciler.model import Path
from reconciler.values.fields import Schema
from reconciler.values.text import did_you_mean, dotted, printable, shown


def gate(schema: Schema) -> Callable[[Any], bool]:
    """A compiled yes-or-no check of a schema: quick, and silent about what is wrong."""
    import jsonschema_rs

    return jsonschema_rs.validator_for(dict(schema)).is_valid


_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}


_LIMITS = {
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "minItems": "must have at least {} entries",
    "maxItems": "must have at most {} entries",
    "minProperties": "must have at least {} entries",
    "maxProperties": "must have at most {} entries",
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be more than {}",
    "exclusiveMaximum": "must be less than {}",
    "multipleOf": "must be a multiple of {}",
}


_YES = ("true", "yes", "on", "y")


_NO = ("false", "no", "off", "n")


_QUOTES = "Write it in quotes."


class Finding(NamedTuple):
    """What is wrong at `path`: `must` what is asked for, `found` what is there instead.

    `key` tells that the key is at fault and not its value; `rule` is the word of JSON Schema that
    was broken, if one was. Only errors stop a run.
    """

    path: Path
    must: str
    found: str = ""
    detail: str = ""
    key: bool = False
    rule: str = ""
    severity: Severity = Severity.ERROR

    @property
    def summary(self) -> str:
        """The finding as one clause."""
        return f"{self.must}, {self.found}" if self.found else self.must


def explain(schema: Schema, instance: Any) -> list[Finding]:
    """What JSON Schema (draft 7) has to say about `instance`, once each and in plain words.

    Of a value of the wrong type only that is said; one marked `x-sensitive` is never shown.
    """
    if gate(schema)(instance):
        return []
    from jsonschema import Draft7Validator

    found: dict[Finding, None] = {}
    for error in Draft7Validator(schema).iter_errors(instance):
        found.update(dict.fromkeys(_findings(error)))
    mistyped = {finding.path for finding in found if finding.rule == "type"}
    return [one for one in found if one.rule == "type" or one.key or one.path not in mistyped]


def _findings(error: Any) -> Iterator[Finding]:
    path: Path = tuple(error.absolute_path)
    value = error.instance
    inside = f" in {dotted(path)}" if path else ""
    if "propertyNames" in error.absolute_schema_path:
        yield Finding((*path, value), f"{shown(value)} cannot be a name", "", _form(error), True)
    elif error.validator == "required":
        for name in error.validator_value:
            if name not in value:
                must = f"{shown(name)} is missing{inside}"
                yield Finding(path, must, "", "Add it.", True, "required")
    elif error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        for name in value:
            if name not in known:
                noun = "word" if name.startswith("$") else "field"
                must = f"there is no {noun} {shown(name)}{inside}"
                yield Finding((*path, name), must, "", did_you_mean(name, known), True)
    else:
        yield _finding(error, path, value)


def _finding(error: Any, path: Path, value: Any) -> Finding:
    name = dotted(path) or "this"
    rule, wanted = error.validator, error.validator_value
    sensitive = error.schema.get("x-sensitive", False)
    found = "" if sensitive else f"is {shown(value)}"
    detail = ""
    if rule == "type":
        must = f"must be {_wanted(error.schema)}"
        found = found and f"is {kind_of(value)}"
        detail = _QUOTES if sensitive else _repair(wanted, value)
    elif rule in ("enum", "const"):
        must, detail = _choice(wanted if rule == "enum" else [wanted], value)
    elif rule == "anyOf":
        must, detail = _choice([one for branch in wanted for one in branch.get("enum", ())], value)
    elif rule == "pattern":
        must, detail = "does not have the right form", _form(error)
    elif rule == "uniqueItems":
        must, found, detail = "has the same entry twice", "", "Keep one of them."
    else:
        must = _LIMITS.get(rule, f"breaks the rule `{rule}`").format(wanted)
    return Finding(path, f"{name} {must}", found, detail, False, rule)


def kind_of(value: Any) -> str:
    """What sort of value it is, and the value: `a number (5)`."""
    if value is None or isinstance(value, bool):
        return shown(value)
    if isinstance(value, dict):
        return f"a mapping ({shown(value)})" if value else "an empty mapping"
    if isinstance(value, list):
        return f"a list ({shown(value)})" if value else "an empty list"
    return f"{'text' if isinstance(value, str) else 'a number'} ({shown(value)})"


def _wanted(schema: Schema) -> str:
    types = schema.get("type", ())
    names = []
    for one in (types,) if isinstance(types, str) else types:
        name = _TYPES.get(one, one)
        entries = schema.get("items", {}).get("type")
        if one == "array" and isinstance(entries, str):
            many = {"object": "mappings", "integer": "whole numbers", "number": "numbers"}
            name += f" of {many.get(entries, _TYPES[entries])}"
        names.append(name)
    return " or ".join(names)


def _repair(wanted: Any, value: Any) -> str:
    """How a value of the wrong type is put right, where that can be told."""
    types = {wanted} if isinstance(wanted, str) else set(wanted)
    if "string" in types and isinstance(value, (bool, int, float)):
        return f'Write it in quotes: "{shown(value)}".'
    if "array" in types and isinstance(value, (str, int, float)):
        return f"Write it as a list: [{shown(value)}]."
    if value is None:
        return "Leave the field out if it is not to be managed."
    if not isinstance(value, str):
        return ""
    if "boolean" in types and value.lower() in _YES + _NO:
        return f"Write {'true' if value.lower() in _YES else 'false'}, without quotes."
    if types & {"integer", "number"} and value.removeprefix("-").replace(".", "", 1).isdigit():
        return "Write it without quotes and leading zeros."
    return ""


def _choice(allowed: list[Any], value: Any) -> tuple[str, str]:
    """What an enumeration asks for, and the value that is nearest."""
    texts = [one if isinstance(one, str) else shown(one) for one in allowed]
    hint = did_you_mean(value, texts) if isinstance(value, str) else ""
    if len(texts) > 12:
        return f"is none of the {len(texts)} values that are possible", hint
    hint = hint if hint.startswith("Did") else ""
    return f"must be {'one of ' if len(texts) > 1 else ''}{', '.join(texts)}", hint


def _form(error: Any) -> str:
    for example in error.schema.get("examples", ()):
        return f"It looks like this: {shown(example)}."
    description: str = error.schema.get("description", "")
    return description or f"It must match {printable(str(error.validator_value), 120)}."
