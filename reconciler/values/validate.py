"""Check a value against a JSON Schema and describe each violation in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from reconciler.errors import Severity
from reconciler.model import Path
from reconciler.values.fields import Schema
from reconciler.values.text import did_you_mean, dotted, printable, shown


def gate(schema: Schema) -> Callable[[Any], bool]:
    """A compiled check that returns whether a value is valid under `schema`, without saying why."""
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
_QUOTE = "Write it in quotes."


class Finding(NamedTuple):
    """A problem with the value at `path`: `must` is the requirement, `actual` what the value is.

    `key` says that the key is wrong and not its value; `rule` is the JSON Schema keyword that was
    violated, if there is one. Only errors stop a run.
    """

    path: Path
    must: str
    actual: str = ""
    detail: str = ""
    key: bool = False
    rule: str = ""
    severity: Severity = Severity.ERROR

    @property
    def summary(self) -> str:
        """The finding in one sentence."""
        return f"{self.must}, {self.actual}" if self.actual else self.must


def explain(schema: Schema, instance: Any) -> list[Finding]:
    """Every violation of a JSON Schema (draft 7) in `instance`, without duplicates.

    For a value of the wrong type only the type is reported. A value marked `x-sensitive` is never
    shown.
    """
    if gate(schema)(instance):
        return []
    from jsonschema import Draft7Validator

    findings: dict[Finding, None] = {}
    for error in Draft7Validator(schema).iter_errors(instance):
        findings.update(dict.fromkeys(_findings(error)))
    mistyped = {finding.path for finding in findings if finding.rule == "type"}
    return [
        finding
        for finding in findings
        if finding.rule == "type" or finding.key or finding.path not in mistyped
    ]


def _findings(error: Any) -> Iterator[Finding]:
    path: Path = tuple(error.absolute_path)
    value = error.instance
    inside = f" in {dotted(path)}" if path else ""
    if "propertyNames" in error.absolute_schema_path:
        yield Finding(
            (*path, value), f"{shown(value)} is not a valid name", "", _format_hint(error), True
        )
    elif error.validator == "required":
        for name in error.validator_value:
            if name not in value:
                must = f"{shown(name)} is missing{inside}"
                yield Finding(path, must, "", "Add it.", True, "required")
    elif error.validator == "additionalProperties":
        properties = error.schema.get("properties", {})
        for name in value:
            if name not in properties:
                noun = "option" if name.startswith("$") else "field"
                must = f"there is no {noun} {shown(name)}{inside}"
                yield Finding((*path, name), must, "", did_you_mean(name, properties), True)
    else:
        yield _finding(error, path, value)


def _finding(error: Any, path: Path, value: Any) -> Finding:
    name = dotted(path) or "this"
    rule, wanted = error.validator, error.validator_value
    sensitive = error.schema.get("x-sensitive", False)
    actual = "" if sensitive else f"is {shown(value)}"
    detail = ""
    if rule == "type":
        must = f"must be {_type_names(error.schema)}"
        actual = actual and f"is {kind_of(value)}"
        detail = _QUOTE if sensitive else _type_hint(wanted, value)
    elif rule in ("enum", "const"):
        must, detail = _choice(wanted if rule == "enum" else [wanted], value)
    elif rule == "anyOf":
        must, detail = _choice(
            [allowed for branch in wanted for allowed in branch.get("enum", ())], value
        )
    elif rule == "pattern":
        must, detail = "has the wrong format", _format_hint(error)
    elif rule == "uniqueItems":
        must, actual, detail = "contains the same entry twice", "", "Remove one of them."
    else:
        must = _LIMITS.get(rule, f"violates the rule `{rule}`").format(wanted)
    return Finding(path, f"{name} {must}", actual, detail, False, rule)


def kind_of(value: Any) -> str:
    """The type of a value and the value itself, as a message shows them: `a number (5)`."""
    if value is None or isinstance(value, bool):
        return shown(value)
    if isinstance(value, dict):
        return f"a mapping ({shown(value)})" if value else "an empty mapping"
    if isinstance(value, list):
        return f"a list ({shown(value)})" if value else "an empty list"
    return f"{'text' if isinstance(value, str) else 'a number'} ({shown(value)})"


def _type_names(schema: Schema) -> str:
    types = schema.get("type", ())
    names = []
    for type_name in (types,) if isinstance(types, str) else types:
        name = _TYPES.get(type_name, type_name)
        entries = schema.get("items", {}).get("type")
        if type_name == "array" and isinstance(entries, str):
            plurals = {"object": "mappings", "integer": "whole numbers", "number": "numbers"}
            name += f" of {plurals.get(entries, _TYPES[entries])}"
        names.append(name)
    return " or ".join(names)


def _type_hint(wanted: Any, value: Any) -> str:
    """How to correct a value of the wrong type; empty where there is no good advice."""
    types = {wanted} if isinstance(wanted, str) else set(wanted)
    if "string" in types and isinstance(value, (bool, int, float)):
        return f'Write it in quotes: "{shown(value)}".'
    if "array" in types and isinstance(value, (str, int, float)):
        return f"Write it as a list: [{shown(value)}]."
    if value is None:
        return "Remove the field if it should not be managed."
    if not isinstance(value, str):
        return ""
    if "boolean" in types and value.lower() in _YES + _NO:
        return f"Write {'true' if value.lower() in _YES else 'false'}, without quotes."
    if types & {"integer", "number"} and value.removeprefix("-").replace(".", "", 1).isdigit():
        return "Write it without quotes and leading zeros."
    return ""


def _choice(allowed: list[Any], value: Any) -> tuple[str, str]:
    """The requirement that a value is one of `allowed`, and a hint with the most similar one."""
    texts = [choice if isinstance(choice, str) else shown(choice) for choice in allowed]
    hint = did_you_mean(value, texts) if isinstance(value, str) else ""
    if len(texts) > 12:
        return f"is not one of the {len(texts)} possible values", hint
    hint = hint if hint.startswith("Did") else ""
    return f"must be {'one of ' if len(texts) > 1 else ''}{', '.join(texts)}", hint


def _format_hint(error: Any) -> str:
    for example in error.schema.get("examples", ()):
        return f"Example: {shown(example)}."
    description: str = error.schema.get("description", "")
    return description or f"It must match {printable(str(error.validator_value), 120)}."
