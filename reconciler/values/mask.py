"""Find the secrets in a value, at any depth, and replace them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from reconciler.model import ABSENT, FINGERPRINT, SENSITIVE, Fields, Secret, is_secret
from reconciler.values.fields import Facts, Field
from reconciler.values.fingerprints import Fingerprints
from reconciler.values.walk import DESCEND, Node, map_value, nodes, zip_value

_SCALARS = frozenset((str, int, float, bool, type(None)))


def is_plain(value: Any) -> bool:
    """Whether a value consists of dictionaries, lists and scalars, without secrets and without
    fingerprints of them: most do, and then nothing in them has to be replaced."""
    kind = type(value)
    if kind is dict:
        return FINGERPRINT not in value and all(map(is_plain, value.values()))
    return kind in _SCALARS or (kind is list and all(map(is_plain, value)))


def mask_secrets(value: Any, replacement: Callable[[Any], Any]) -> Any:
    """`value` with every secret and every fingerprint of one replaced by `replacement(secret)`, at
    any depth; where that returns ABSENT, the secret is left out."""
    if is_plain(value):
        return dict(value) if type(value) is dict else value

    def choose(_: Field | None, part: Any) -> Any:
        return replacement(part) if is_secret(part) else DESCEND

    return map_value(None, value, choose)


def redacted(value: Any) -> Any:
    """`value` as it may be shown: without secrets, and without their fingerprints."""
    return mask_secrets(value, lambda _: SENSITIVE)


def reveal_secrets(fields: Fields) -> dict[str, Any]:
    """The fields with their secrets in clear text, only for the request that sends them."""
    revealed: dict[str, Any] = mask_secrets(
        fields, lambda secret: secret.reveal() if isinstance(secret, Secret) else secret
    )
    return revealed


def drop_secrets(facts: Facts, fields: Fields) -> Fields:
    """The fields without secrets, to compare with a live object: no vendor shows a secret."""
    return mask_secrets(fields, lambda _: ABSENT) if facts.sensitive else fields


def seal_secrets(facts: Facts, fields: Fields, fingerprints: Fingerprints) -> Fields:
    """The fields as the ledger stores them: each secret replaced by its fingerprint."""

    def sealed(secret: Any) -> Any:
        return {FINGERPRINT: fingerprints.of(secret)} if isinstance(secret, Secret) else secret

    return mask_secrets(fields, sealed) if facts.sensitive else fields


def secrets_in(facts: Facts, fields: Fields) -> Iterator[Node]:
    """Every secret and every fingerprint of one in the fields of an object."""
    if facts.sensitive:
        for name, value in fields.items():
            for node in nodes(facts.fields.get(name), value, (name,), (name,)):
                if is_secret(node.value):
                    yield node


def restore_fingerprints(field: Field | None, live: Any, recorded: Any) -> Any:
    """A live value with the fingerprints of its secrets taken from the ledger's value."""

    def choose(_: Field | None, live: Any, recorded: Any) -> Any:
        if is_secret(recorded):
            return recorded
        if isinstance(live, dict) and isinstance(recorded, dict):
            return DESCEND
        return DESCEND if isinstance(live, list) and isinstance(recorded, list) else live

    return zip_value(field, live, recorded, choose, follow_right=False)


def accept_live(facts: Facts, recorded: Fields, live: Fields) -> Fields:
    """The fields that the ledger stores once the live values are accepted. Fingerprints of secrets
    stay as recorded, because no vendor shows a secret."""
    if not facts.sensitive:
        return {**recorded, **live}
    sealed = {
        name: restore_fingerprints(facts.fields.get(name), value, recorded.get(name))
        for name, value in live.items()
    }
    return {**recorded, **sealed}
