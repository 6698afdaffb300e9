"""Kibo's inventory tags: the categories by which stock is split, and the values they have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reconciler.errors import Diagnostic, Incomplete, NotFound
from reconciler.kinds import Call, Carries, Identity, Kind, Parent, Raw, Requests, Verb
from reconciler.providers.kibo.calls import pointing

CATEGORIES = "/commerce/inventory/v1/tagCategory"
TAGS = f"{CATEGORIES}/{{category}}/tag"
SCREEN = "Kibo Admin → System → Settings → Inventory → Segments"


def categories(requests: Requests, parents: Sequence[str]) -> list[Raw]:
    """All categories with their tags; having none is a 404 (API description, getTagCategories).

    Raises Incomplete where the answer is no list of objects.
    """
    try:
        data = requests.read(CATEGORIES)
    except NotFound:
        return []
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        raise Incomplete(
            Diagnostic(
                f"GET {CATEGORIES} answered something else than tag categories",
                "The vendor may have changed its API.",
            )
        )
    return data


def tags(requests: Requests, parents: Sequence[str]) -> Iterable[Raw]:
    """The tags of all categories, which their list holds, each with its category's name."""
    for category in categories(requests, parents):
        for tag in category.get("tags") or ():
            yield {**tag, "category": category["name"]}


def encode_tag(fields: Raw) -> Raw:
    """The category stands in the path."""
    return {name: value for name, value in fields.items() if name != "category"}


INVENTORY_TAG_CATEGORIES = Kind(
    name="inventory_tag_categories",
    title="inventory tag category",
    calls={
        Verb.LIST: Call("GET", CATEGORIES),
        Verb.GET: Call("GET", f"{CATEGORIES}/{{id}}"),
        Verb.CREATE: Call("POST", CATEGORIES),
        Verb.UPDATE: Call("PUT", f"{CATEGORIES}/{{id}}", carries=Carries.ALL),
        Verb.DELETE: Call("DELETE", f"{CATEGORIES}/{{id}}"),
    },
    natural_key=("name",),
    identifier=("name",),
    identity=Identity.ENFORCED,
    screen=SCREEN,
    lister=categories,
    notes=(
        "A create is assumed to be `POST /commerce/inventory/v1/tagCategory`, which only an older "
        "Java client has.",
        "A category is deleted with its tags. The vendor may do that in jobs of its own; it is "
        "assumed to leave the list at once.",
        "Where there is none, the list is a 404, which is taken for an empty list.",
        "Its name is all there is to declare; its tags are `inventory_tags`.",
    ),
)

INVENTORY_TAGS = Kind(
    name="inventory_tags",
    title="inventory tag",
    calls={
        Verb.LIST: Call("GET", CATEGORIES),
        Verb.GET: Call("GET", f"{TAGS}/{{tagValue}}"),
        Verb.CREATE: Call("POST", TAGS),
        Verb.UPDATE: Call("PUT", f"{TAGS}/{{tagValue}}"),
        Verb.DELETE: Call("DELETE", f"{TAGS}/{{tagValue}}"),
    },
    natural_key=("category", "tagValue"),
    identifier=("category", "tagValue"),
    identity=Identity.ENFORCED,
    screen=SCREEN,
    parent=Parent("category", "category"),
    lister=tags,
    decode=pointing("category"),
    encode=encode_tag,
    notes=(
        "All tags are read with the one list of categories.",
        "Whether the vendor wants exactly one default, or shares that make 100, is not documented: "
        "it may refuse what does not add up.",
    ),
)

KINDS: tuple[Kind, ...] = (INVENTORY_TAG_CATEGORIES, INVENTORY_TAGS)
