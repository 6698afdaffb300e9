"""Kibo Commerce, as its client package and its API descriptions have it; what those leave open is
said in the notes."""

from __future__ import annotations

from reconciler.kinds import (
    Bulk,
    Call,
    Carries,
    Conventions,
    Login,
    Provider,
    Tenancy,
    Verb,
    kinds,
)
from reconciler.providers.kibo import events, inventory, locations, stock


def _bulk_entries(verb: str) -> Call:
    # Without it, one entry that is refused takes all others with it.
    path = f"/commerce/catalog/admin/pricelists/bulk{verb}entries"
    return Call("POST", path, query={"allowPartialSuccess": "true"})


ENTRIES = Bulk(
    {
        Verb.CREATE: _bulk_entries("add"),
        Verb.UPDATE: _bulk_entries("update"),
        Verb.DELETE: _bulk_entries("delete"),
    },
    most=5000,  # PriceListEntries, bulk operations
)

CONVENTIONS = Conventions(
    lists="items",
    # 200 is the largest page there is.
    paging=locations.PAGING,
    carries=Carries.ALL,
    id_is_key=True,
    unique=True,
)

KIBO = Provider(
    type="kibo",
    base_url="https://home.mozu.com/api",
    hosts=("home.euw1.kibocommerce.com",),
    auth=Login(
        "/platform/applications/authtickets/oauth",
        wrap="",
        settings=("client_id", "client_secret"),
        token="access_token",
        seconds=60 * 60,
        adds={"grant_type": "client_credentials"},
        lives="expires_in",
    ),
    kinds=kinds(
        "kibo",
        CONVENTIONS,
        order=(
            "location_types location_attributes locations location_groups "
            "location_group_configurations location_usages price_lists price_list_entries "
            "currencies exchange_rates safety_stock_rules inventory_settings channels "
            "customer_segments export_settings fetch_file_configs inventory_tag_categories "
            "inventory_tags inventory_attributes stock_levels event_subscriptions countries "
            "reference_currencies time_zones units_of_measure"
        ),
        exceptions={
            "location_types": {"delete_blocker": locations.types_of_disabled},
            "price_list_entries": {"bulk": ENTRIES},
            "exchange_rates": {"join": list},  # CurrencyExchangeRate: an array, also of one
            "export_settings": {
                "collect": inventory.unwrap_exports,
                "join": inventory.wrap_export,
            },
            "fetch_file_configs": {"lister": inventory.configurations},
            "inventory_tag_categories": {"lister": inventory.categories},
            "inventory_tags": {"lister": inventory.tags},
            "stock_levels": {
                "lister": stock.records,
                "join": stock.joined,
                "update_blocker": stock.without_quantity,
                "bulk": stock.BULK,
                "job": stock.JOB,
            },
            "event_subscriptions": {
                "writers": {Verb.UPDATE: events.update, Verb.DELETE: events.delete}
            },
        },
    ),
    rate={"": 500},
    headers={
        "Content-Type": "application/json",
        "x-vol-version": "1",
        "x-vol-dataview-mode": "LIVE",
    },
    tenancy=Tenancy(
        "/platform/tenants/{tenant}",
        "domain",
        hosts=("mozu.com", "kibocommerce.com"),
        home=("/platform/", "/event/"),
    ),
    queries=frozenset({stock.QUERY}),
    watches=(inventory.INVENTORY_JOBS,),
    sparse=True,
    created="auditInfo.createDate",
    updated="auditInfo.updateDate",
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
        "Points in time are compared as such, whatever their spelling, and sent in UTC.",
        "Where to find a kind on screen is our assumption.",
    ),
)
