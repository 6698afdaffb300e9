"""Turn one object of a manifest into a `Resource`, and report what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

from reconciler.errors import Source
from reconciler.identity import references_in
from reconciler.kinds.options import OPTIONS
from reconciler.manifest.enumerations import unlisted
from reconciler.manifest.rules import Rules
from reconciler.manifest.substitution import Values
from reconciler.model import FINGERPRINT, Options, Path, Pointer, Resource, Secret
from reconciler.values.compare import canonical
from reconciler.values.fields import Schema
from reconciler.values.ignored import problem_with
from reconciler.values.mask import redacted
from reconciler.values.scalars import text_form
from reconciler.values.text import dotted, shown
from reconciler.values.validate import MAX_FINDINGS, Explainer, Finding, kind_of
from reconciler.values.walk import nodes, replace_at, value_at, values_at

_OPTIONS: Schema = {"type": "object", "additionalProperties": False, "properties": OPTIONS}
_NO_OPTIONS = Options()
_USE_SECRET = (
    "Declare it under secrets in reconciler.yaml and write ${secret.NAME} here; "
    "if it was ever committed, replace it at the vendor."
)


def declare(
    rules: Rules, key: str, body: Any, source: Source, values: Values | None
) -> tuple[Resource, list[Finding]]:
    """The resource that `body` declares under `key`, and the findings about it, with paths relative
    to `body`.

    `values` is None where the body contains no `${…}`.
    """
    if values is None and (plain := _plain_fields(rules, key, body)) is not None:
        return Resource(rules.resource_type.scope.address(key), plain, (), _NO_OPTIONS, source), []
    findings = list(_check_mapping(key, body))
    body = {} if body is None or findings else body
    if values:
        body = values.filled(body, rules, findings)
    names = rules.resource_type.facts.fields.keys()
    option_values = {} if body.keys() <= names else {n: v for n, v in body.items() if n[:1] == "$"}
    options = _options(option_values, rules, findings) if option_values else _NO_OPTIONS
    fields = {name: v for name, v in body.items() if name[:1] != "$"} if option_values else body
    if rules.key_field is not None and rules.key_field not in fields:
        fields = {rules.key_field: key, **fields}
    reported = {finding.path for finding in findings}
    for finding in _check(rules, fields, values is not None):
        if finding.path not in reported and not (options.absent and finding.rule == "required"):
            findings.append(finding)
    if rules.key_field is None and options.id is None and not options.absent:
        findings += _check_natural_key(rules, fields)
    if rules.live and not options.absent:
        reported = {finding.path for finding in findings}
        unlisted_values = islice(_check_listed_values(rules, fields), MAX_FINDINGS)
        findings += [finding for finding in unlisted_values if finding.path not in reported]
    refs = references_in(rules.targets, fields)
    for ref in refs:
        if ref.by_id:
            fields = dict(replace_at(fields, ref.path, Pointer(ref.name)))
    return Resource(rules.resource_type.scope.address(key), fields, refs, options, source), findings


def _plain_fields(rules: Rules, key: str, body: Any) -> dict[str, Any] | None:
    """The fields of an object that needs no look but the schema's, which allows it: most do not.
    None where anything else may have to be said of it."""
    if type(body) is not dict or not rules.for_schema.issuperset(body):
        return None
    name = rules.key_field
    fields = body if name is None or name in body else {name: key, **body}
    sets = (fields[name] for name in rules.sets_of_texts if name in fields)
    return fields if all(map(_are_distinct_texts, sets)) and rules.fits(fields) else None


def _check_mapping(key: str, body: Any) -> Iterator[Finding]:
    """A finding where the body of an object is neither a mapping nor empty."""
    if body is not None and not isinstance(body, dict):
        actual, hint = f"is {kind_of(body)}", "Write `field: value` lines below the key."
        yield Finding((), f"{shown(key)} must be a mapping of fields", actual, hint)


def _check_natural_key(rules: Rules, fields: dict[str, Any]) -> Iterator[Finding]:
    """A finding where a required part of the natural key is not declared."""
    facts, kind = rules.resource_type.facts.fields, rules.resource_type.kind
    names = [n for n in kind.natural_key if n not in fields and "null" not in facts[n].types]
    if names:
        must = f"{kind.name} are found by {' and '.join(kind.natural_key)}: {' and '.join(names)}"
        yield Finding((), f"{must} must be declared", "", "Or give the object's id with $id.")


def _check_listed_values(rules: Rules, fields: dict[str, Any]) -> Iterator[Finding]:
    """A finding for each value that the vendor does not list as allowed."""
    for field in rules.live:
        for path, value in values_at(fields, field.path):
            if isinstance(value, str) and (finding := unlisted(field, path, value)):
                yield finding


def _check(rules: Rules, fields: dict[str, Any], filled: bool) -> Iterator[Finding]:
    """The findings about the fields of one object: forbidden fields first, then the schema's."""
    reported: dict[Path, None] = {}
    duplicates = (
        *islice(_duplicate_entries(rules, fields), MAX_FINDINGS),
        *islice(_duplicates_in_sets(rules, fields), MAX_FINDINGS),
    )
    forbidden = islice(_forbidden(rules, fields), MAX_FINDINGS)
    reserved = islice(_reserved(rules, fields), MAX_FINDINGS)
    for finding in (*forbidden, *reserved, *duplicates):
        if finding.path not in reported:
            reported[finding.path] = None
            yield finding
    instance = redacted(fields) if filled else fields
    if rules.fits(instance):
        return
    for finding in rules.explain(instance):
        path = finding.path
        covered = any(path[:length] in reported for length in range(len(path) + 1))
        covered |= finding.rule == "uniqueItems" and any(outer[:-1] == path for outer in reported)
        if not covered and not isinstance(value_at(fields, path), Secret):
            yield finding


def _forbidden(rules: Rules, fields: dict[str, Any]) -> Iterator[Finding]:
    """A finding for each field that only the vendor sets, each secret in clear text, and each
    reference to an ambiguous provider."""
    for pattern in rules.read_only:
        if pattern[0] in fields:
            for path, _ in values_at(fields, pattern):
                must = f"{dotted(path)} is set by the vendor and cannot be declared"
                yield Finding(path, must, "", "Remove it.", True)
    for pattern in rules.sensitive:
        if pattern[0] in fields:
            for path, value in values_at(fields, pattern):
                if value is not None and not isinstance(value, Secret):
                    must = f"{dotted(path)} is sensitive and must not be written in a manifest"
                    yield Finding(path, must, "", _USE_SECRET, True)
    for pattern, reason in rules.ambiguous:
        if pattern[0] in fields:
            for path, _ in values_at(fields, pattern):
                hint = "Such a reference needs exactly one provider of that type."
                yield Finding(path, f"{dotted(path)} {reason}", "", hint)


def _reserved(rules: Rules, fields: dict[str, Any]) -> Iterator[Finding]:
    """A finding for each object that would pass for a secret, and so not be shown."""
    values = (
        node
        for pattern in rules.free_form
        if pattern[0] in fields
        for path, value in values_at(fields, pattern)
        for node in nodes(None, value, path)
    )
    for node in values:
        if isinstance(node.value, dict) and FINGERPRINT in node.value:
            must = f"{dotted(node.path)} must not have a member {FINGERPRINT}"
            hint = "The name is reserved for what plans do not show. Choose another."
            yield Finding(node.path, must, "", hint, True)


def _duplicate_entries(rules: Rules, fields: dict[str, Any]) -> Iterator[Finding]:
    """A finding for each list entry that has the same name as an earlier one."""
    for pattern in rules.keyed:
        field = rules.resource_type.facts.field(pattern)
        for path, entries in values_at(fields, pattern):
            key = field.key if field else None
            seen = set()
            for position, entry in enumerate(entries if isinstance(entries, list) else ()):
                name = entry.get(key) if isinstance(entry, dict) else None
                if isinstance(name, (str, int)) and text_form(str(name)) in seen:
                    must = f"{dotted(path)} has two entries with {key} {shown(name)}"
                    hint = f"Each entry needs its own {key}: remove one of them."
                    yield Finding((*path, position, key or ""), must, "", hint)
                seen.add(text_form(str(name)))


def _duplicates_in_sets(rules: Rules, fields: dict[str, Any]) -> Iterator[Finding]:
    """A finding for each entry that equals an earlier one, in a list whose order does not matter:
    vendors keep only one of them."""
    for pattern in rules.sets:
        if pattern[0] not in fields or _are_distinct_texts(fields[pattern[0]]):
            continue
        field = rules.resource_type.facts.field(pattern)
        for path, entries in values_at(fields, pattern):
            if not isinstance(entries, list):
                continue
            seen: dict[str, list[Any]] = {}
            for position, entry in enumerate(entries):
                form = canonical(field.items if field else None, entry)
                similar = seen.setdefault(repr(form), [])
                if form in similar:
                    must = f"{dotted(path)} contains {shown(entry)} twice"
                    hint = "Remove one of them: only what is in the list matters."
                    yield Finding((*path, position), must, "", hint)
                similar.append(form)


def _are_distinct_texts(value: Any) -> bool:
    """Whether a value is a list of texts, all different, of which no two are spellings of one."""
    try:
        ascii = type(value) is list and "".join(value).isascii()
    except TypeError:
        return False
    return ascii and len(set(value)) == len(value)


@cache
def _explainer_of_options() -> Explainer:
    return Explainer(_OPTIONS)


def _options(values: dict[str, Any], rules: Rules, findings: list[Finding]) -> Options:
    """The options of a resource, from its `$…` fields; adds what is wrong to `findings`."""
    explainer = _explainer_of_options()
    problems = explainer(values)
    findings += problems
    chosen = {
        name[1:]: value
        for name, value in values.items()
        if not problems or explainer.fits({name: value})
    }
    if "id" in chosen:
        chosen["id"] = str(chosen["id"])
    if "ignore" in chosen:
        chosen["ignore"] = tuple(chosen["ignore"])
        facts, kind = rules.resource_type.facts, rules.resource_type.kind.name
        findings += [
            Finding(("$ignore", position), problem[0], "", problem[1])
            for position, path in enumerate(chosen["ignore"])
            if (problem := problem_with(facts, kind, path)) is not None
        ]
    if "rotate" in chosen:
        chosen["rotate"] = str(chosen["rotate"])
        if rules.resource_type.kind.rotate is None:
            name = rules.resource_type.kind.name
            must = f"$rotate: {name} have no secret that could be rotated"
            findings.append(Finding(("$rotate",), must, "", "Remove it.", True))
    return Options(**chosen)
