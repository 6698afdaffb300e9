"""Kibo OMS PerfectSync: the endpoint that a retailer hosts for Kibo's customer care.

Here the tool is a client of the retailer's own endpoint: what customer care must see is stated in
Git, and a report tells when the endpoint answers something else.
"""

from __future__ import annotations

from reconciler.kinds import Basic, Call, Kind, Provider, Verb

PRODUCTS = Kind(
    name="products",
    title="product",
    calls={Verb.GET: Call("GET", "/api/snap/v1/product/{id}")},
    natural_key=("productID",),
    screen="Kibo OMS → the retailer's own system behind the endpoint",
    identifier=("productID",),
    notes=(
        "There is a search and no list: each declared product is asked for, side by side.",
        "`availability` and `totalInventoryQuantity` move by themselves: compared where declared.",
        "As nothing lists them, none can be imported.",
        "What `variants` look like is not documented, so they are not compared.",
    ),
)

KIBO_OMS = Provider(
    type="kibo-oms",
    title="Kibo OMS",
    base_url="",
    auth=Basic(),
    kinds={PRODUCTS.name: PRODUCTS},
    rate={"": 600},
    setting_headers={
        "Kibo-Manufacturer-Id": "manufacturer_id",
        "Kibo-Catalog-Id": "catalog_id",
        "Kibo-Currency-Code": "currency",
        "Kibo-Locale": "locale",
    },
    settings=("username", "password", "manufacturer_id", "catalog_id", "currency", "locale"),
    notes=(
        "The retailer hosts it, so `base_url` must be given. A product is asked for at "
        "`/api/snap/v1/product/{productID}` below it: a path that the retailer puts before that "
        "is a part of `base_url`.",
        "Errors are not documented: a 404 means that there is no such product; any other status, "
        "and a body that is not the product, is an error.",
        "No rate limit is documented: 600 requests a minute and 8 at once are assumed "
        "(`requests_per_minute`, `parallelism`).",
    ),
)
