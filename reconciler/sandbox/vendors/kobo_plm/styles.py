"""Kobo PLM's styles and what belongs to one: bill of materials, points of measure, variants, SKUs.

Assumed, because the documentation does not say:
- DELETE archives a style: it answers 404 and is in no list, but keeps its code taken, until
  POST /styles/{id}/restore. `?archived=true` lists the archived ones, with their `archived_at`.
- Required are a style's code and name, a BOM item's component, a POM item's name, a variant's
  colour and size range, a SKU's own code. SKUs are unique among all styles.
- Categories, seasons, brands and colours have no API of their own; those in the state may be
  referred to. A style nests the first three, a BOM item its component; a variant reads back
  `color_id` and `size_range_id`, and every child its `style_id`.
- Only prices are decimals in strings; quantities, tolerances and measurements are numbers.
- Lists of children come a page at a time, as all others; a component in use cannot be deleted.
"""

from __future__ import annotations

from collections.abc import Callable

from reconciler.sandbox import verbs
from reconciler.sandbox.generated import CURRENCIES, in_turn, itself
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendor import Account, Answer, Call, Field, Handler, Kind, Route, of
from reconciler.sandbox.vendors.kobo_plm import laravel
from reconciler.sandbox.vendors.kobo_plm.kinds import SIZES
from reconciler.sandbox.vendors.kobo_plm.validation import check

SKU_TOLD = ("id", "sku", "size", "color", "barcode")


def unarchived(account: Account, thing: Object) -> Object:
    """An object that tells of its archiving only where it was archived."""
    if thing["archived_at"] is None:
        del thing["archived_at"]
    return thing


def present(account: Account, style: Object) -> Object:
    """A style with its SKUs as they are now."""
    skus = account.store["skus"]
    owned = [skus[number] for number in sorted(skus.find("style_id", style["id"]))]
    told = [{name: sku[name] for name in SKU_TOLD} for sku in owned]
    return unarchived(account, style | {"skus": told})


STYLES = Kind(
    "styles",
    "/styles",
    fields=(
        Field("style_code", required=True, unique=True, make="ST-{n:06}"),
        Field("name", required=True, make="Style {n:06}"),
        Field("description", make="Generated style {n}"),
        Field("status", default="development", make=in_turn("development", "active")),
        Field("category_id", "integer", refers="categories", make=itself),
        Field("season_id", "integer", refers="seasons", make=itself),
        Field("brand_id", "integer", refers="brands", make=itself),
        Field("wholesale_price", "decimal", make=lambda n: f"{20 + n % 80}.00"),
        Field("retail_price", "decimal", make=lambda n: f"{50 + n % 200}.50"),
        Field("cost_price", "decimal", make=lambda n: f"{8 + n % 30}.25"),
        Field("currency", make=in_turn(*CURRENCIES)),
        Field("sizes", "strings", default=(), make=lambda _: list(SIZES)),
        Field("colors", writable=False, default=(), make=lambda _: []),
        Field("images", writable=False, default=(), make=lambda _: []),
        Field("skus", writable=False, default=(), make=lambda _: []),
    ),
    verbs="LC",
    scope="styles",
    stamped=True,
    filters={"status": "status", "season_id": "season_id"},
    born=lambda number: {"archived_at": None},
    present=present,
    embeds=("skus",),
    archives=True,
)
PARENT = Field("style_id", "integer", writable=False, make=itself)

BOM = Kind(
    "bom_items",
    "/bom",
    fields=(
        PARENT,
        Field("component_id", "integer", required=True, refers="components", make=itself),
        Field("quantity", "number", make=lambda _: 1.5),
        Field("unit", make="meter"),
        Field("placement", make=in_turn("Body", "Sleeve", "Collar")),
        Field("notes", make=lambda _: None),
    ),
    verbs="LGUD",
    scope="bom",
    stamped=True,
    filters={"style_id": "style_id", "component_id": "component_id"},
)
POM = Kind(
    "pom_items",
    "/pom",
    fields=(
        PARENT,
        Field("name", required=True, make="Chest Width"),
        Field("code", make="A"),
        Field("tolerance_plus", "number", make=lambda _: 0.5),
        Field("tolerance_minus", "number", make=lambda _: 0.5),
        Field(
            "measurements", "object", make=lambda n: {"S": 48, "M": 51, "L": 54, "XL": 57 + n % 5}
        ),
    ),
    verbs="LGUD",
    scope="pom",
    stamped=True,
    filters={"style_id": "style_id"},
)
PRODUCTS = Kind(
    "variants",
    "/variants",
    fields=(
        PARENT,
        Field("color_id", "integer", required=True, refers="colors", nested=False, make=itself),
        Field(
            "size_range_id",
            "integer",
            required=True,
            refers="size_ranges",
            nested=False,
            make=itself,
        ),
        Field("is_active", "boolean", default=True, make=lambda n: n % 4 != 0),
    ),
    verbs="",
    scope="styles",
    stamped=True,
)
SKUS = Kind(
    "skus",
    "/skus",
    fields=(
        PARENT,
        Field("sku", required=True, unique=True, make="ST-{n:06}-WHT-S"),
        Field("size", make="S"),
        Field("color", make="White"),
        Field("barcode", make=lambda n: f"{2000000000000 + n}"),
    ),
    verbs="",
    scope="styles",
    stamped=True,
)
CHILDREN = (BOM, POM, PRODUCTS, SKUS)
NAMED = tuple(
    Kind(name, "", fields=(Field("name", make=f"{title} {{n:06}}"),))
    for name, title in (
        ("categories", "Style category"),
        ("seasons", "Season"),
        ("brands", "Brand"),
    )
)
COLORS = Kind(
    "colors",
    "",
    fields=(
        Field("name", make="Colour {n:06}"),
        Field("hex", make=lambda n: f"#{n % 16777216:06X}"),
    ),
)
KINDS = (STYLES, *CHILDREN, *NAMED, COLORS)


def owner(call: Call, name: str = "style") -> int:
    """The id of the style the path names, which must not be archived."""
    key = call.params[name]
    if key.isascii() and key.isdigit():
        style = call.account.store["styles"].get(int(key))
        if style is not None and style["archived_at"] is None:
            return int(key)
    raise call.refuse(404, f"No query results for model [styles] {key}")


def living(handle: Callable[[Call, Kind], Answer]) -> Handler:
    """A handler of one style that is not archived."""

    def answer(call: Call) -> Answer:
        owner(call, "id")
        return handle(call, STYLES)

    return answer


def archive(call: Call, kind: Kind) -> Answer:
    """Puts an object away without forgetting it."""
    number = verbs.located(call, kind)
    verbs.updated(call, kind, number, {"archived_at": call.account.clock.iso()})
    return laravel.data(verbs.item(call, kind, number))


def put_away(call: Call, kind: Kind) -> Answer:
    """DELETE of what is only archived."""
    archive(call, kind)
    return Answer(204)


def restore(call: Call, kind: Kind) -> Answer:
    """Brings back what was archived."""
    number = verbs.located(call, kind)
    verbs.updated(call, kind, number, {"archived_at": None})
    return laravel.data(verbs.item(call, kind, number))


def colorways(call: Call) -> Answer:
    """The colours of a style."""
    return laravel.data(call.account.store["styles"][owner(call)]["colors"])


def children(call: Call, kind: Kind) -> Answer:
    """A page of what belongs to a style."""
    ids = sorted(call.account.store[kind.name].find("style_id", owner(call)))
    return laravel.paged(call, ids, lambda chosen: verbs.encoded(call.account, kind, chosen))


def adopt(call: Call, kind: Kind) -> Answer:
    """POST of something new that belongs to a style."""
    style = owner(call)
    number = verbs.created(call, kind, check(call, kind) | {"style_id": style})
    return laravel.data(verbs.item(call, kind, number), 201)


def owned(handle: Callable[[Call, Kind], Answer], kind: Kind) -> Handler:
    """A handler of one child that must belong to the style its path names."""

    def answer(call: Call) -> Answer:
        style, number = owner(call), verbs.located(call, kind)
        if call.account.store[kind.name][number]["style_id"] != style:
            raise call.refuse(404, f"No query results for model [{kind.name}] {number}")
        return handle(call, kind)

    return answer


def routes() -> list[Route]:
    """Every method and path of styles and their children."""
    made = laravel.routes(STYLES)
    for method, handle, right in (
        ("GET", laravel.show, "read"),
        ("PUT", laravel.update, "write"),
        ("PATCH", laravel.update, "write"),
        ("DELETE", put_away, "write"),
    ):
        made.append(Route(method, "/styles/{id}", living(handle), f"styles:{right}"))
    made.append(Route("POST", "/styles/{id}/restore", of(STYLES, restore), "styles:write"))
    made.append(Route("GET", "/styles/{style}/colorways", colorways, "styles:read"))
    for kind in CHILDREN:
        read, write = f"{kind.scope}:read", f"{kind.scope}:write"
        path = f"/styles/{{style}}{kind.path}"
        made.append(Route("GET", path, of(kind, children), read))
        made.append(Route("POST", path, of(kind, adopt), write, creates=True))
        made += laravel.routes(kind)
        if not kind.verbs:
            for method in ("PUT", "PATCH"):
                made.append(Route(method, f"{path}/{{id}}", owned(laravel.update, kind), write))
            made.append(Route("DELETE", f"{path}/{{id}}", owned(laravel.delete, kind), write))
    return made
