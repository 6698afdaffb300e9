"""Kibo's channels and customer segments: where is sold, and to whom."""

from __future__ import annotations

from reconciler.kinds import Identity, Kind
from reconciler.providers.kibo.calls import PAGES, named

CHANNELS = Kind(
    name="channels",
    title="channel",
    calls=named("/commerce/channels"),
    natural_key=("code",),
    screen="Kibo Admin → Settings → Channels",
    paging=PAGES,
    identifier=("code",),
    identity=Identity.ENFORCED,
    notes=("`groupCode` names a channel group, which is not managed here.",),
)

CUSTOMER_SEGMENTS = Kind(
    name="customer_segments",
    title="customer segment",
    calls=named("/commerce/customer/segments"),
    natural_key=("code",),
    screen="Kibo Admin → Customers → Customer Segments",
    paging=PAGES,
    identity=Identity.ENFORCED,
    notes=(
        "Segments have a number of their own and are found by code.",
        "Which customers are in a segment is not managed.",
    ),
)

KINDS = (CHANNELS, CUSTOMER_SEGMENTS)
