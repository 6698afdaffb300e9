"""What a file of a workspace can hold, to be explained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.frozen import frozen


@frozen
class Setting:
    """Something that a file can hold: its full name, its schema, whether it must be there, what is
    inside it, and a value as an example. `also` says in a sentence what else there is to ask."""

    name: str
    schema: Mapping[str, Any]
    required: bool = False
    members: tuple[Setting, ...] = ()
    example: Any = None
    also: str = ""
