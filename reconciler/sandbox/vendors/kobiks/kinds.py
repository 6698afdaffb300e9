"""What Kobiks holds beside products, as data: lists to read."""

from __future__ import annotations

from reconciler.sandbox.describe import Field, Kind
from reconciler.sandbox.samples import constant, in_turn

JEWELS = ("Yüzük", "Kolye", "Küpe", "Bileklik", "Şahmeran", "Gümüş Zincir", "İnci", "Çerçeve")
LIRA = {"iso": "TRY", "name": "Türk Lirası"}
DOLLAR = {"iso": "USD", "name": "Amerikan Doları"}
PRICE_CATEGORY = "Perakende Satış Fiyatı {n:06}"

KINDS = (
    Kind(
        "price_categories",
        "/price_categories",
        (
            Field("currency", "object", make=in_turn(DOLLAR, LIRA, LIRA, LIRA)),
            Field("name", make=PRICE_CATEGORY),
            Field("price_type", make=in_turn("whole_buy", "whole_sell", "retail_sell")),
            Field("tax_included", "boolean", make=lambda n: n % 2 == 0),
        ),
    ),
    Kind("locations", "/stores", (Field("name", make="Mağaza {n:06}"),)),
    Kind(
        "brands",
        "/brands",
        (Field("name", make=lambda n: f"{JEWELS[n % len(JEWELS)]} Markası {n:06}"),),
    ),
    Kind(
        "categories",
        "/categories",
        (
            Field("name", make=lambda n: f"{JEWELS[n % len(JEWELS)]} {n}"),
            Field("parent_id", "integer", make=lambda n: n // 10 or None),
        ),
    ),
    Kind(
        "product_feature_types",
        "/product_feature_types",
        (
            Field("name", make="Özellik {n:06}"),
            # One that is required would have to be on every product there is.
            Field("required", "boolean", make=constant(False)),
            Field("value_type", make=in_turn("text", "date", "checkbox", "integer")),
        ),
        numbered=False,
    ),
    Kind(
        "commodities",
        "/commodities",
        (
            Field("currency", "object", make=constant(LIRA)),
            Field("factor", "number", make=constant(0.75)),
            Field("iso", make="A{n}"),
            Field("name", make="Altın {n:06}"),
            Field("price", make=lambda n: f"{100 + n % 900}.4625"),
            Field("unit_code", make="Gr"),
            Field("unit_price", make=lambda n: f"{120 + n % 900}.95"),
            Field("market_date", make="2024-01-15 00:00:00 UTC"),
        ),
        numbered=False,
    ),
    Kind(
        "transaction_types",
        "/transaction_types",
        (
            Field("module", make=in_turn("return", "repair")),
            Field("name", make="İşlem {n:06}"),
            Field("state_code", make="on_sale"),
        ),
        numbered=False,
    ),
)
