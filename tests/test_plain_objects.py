"""Objects that only the schema has to look at: what is read of them at once is what is read of an
object that is searched for secrets, options, references and repeated entries."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.errors import Source
from reconciler.kinds.resource_types import ResourceTypes
from reconciler.manifest.declaration import declare
from reconciler.manifest.rules import rules_of
from reconciler.manifest.substitution import Values
from reconciler.model import Scope
from reconciler.providers import PROVIDERS

TYPES = ResourceTypes(PROVIDERS)
SCOPES = [
    Scope("kobo-plm", "suppliers"),  # a set of texts
    Scope("kobo-plm", "components"),  # a reference
    Scope("kobo-plm", "webhooks"),  # what only the vendor sets
    Scope("kibo", "fetch_file_configs"),  # a secret
    Scope("kobiks", "products"),
]
RULES = {scope: rules_of(TYPES, scope) for scope in SCOPES}
NAMES = sorted({name for rules in RULES.values() for name in rules.resource_type.facts.fields})
TEXTS = st.sampled_from(["GOTS", "Kumaş", "Kumas\u0327", "", "1", "$x", "a@b.example"])
SCALARS = st.none() | st.booleans() | st.sampled_from([0, 1, 1.0, -1]) | TEXTS
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    st.lists(st.dictionaries(st.sampled_from(["name", "code", "value"]), SCALARS), max_size=2),
    st.dictionaries(st.sampled_from(["name", "city", "tr"]), SCALARS, max_size=2),
)
OPTIONS = st.fixed_dictionaries(
    {}, optional={"$protect": SCALARS, "$id": SCALARS, "$ignore": st.lists(TEXTS, max_size=1)}
)


def both(scope: Scope, key: str, body: Any) -> tuple[Any, Any]:
    """What is read of an object at once, and what is read where it may have `${…}` anywhere."""
    source = Source("m.yaml", 1)
    at_once = declare(RULES[scope], key, body, source, None)
    return at_once, declare(RULES[scope], key, body, source, Values({}, {}))


@pytest.mark.parametrize("scope", SCOPES, ids=str)
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_an_object_is_read_alike_either_way(scope: Scope, data: st.DataObject) -> None:
    """Whatever an object has, good or bad: the same resource and the same findings."""
    own = st.sampled_from(sorted(RULES[scope].resource_type.facts.fields))
    fields = data.draw(st.dictionaries(own | st.sampled_from([*NAMES, "nonsense"]), VALUES))
    body = data.draw(st.just(fields) | OPTIONS.map(lambda options: {**fields, **options}))
    at_once, slow = both(scope, "K", body)
    assert repr(at_once) == repr(slow)


@pytest.mark.parametrize("body", [None, [], "x", 1, {}])
def test_a_body_that_is_no_mapping_is_read_alike(body: Any) -> None:
    """Nothing below a key, or something else than fields."""
    at_once, slow = both(SCOPES[0], "K", body)
    assert repr(at_once) == repr(slow)


@pytest.mark.parametrize(
    ("fields", "finding"),
    [
        ({"certifications": ["GOTS", "GOTS"]}, "twice"),
        ({"certifications": ["Kumaş", "Kumas\u0327"]}, "twice"),
        ({"currency": 1}, "currency must be text"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_what_is_wrong_is_found(fields: Any, finding: str) -> None:
    """An object that only the schema looks at is not let through unseen."""
    _, findings = both(SCOPES[0], "K", {"name": "Bir", **fields})[0]
    assert finding in findings[0].must
