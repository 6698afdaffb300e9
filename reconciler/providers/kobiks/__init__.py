"""Kobiks, as its API V1 documentation (Turkish) describes it."""

from __future__ import annotations

from reconciler.kinds import Login, Provider
from reconciler.providers.kobiks.lookups import LOOKUPS
from reconciler.providers.kobiks.products import PRODUCTS

KOBIKS = Provider(
    type="kobiks",
    title="Kobiks",
    base_url="https://kobiks.com/api/v1",
    auth=Login("/login", "user", ("email", "password"), "token", seconds=2 * 60 * 60),
    kinds={kind.name: kind for kind in (*LOOKUPS, PRODUCTS)},
    rate={"": 60},
    parallelism=4,
    headers={
        "Accept": "application/vnd.kobiks-api.v1+json",
        "Content-Type": "application/json",
    },
    settings=("email", "password"),
    notes=(
        "The API is in beta and writes products only: of the other kinds, a plan names what to "
        "change by hand.",
        "The request that renews a token is not documented: we log in again.",
        "No rate limit is documented: 60 requests a minute and 4 at once are assumed "
        "(`requests_per_minute`, `parallelism`).",
        "What an error looks like is not documented: its text is shown as it came.",
        "Pages are assumed to count from 1, and a list to end with the first page that is not "
        "full: a vendor that capped pages below 100 objects would look shorter than it is.",
        "The kinds whose documentation does not mention pages are assumed to come whole.",
        "Names are not documented to be unique. They are Turkish and compared after Unicode NFC, "
        "never in another case.",
        "Where to find a kind on screen is our assumption.",
    ),
)
