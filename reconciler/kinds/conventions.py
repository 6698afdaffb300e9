"""A kind from the `x-kind` of its schema, and what a vendor does alike for all of its kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reconciler.frozen import frozen
from reconciler.kinds.calls import After, Archive, Call, Carries, Paging, Parent, Verb, Within
from reconciler.kinds.kind import Kind
from reconciler.values.fields import Schema, load_schema, schema_folder

ACCOUNT = "account"
"""The schema of a provider's settings, which stands beside those of its kinds."""


@frozen
class Conventions:
    """What a vendor does alike for all of its kinds, where a kind does not say otherwise.

    lists       the member of an answer that holds a list; None: the answer is the list
    objects     the member of an answer that holds an object; None: the answer is the object
    paging      how lists come in pages; None: they come whole
    update      the HTTP method of an update, and `carries` what its body holds
    id_is_key   objects are addressed by their natural keys, and have no other ids
    unique      natural keys are unique
    idempotent  creates take an `Idempotency-Key`
    vendor_set  members that answers have and only the vendor sets
    """

    lists: str | None = None
    objects: str | None = None
    paging: Paging | None = None
    update: str = "PUT"
    carries: Carries = Carries.KNOWN
    id_is_key: bool = False
    unique: bool = False
    idempotent: bool = False
    vendor_set: frozenset[str] = frozenset()


def crud(
    conventions: Conventions, path: str, object_path: str = "", query: Mapping[str, str] = {}
) -> dict[Verb, Call]:
    """The usual five requests for objects that are listed at `path`; each has its own address at
    `object_path`, by default `path` with the id behind it. `query` is that of the list."""
    address, held = object_path or f"{path}/{{id}}", conventions.objects
    return {
        Verb.LIST: Call("GET", path, conventions.lists, query),
        Verb.GET: Call("GET", address, held),
        Verb.CREATE: Call("POST", path, held),
        Verb.UPDATE: Call(conventions.update, address, held, carries=conventions.carries),
        Verb.DELETE: Call("DELETE", address),
    }


def read_kind(provider_type: str, name: str, conventions: Conventions) -> Kind:
    """The kind that `schemas/<provider_type>/<name>.json` declares."""
    schema = load_schema(f"{provider_type}/{name}.json")
    facts: Mapping[str, Any] = schema["x-kind"]
    key = tuple(facts.get("key", schema.get("required", ())))
    parent, archive = facts.get("parent"), facts.get("archive")
    usual = ("id",) if key and not conventions.id_is_key else key
    return Kind(
        name=name,
        title=_title(schema["title"]),
        calls=_calls(facts, conventions),
        natural_key=key,
        screen=facts["screen"],
        paging=conventions.paging if facts.get("paging", True) else None,
        updated_since=facts.get("updated_since", ""),
        identifier=tuple(facts.get("id", usual)),
        unique=facts.get("unique", conventions.unique),
        idempotent=conventions.idempotent,
        right=facts.get("right"),
        parent=Parent(parent["field"], parent.get("member", parent["field"])) if parent else None,
        within=Within(**facts["within"]) if "within" in facts else None,
        archive=_archive(archive, conventions) if archive else None,
        after=tuple(
            After(first["kind"], first["by"], tuple(first["fields"]))
            for first in facts.get("after", ())
        ),
        rotate=Call("POST", facts["rotate"], conventions.objects) if "rotate" in facts else None,
        vendor_set=conventions.vendor_set,
        instants=frozenset(
            name
            for name, part in schema["properties"].items()
            if name in key and part.get("format") == "date-time"
        ),
        undeletable=facts.get("undeletable", False),
        delete_hint=facts.get("delete_hint", ""),
        notes=tuple(facts.get("notes", ())),
    )


class Kinds(Mapping[str, Kind]):
    """The kinds of a vendor by name, in the order of `names`. A run needs few of them: each is read
    with `read` when it is first asked for."""

    def __init__(self, names: Sequence[str], read: Callable[[str], Kind]) -> None:
        self._read = read
        self._made: dict[str, Kind | None] = dict.fromkeys(names)

    def __getitem__(self, name: str) -> Kind:
        kind = self._made[name]
        if kind is None:
            kind = self._made[name] = self._read(name)
        return kind

    def __contains__(self, name: object) -> bool:
        return name in self._made

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


def kinds(
    provider_type: str,
    conventions: Conventions,
    order: str = "",
    exceptions: Mapping[str, Mapping[str, Any]] = {},
) -> Mapping[str, Kind]:
    """Every kind that has a schema in `schemas/<provider_type>/`, by name.

    `order` names those that come first where kinds are listed; the others follow in the order of
    the alphabet.
    `exceptions` are the attributes of `Kind` that no schema can state, by the name of the kind.
    Raises KeyError for a name in either that is not that of a kind.
    """
    files = (schema_folder() / provider_type).glob("*.json")
    names = sorted(file.stem for file in files if file.stem != ACCOUNT)
    first = order.split()
    if unknown := {*first, *exceptions} - set(names):
        raise KeyError(f"{provider_type} has no schemas of these kinds: {sorted(unknown)}")

    def read(name: str) -> Kind:
        kind = read_kind(provider_type, name, conventions)
        return replace(kind, **exceptions[name]) if name in exceptions else kind

    return Kinds(tuple(dict.fromkeys((*first, *names))), read)


def _calls(facts: Mapping[str, Any], conventions: Conventions) -> dict[Verb, Call]:
    usual = crud(conventions, facts["path"], facts.get("object", ""), facts.get("query", {}))
    differences: Mapping[str, Mapping[str, Any]] = facts.get("verbs") or {v: {} for v in Verb}
    return {verb: _call(usual[verb], differences[verb]) for verb in Verb if verb in differences}


def _call(usual: Call, differences: Mapping[str, Any]) -> Call:
    carries = Carries(differences.get("carries", usual.carries))
    return replace(usual, **{**differences, "carries": carries})


def _archive(facts: Mapping[str, Any], conventions: Conventions) -> Archive:
    restore = facts.get("restore")
    call = Call("POST", restore, conventions.objects) if restore else None
    return Archive(facts["member"], call, facts.get("query"))


def _title(title: str) -> str:
    """What a person calls one object, inside a sentence: the schema's title, acronyms kept."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


_TEXT: Schema = {"type": "string", "minLength": 1}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_QUERY: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
_CALL: Schema = {
    "type": "object",
    "description": "What differs from the usual request of this verb; `{}`: nothing.",
    "additionalProperties": False,
    "properties": {
        "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
        "path": _TEXT,
        "envelope": {"type": ["string", "null"], "description": "The answer's member to read."},
        "query": _QUERY,
        "carries": {"enum": [carries.value for carries in Carries]},
        "adds": {"type": "object", "description": "Members that every body has."},
        "silent": {"const": True, "description": "The answer is not read."},
    },
}
KIND: Schema = {
    "type": "object",
    "description": "How the vendor lists and changes objects of this kind; only at the root.",
    "additionalProperties": False,
    "required": ["path", "screen"],
    "properties": {
        "path": {**_TEXT, "description": "Where objects are listed and created."},
        "object": {**_TEXT, "description": "Where one object is; by default `path`/{id}."},
        "query": {**_QUERY, "description": "The query of the list."},
        "verbs": {
            "type": "object",
            "description": "The verbs that the vendor has; by default all five.",
            "additionalProperties": False,
            "properties": {verb.value: _CALL for verb in Verb},
        },
        "key": {
            **_TEXTS,
            "description": "The natural key, where it is not the field that `required` names.",
        },
        "id": {
            **_TEXTS,
            "description": "The answer's members that make the id; none where the natural key is "
            "all there is.",
        },
        "paging": {"const": False, "description": "The list comes whole."},
        "updated_since": {
            **_TEXT,
            "description": "The query parameter of the list that leaves only what changed since a "
            "point in time, which is given as ISO 8601.",
        },
        "unique": {"type": "boolean", "description": "The vendor keeps natural keys unique."},
        "screen": {**_TEXT, "description": "Where a person changes an object."},
        "right": {**_TEXT, "description": "The stem of the right that credentials need."},
        "parent": {
            "type": "object",
            "description": "What an object belongs to: the field that refers to it, and what its "
            "id is called in answers and paths.",
            "additionalProperties": False,
            "required": ["field"],
            "properties": {"field": _TEXT, "member": _TEXT},
        },
        "within": {
            "type": "object",
            "description": "Objects have no list of their own: those of another kind, whose list "
            "`path` is, show them in a list of this name.",
            "additionalProperties": False,
            "required": ["kind", "field"],
            "properties": {"kind": _TEXT, "field": _TEXT},
        },
        "archive": {
            "type": "object",
            "description": "Deleting archives an object: the member that is true of one, the path "
            "that restores it, and the query that lists those archived.",
            "additionalProperties": False,
            "required": ["member"],
            "properties": {"member": _TEXT, "restore": _TEXT, "query": _QUERY},
        },
        "after": {
            "type": "array",
            "description": "Kinds whose objects are written first where the field `by` is the same "
            "and one of their `fields` changes.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["kind", "by", "fields"],
                "properties": {"kind": _TEXT, "by": _TEXT, "fields": {**_TEXTS, "minItems": 1}},
            },
        },
        "rotate": {
            **_TEXT,
            "description": "The path that replaces the secret which the vendor shows once, with a "
            "POST that answers the new one.",
        },
        "undeletable": {"const": True, "description": "What is no longer declared is let go."},
        "delete_hint": {**_TEXT, "description": 'What a person may do instead: "or …".'},
        "notes": {**_TEXTS, "description": "Oddities and assumptions, for the reference page."},
    },
}
"""What `x-kind` may hold: the meta-schema of a kind's schema includes it."""
NOT_MANAGED: Schema = {
    "type": "array",
    "description": "What the vendor has and no kind manages; only at the root of an account's "
    "schema.",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["names", "why"],
        "properties": {
            "names": {**_TEXTS, "minItems": 1, "description": "As somebody would call the kind."},
            "why": {**_TEXT, "pattern": "\\.$", "description": "Why not, in one sentence."},
        },
    },
}
"""What `x-not-managed` holds."""
