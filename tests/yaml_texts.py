"""YAML as other people and other programs write it, for tests of what reads and changes it."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import yaml
from hypothesis import strategies as st

from reconciler import yaml12
from reconciler.errors import Invalid
from reconciler.yaml12 import writer


def values(data: bytes) -> list[Any]:
    """What our reader reads in a file."""
    return [document.value for document in yaml12.parse(data, "a file")]


def exact(found: list[Any]) -> str:
    """Values as text that tells 1, 1.0 and true apart."""
    return json.dumps(found, sort_keys=True)


KEYS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8) | st.sampled_from(
    ["no", "1", "007", "a b", "# x", "x: y", "- a", "x" * 130, "1e3", "null", "~", "${var.x}",
     "::a", "Sipariş", "|", "key", "name"]
)  # fmt: skip
TEXTS = (
    KEYS
    | st.sampled_from(
        ["\nx", " x\n y", "a\nb\n", "a\nb", "a\n\n", "\n", "a\n\n\n\nb", "a b " * 30,
         "x\n  y\nz\n", " # a\nb", "12:30", "2024-01-15"]
    )
    | st.text(st.sampled_from("a \n#:-"), max_size=12)
)  # fmt: skip
VALUES = st.recursive(
    TEXTS | st.integers(-9, 9) | st.booleans() | st.none() | st.sampled_from([1.5, 1e22]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)
DOCUMENTS = st.lists(st.dictionaries(KEYS, VALUES, max_size=4), min_size=1, max_size=3)


def written(documents: list[Any], random: Random) -> str:
    """The documents as somebody else's YAML."""
    text = ""
    for document in documents:
        text += yaml.dump(
            document,
            Dumper=random.choice([yaml.SafeDumper, writer._Block]),
            default_flow_style=random.choice([None, True, False, False]),
            default_style=random.choice([None, None, None, '"', "'", "|", ">"]),
            indent=random.choice([None, 1, 2, 3, 6]),
            width=random.choice([5, 20, 80, 1000]),
            explicit_start=bool(text) or random.choice([True, False]),
            explicit_end=random.choice([None, None, True]),
            allow_unicode=True,
        )
    return text


def commented(text: str, random: Random) -> tuple[str, int]:
    """The text with comments and empty lines where they are none of a value, and how many."""
    meant = exact(values(text.encode()))
    lines = text.split("\n")
    comments = 0
    for _ in range(random.randint(0, 6)):
        at, tried = random.randrange(len(lines)), list(lines)
        sort, comment = random.choice(["beside", "above", "empty"]), f"# c{comments}."
        if sort == "beside":
            tried[at] += " " * random.randint(1, 3) + comment
        else:
            tried.insert(at, " " * random.randint(0, 9) + comment if sort == "above" else "")
        try:
            if exact(values("\n".join(tried).encode())) != meant:
                continue
        except Invalid:
            continue
        lines = tried
        comments += sort != "empty"
    return "\n".join(lines), comments
