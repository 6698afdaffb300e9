"""Plain values → YAML that is read back as the same values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

# What our reader takes for a number and PyYAML's YAML 1.1 rules do not: `1e3`, `-.5`, `1E+2`.
_NUMBER = re.compile(r"^[-+]?(?:\.?[0-9])[0-9.eE+-]*$")
_ENDLESS = 1_000_000


class _Dumper(yaml.SafeDumper):
    """Quotes every text that YAML 1.1 or YAML 1.2 would take for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never writes an anchor: a value that stands in two places is written twice."""
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """A text of several lines as a block, where a block can hold it."""
        lines = text.split("\n")
        block = len(lines) > 2 and all(line == line.strip() for line in lines)
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="|" if block else None)


_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("0123456789+-."))
_Dumper.add_representer(str, _Dumper.represent_text)


def text(value: Mapping[str, Any]) -> str:
    """A block of YAML, members in the order given, one line each however long."""
    return _dumped(dict(value))


def flow(value: Any) -> str:
    """A value on one line, in flow style."""
    line = _dumped(value, default_flow_style=True)
    return line.removesuffix("\n").removesuffix("\n...").replace("\n", " ")


def _dumped(value: Any, **style: Any) -> str:
    dumped: str = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_ENDLESS, **style
    )
    return dumped
