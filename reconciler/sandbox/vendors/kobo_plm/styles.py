"""Kobo PLM's styles and what belongs to one: bill of materials, points of measure, variants, SKUs.

Assumed, because the documentation does not say:
- DELETE archives a style: it answers 404 and is in no list, but keeps its code taken, until
  POST /styles/{id}/restore. `?archived=true` lists the archived ones, with their `archived_at`.
- Required are a style's code and name, a BOM item's component, a POM item's name, a variant's
  colour and size range, a SKU's own code. SKUs are unique among all styles.
- A style shows its colours as they are now, and a variant may be of any colour there is.
- Categories, seasons, brands and colours have no API of their own; those in the state may be
  referred to. A style nests the first three, a BOM item its component; a variant reads back
  `color_id` and `size_range_id`, and every child its `style_id`.
- Only prices are decimals in strings; quantities, tolerances and measurements are numbers.
- Lists of children come a page at a time, as all others; a component in use cannot be deleted.
"""

from __future__ import annotations

from reconciler.sandbox import crud
from reconciler.sandbox.describe import Account, Answer, Call, Field, Kind, Route, of
from reconciler.sandbox.samples import all_but, constant, in_turn
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.kobo_plm.kinds import CURRENCY, kobo_kind, price
from reconciler.sandbox.vendors.kobo_plm.laravel import CRUD, data, page_of
from reconciler.sandbox.vendors.kobo_plm.validation import check

SKU_IN_STYLE = ("id", "sku", "size", "color", "barcode")


def unarchived(account: Account, thing: Object) -> Object:
    """An object with `archived_at` only where it was archived."""
    if thing["archived_at"] is None:
        del thing["archived_at"]
    return thing


def _with_skus(account: Account, style: Object) -> Object:
    skus = account.store["skus"]
    owned = [skus[number] for number in sorted(skus.find("style_id", style["id"]))]
    short = [{name: sku[name] for name in SKU_IN_STYLE} for sku in owned]
    colors = account.store["colors"]
    shown = [colors.get(color.get("id", 0)) or color for color in style["colors"]]
    return unarchived(account, style | {"colors": shown, "skus": short})


def _style(call: Call, name: str = "id") -> int:
    """The id of the style the path names, which must not be archived."""
    number = crud.by_key(call, STYLES, name)
    if call.collection(STYLES)[number]["archived_at"] is not None:
        raise crud.missing(call, STYLES, call.params[name])
    return number


STYLES = kobo_kind(
    "styles",
    Field("style_code", required=True, unique=True, make="ST-{n:06}"),
    Field("name", required=True, make="Style {n:06}"),
    Field("description", make="Generated style {n}"),
    Field("status", default="development", make=in_turn("development", "active")),
    Field("category_id", "integer", refers="categories"),
    Field("season_id", "integer", refers="seasons"),
    Field("brand_id", "integer", refers="brands"),
    price("wholesale_price", lambda n: f"{20 + n % 80}.00"),
    price("retail_price", lambda n: f"{50 + n % 200}.50"),
    price("cost_price", lambda n: f"{8 + n % 30}.25"),
    CURRENCY,
    Field("sizes", "strings", default=(), make=constant(["XS", "S", "M", "L", "XL"])),
    Field("colors", writable=False, default=(), make=lambda n: [{"id": n}]),
    Field("images", writable=False, default=()),
    Field("skus", writable=False, default=()),
    filters={"status": "status", "season_id": "season_id"},
    server_fields=lambda number: {"archived_at": None},
    render=_with_skus,
    embeds=("skus", "colors"),
    archives=True,
    find=_style,
)
STYLE = Field("style_id", "integer", writable=False, make=lambda n: n)

BOM = kobo_kind(
    "bom_items",
    STYLE,
    Field("component_id", "integer", required=True, refers="components"),
    Field("quantity", "number", make=constant(1.5)),
    Field("unit", make="meter"),
    Field("placement", make=in_turn("Body", "Sleeve", "Collar")),
    Field("notes"),
    path="/bom",
    verbs="LGUPD",
    scope="bom",
    filters={"style_id": "style_id", "component_id": "component_id"},
)
POM = kobo_kind(
    "pom_items",
    STYLE,
    Field("name", required=True, make="Chest Width"),
    Field("code", make="A"),
    Field("tolerance_plus", "number", make=constant(0.5)),
    Field("tolerance_minus", "number", make=constant(0.5)),
    Field("measurements", "object", make=lambda n: {"S": 48, "M": 51, "L": 54, "XL": 57 + n % 5}),
    path="/pom",
    verbs="LGUPD",
    scope="pom",
    filters={"style_id": "style_id"},
)


def _child(call: Call, kind: Kind) -> int:
    """The id of the child the path names, which must belong to the style the path names."""
    style, number = _style(call, "style"), crud.by_key(call, kind)
    if call.collection(kind)[number]["style_id"] != style:
        raise crud.missing(call, kind, number)
    return number


VARIANTS: Kind = kobo_kind(
    "variants",
    STYLE,
    Field("color_id", "integer", required=True, refers="colors", nested=False),
    Field("size_range_id", "integer", required=True, refers="size_ranges", nested=False),
    Field("is_active", "boolean", default=True, make=all_but(4)),
    path="/styles/{style}/variants",
    verbs="UPD",
    scope="styles",
    find=lambda call: _child(call, VARIANTS),
)
SKUS: Kind = kobo_kind(
    "skus",
    STYLE,
    Field("sku", required=True, unique=True, make="ST-{n:06}-WHT-S"),
    Field("size", make="S"),
    Field("color", make="White"),
    Field("barcode", make=lambda n: f"{2000000000000 + n}"),
    path="/styles/{style}/skus",
    verbs="UPD",
    scope="styles",
    find=lambda call: _child(call, SKUS),
)
CHILDREN = {"bom": BOM, "pom": POM, "variants": VARIANTS, "skus": SKUS}
NAMED = tuple(
    Kind(name, "", (Field("name", make=f"{title} {{n:06}}"),))
    for name, title in (
        ("categories", "Style category"),
        ("seasons", "Season"),
        ("brands", "Brand"),
    )
)
COLORS = Kind(
    "colors",
    "",
    (Field("name", make="Colour {n:06}"), Field("hex", make=lambda n: f"#{n % 0x1000000:06X}")),
)
KINDS = (STYLES, *CHILDREN.values(), *NAMED, COLORS)


def archive(call: Call, kind: Kind) -> Answer:
    """Archives an object, which stays and can be restored."""
    number = crud.id_in_path(call, kind)
    crud.change(call, kind, number, {"archived_at": call.account.clock.iso()})
    return data(crud.item(call, kind, number))


def _archive_silently(call: Call, kind: Kind) -> Answer:
    """DELETE of what is only archived."""
    archive(call, kind)
    return Answer(204)


def restore(call: Call, kind: Kind) -> Answer:
    """Brings back what was archived."""
    number = crud.by_key(call, kind)
    crud.change(call, kind, number, {"archived_at": None})
    return data(crud.item(call, kind, number))


def colorways(call: Call) -> Answer:
    """The colours of a style."""
    return data(crud.item(call, STYLES, _style(call, "style"))["colors"])


def children(call: Call, kind: Kind) -> Answer:
    """A page of what belongs to a style."""
    ids = call.collection(kind).find("style_id", _style(call, "style"))
    return page_of(call, kind, sorted(ids))


def add_child(call: Call, kind: Kind) -> Answer:
    """POST of something new that belongs to a style."""
    style = _style(call, "style")
    number = crud.insert(call, kind, check(call, kind) | {"style_id": style})
    return data(crud.item(call, kind, number), 201)


def routes() -> list[Route]:
    """Every method and path of styles and their children."""
    result = [
        *CRUD.routes(STYLES, D=_archive_silently),
        Route("POST", "/styles/{id}/restore", of(STYLES, restore), "styles:write"),
        Route("GET", "/styles/{style}/colorways", colorways, "styles:read"),
    ]
    for segment, kind in CHILDREN.items():
        result += CRUD.routes(kind, f"/styles/{{style}}/{segment}", "LC", L=children, C=add_child)
        result += CRUD.routes(kind)
    return result
