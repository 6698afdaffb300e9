"""Check a value against a JSON Schema and describe each violation in plain words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from reconciler.errors import Severity
from reconciler.model import Path
from reconciler.values.advice import Mistyped
from reconciler.values.fields import Schema
from reconciler.values.patterns import is_day, is_instant, pattern
from reconciler.values.text import did_you_mean, dotted, printable, shown


def gate(schema: Schema) -> Callable[[Any], bool]:
    """A compiled check that returns whether a value is valid under `schema`, without saying why."""
    return _compiled(schema).is_valid  # type: ignore[no-any-return]


def _compiled(schema: Schema) -> Any:
    import jsonschema_rs

    return jsonschema_rs.validator_for(dict(schema), validate_formats=True)


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
_QUOTE = "Write it in quotes."
MAX_FINDINGS = 100


class Finding(NamedTuple):
    """A problem with the value at `path`: `must` is the requirement, `actual` what the value is.

    `key` says that the key is wrong and not its value; `rule` is the JSON Schema keyword that was
    violated, if there is one. `mistyped` is there where the value has the wrong type and may be
    shown. Only errors stop a run.
    """

    path: Path
    must: str
    actual: str = ""
    detail: str = ""
    key: bool = False
    rule: str = ""
    severity: Severity = Severity.ERROR
    mistyped: Mistyped | None = None

    def as_written(self, text: str | None) -> Finding:
        """The finding with the value as the file has it, where that is text without quotes; the
        converted value may look different: 1.1 for `1.10`."""
        if text is None or self.mistyped is None:
            return self
        detail = self.mistyped.advice(text)
        value = self.mistyped.value
        if isinstance(value, (int, float)) and not isinstance(value, bool) and text[:1] not in "*$":
            return self._replace(actual=f"is a number ({printable(text)})", detail=detail)
        return self._replace(detail=detail)

    @property
    def summary(self) -> str:
        """The finding in one sentence."""
        return f"{self.must}, {self.actual}" if self.actual else self.must


class Explainer:
    """Says what in a value violates a JSON Schema (draft 7), which is compiled once."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._compiled: Any = None
        self._validator: Any = None

    def fits(self, instance: Any) -> bool:
        """Whether there is nothing to say."""
        self._compiled = self._compiled or _compiled(self._schema)
        return bool(self._compiled.is_valid(instance))

    def __call__(self, instance: Any) -> list[Finding]:
        """The violations in `instance`, without duplicates, at most MAX_FINDINGS.

        For a value of the wrong type only the type is reported. A value marked `x-sensitive` is
        never shown.
        """
        if self.fits(instance):
            return []
        self._validator = self._validator or _validator(self._schema)
        return _explained(self._schema, self._compiled, self._validator, instance)


def explain(schema: Schema, instance: Any) -> list[Finding]:
    """What in `instance` violates a schema; see `Explainer`."""
    return Explainer(schema)(instance)


def _explained(schema: Schema, compiled: Any, validator: Any, instance: Any) -> list[Finding]:
    errors = islice(validator.iter_errors(instance), MAX_FINDINGS)
    found = (finding for error in errors for finding in _findings(error, schema))
    findings: dict[Finding, None] = dict.fromkeys(islice(found, MAX_FINDINGS))
    if not findings:  # what the compiled check refuses is never valid
        for error in islice(compiled.iter_errors(instance), MAX_FINDINGS):
            path, rule = tuple(error.instance_path), str(error.schema_path[-1])
            must = f"{dotted(path) or 'this'} violates the rule `{rule}`"
            findings[Finding(path, must, "", "", False, rule)] = None
    mistyped = {finding.path for finding in findings if finding.rule == "type"}
    return [
        finding
        for finding in findings
        if finding.rule == "type" or finding.key or finding.path not in mistyped
    ]


def _validator(schema: Schema) -> Any:
    """A validator with messages, which reads patterns and formats as the compiled check does."""
    from jsonschema import Draft7Validator, FormatChecker, ValidationError
    from jsonschema.validators import extend

    def check_pattern(_: Any, wanted: str, value: Any, __: Any) -> Iterator[ValidationError]:
        if isinstance(value, str) and not pattern(wanted).search(value):
            yield ValidationError(f"does not match {wanted}")

    def check_unique(_: Any, wanted: bool, value: Any, __: Any) -> Iterator[ValidationError]:
        # that of the library compares each entry with each other one
        if wanted and isinstance(value, list):
            forms = {json.dumps(entry, sort_keys=True, default=str) for entry in value}
            if len(forms) < len(value):
                yield ValidationError("has an entry twice")

    formats = FormatChecker(())
    formats.checkers = {"date": (is_day, ()), "date-time": (is_instant, ())}
    extended: Any = extend  # it has no type annotations
    return extended(Draft7Validator, {"pattern": check_pattern, "uniqueItems": check_unique})(
        schema, format_checker=formats
    )


def _findings(error: Any, schema: Schema) -> Iterator[Finding]:
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
                outer = _holder_of(name, properties)
                hint = f"Write it inside {outer}, which has such a member." if outer else ""
                hint = hint or did_you_mean(name, properties)
                yield Finding((*path, name), must, "", hint, True)
    else:
        yield _finding(error, path, value, schema)


def _holder_of(name: str, properties: Mapping[str, Schema]) -> str:
    """The field that has a member of this name, where exactly one has."""
    holders = [
        outer
        for outer, part in properties.items()
        if name in {**part.get("properties", {}), **part.get("items", {}).get("properties", {})}
    ]
    return holders[0] if len(holders) == 1 else ""


def _finding(error: Any, path: Path, value: Any, schema: Schema) -> Finding:
    name = dotted(path) or "this"
    rule, wanted = error.validator, error.validator_value
    sensitive = error.schema.get("x-sensitive", False)
    actual = "" if sensitive else f"is {shown(value)}"
    detail = ""
    mistyped = None
    if rule == "type":
        must = f"must be {_type_names(error.schema)}"
        actual = actual and f"is {kind_of(value)}"
        if not sensitive:
            mistyped = Mistyped(value, error.schema, _is_required(error, schema))
        detail = mistyped.advice() if mistyped else _QUOTE
    elif rule in ("enum", "const"):
        must, detail = _choice(wanted if rule == "enum" else [wanted], value)
    elif rule == "anyOf" and all("required" in branch for branch in wanted):
        names = dict.fromkeys(name for branch in wanted for name in branch["required"])
        must, actual = f"needs {' or '.join(names)}", ""
        return Finding(
            path, f"{dotted(path) or 'it'} {must}", actual, "Add one of them.", True, "required"
        )
    elif rule == "anyOf":
        must, detail = _choice(
            [allowed for branch in wanted for allowed in branch.get("enum", ())], value
        )
    elif rule == "pattern":
        must, detail = "has the wrong format", _format_hint(error)
    elif rule == "format":
        must, detail = f"must be a {wanted} that exists", _format_hint(error)
    elif rule == "uniqueItems":
        must, actual, detail = "contains the same entry twice", "", "Remove one of them."
    else:
        must = _LIMITS.get(rule, f"violates the rule `{rule}`").format(wanted)
    return Finding(path, f"{name} {must}", actual, detail, False, rule, mistyped=mistyped)


def _is_required(error: Any, schema: Schema) -> bool:
    """Whether the value of an error is a member that the schema around it requires."""
    around: Any = schema
    steps = list(error.absolute_schema_path)[:-1]
    if len(steps) < 2 or steps[-2] != "properties":
        return False
    for step in steps[:-2]:
        around = around[step] if isinstance(around, list) else around.get(step, {})
    return steps[-1] in around.get("required", ())


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
