"""Replace `${var.NAME}` and `${secret.NAME}` in the body of a resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from reconciler.manifest.rules import Rules
from reconciler.model import Path, Secret
from reconciler.values.interpolation import Budget, Unresolved, fill, not_allowed
from reconciler.values.text import Suggestions, dotted, shown
from reconciler.values.validate import Finding

_ALLOWED = (
    "Manifests support ${var.NAME} and, in sensitive fields, ${secret.NAME}, both declared in "
    "reconciler.yaml"
)
_DECLARE = "Declare it under {} in reconciler.yaml."


@dataclass(frozen=True)
class Values:
    """The values of `${var.NAME}` and `${secret.NAME}`."""

    variables: Mapping[str, Any]
    secrets: Mapping[str, Secret]
    budget: Budget = field(default_factory=Budget)

    @cached_property
    def _variable_names(self) -> Suggestions:
        return Suggestions(self.variables)

    @cached_property
    def _secret_names(self) -> Suggestions:
        return Suggestions(self.secrets)

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
                    self._variable_names.sentence(name) or _DECLARE.format("variables"),
                )
            return self.variables[name]

        return fill(body, (), lookup, findings, self.budget)

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
                self._secret_names.sentence(name) or _DECLARE.format("secrets"),
            )
        return self.secrets[name]


def _sensitive_hint(rules: Rules) -> str:
    names = ", ".join(dotted(path) for path in rules.sensitive)
    return f"Sensitive fields: {names}." if names else "This kind has no sensitive field."
