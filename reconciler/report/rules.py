"""What findings in manifests are about: rules with names that stay, for code scanning.

A finding has no kind of its own. It is known by our words in its summary: its rule is the first
whose words are there.
"""

from __future__ import annotations

import re

from reconciler.frozen import frozen


@frozen
class Rule:
    """A rule: its name, what is wrong where it is broken, what to do, the words by which a finding
    is known, and whether a finding is an error."""

    name: str
    title: str
    advice: str
    words: str
    error: bool = True


RULES = (
    Rule(
        "yaml",
        "A file is not valid YAML",
        "Correct the syntax where the message points. Only YAML 1.2 is read.",
        r"^(not valid YAML|.* is not UTF-8|a manifest must be a mapping)",
    ),
    Rule(
        "duplicate-key",
        "A key is there twice",
        "Remove one of the two: a reader would take only the last.",
        "^duplicate key ",
    ),
    Rule(
        "declared-twice",
        "An object is declared twice",
        "Remove one of the declarations, or give one of them another key.",
        " is declared twice",
    ),
    Rule(
        "unknown-provider",
        "A provider is not in the workspace",
        "Name a provider that reconciler.yaml declares.",
        "(^there is no provider |the provider .* which is not declared)",
    ),
    Rule(
        "unknown-kind",
        "A kind does not exist",
        "`reconciler providers` lists the kinds of each provider.",
        "(^unknown kind | has no kind )",
    ),
    Rule(
        "unknown-field",
        "A field does not exist",
        "`reconciler explain KIND` lists the fields of a kind.",
        "^(unknown|there is no) (field|option) ",
    ),
    Rule(
        "missing-field",
        "A field is missing",
        "Declare the field: the vendor creates no object without it.",
        "( is missing| must be declared)",
    ),
    Rule(
        "not-settable",
        "A field cannot be declared",
        "Remove the field: the vendor sets it by itself, or takes it only on screen.",
        "(set by the vendor|cannot be declared|cannot be set)",
    ),
    Rule(
        "variable",
        "A variable cannot be filled in",
        "Declare the variable or the secret in reconciler.yaml, and set what it is read from.",
        r"(\$\{|there is no variable|environment variable|secret must be)",
    ),
    Rule(
        "reference",
        "A reference leads nowhere, or in a circle",
        "Name an object that is declared or exists at the vendor.",
        "(refers to|reference|names no )",
    ),
    Rule(
        "value-not-listed",
        "A value is not among those that the vendor lists",
        "Take one of the listed values; `reconciler explain KIND.FIELD` shows them.",
        "(is not one of|must be one of)",
    ),
    Rule(
        "value",
        "A value is not of the right form",
        "`reconciler explain KIND.FIELD` says what a field may hold.",
        "( must be | must match |wrong format| twice$|is too )",
    ),
    Rule(
        "error", "A manifest or the workspace cannot be used", "Correct it as the message says.", ""
    ),
    Rule(
        "value-not-documented",
        "A value is not among those that the vendor documents",
        "Check it for a spelling mistake: the vendor may know more values than it documents.",
        "is not one of",
        error=False,
    ),
    Rule(
        "deprecated",
        "The vendor will take something away",
        "Use what the message names instead, before the vendor removes it.",
        "deprecated",
        error=False,
    ),
    Rule(
        "warning",
        "Something in a manifest needs a look",
        "Look at it; it stops nothing.",
        "",
        error=False,
    ),
)
"""In the order in which they are tried; the last ones of errors and of warnings fit all."""


def rule_of(summary: str, error: bool) -> Rule:
    """The rule of a finding with this summary."""
    fitting = (rule for rule in RULES if rule.error == error and re.search(rule.words, summary))
    return next(fitting)
