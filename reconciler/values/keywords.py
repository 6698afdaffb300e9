"""Define the keywords that we add to JSON Schema: what each means, and which values it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Word(NamedTuple):
    """A keyword that we add to JSON Schema: what it means, and the schema of its value."""

    meaning: str
    schema: Mapping[str, Any]


_FLAG: Mapping[str, Any] = {"const": True}

WORDS: Mapping[str, Word] = {
    "x-account": Word(
        "says which account a provider's objects belong to: the ledger keeps the setting itself "
        "(`shown`), or a keyed fingerprint of it",
        {"enum": ["shown", "fingerprint"]},
    ),
    "x-by-key": Word("the vendor names the object by its natural key and not by its id", _FLAG),
    "x-conditional": Word(
        "the vendor may refuse a value, depending on other fields or on its own state", _FLAG
    ),
    "x-date": Word(
        "the vendor's date format (strftime): compared with an ISO date as a date",
        {"type": "string", "pattern": "%", "examples": ["%d-%m-%Y"]},
    ),
    "x-decimal": Word('a decimal number: "45.00" equals 45 and 45.0', _FLAG),
    "x-header": Word(
        "the header of every request that holds this setting of an account",
        {"type": "string", "minLength": 1, "examples": ["Kibo-Locale"]},
    ),
    "x-immutable": Word("cannot be changed: another value replaces the object", _FLAG),
    "x-key": Word(
        "the member that identifies an entry of a list; without it, entries are matched by what "
        "they contain",
        {"type": "string", "minLength": 1, "examples": ["name"]},
    ),
    "x-live": Word(
        "the vendor's own list of the values that are allowed (checked by validate --online)",
        {"type": "string", "pattern": "^[a-z_]+$", "examples": ["webhook_events"]},
    ),
    "x-lookup": Word(
        "a value of this pattern is another name (such as an e-mail address) for the id that "
        "answers have: the list, asked with this query parameter, shows objects with the id",
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["query", "pattern"],
            "properties": {
                "query": {"type": "string", "minLength": 1},
                "pattern": {"type": "string", "minLength": 1},
            },
            "examples": [{"query": "UserId", "pattern": "@"}],
        },
    ),
    "x-may-add": Word(
        "the vendor's documentation leaves open whether a write sets this quantity or adds to it: "
        "such writes are sent one after the other and read back until one was seen to be set, and "
        "the first that was added stops the rest",
        _FLAG,
    ),
    "x-number": Word(
        "true: written as a JSON number, also where it is declared as text; "
        "false: written as text, also where it is declared as a number",
        {"type": "boolean", "examples": [True]},
    ),
    "x-observed": Word(
        "answers show it and no request sets it: compared where it is declared, and a difference "
        "is changed by hand; never imported. Only for a field of the object itself",
        _FLAG,
    ),
    "x-read": Word(
        "where an answer has it, if not under its own name: dotted paths, of which the first that "
        "exists is used. For the items of a list: a path in each item",
        {
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "minItems": 1,
            "examples": [["supplier.id", "supplier_id"]],
        },
    ),
    "x-ref": Word(
        "names an object of this kind (`kind`, or `provider-type/kind`)",
        {"type": "string", "pattern": "^([a-z-]+/)?[a-z_]+$", "examples": ["suppliers"]},
    ),
    "x-required": Word("the vendor requires it to create an object", _FLAG),
    "x-sensitive": Word("never shown; filled only by ${secret.NAME}", _FLAG),
    "x-set": Word("the order of the entries does not matter", _FLAG),
    "x-volatile": Word(
        "the vendor changes it itself: compared only where declared, never imported", _FLAG
    ),
    "x-write": Word(
        "its name in a request body, if not its own name: a dotted path; false where it is only in "
        "the path of the request. For the items of a list: the member that wraps each item",
        {
            "anyOf": [{"type": "string", "minLength": 1}, {"const": False}],
            "examples": ["supplier_id"],
        },
    ),
}
