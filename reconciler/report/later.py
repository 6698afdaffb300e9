"""Functions of formats that are imported when they are used: most runs use one or two of many."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module


def later(module: str, name: str, platform: str = "") -> Callable[..., Iterable[str]]:
    """The function of this name in a module of `reconciler.report`; where a platform is named, with
    what that module has in `PLATFORMS` for it."""

    def lines(*arguments: object, **named: object) -> Iterable[str]:
        functions = import_module(f"reconciler.report.{module}")
        if platform:
            named["platform"] = functions.PLATFORMS[platform]
        shown: Iterable[str] = getattr(functions, name)(*arguments, **named)
        return shown

    return lines
