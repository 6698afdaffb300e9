"""A vendor: where it is reached and how fast, and what can be managed there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from reconciler.frozen import frozen
from reconciler.kinds.auth import Auth, Tenancy
from reconciler.kinds.calls import Call, Carries, Verb, Watch
from reconciler.kinds.conventions import ACCOUNT, Kinds
from reconciler.kinds.events import SignedEvents
from reconciler.kinds.kind import Kind
from reconciler.values.fields import Schema, load_schema


class NotManaged(NamedTuple):
    """Objects of a vendor that no kind manages: what somebody may call them, and why not."""

    names: tuple[str, ...]
    why: str


@frozen
class Provider:
    """A vendor.

    type            as workspaces write it, and the folder of its schemas
    base_url        "" where each customer has an address of their own
    auth            how a request proves who we are
    kinds           what can be managed, by name
    rate            the limit in requests a minute, by the value of the `tier` setting where the
                    vendor has tiers; the key "" is the default
    parallelism     how many requests may be in flight at once
    alias           what a new workspace calls an account; "" for the type
    headers         go with each request
    hosts           the vendor's own hosts for `base_url`, besides the one it has by itself
    tenancy         how the host of a customer is found, where each has one
    queries         the paths of POSTs that only read
    enumerations    the lists that say which values a field marked `x-live` may have
    watches         what `drift` looks at besides
    events          how it signs the events that it posts to webhooks; None where its documentation
                    does not say that
    sparse          answers leave out what is not set
    created         where an answer's object has its time of creation: a dotted path
    updated         and that of its last change
    notes           oddities and assumptions, for the reference page
    """

    type: str
    base_url: str
    auth: Auth
    kinds: Mapping[str, Kind]
    rate: Mapping[str, int]
    parallelism: int = 8
    alias: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    tenancy: Tenancy | None = None
    queries: frozenset[str] = frozenset()
    enumerations: Mapping[str, Call] = field(default_factory=dict)
    watches: tuple[Watch, ...] = ()
    events: SignedEvents | None = None
    sparse: bool = False
    created: str = ""
    updated: str = ""
    notes: tuple[str, ...] = ()

    def configured(self, settings: Mapping[str, Any]) -> Provider:
        """The vendor as an account with these settings wants it asked.

        `update_method` is the HTTP method of updates, where the documentation of the vendor does
        not name it: a PATCH sends only what changed.
        """
        method = settings.get("update_method")
        if not method:
            return self

        def read(name: str) -> Kind:
            kind = self.kinds[name]
            call = kind.calls.get(Verb.UPDATE)
            if call is None or call.method not in ("PUT", "PATCH"):
                return kind
            carries = Carries.CHANGED if method == "PATCH" else call.carries
            update = replace(call, method=str(method), carries=carries)
            return replace(kind, calls={**kind.calls, Verb.UPDATE: update})

        return replace(self, kinds=Kinds(tuple(self.kinds), read))

    @property
    def account(self) -> Schema:
        """The schema of an account's settings: `schemas/<type>/account.json`."""
        return load_schema(f"{self.type}/{ACCOUNT}.json")

    @property
    def title(self) -> str:
        """What people call the vendor."""
        title: str = self.account["title"]
        return title

    @property
    def not_managed(self) -> tuple[NotManaged, ...]:
        """What of the vendor is not managed, as `x-not-managed` of the account's schema has it."""
        rows = self.account.get("x-not-managed", ())
        return tuple(NotManaged(tuple(row["names"]), row["why"]) for row in rows)

    def why_not_managed(self, name: str) -> str:
        """The sentence that says why there is no kind of this name, however it is spelled; empty
        where nothing is known of it."""
        wanted = _plain_name(name)
        rows = (row for row in self.not_managed if wanted in map(_plain_name, row.names))
        return next((row.why for row in rows), "")

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings that accounts of this vendor have and those of others need not have."""
        common = load_schema("workspace.json")["definitions"]["settings"]["properties"]
        return tuple(name for name in self.account["properties"] if name not in common)

    @property
    def own_hosts(self) -> tuple[str, ...]:
        """The hosts to which credentials may go without anybody's approval."""
        host = urlsplit(self.base_url).hostname
        return (host, *self.hosts) if host else self.hosts

    @property
    def credential_settings(self) -> tuple[str, ...]:
        """The settings that prove who we are, and those that are never shown."""
        settings = self.account["properties"].items()
        hidden = (name for name, part in settings if part.get("x-sensitive"))
        return tuple(dict.fromkeys((*self.auth.credentials, *hidden)))

    def identifying_settings(self, how: str) -> tuple[str, ...]:
        """The settings that say which account it is and that the ledger keeps in this way: `shown`
        or as a `fingerprint`."""
        settings = self.account["properties"].items()
        return tuple(name for name, part in settings if part.get("x-account") == how)

    @property
    def setting_headers(self) -> Mapping[str, str]:
        """The headers of each request whose values are settings, with the names of those."""
        settings = self.account["properties"].items()
        return {part["x-header"]: name for name, part in settings if "x-header" in part}

    @property
    def sent_in_headers(self) -> frozenset[str]:
        """The settings that a header of some request holds as they are."""
        return frozenset((*self.auth.headers, *self.setting_headers.values()))


def _plain_name(name: str) -> str:
    """A name without the differences that do not matter: case, `-` or blanks for `_`, plural."""
    return name.casefold().replace("-", "_").replace(" ", "_").removesuffix("s")
