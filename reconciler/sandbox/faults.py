"""Rules that make chosen requests go wrong, and the choosing.

A rule is a JSON object: `path` (an fnmatch pattern for the path, with or without the vendor's
prefix), optionally `vendor` and `method`, then either `nth` (the 1-based index of the matching
request, or a list of them) or `probability` (with a `seed`), or neither for every match; and
`fault`, an object with exactly one of the names in FAULTS:

    {"status": 503, "retry_after": 2, "body": ...}   answered instead of the vendor
    {"status": 503, "after": true}                   done, and answered as if it was not
    {"html": true}                                   200 with a web page instead of the vendor
    {"redirect": "http://..."}                       302 instead of the vendor
    {"reset": "before"} / {"reset": "after"}         connection reset, the write undone or done
    {"delay": 0.2}                                   done at once, answered late
    {"truncate": true}                               done, half the body with a length to match
    {"drip": 0.05}                                   done, the body in ten pieces, this far apart
    {"endless": "headers"}                           done, and that part of the answer never ends
                                                     (continue, status, headers, chunk, trailers)
    {"garble": true}                                 done, and something in the answer is wrong: in
                                                     its bytes, its JSON or its headers
    {"repeat_page": true}                            the items of the page before, for any page
    {"shift": true}                                  pages after the first lack the first object
    {"adds": true} / {"adds": "lost"}                a write that sets a quantity adds it instead,
                                                     and then the connection is reset
    {"stale": true} / {"stale": 5}                   reads go back before the last write, or
                                                     before every write of the last 5 seconds
    {"replace": true}                                a PUT to a vendor that merges gives every
                                                     field that it leaves out its default
    {"since": "ignored"}                             a list asked for what changed since a moment
                                                     shows all of it; "page": only its first page,
                                                     as if that were all; "total": counts the
                                                     whole list; 7200: what changed so many
                                                     seconds after that moment
    {"count": -1}                                    a list counts so many objects more, or fewer
    {"late": 300}                                    a write has a time so many seconds before it
                                                     is seen; true: an update has the time of the
                                                     one before
    {"date": 3600}                                   the Date header is so many seconds ahead, or
                                                     behind; "none": there is none
    {"bend": {"email": "lower"}}                     done with another value: members of these names
                                                     in the body are changed (BENDS says how)

The first rule that matches and fires decides; every rule counts all requests it matches. Rules that
bend are apart: all of them that fire apply, beside whatever else goes wrong with the request.
"""

from __future__ import annotations

import html
import json
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, NamedTuple


class InvalidRule(ValueError):
    """A fault rule that cannot be used; the text says which and why."""


def _true(value: object) -> bool:
    return value is True


def _seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _whole(value: object, least: int, most: int | None = None) -> bool:
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    return value >= least and (most is None or value <= most)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


ENDLESS = ("continue", "status", "headers", "chunk", "trailers")
"""The parts of an answer that may never end: one `100 Continue` after another, the line with the
status, the headers, the line before a chunk, and the trailers."""
BENDS: Mapping[str, Callable[[str], Any]] = {
    "lower": str.lower,
    "trim": str.strip,
    "slash": lambda text: text.rstrip("/"),
    "null": lambda text: text or None,
    "escape": html.escape,
}
"""How a vendor may keep a text otherwise than it was written: in lower case, without blanks around
it, without a slash at its end, nothing where it is empty, and with HTML's escapes."""


def _bends(value: object) -> bool:
    if not isinstance(value, Mapping) or not value:
        return False
    return all(isinstance(how, str) and how in BENDS for how in value.values())


FAULTS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "status": (lambda value: _whole(value, 200, 599), "a whole number from 200 to 599"),
    "html": (_true, "true"),
    "redirect": (lambda value: isinstance(value, str) and bool(value), "an address"),
    "reset": (lambda value: value in ("before", "after"), '"before" or "after"'),
    "delay": (_seconds, "a number of seconds"),
    "truncate": (_true, "true"),
    "drip": (_seconds, "a number of seconds"),
    "endless": (lambda value: value in ENDLESS, f"one of {', '.join(ENDLESS)}"),
    "garble": (_true, "true"),
    "repeat_page": (_true, "true"),
    "shift": (_true, "true"),
    "adds": (lambda value: value is True or value == "lost", 'true or "lost"'),
    "replace": (_true, "true"),
    "stale": (lambda value: value is True or _seconds(value), "true or a number of seconds"),
    "since": (
        lambda value: value in ("ignored", "page", "total") or _number(value),
        '"ignored", "page", "total" or a number of seconds',
    ),
    "count": (lambda value: _whole(value, -1_000_000), "a whole number"),
    "late": (lambda value: value is True or _number(value), "true or a number of seconds"),
    "date": (lambda value: value == "none" or _number(value), '"none" or a number of seconds'),
    "bend": (_bends, f"an object of members with one of {', '.join(BENDS)}"),
}
LIES = frozenset(("since", "count", "late"))
"""The faults with which the vendor does as it always does, and says something wrong of it."""
BESIDE_STATUS = {"retry_after", "body", "after"}
RULE_KEYS = {"vendor", "method", "path", "nth", "probability", "seed", "fault"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request."""

    name: str
    value: Any
    retry_after: float | None = None
    body: Any = None
    after: bool = False

    @property
    def preempts(self) -> bool:
        """Whether the request never reaches the vendor."""
        if self.after:
            return False
        return self.name in ("status", "html", "redirect") or self.value == "before"

    @property
    def resets(self) -> bool:
        """Whether the connection is reset, before or after the request took effect."""
        return self.name == "reset" or self.value == "lost"

    @property
    def lies(self) -> Mapping[str, Any]:
        """What the vendor says wrong, by the name of the fault."""
        return {self.name: self.value} if self.name in LIES else {}

    @property
    def list_fault(self) -> str:
        """The name of a fault that bends a list, or nothing."""
        return self.name if self.name in ("repeat_page", "shift") else ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Which requests a fault is for."""

    fault: Fault
    path: str
    vendor: str = ""
    method: str = ""
    nth: frozenset[int] = frozenset()
    probability: float | None = None
    seed: int = 0

    def matches(self, vendor: str, method: str, paths: Iterable[str]) -> bool:
        """Whether a request is among those this rule is about."""
        if self.vendor not in ("", vendor) or self.method not in ("", method):
            return False
        return any(fnmatchcase(path, self.path) for path in paths)


class Picked(NamedTuple):
    """What the rules have for one request: the fault, and how each member of the body is bent."""

    fault: Fault | None
    bends: Mapping[str, str]


def bent(body: bytes, bends: Mapping[str, str]) -> bytes:
    """A body of JSON whose texts of these members, at any depth, are bent; any other body as it
    is."""

    def change(name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: change(key, each) for key, each in value.items()}
        if isinstance(value, list):
            return [change(name, each) for each in value]
        return BENDS[bends[name]](value) if name in bends and isinstance(value, str) else value

    try:
        return json.dumps(change("", json.loads(body))).encode()
    except ValueError:
        return body


class Faults:
    """The rules in force, with how often each has matched."""

    def __init__(self, vendors: Iterable[str]) -> None:
        self._vendors = frozenset(vendors)
        self.given: list[Mapping[str, Any]] = []
        self._rules: list[Rule] = []
        self._seen: list[int] = []
        self._dice: list[random.Random] = []

    def set(self, rules: object) -> None:
        """Put these rules in force instead of those before; InvalidRule changes nothing."""
        if not isinstance(rules, list | tuple):
            raise InvalidRule("fault rules: must be a list of rules")
        parsed = [self._parsed(rule, f"rule {place}") for place, rule in enumerate(rules, 1)]
        self.given, self._rules = list(rules), parsed
        self._seen = [0] * len(parsed)
        self._dice = [random.Random(rule.seed) for rule in parsed]

    def pick(self, vendor: str, method: str, *paths: str) -> Picked:
        """The fault for this request, whichever of its paths a rule matches."""
        chosen = None
        bends: dict[str, str] = {}
        for place, rule in enumerate(self._rules):
            if rule.matches(vendor, method, paths):
                self._seen[place] += 1
                if not self._fires(place, rule):
                    continue
                if rule.fault.name == "bend":
                    bends |= rule.fault.value
                elif chosen is None:
                    chosen = self._with_dice(place, rule.fault)
        return Picked(chosen, bends)

    def _with_dice(self, place: int, fault: Fault) -> Fault:
        """A fault that garbles with the number that says how."""
        if fault.name != "garble":
            return fault
        return replace(fault, value=self._dice[place].randrange(2**32))

    def _fires(self, place: int, rule: Rule) -> bool:
        if rule.probability is not None:
            return self._dice[place].random() < rule.probability
        return not rule.nth or self._seen[place] in rule.nth

    def _parsed(self, rule: object, where: str) -> Rule:
        if not isinstance(rule, Mapping):
            raise InvalidRule(f"{where}: must be an object")
        if unknown := sorted(map(str, set(rule) - RULE_KEYS)):
            raise InvalidRule(f"{where}: unknown {', '.join(unknown)}")
        vendor, method, path = rule.get("vendor", ""), rule.get("method", ""), rule.get("path")
        if vendor and vendor not in self._vendors:
            known = ", ".join(sorted(self._vendors))
            raise InvalidRule(f"{where}: vendor {vendor!r} is not one of {known}")
        if not isinstance(method, str):
            raise InvalidRule(f"{where}: method must be a string")
        if not isinstance(path, str) or not path:
            raise InvalidRule(f"{where}: path must be a pattern such as */suppliers*")
        nth, probability = rule.get("nth", []), rule.get("probability")
        numbers = nth if isinstance(nth, list | tuple) else [nth]
        if not all(_whole(number, 1) for number in numbers) or ("nth" in rule and not numbers):
            raise InvalidRule(f"{where}: nth must be a whole number from 1, or a list of them")
        if probability is not None and not (_seconds(probability) and probability <= 1):
            raise InvalidRule(f"{where}: probability must be a number from 0 to 1")
        if numbers and probability is not None:
            raise InvalidRule(f"{where}: nth and probability exclude each other")
        if not _whole(seed := rule.get("seed", 0), 0):
            raise InvalidRule(f"{where}: seed must be a whole number")
        fault = _fault(rule.get("fault"), where)
        return Rule(fault, path, vendor, method.upper(), frozenset(numbers), probability, seed)


def _fault(given: object, where: str) -> Fault:
    known = ", ".join(FAULTS)
    if not isinstance(given, Mapping):
        raise InvalidRule(f"{where}: fault must be an object with one of {known}")
    names = [name for name in given if name in FAULTS]
    beside = BESIDE_STATUS if names == ["status"] else set()
    if len(names) != 1 or set(given) - beside - {*names}:
        raise InvalidRule(f"{where}: fault must have exactly one of {known}")
    name = names[0]
    valid, wanted = FAULTS[name]
    if not valid(given[name]):
        raise InvalidRule(f"{where}: {name} must be {wanted}")
    retry_after = given.get("retry_after")
    if retry_after is not None and not _seconds(retry_after):
        raise InvalidRule(f"{where}: retry_after must be a number of seconds")
    if not isinstance(after := given.get("after", False), bool):
        raise InvalidRule(f"{where}: after must be true or false")
    return Fault(name, given[name], retry_after, given.get("body"), after)
