"""Kibo's inventory tags: categories by name, each with the values stock can be split into."""

from __future__ import annotations

from reconciler.sandbox.crud import by_key, find, id_in_path
from reconciler.sandbox.describe import Answer, Call, Field, Kind, Route
from reconciler.sandbox.store import Clock, Object
from reconciler.sandbox.vendors.kibo.checks import inventory_checked, inventory_error, malformed
from reconciler.sandbox.vendors.kibo.fetch import moment
from reconciler.sandbox.vendors.kibo.kinds import CREATED, TENANTS, inventory_kind

TAG_FIELDS = (
    Field("tagValue", required=True),
    Field("isDefault", "boolean", default=False),
    Field("percent", "integer", default=0),
)


def _generated(number: int) -> list[Object]:
    return [
        {
            "tagID": number * 1000 + place,
            "tagValue": value,
            "isDefault": default,
            "percent": percent,
            "created": CREATED,
            "updated": CREATED,
        }
        for place, value, percent, default in (
            (1, "online", 80, True),
            (2, "marketplace", 20, False),
        )
    ]


CATEGORIES: Kind = inventory_kind(
    "inventory_tag_categories",
    "/commerce/inventory/v1/tagCategory",
    Field("name", required=True, make="category-{n:06}"),
    Field("tags", "objects", default=(), make=_generated),
    key="name",
    not_found="Tag Category {key} Not Found",
    find=lambda call: by_key(call, CATEGORIES, "category"),
    server_fields=lambda number: {
        "tagCategoryID": number,
        "created": CREATED,
        "deletion_job_ids": [],
    },
)
KINDS = (CATEGORIES,)


def _checked_tag(body: object) -> Object:
    tag = inventory_checked(TAG_FIELDS, body, "tag")
    if not 0 <= tag["percent"] <= 100:
        raise malformed("percent must be from 0 to 100", "tag.percent")
    return tag


def _stamped(clock: Clock, category: int, tags: list[Object], before: list[Object]) -> list[Object]:
    """Checked tags with ids and stamps; a value that was there keeps its own."""
    earlier = {tag["tagValue"]: tag for tag in before}
    last = max((tag["tagID"] for tag in before), default=category * 1000)
    now = moment(clock)
    result = []
    for tag in tags:
        old = earlier.get(tag["tagValue"])
        if old is None:
            last += 1
            old = {"tagID": last, "created": now, "updated": now}
        changed = any(old.get(name) != value for name, value in tag.items())
        result.append(old | tag | ({"updated": now} if changed else {}))
    if len({tag["tagValue"] for tag in result}) < len(result):
        raise inventory_error(409, "ALREADY_EXISTS", "Two tags have the same value")
    return result


def _write(call: Call, number: int, tags: list[Object]) -> Object:
    before = call.collection(CATEGORIES)[number]
    after = before | {"tags": _stamped(call.account.clock, number, tags, before["tags"])}
    call.write(CATEGORIES, number, after)
    return after


def categories(call: Call) -> Answer:
    """All categories; having none is a 404, as documented."""
    stored = list(call.collection(CATEGORIES))
    if not stored:
        raise inventory_error(404, "NOT_FOUND", "Tag Categories Not Found")
    return Answer(200, stored)


def category(call: Call) -> Answer:
    """One category with its tags."""
    return Answer(200, call.collection(CATEGORIES)[id_in_path(call, CATEGORIES)])


def create_category(call: Call) -> Answer:
    """A new category, with or without tags."""
    values = inventory_checked(CATEGORIES.fields, call.json(), "tagCategory")
    stored, clock, name = call.collection(CATEGORIES), call.account.clock, values["name"]
    if find(call, CATEGORIES, "name", name) is not None:
        raise inventory_error(409, "ALREADY_EXISTS", f"Tag Category {name} already exists")
    number = stored.next_id
    tags = _stamped(clock, number, [_checked_tag(tag) for tag in values["tags"]], [])
    owned = CATEGORIES.server_fields(number) | {"created": moment(clock)}
    call.write(CATEGORIES, number, {"name": name, "tags": tags} | owned)
    return Answer(200, stored[number])


def update_category(call: Call) -> Answer:
    """A category with the tags sent and no others."""
    number, name = id_in_path(call, CATEGORIES), call.params["category"]
    values = inventory_checked(CATEGORIES.fields, {"name": name} | call.json(), "tagCategory")
    if values["name"] != name:
        raise malformed("A tag category cannot be renamed", "tagCategory.name")
    return Answer(200, _write(call, number, [_checked_tag(tag) for tag in values["tags"]]))


def delete_category(call: Call) -> Answer:
    """A category taken away with its tags."""
    call.write(CATEGORIES, id_in_path(call, CATEGORIES), None)
    return Answer(200, {"deleted": 1})


def _tag_in_path(call: Call) -> tuple[int, list[Object], int]:
    """The category, its tags, and the place among them of the tag that the path names."""
    number = id_in_path(call, CATEGORIES)
    tags: list[Object] = call.collection(CATEGORIES)[number]["tags"]
    for place, tag in enumerate(tags):
        if tag["tagValue"] == call.params["value"]:
            return number, tags, place
    raise inventory_error(404, "NOT_FOUND", f"Tag {call.params['value']} Not Found")


def tag(call: Call) -> Answer:
    """One tag of a category."""
    _, tags, place = _tag_in_path(call)
    return Answer(200, tags[place])


def create_tag(call: Call) -> Answer:
    """A new tag in a category."""
    number = id_in_path(call, CATEGORIES)
    tags = call.collection(CATEGORIES)[number]["tags"]
    return Answer(200, _write(call, number, [*tags, _checked_tag(call.json())])["tags"][-1])


def update_tag(call: Call) -> Answer:
    """A tag replaced; its value, which names it, stays."""
    number, tags, place = _tag_in_path(call)
    after = _checked_tag({"tagValue": tags[place]["tagValue"]} | call.json())
    if after["tagValue"] != tags[place]["tagValue"]:
        raise malformed("A tag cannot be renamed", "tag.tagValue")
    after_all = [*tags[:place], after, *tags[place + 1 :]]
    return Answer(200, _write(call, number, after_all)["tags"][place])


def delete_tag(call: Call) -> Answer:
    """A tag taken out of a category."""
    number, tags, place = _tag_in_path(call)
    _write(call, number, [*tags[:place], *tags[place + 1 :]])
    return Answer(200, {"deleted": 1})


def routes() -> list[Route]:
    """Every call about categories and tags."""
    path = CATEGORIES.path
    named, tags = f"{path}/{{category}}", f"{path}/{{category}}/tag"
    return [
        Route("GET", path, categories, TENANTS),
        Route("POST", path, create_category, TENANTS),
        Route("GET", named, category, TENANTS),
        Route("PUT", named, update_category, TENANTS),
        Route("DELETE", named, delete_category, TENANTS),
        Route("POST", tags, create_tag, TENANTS),
        Route("GET", f"{tags}/{{value}}", tag, TENANTS),
        Route("PUT", f"{tags}/{{value}}", update_tag, TENANTS),
        Route("DELETE", f"{tags}/{{value}}", delete_tag, TENANTS),
    ]
