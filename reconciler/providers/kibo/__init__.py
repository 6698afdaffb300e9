"""Kibo Commerce, as its client package and its API descriptions have it; what those leave open is
said in the notes."""

from __future__ import annotations

from reconciler.kinds import Login, Provider, Tenancy
from reconciler.providers.kibo import (
    audiences,
    events,
    exports,
    fetching,
    locations,
    prices,
    references,
    rules,
    stock,
    tags,
)
from reconciler.providers.kibo.jobs import INVENTORY_JOBS

# Each module tells its kinds as `KINDS`; the order here is that of the reference page.
MODULES = (
    locations,
    prices,
    rules,
    audiences,
    exports,
    fetching,
    tags,
    stock,
    events,
    references,
)

KIBO = Provider(
    type="kibo",
    title="Kibo",
    base_url="https://home.mozu.com/api",
    auth=Login(
        "/platform/applications/authtickets/oauth",
        wrap="",
        settings=("client_id", "client_secret"),
        token="access_token",
        seconds=60 * 60,
        adds={"grant_type": "client_credentials"},
        lives="expires_in",
    ),
    kinds={kind.name: kind for module in MODULES for kind in module.KINDS},
    rate={"": 500},
    headers={
        "Content-Type": "application/json",
        "x-vol-version": "1",
        "x-vol-dataview-mode": "LIVE",
    },
    setting_headers={
        "x-vol-tenant": "tenant",
        "x-vol-site": "site",
        "x-vol-master-catalog": "master_catalog",
        "x-vol-catalog": "catalog",
    },
    settings=("client_id", "client_secret", "tenant", "site", "master_catalog", "catalog"),
    tenancy=Tenancy(
        "/platform/tenants/{tenant}",
        "domain",
        hosts=("mozu.com", "kibocommerce.com"),
        home=("/platform/", "/event/"),
    ),
    queries=frozenset({stock.QUERY}),
    watches=(INVENTORY_JOBS,),
    sparse=True,
    notes=(
        "`base_url` is the home pod, which gives out tokens and says where the tenant lives; in "
        "Europe set it to https://home.euw1.kibocommerce.com/api.",
        "The facts are those of Kibo's client package 3.2634.1 and its API descriptions; the "
        "developer guide names paths and codes that neither of them has.",
        "What is not set is left out of answers: a field that is `null` and one that is not "
        "there are the same.",
        "An update replaces the whole object, so it is read anew and sent back with the changes: "
        "what nobody declares, and what no schema knows, survives. Two who write at once "
        "overwrite each other, as Kibo has no versions of objects.",
        "Inventory jobs are no kind: apply waits for its own, and `drift` tells which of the last "
        "100 failed.",
        "`auditInfo` moves with each write and is no field here.",
        "Any 2xx is a success: the API descriptions say 200 everywhere, also for what is made. "
        "That a taken code is refused with a 409 is read off Kibo's own import tool.",
        "A token is not renewed: we log in again, as Kibo's client package does.",
        "Over the limit Kibo answers a 429 with `Retry-After`, which may be an hour: up to five "
        "minutes are waited, after more the request has failed.",
        "500 requests a minute are assumed (`requests_per_minute`): an unofficial guide names "
        "them for sandboxes, with 10,000 an hour.",
        "`client_id` is public, `client_secret` is a credential. Both commonly come from the "
        "environment.",
        "`master_catalog` and `catalog` are needed for prices, currencies and settings.",
        "Points in time are read without a fraction of zero: `…:00.000Z` is `…:00Z` here.",
        "Where to find a kind on screen is our assumption.",
    ),
)
