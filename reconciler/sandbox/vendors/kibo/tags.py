"""Kibo's inventory tags: categories by name, each with the values stock can be split into."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.sandbox.store import Clock, Object
from reconciler.sandbox.vendor import Answer, Call, Field, Kind, Route
from reconciler.sandbox.vendors.kibo.inventory import checked, malformed, missing, moment, problem
from reconciler.sandbox.vendors.kibo.kinds import TENANTS, many

PATH = "/commerce/inventory/v1/tagCategory"
MADE = "2024-01-15T10:30:00-0000"

CATEGORY_FIELDS = (Field("name", required=True), *many("objects", "tags"))
TAG_FIELDS = (
    Field("tagValue", required=True),
    Field("isDefault", "boolean", default=False),
    Field("percent", "integer", default=0),
)

CATEGORIES = Kind(
    "inventory_tag_categories",
    PATH,
    fields=(Field("name"), Field("tags", "objects", default=())),
    numbered=False,
    sparse=True,
    born=lambda number: {"tagCategoryID": number, "created": MADE, "deletion_job_ids": []},
)


def _tag(body: object) -> Object:
    tag = checked(TAG_FIELDS, body, "tag")
    if not 0 <= tag["percent"] <= 100:
        raise malformed("percent must be from 0 to 100", "tag.percent")
    return tag


def _tags(clock: Clock, category: int, given: list[Object], before: list[Object]) -> list[Object]:
    """Checked tags with ids and stamps; a value that was there keeps its own."""
    earlier = {each["tagValue"]: each for each in before}
    following = max((each["tagID"] for each in before), default=category * 1000)
    now = moment(clock)
    tags = []
    for tag in given:
        old = earlier.get(tag["tagValue"])
        if old is None:
            following += 1
            old = {"tagID": following, "created": now, "updated": now}
        changed = any(old.get(name) != value for name, value in tag.items())
        tags.append(old | tag | ({"updated": now} if changed else {}))
    if len({each["tagValue"] for each in tags}) < len(tags):
        raise problem(409, "ALREADY_EXISTS", "Two tags have the same value")
    return tags


def _located(call: Call) -> int:
    name = call.params["category"]
    for number in call.account.store[CATEGORIES.name].find("name", name):
        return number
    raise missing(f"Tag Category {name} Not Found")


def _write(call: Call, number: int, tags: list[Object]) -> Object:
    before = call.account.store[CATEGORIES.name][number]
    ready = _tags(call.account.clock, number, tags, before["tags"])
    after = before | {"tags": ready}
    call.account.store.write(CATEGORIES.name, number, after)
    return after


def categories(call: Call) -> Answer:
    """All categories; having none is a 404, as documented."""
    found = list(call.account.store[CATEGORIES.name])
    if not found:
        raise missing("Tag Categories Not Found")
    return Answer(200, found)


def category(call: Call) -> Answer:
    """One category with its tags."""
    return Answer(200, call.account.store[CATEGORIES.name][_located(call)])


def create_category(call: Call) -> Answer:
    """A new category, with or without tags."""
    fields = checked(CATEGORY_FIELDS, call.json(), "tagCategory")
    store = call.account.store
    if store[CATEGORIES.name].find("name", fields["name"]):
        raise problem(409, "ALREADY_EXISTS", f"Tag Category {fields['name']} already exists")
    number = store[CATEGORIES.name].next_id
    tags = _tags(call.account.clock, number, [_tag(each) for each in fields.get("tags", ())], [])
    born = CATEGORIES.born(number) | {"created": moment(call.account.clock)}
    store.write(CATEGORIES.name, number, {"name": fields["name"], "tags": tags} | born)
    return Answer(200, store[CATEGORIES.name][number])


def update_category(call: Call) -> Answer:
    """A category with the tags sent and no others."""
    number = _located(call)
    fields = checked(
        CATEGORY_FIELDS, {"name": call.params["category"]} | call.json(), "tagCategory"
    )
    if fields["name"] != call.params["category"]:
        raise malformed("A tag category cannot be renamed", "tagCategory.name")
    return Answer(200, _write(call, number, [_tag(each) for each in fields.get("tags", ())]))


def delete_category(call: Call) -> Answer:
    """A category taken away with its tags."""
    call.account.store.write(CATEGORIES.name, _located(call), None)
    return Answer(200, {"deleted": 1})


def _siblings(call: Call) -> tuple[int, list[Object], Object]:
    number = _located(call)
    tags: list[Object] = call.account.store[CATEGORIES.name][number]["tags"]
    for tag in tags:
        if tag["tagValue"] == call.params["value"]:
            return number, tags, tag
    raise missing(f"Tag {call.params['value']} Not Found")


def tag(call: Call) -> Answer:
    """One tag of a category."""
    return Answer(200, _siblings(call)[2])


def create_tag(call: Call) -> Answer:
    """A new tag in a category."""
    number = _located(call)
    tags = call.account.store[CATEGORIES.name][number]["tags"]
    return Answer(200, _write(call, number, [*tags, _tag(call.json())])["tags"][-1])


def update_tag(call: Call) -> Answer:
    """A tag replaced; its value, which names it, stays."""
    number, tags, old = _siblings(call)
    body: Mapping[str, object] = {"tagValue": old["tagValue"]} | call.json()
    given = _tag(body)
    if given["tagValue"] != old["tagValue"]:
        raise malformed("A tag cannot be renamed", "tag.tagValue")
    after = _write(call, number, [given if each is old else each for each in tags])["tags"]
    return Answer(200, after[tags.index(old)])


def delete_tag(call: Call) -> Answer:
    """A tag taken out of a category."""
    number, tags, old = _siblings(call)
    _write(call, number, [each for each in tags if each is not old])
    return Answer(200, {"deleted": 1})


def routes() -> list[Route]:
    """Every call about categories and tags."""
    one, tags = f"{PATH}/{{category}}", f"{PATH}/{{category}}/tag"
    return [
        Route("GET", PATH, categories, TENANTS),
        Route("POST", PATH, create_category, TENANTS),
        Route("GET", one, category, TENANTS),
        Route("PUT", one, update_category, TENANTS),
        Route("DELETE", one, delete_category, TENANTS),
        Route("POST", tags, create_tag, TENANTS),
        Route("GET", f"{tags}/{{value}}", tag, TENANTS),
        Route("PUT", f"{tags}/{{value}}", update_tag, TENANTS),
        Route("DELETE", f"{tags}/{{value}}", delete_tag, TENANTS),
    ]
