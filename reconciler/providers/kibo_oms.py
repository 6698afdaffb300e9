"""Kibo OMS PerfectSync: the endpoint that a retailer hosts for Kibo's customer care.

Here the tool is a client of the retailer's own endpoint: what customer care must see is stated in
Git, and a report tells when the endpoint answers something else.
"""

from __future__ import annotations

from reconciler.kinds import Basic, Conventions, Provider, kinds

KIBO_OMS = Provider(
    type="kibo-oms",
    base_url="",
    auth=Basic(),
    kinds=kinds("kibo-oms", Conventions(id_is_key=True)),
    rate={"": 600},
    notes=(
        "The retailer hosts it, so `base_url` must be given, and its host be approved: "
        "`reconciler providers trust HOST`, or the variable `RECONCILER_ALLOWED_HOSTS`.",
        "A product is asked for at "
        "`/api/snap/v1/product/{productID}` below it: a path that the retailer puts before that "
        "is a part of `base_url`.",
        "Errors are not documented: a 404 means that there is no such product; any other status, "
        "and a body that is not the product, is an error.",
        "No rate limit is documented: 600 requests a minute and 8 at once are assumed "
        "(`requests_per_minute`, `parallelism`).",
    ),
)
