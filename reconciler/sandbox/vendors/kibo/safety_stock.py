"""Kibo's safety stock rules, which are ranked."""

from __future__ import annotations

from reconciler.sandbox.crud import id_in_path
from reconciler.sandbox.describe import Answer, Call, Field, Kind, Route, fields
from reconciler.sandbox.samples import constant
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.kibo.checks import invalid
from reconciler.sandbox.vendors.kibo.kinds import codes_of, kibo_kind, moment


def _ranked(call: Call, fields: Object, before: Object | None) -> Object:
    """A code and a rank where none were given, and whether the rule is in force now."""
    if not any(fields.get(name) for name in ("productRules", "locationCodes", "locationGroups")):
        raise invalid(("productRules", "or locations are required"))
    now = moment(call.account.clock)
    start, end = fields.get("startDate", ""), fields.get("endDate", "9999")
    if end < start:
        raise invalid(("endDate", "must not be before startDate"))
    rules = call.collection(SAFETY_STOCK)
    if not fields.get("rank"):
        ranks = (rule.get("rank", 0) for rule in rules)
        fields["rank"] = before["rank"] if before else max(ranks, default=0) + 1
    code = fields.get("code") or f"safety-stock-{rules.next_id}"
    # Written although a client may not send it: `put` keeps what the server owns.
    return fields | {"code": code, "isActive": fields["enabled"] and start <= now <= end}


SAFETY_STOCK: Kind = kibo_kind(
    "safety_stock_rules",
    "/commerce/rules/safetystock",
    "code",
    "LGCUD",
    Field("code", unique=True, make="SSR-{n:06}"),
    Field("name", make="Rule {n:06}"),
    Field("description"),
    Field("enabled", "boolean", default=False, make=constant(True)),
    Field("productRules", "objects"),
    codes_of("locations", "locationCodes", prefix="L", default=None),
    codes_of("location_groups", "locationGroups", "locationGroupCode", default=None),
    Field("quantity", "integer", make=lambda n: 1 + n % 20),
    Field("rank", "integer", make=lambda n: n),
    Field("metaData", "any"),
    *fields("string", "startDate endDate"),
    Field("isActive", "boolean", writable=False, make=constant(True)),
    prepare=_ranked,
)
KINDS = (SAFETY_STOCK,)


def rank(call: Call) -> Answer:
    """Moves a safety stock rule to another rank, and those in between by one."""
    number, rules = id_in_path(call, SAFETY_STOCK), call.collection(SAFETY_STOCK)
    old, new = rules[number]["rank"], call.json().get("newRank")
    if not isinstance(new, int) or isinstance(new, bool) or new < 1:
        raise invalid(("newRank", "must be a whole number from 1"))
    step = 1 if new < old else -1
    for other in list(rules.ids):
        rule = rules[other]
        if other == number or min(old, new) <= rule["rank"] <= max(old, new):
            moved = new if other == number else rule["rank"] + step
            call.write(SAFETY_STOCK, other, rule | {"rank": moved})
    return Answer(200)


def routes() -> list[Route]:
    """What is more than a kind's own verbs."""
    return [Route("PUT", f"{SAFETY_STOCK.path}/{{id}}/rank", rank, SAFETY_STOCK.scope)]
