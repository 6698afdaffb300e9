"""Turn one object of a manifest into a `Resource`, and report what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reconciler.errors import Source
from reconciler.kinds import Mode
from reconciler.kinds.options import OPTIONS
from reconciler.kinds.resource_types import ResourceType, ResourceTypes
from reconciler.manifest.enumerations import NO_LISTS, Listed, Lists, listed, unlisted
from reconciler.model import Options, Path, Ref, Resource, Scope, Secret
from reconciler.values.fields import Field, Schema, fields_below
from reconciler.values.interpolation import Unresolved, fill, not_allowed
from reconciler.values.mask import mask_secrets
from reconciler.values.scalars import text_form
from reconciler.values.text import did_you_mean, dotted, shown
from reconciler.values.validate import Finding, explain, gate, kind_of
from reconciler.values.walk import value_at, values_at

_OPTIONS: Schema = {"type": "object", "additionalProperties": False, "properties": OPTIONS}
_NO_OPTIONS = Options()
_ALLOWED = (
    "Manifests support ${var.NAME} and, in sensitive fields, ${secret.NAME}, both declared in "
    "reconciler.yaml"
)
_DECLARE = "Declare it under {} in reconciler.yaml."
_TO_SECRET = (
    "Declare it under secrets in reconciler.yaml and write ${secret.NAME} here; "
    "if it was ever committed, replace it at the vendor."
)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for declared objects of one kind; made once for each kind in a run.

    `unclear` are references whose provider is ambiguous, with the reason; `keyed` the lists whose
    entries are identified by a member; `live` the fields whose allowed values the vendor lists.
    """

    resource_type: ResourceType
    fits: Callable[[Any], bool]
    key_field: str | None
    read_only: tuple[Path, ...]
    sensitive: tuple[Path, ...]
    targets: tuple[tuple[Path, Scope], ...]
    unclear: tuple[tuple[Path, str], ...]
    live: tuple[Listed, ...] = ()
    keyed: tuple[Path, ...] = ()


def rules_of(resource_types: ResourceTypes, scope: Scope, lists: Lists = NO_LISTS) -> Rules:
    """The rules for the objects of `scope`; raises KeyError where the provider has no such kind."""
    resource_type = resource_types.of(scope)
    observed = resource_type.kind.mode is Mode.OBSERVED
    natural = resource_type.kind.natural_key
    unclear = []
    for path, ref in resource_type.facts.refs:
        wanted, _, _ = ref.rpartition("/")
        names = [name for name, p in resource_types.providers.items() if p.type == wanted]
        if wanted and len(names) != 1:
            has = f"has {len(names)} of that type: {', '.join(names)}" if names else "has none"
            unclear.append((path, f"names an object of {wanted}, and the workspace {has}"))
    doubtful = {path for path, _ in unclear}
    return Rules(
        resource_type=resource_type,
        fits=gate(resource_type.facts.schema),
        key_field=natural[0] if len(natural) == 1 else None,
        read_only=()
        if observed
        else _outermost(_where(resource_type, lambda field: field.read_only)),
        sensitive=_outermost(_where(resource_type, lambda field: field.sensitive)),
        targets=tuple(target for target in resource_type.targets if target[0] not in doubtful),
        unclear=tuple(unclear),
        live=listed(resource_type, lists),
        keyed=_where(resource_type, lambda field: field.key is not None),
    )


def _where(resource_type: ResourceType, wanted: Callable[[Field], bool]) -> tuple[Path, ...]:
    """The paths of the fields for which `wanted` holds; 0 in a path is any list position."""
    fields = fields_below(resource_type.facts.fields)
    return tuple(path for path, field in fields if wanted(field))


def _outermost(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The paths that are not inside another of the paths."""
    distinct = set(paths)
    return tuple(
        path
        for path in paths
        if not any(path[:length] in distinct for length in range(1, len(path)))
    )


@dataclass(frozen=True, slots=True)
class Values:
    """What `${var.NAME}` and `${secret.NAME}` stand for."""

    variables: Mapping[str, Any]
    secrets: Mapping[str, Secret]

    def filled(self, body: Any, rules: Rules, findings: list[Finding]) -> Any:
        """The body of a resource with every `${…}` resolved."""

        def lookup(sort: str, name: str, entire: bool, path: Path) -> Any:
            if sort == "secret":
                return self._secret(name, entire, path, rules)
            if sort != "var":
                raise not_allowed(sort, name, _ALLOWED)
            if name not in self.variables:
                raise Unresolved(
                    f"there is no variable {shown(name)}",
                    did_you_mean(name, self.variables) or _DECLARE.format("variables"),
                )
            return self.variables[name]

        return fill(body, (), lookup, findings)

    def _secret(self, name: str, entire: bool, path: Path, rules: Rules) -> Secret:
        pattern = tuple(0 if isinstance(part, int) else part for part in path)
        if not any(pattern[: len(field)] == field for field in rules.sensitive):
            raise Unresolved(
                "a secret cannot be used here: the field is not sensitive, so plans would show its "
                "value",
                _sensitive_hint(rules),
            )
        if not entire:
            raise Unresolved(
                "a secret must be the entire value", "Put the complete text into the secret."
            )
        if name not in self.secrets:
            raise Unresolved(
                f"there is no secret {shown(name)}",
                did_you_mean(name, self.secrets) or _DECLARE.format("secrets"),
            )
        return self.secrets[name]


def _sensitive_hint(rules: Rules) -> str:
    names = ", ".join(dotted(path) for path in rules.sensitive)
    return f"Sensitive fields: {names}." if names else "This kind has no sensitive field."


def declare(
    rules: Rules, key: str, body: Any, source: Source, values: Values | None
) -> tuple[Resource, list[Finding]]:
    """The resource that `body` declares, and what is wrong with it (with paths inside `body`).

    `values` is None where the body contains no `${…}`.
    """
    findings = list(_check_mapping(key, body))
    body = {} if body is None or findings else body
    if values:
        body = values.filled(body, rules, findings)
    names = rules.resource_type.facts.fields.keys()
    words = {} if body.keys() <= names else {n: v for n, v in body.items() if n[:1] == "$"}
    options = _options(words, rules, findings) if words else _NO_OPTIONS
    fields = {name: v for name, v in body.items() if name[:1] != "$"} if words else body
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
        unlisted_values = _check_listed_values(rules, fields)
        findings += [finding for finding in unlisted_values if finding.path not in reported]
    refs = tuple(
        Ref(path, target, value)
        for pattern, target in rules.targets
        if pattern[0] in fields
        for path, value in values_at(fields, pattern)
        if isinstance(value, str)
    )
    return Resource(rules.resource_type.scope.address(key), fields, refs, options, source), findings


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
    for field in rules.live:
        for path, value in values_at(fields, field.path):
            if isinstance(value, str) and (finding := unlisted(field, path, value)):
                yield finding


def _check(rules: Rules, fields: dict[str, Any], filled: bool) -> Iterator[Finding]:
    """All findings about an object on its own: forbidden fields first, then the schema's."""
    reported: list[Path] = []
    for finding in (*_forbidden(rules, fields), *_duplicate_entries(rules, fields)):
        if finding.path not in reported:
            reported.append(finding.path)
            yield finding
    instance = mask_secrets(fields, lambda _: "(sensitive)") if filled else fields
    if rules.fits(instance):
        return
    for finding in explain(rules.resource_type.facts.schema, instance):
        path = finding.path
        covered = any(path[: len(outer)] == outer for outer in reported)
        if not covered and not isinstance(value_at(fields, path), Secret):
            yield finding


def _forbidden(rules: Rules, fields: dict[str, Any]) -> Iterator[Finding]:
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
                    yield Finding(path, must, "", _TO_SECRET, True)
    for pattern, why in rules.unclear:
        if pattern[0] in fields:
            for path, _ in values_at(fields, pattern):
                hint = "Such a reference needs exactly one provider of that type."
                yield Finding(path, f"{dotted(path)} {why}", "", hint)


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


def _options(words: dict[str, Any], rules: Rules, findings: list[Finding]) -> Options:
    wrong = explain(_OPTIONS, words)
    bad = {finding.path[0] for finding in wrong}
    findings += wrong
    chosen = {word[1:]: value for word, value in words.items() if word not in bad}
    if "id" in chosen:
        chosen["id"] = str(chosen["id"])
    if "ignore" in chosen:
        chosen["ignore"] = tuple(chosen["ignore"])
        known_fields = rules.resource_type.facts.fields
        for position, name in enumerate(chosen["ignore"]):
            if name not in known_fields:
                kind = rules.resource_type.kind.name
                must = f"$ignore names {shown(name)}, which is not a field of {kind}"
                hint = did_you_mean(name, known_fields)
                findings.append(Finding(("$ignore", position), must, "", hint))
    return Options(**chosen)
