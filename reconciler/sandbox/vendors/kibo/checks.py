"""How Kibo's platform family checks the body of a write: types, codes that must exist, errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Account, Answer, Call, Field, Kind, Refused

INVALID, CONFLICT, MISSING = "MISSING_OR_INVALID_PARAMETER", "ITEM_ALREADY_EXISTS", "ITEM_NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Reference:
    """A (dotted) field of one kind that holds codes of another."""

    kind: str
    path: str
    target: str
    field: str


REFERENCES = (
    Reference("locations", "locationTypes.code", "location_types", "code"),
    Reference("location_groups", "locationCodes", "locations", "code"),
    Reference("location_usages", "locationTypeCodes", "location_types", "code"),
    Reference("location_usages", "locationCodes", "locations", "code"),
    Reference("price_lists", "parentPriceListCode", "price_lists", "priceListCode"),
    Reference("price_lists", "mappedCustomerSegments", "customer_segments", "code"),
    Reference("price_list_entries", "priceListCode", "price_lists", "priceListCode"),
    Reference("safety_stock_rules", "locationCodes", "locations", "code"),
    Reference("safety_stock_rules", "locationGroups", "location_groups", "locationGroupCode"),
)


def refused(status: int, code: str, message: str, *wrong: tuple[str, str]) -> Refused:
    """An error of the platform family; `wrong` names parameters, each with what is wrong."""
    body: Object = {"applicationName": "Kibo", "errorCode": code, "message": message}
    named = [[{"name": "ParameterName", "value": name}] for name, _ in wrong]
    if len(wrong) > 1:
        body["items"] = [
            body | {"message": why, "additionalErrorData": data}
            for (_, why), data in zip(wrong, named, strict=True)
        ]
    if named:
        body["additionalErrorData"] = named[0]
    return Refused(Answer(status, body))


def invalid(*wrong: tuple[str, str]) -> Refused:
    """The 400 for parameters that are missing or wrong, the first of them in the message."""
    name, why = wrong[0]
    return refused(400, INVALID, f"Missing or invalid parameter: {name} {why}", *wrong)


def missing(kind: Kind, key: object) -> Refused:
    """The 404 for an object that is not there."""
    return refused(404, MISSING, f"Item not found: {kind.name} {key} not found.")


def taken(kind: Kind, key: object) -> Refused:
    """The 409 for a create of what is there already."""
    return refused(409, CONFLICT, f"Item already exists: {kind.name} {key}")


def dense(value: Any) -> Any:
    """The value without its nulls, at every depth: Kibo neither keeps nor sends them."""
    if isinstance(value, dict):
        return {key: dense(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [dense(inner) for inner in value if inner is not None]
    return value


def checked(account: Account, kind: Kind, body: object) -> Object:
    """The fields of a whole object: what was not sent gets its default, what is unknown goes."""
    if not isinstance(body, Mapping):
        raise invalid((kind.name, "must be an object"))
    fields: Object = {}
    wrong = []
    for each in kind.fields:
        if not each.writable:
            continue
        value = dense(body.get(each.name))
        if value is None or (each.required and value in ("", [])):
            if each.required:
                wrong.append((each.name, "is required"))
            elif each.default is not None:
                fields[each.name] = each.initial()
        elif not TYPES[each.type](each, value):
            wrong.append((each.name, f"must be {WORDS[each.type]}"))
        else:
            fields[each.name] = value
    if wrong:
        raise invalid(*wrong)
    _look_up(account, kind, fields)
    return fields


def _look_up(account: Account, kind: Kind, fields: Object) -> None:
    for each in REFERENCES:
        if each.kind == kind.name:
            for code in codes(fields, each.path):
                if not account.store[each.target].find(each.field, code):
                    raise invalid((each.path, f"{code} does not exist"))


def codes(thing: Mapping[str, Any], path: str) -> Iterator[Any]:
    """Every value at a dotted path, through arrays as well."""
    name, _, rest = path.partition(".")
    value = thing.get(name)
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict) and rest:
            yield from codes(each, rest)
        elif isinstance(each, str | int | float) and not rest:
            yield each


def guard(call: Call, kind: Kind, thing: Object) -> None:
    """Refuses to take away what something still refers to."""
    for each in REFERENCES:
        if each.target == kind.name:
            code = thing[each.field]
            if call.account.store[each.kind].find(each.path, code):
                message = f"Validation conflict: {kind.name} {code} is used by {each.kind}"
                raise refused(409, "VALIDATION_CONFLICT", message)


def _all(kind: type | tuple[type, ...]) -> Callable[[Field, Any], bool]:
    """Whether a value is an array of these; Python's booleans are integers, JSON's are not."""

    def holds(_: Field, value: Any) -> bool:
        return isinstance(value, list) and all(
            isinstance(each, kind) and not isinstance(each, bool) for each in value
        )

    return holds


def _number(_: Field, value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _choice(each: Field, value: Any) -> bool:
    return value in each.one_of


TYPES: Mapping[str, Callable[[Field, Any], bool]] = {
    "string": lambda _, value: isinstance(value, str),
    "choice": _choice,
    "boolean": lambda _, value: isinstance(value, bool),
    "integer": lambda _, value: isinstance(value, int) and not isinstance(value, bool),
    "number": _number,
    "object": lambda _, value: isinstance(value, dict),
    "strings": _all(str),
    "integers": _all(int),
    "objects": _all(dict),
    "any": lambda _, __: True,
}
WORDS: Mapping[str, str] = {
    "string": "a string",
    "choice": "one of the documented values",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "object": "an object",
    "strings": "an array of strings",
    "integers": "an array of whole numbers",
    "objects": "an array of objects",
    "any": "anything",
}
