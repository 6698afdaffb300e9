"""Styles and what belongs to each: bill of materials, points of measure, variants and SKUs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from reconciler.errors import NotFound
from reconciler.kinds import Call, Identity, Kind, Parent, Raw, Requests, Verb
from reconciler.model import Pointer
from reconciler.providers.kobo_plm.declaring import (
    PAGES,
    UPDATE_METHOD,
    archive_of,
    managed,
    number_of,
)
from reconciler.providers.numbers import with_numbers

FEW = 10
"""So many styles are asked for their SKUs one by one."""

NESTED = ("category", "season", "brand")
PRICES = ("wholesale_price", "retail_price", "cost_price")
AMOUNTS = ("quantity", "tolerance_plus", "tolerance_minus")
STYLE = Parent("style", "style_id")


def decode_style(raw: Raw) -> Raw:
    """A style's category, season and brand are read as `{id, name}` (section Styles, example
    response) and written by number (example of a create)."""
    fields = {name: value for name, value in raw.items() if name not in NESTED}
    for name in NESTED:
        if name in raw:
            nested = raw[name]
            fields[f"{name}_id"] = nested.get("id") if isinstance(nested, Mapping) else nested
    return fields


def encode_style(fields: Raw) -> Raw:
    """Prices are written as numbers (section Styles, example of a create)."""
    return with_numbers(fields, *PRICES)


def reading(*names: str) -> Callable[[Raw], Raw]:
    """How what belongs to a style is read: the objects of these names as references.

    None of these answers is documented, so each may say `style_id` or `style: {id}`. One that
    says neither is refused with a KeyError: it could not be told from the others.
    """

    def decode(raw: Raw) -> Raw:
        taken = {word for name in names for word in (name, f"{name}_id")}
        fields = {name: value for name, value in raw.items() if name not in taken}
        return {**fields, **{name: _pointer(raw, name) for name in names}}

    return decode


def writing(*names: str) -> Callable[[Raw], Raw]:
    """How what belongs to a style is written: references by number, but for the style itself,
    which the path says; amounts as numbers, as the examples of adding an item have them."""

    def encode(fields: Raw) -> Raw:
        body = {name: value for name, value in fields.items() if name != STYLE.field}
        for name in names:
            if name in body:
                body[f"{name}_id"] = number_of(body.pop(name))
        return with_numbers(body, *AMOUNTS)

    return encode


def _pointer(raw: Raw, name: str) -> Pointer | None:
    nested = raw.get(name)
    number = nested["id"] if isinstance(nested, Mapping) else raw[f"{name}_id"]
    return None if number is None else Pointer(id=str(number))


def _listed_whole(
    name: str, title: str, word: str, key: str, screen: str, *notes: str, refers: tuple[str, ...]
) -> Kind:
    """A part of a style that is listed for all styles at once and made below one (sections Bill
    of Materials and Points of Measure)."""
    one = f"/{word}/{{id}}"
    return Kind(
        name=name,
        title=title,
        calls={
            Verb.LIST: Call("GET", f"/{word}", "data"),
            Verb.GET: Call("GET", one, "data"),
            Verb.CREATE: Call("POST", f"/styles/{{style_id}}/{word}", "data"),
            Verb.UPDATE: Call(UPDATE_METHOD, one, "data"),
            Verb.DELETE: Call("DELETE", one),
        },
        natural_key=("style", *refers, key),
        screen=f"Kobo PLM → Styles → {screen}",
        paging=PAGES,
        idempotent=True,
        right=word,
        decode=reading("style", *refers),
        encode=writing(*refers),
        parent=STYLE,
        notes=notes,
    )


def _below_each(
    name: str, title: str, key: tuple[str, ...], screen: str, *notes: str, refers: tuple[str, ...]
) -> Kind:
    """A part of a style that is listed, made and changed below it (section Variants & SKUs)."""
    path = f"/styles/{{style_id}}/{name}"
    one = f"{path}/{{id}}"
    return Kind(
        name=name,
        title=title,
        calls={
            Verb.LIST: Call("GET", path, "data"),
            Verb.CREATE: Call("POST", path, "data"),
            Verb.UPDATE: Call(UPDATE_METHOD, one, "data"),
            Verb.DELETE: Call("DELETE", one),
        },
        natural_key=("style", *key),
        screen=f"Kobo PLM → Styles → {screen}",
        paging=PAGES,
        identifier=("style_id", "id"),
        idempotent=True,
        right="styles",
        decode=reading("style", *refers),
        encode=writing(*refers),
        parent=STYLE,
        notes=(
            "They are assumed to need the rights of styles: the documentation names none.",
            *notes,
        ),
    )


def list_skus(requests: Requests, styles: Sequence[str]) -> Iterator[Raw]:
    """The SKUs of these styles: of a few, each list of its own; of many, those that the list of
    styles shows (section List Styles, example response), and a style that shows none is asked."""
    if len(styles) <= FEW:
        for id in styles:
            yield from _skus_of(requests, id)
        return
    wanted = set(styles)
    for style in requests.pages(Call("GET", "/styles", "data"), PAGES):
        if (id := str(style["id"])) not in wanted:
            continue
        shown = style.get("skus")
        skus = shown if isinstance(shown, list) else _skus_of(requests, id)
        yield from ({**sku, "style_id": style["id"]} for sku in skus)


def _skus_of(requests: Requests, style: str) -> Iterator[Raw]:
    call = Call("GET", f"/styles/{style}/skus", "data")
    try:
        skus = requests.pages(call, PAGES)
    except NotFound:  # the style is gone, and they with it
        return
    yield from ({**sku, "style_id": style} for sku in skus)


STYLES = managed(
    "styles",
    "style",
    "style_code",
    "Styles",
    "Deleting a style is assumed to archive it, since the documentation has a request that "
    "restores archived ones: it leaves the list, `?archived=true` (assumed) lists it with its "
    "`archived_at`, and its code stays taken. Declared again, it is restored and updated.",
    "Where the vendor does not know `archived=true` and shows the usual list, an archived style "
    "is not found: creating it anew is refused, since its code is taken.",
    "The category, the season and the brand are read as `{id, name}` and written as numbers; none "
    "of them can be listed, so a manifest holds the numbers. That the brand is written as "
    "`brand_id` is assumed from the other two.",
    "Prices are read as text and written as numbers.",
    "Colours and images can only be read, and are left out; SKUs are a kind of their own.",
    decode=decode_style,
    encode=encode_style,
    archive=archive_of("/styles"),
    identity=Identity.ENFORCED,  # section Error Handling: the code has already been taken
)

BOM_ITEMS = _listed_whole(
    "bom_items",
    "BOM item",
    "bom",
    "placement",
    "Bill of materials",
    "The documentation shows a BOM item only as it is added. It is assumed to be read with the "
    "style and the component either as `style_id` and `component_id` or as `{id, name}`; one "
    "that says neither makes the list unreadable, so that nothing is planned from it.",
    "The component is assumed to be changeable; another style makes another item.",
    "Nothing keeps two items of one style, component and placement apart.",
    refers=("component",),
)

POM_ITEMS = _listed_whole(
    "pom_items",
    "POM item",
    "pom",
    "code",
    "Points of measure",
    "The documentation shows a POM item only as it is added. It is assumed to be read alike, with "
    "its style as `style_id` or as `{id, name}`; one that says neither makes the list "
    "unreadable, so that nothing is planned from it.",
    "Measurements are one value, assumed to be read as numbers: those that are not declared are "
    "removed.",
    "Codes are not documented to be unique within a style, or to be needed: an item without one "
    "cannot be declared.",
    refers=(),
)

VARIANTS = _below_each(
    "variants",
    "variant",
    ("color_id", "size_range"),
    "Variants",
    "They are listed style by style: one request for each style that has any declared.",
    "The documentation shows a variant only as it is made: it is assumed to be read with "
    "`color_id` and `size_range_id`, the latter being the `id` of a size range in the lookups.",
    "Colours cannot be listed, so a manifest holds the number; a style tells those of its own.",
    refers=("size_range",),
)

SKUS = replace(
    _below_each(
        "skus",
        "SKU",
        ("sku",),
        "SKUs",
        f"Those of up to {FEW} styles are listed style by style; those of more are taken from the "
        "list of styles, which shows them (section List Styles).",
        "The documentation shows SKUs only inside a style: they are assumed to be read alike by "
        "themselves, and written with the same fields.",
        refers=(),
    ),
    lister=list_skus,
)

KINDS = (STYLES, BOM_ITEMS, POM_ITEMS, VARIANTS, SKUS)
