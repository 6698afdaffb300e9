"""Turn the settings of a provider in `reconciler.yaml` into a `Connection`, and check them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

from reconciler.http.base_url import is_loopback, proxy_problem, url_problem
from reconciler.http.destinations import destination
from reconciler.model import Connection, Secret
from reconciler.providers import PROVIDERS
from reconciler.values.fields import Schema, load_schema
from reconciler.values.text import dotted, has_control_characters, shown
from reconciler.values.validate import Finding
from reconciler.workspace.refusals import PROXY, mark_at

_ENTIRE_ENV = re.compile(r"\$\{\s*env\.[^{}]+\}")
_AS_GIVEN = ("requests_per_minute", "share", "parallelism")
_COMMON = frozenset(("type", "base_url", *_AS_GIVEN, "timeout", "proxy"))


@cache
def schema() -> Schema:
    """The JSON Schema of `reconciler.yaml`."""
    return load_schema("generated/workspace.schema.json")


def connection(
    name: str, settings: Mapping[str, Any], from_environment: Collection[str]
) -> Connection:
    """The connection of the provider `name` with these settings, all `${…}` in them replaced;
    `from_environment` are the names of those that an environment variable gave."""
    properties = schema()["definitions"][settings["type"]]["properties"]
    own = {
        key: Secret(value, key) if properties[key].get("x-sensitive") else value
        for key, value in settings.items()
        if key not in _COMMON
    }
    for key, part in properties.items():
        if key not in _COMMON and "default" in part:
            own.setdefault(key, part["default"])
    return Connection(
        name=name,
        type=settings["type"],
        settings=own,
        base_url=(settings.get("base_url") or "").rstrip("/") or None,
        timeout=float(settings.get("timeout", 30.0)),
        unshown=tuple(
            Secret(settings[key], key) for key in from_environment if isinstance(own.get(key), str)
        ),
        proxy=Secret(settings["proxy"], "proxy") if settings.get("proxy") else None,
        **{name: settings[name] for name in _AS_GIVEN if name in settings},
    )


def findings_in(name: str, settings: Mapping[str, Any], written: Any) -> Iterator[Finding]:
    """A finding for each setting of a provider that no request can carry: credentials and names of
    accounts with control characters, and URLs.

    `written` is the file's content with every `${…}` still in it, which is shown instead of the
    value of an environment variable.
    """
    provider = PROVIDERS[settings["type"]]
    for setting, value in settings.items():
        path = ("providers", name, setting)
        is_text = setting not in ("base_url", PROXY) and isinstance(value, str)
        if is_text and has_control_characters(value):
            must = f"{dotted(path)} must not have a line break or a control character"
            yield Finding(path, must, "", "Write it on one line.")
        elif is_text and setting in provider.sent_in_headers and not _fits_header(value):
            must = f"{dotted(path)} must have letters only that an HTTP header can carry (Latin-1)"
            yield Finding(path, must, "", "Copy it from the vendor again.")
    url, path = settings.get("base_url"), ("providers", name, "base_url")
    if url is not None and (problem := url_problem(url)):
        mark = mark_at(written, path)
        actual = "" if "@" in url else f"is {shown(url)}"
        actual = f"but {shown(mark)} is not" if mark else actual
        yield Finding(path, f"{dotted(path)} {problem}", actual)
    proxy, path = settings.get(PROXY), ("providers", name, PROXY)
    from_environment = _ENTIRE_ENV.fullmatch(mark_at(written, path)) is not None
    if proxy and (problem := proxy_problem(proxy, from_environment=from_environment)):
        # never shown, because it may contain credentials
        yield Finding(path, f"{dotted(path)} {problem}")
    elif proxy and url and url.startswith("http:") and not is_loopback(destination(proxy).host):
        must = f"{dotted(path)} must be on this machine, because it could read the requests"
        yield Finding(path, must, "", "Remove the proxy, or give a base_url with https.")


def _fits_header(value: str) -> bool:
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True
