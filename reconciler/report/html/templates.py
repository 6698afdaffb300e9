"""The files that the page is made of, and Jinja2, which fills them and escapes every text."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined, Template

from reconciler.values.text import printable

LONGEST_NAME = 200


def template_of(name: str) -> Template:
    """A template of this folder."""
    return _environment().get_template(name)


@cache
def text_of(name: str) -> str:
    """A file of this folder."""
    return (files("reconciler.report.html") / name).read_text("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=DictLoader({name: text_of(name) for name in ("page.html", "entry.html")}),
    )
    environment.filters["number"] = lambda number: f"{number:,}"
    environment.filters["shown"] = lambda text: printable(text, LONGEST_NAME)
    return environment
