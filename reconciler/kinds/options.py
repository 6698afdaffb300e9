"""The words of a resource that are the tool's and not the vendor's, as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.values.fields import Schema

OPTIONS: Mapping[str, Schema] = {
    "$absent": {
        "type": "boolean",
        "description": "True says that the object must not exist: it is deleted where it does.",
        "default": False,
    },
    "$id": {
        "type": ["string", "integer"],
        "description": "The vendor's id of the object, where its natural key does not find it.",
        "examples": ["42"],
    },
    "$ignore": {
        "type": "array",
        "items": {
            "type": "string",
            "maxLength": 500,
            "description": "A field, or the path of a part: `address.street`, `contacts[].role` of "
            "every entry of a list, `carriers[UPS]` of the entry with that name.",
        },
        "uniqueItems": True,
        "maxItems": 100,
        "description": "Fields and parts of them that plan, apply and drift leave alone.",
        "examples": [["description", "address.street"]],
    },
    "$on_remove": {
        "type": "string",
        "enum": ["delete", "keep"],
        "description": "What becomes of the object when it leaves the manifests: `delete` it, "
        "or `keep` it at the vendor and let it go.",
        "default": "delete",
    },
    "$protect": {
        "type": "boolean",
        "description": "True forbids to destroy or replace the object, "
        "also after it has left the manifests.",
        "default": False,
    },
    "$rotate": {
        "type": ["string", "integer"],
        "minLength": 1,
        "description": "Any text, such as a date: when it changes, the secret that the vendor "
        "shows once is replaced by a new one. Only for kinds that have such a secret.",
        "examples": ["2026-11"],
    },
    "$was": {
        "type": "string",
        "minLength": 1,
        "description": "The key under which the object was declared before.",
        "examples": ["old-key"],
    },
}

MARKS: Mapping[str, Schema] = {
    "${var.NAME}": {
        "type": "string",
        "description": "The value that `reconciler.yaml` declares under `variables`: of any type "
        "where it is the entire value, and as text inside a longer text.",
        "examples": ["${var.region}"],
    },
    "${secret.NAME}": {
        "type": "string",
        "description": "The value that `reconciler.yaml` declares under `secrets`: the entire "
        "value of a sensitive field, and never shown.",
        "examples": ["${secret.sftp}"],
    },
    "${env.NAME}": {
        "type": "string",
        "description": "An environment variable: only in `reconciler.yaml`, and only as the "
        "entire value of a credential or a secret.",
        "examples": ["${env.KOBO_API_KEY}"],
    },
    "$${": {
        "type": "string",
        "description": "A literal `${`, where no variable is meant.",
        "examples": ["costs $${price}"],
    },
}
"""What may stand in a text in place of a value."""
