"""Any manifests against any live state: apply settles it, reading changes nothing, and what is
nobody's stays as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from reconciler.ledger import open_ledger
from reconciler.sandbox import Options
from reconciler.sandbox.server import Running

from .vendors import running

CI = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
CAMPAIGN = settings(
    CI,
    max_examples=1000,
    derandomize=False,
    print_blob=True,
    phases=[Phase.explicit, Phase.generate],  # shrinking whole runs takes longer than reading one
)

# The same letters composed and decomposed, the two Turkish i's, and names that look like numbers.
NAMES = ("Kumaş", "Kumas\u0327", "İplik", "iplik", "ışık", "007", "no", "x y", "a/b", "Ö\u200bz")
TEXTS = st.sampled_from(NAMES)
EVENTS = ("style.created", "style.updated", "task.created", "workflow.failed")
Make = Callable[[Path, Running], Any]


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value, or null."""
    return st.none() | strategy


def some(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[Any]:
    """An object's fields: the required ones and any of the others."""
    return st.fixed_dictionaries(required, optional=optional)


PERSON = some(
    {"name": TEXTS},
    {"email": maybe(st.just("a@b.example")), "phone": maybe(TEXTS), "role": maybe(TEXTS)},
)
PLACE = some({}, {"city": maybe(TEXTS), "street": maybe(TEXTS), "country": maybe(st.just("TR"))})
SUPPLIER = some(
    {"name": TEXTS},
    {
        "type": maybe(TEXTS),
        "email": maybe(st.just("x@y.example")),
        "address": maybe(PLACE),
        "contacts": st.lists(PERSON, max_size=3),
        "currency": maybe(st.sampled_from(["TRY", "EUR"])),
        "certifications": st.lists(
            st.sampled_from(["GOTS", "OEKO-TEX", "BCI"]), max_size=3, unique=True
        ),
    },
)
COMPONENT = some(
    {"name": TEXTS},
    {
        "unit_price": maybe(st.sampled_from(["8.50", 8.5, "8.5", 9, "0.125", 0, "-1.10"])),
        "minimum_order_quantity": maybe(st.sampled_from([0, 1, 100])),
        "specifications": maybe(
            st.dictionaries(st.sampled_from(["en", "boy", "Renk"]), maybe(TEXTS), max_size=2)
        ),
    },
)
WEBHOOK = some(
    {
        "url": st.sampled_from(["https://a.example/h", "http://b.example"]),
        "events": st.lists(st.sampled_from(EVENTS), min_size=1, max_size=3, unique=True),
    },
    {"is_active": st.booleans()},
)
WORKFLOW = some(
    {},
    {
        "description": maybe(TEXTS),
        "is_active": st.booleans(),
        "actions": st.lists(
            st.dictionaries(
                st.sampled_from(["type", "to", "n"]),
                TEXTS | st.integers(0, 2) | st.booleans() | st.lists(TEXTS, max_size=2),
                max_size=2,
            ),
            max_size=2,
        ),
    },
)
KEYS = {
    "suppliers": ("code", SUPPLIER),
    "components": ("code", COMPONENT),
    "webhooks": ("name", WEBHOOK),
    "workflows": ("name", WORKFLOW),
}
OPTIONS = some(
    {},
    {"$ignore": st.sampled_from([["name"], ["type"]]), "$on_remove": st.just("keep")},
)


@st.composite
def manifests(draw: st.DrawFn) -> dict[str, dict[str, dict[str, Any]]]:
    """Objects of several kinds: `{kind: {key: fields}}`; components refer to suppliers."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for kind, (natural, strategy) in KEYS.items():
        for key in draw(st.lists(st.sampled_from("abcd"), max_size=3, unique=True)):
            fields = {natural: f"{key}-Şube", **draw(strategy)}
            if kind == "suppliers":
                fields |= draw(OPTIONS)
            if kind == "components" and found.get("suppliers"):
                target = st.sampled_from(sorted(found["suppliers"]))
                fields |= draw(some({}, {"supplier": maybe(target)}))
            found.setdefault(kind, {})[key] = fields
    return found


@st.composite
def edited(draw: st.DrawFn, before: dict[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """What the manifests might say next: fields, objects, natural keys and addresses change."""
    after = deepcopy(before)
    for kind, objects in before.items():
        natural, strategy = KEYS[kind]
        for key, fields in objects.items():
            act = draw(st.sampled_from(["keep", "edit", "less", "drop", "absent", "key", "was"]))
            referred = kind == "suppliers" and any(
                one.get("supplier") == key for one in before.get("components", {}).values()
            )
            if act == "edit":
                after[kind][key] = {**fields, **draw(strategy)}
            elif act == "less":
                least = {natural, "name", "url", "events"}
                after[kind][key] = {n: v for n, v in fields.items() if n in least}
            elif act == "drop" and not referred:
                del after[kind][key]
            elif act == "absent" and not referred:
                after[kind][key] = {natural: fields[natural], "$absent": True}
            elif act == "key":
                after[kind][key] = {**fields, natural: f"{key}-yeni"}
            elif act == "was" and not referred:
                del after[kind][key]
                after[kind][f"{key}2"] = {**fields, "$was": key}
    return after


@st.composite
def meddling(draw: st.DrawFn) -> list[tuple[str, int, str, Any]]:
    """What somebody does in the vendor's screens: kind, which one, the field, the value; no
    field means that the object is deleted."""
    edits = {
        "suppliers": st.tuples(st.sampled_from(["name", "type", "phone"]), TEXTS),
        "components": st.tuples(st.sampled_from(["name", "unit"]), TEXTS),
        "webhooks": st.tuples(st.just("is_active"), st.booleans()),
        "workflows": st.tuples(st.just("description"), TEXTS),
    }
    kinds = draw(st.lists(st.sampled_from(sorted(edits)), max_size=3))
    gone = st.just(("", None))
    return [
        (
            kind,
            draw(st.integers(0, 4)),
            *draw(edits[kind] if kind == "suppliers" else edits[kind] | gone),
        )
        for kind in kinds
    ]


def meddle(sandbox: Running, edits: list[tuple[str, int, str, Any]]) -> None:
    """Do it; what was never there cannot be meddled with."""
    state = sandbox.state("kobo-plm")
    for kind, place, name, value in edits:
        if place < len(state[kind]) - 1:
            if name:
                state[kind][place + 1] = {**state[kind][place + 1], name: value}
            else:
                del state[kind][place + 1]
    kinds = {kind for kind, *_ in edits}
    sandbox.put_state("kobo-plm", {kind: state[kind] for kind in kinds})


def declare(here: Any, found: dict[str, dict[str, Any]]) -> None:
    """Write the manifests."""
    here.declare({f"kobo-plm/{kind}": objects for kind, objects in found.items()})


def strangers(sandbox: Running) -> str:
    """The objects that nobody declared, to the letter; each kind's first."""
    state = sandbox.state("kobo-plm")
    return json.dumps({kind: objects[:1] for kind, objects in state.items()})


@pytest.fixture(scope="module")
def vendors() -> Iterator[tuple[Running, dict[str, Any]]]:
    """One sandbox for all examples, and the state in which each begins."""
    with running(Options(port=0, rate=0, job_seconds=0, data="1")) as started:
        yield started, started.state("kobo-plm")


def settles(data: st.DataObject, make: Make, vendors: tuple[Running, dict[str, Any]]) -> None:
    """Two rounds of manifests with meddling between; each round's promises."""
    sandbox, beginning = vendors
    sandbox.put_state("kobo-plm", beginning)
    with TemporaryDirectory() as folder:
        here = make(Path(folder), sandbox)
        found = data.draw(manifests(), "manifests")
        for _ in range(2):
            declare(here, found)
            before = strangers(sandbox)
            settled(here, sandbox)
            assert strangers(sandbox) == before
            meddle(sandbox, data.draw(meddling(), "meddling"))
            found = data.draw(edited(found), "edited")


def settled(here: Any, sandbox: Running) -> None:
    """Reading writes nothing, apply does it all, and a second apply has nothing to do."""
    sandbox.clear_journal()
    for command in (("validate",), ("plan",), ("drift",), ("plan", "--refresh-only")):
        shown = here.run(*command)
        assert shown.code == 0, shown
    assert here.writes() == []
    applied = here.run("apply", "--auto-approve")
    note(applied.out + applied.err)
    if "not deleted:" in applied.err:
        # A conflict: somebody changed what we would delete. Accepted, it can be deleted.
        here.apply("--refresh-only")
        applied = here.run("apply", "--auto-approve")
    assert applied.code == 0, applied
    sandbox.clear_journal()
    assert here.plan() == []
    ledger = here.root / ".reconciler" / "ledger.jsonl"
    content = ledger.read_bytes() if ledger.exists() else b""
    again = here.apply()
    assert again.last == "Apply complete! Resources: 0 added, 0 changed, 0 destroyed."
    assert here.writes() == []
    assert (ledger.read_bytes() if ledger.exists() else b"") == content
    if ledger.exists():
        state = open_ledger(".reconciler/ledger.jsonl", here.root, "acme").read()
        assert state.open_intents == ()


@CI
@given(st.data())
def test_apply_settles_whatever_is_declared(
    new_workspace: Make, vendors: tuple[Running, dict[str, Any]], data: st.DataObject
) -> None:
    """After apply the plan is empty and a second apply writes nothing, to the vendor or to the
    ledger; commands that read send no write; objects that nobody declared stay as they are."""
    settles(data, new_workspace, vendors)


@pytest.mark.campaign
@CAMPAIGN
@given(st.data())
def test_apply_settles_whatever_is_declared_in_a_campaign(
    new_workspace: Make, vendors: tuple[Running, dict[str, Any]], data: st.DataObject
) -> None:
    """The same promises, on many more examples."""
    settles(data, new_workspace, vendors)


@CI
@given(found=manifests(), edits=meddling())
def test_undeclared_fields_stay_as_they_are(
    new_workspace: Make,
    vendors: tuple[Running, dict[str, Any]],
    found: dict[str, Any],
    edits: list[tuple[str, int, str, Any]],
) -> None:
    """A field that is not declared, or that is ignored, keeps the value it has at the vendor."""
    sandbox, beginning = vendors
    sandbox.put_state("kobo-plm", beginning)
    with TemporaryDirectory() as folder:
        here = new_workspace(Path(folder), sandbox)
        declare(here, found)
        here.apply()
        meddle(sandbox, edits)
        before = {s["id"]: s for s in sandbox.state("kobo-plm")["suppliers"]}
        here.apply()
        for after in sandbox.state("kobo-plm")["suppliers"]:
            declared = found.get("suppliers", {}).get(after["code"].removesuffix("-Şube"), {})
            ours = {name for name in declared if name not in declared.get("$ignore", ())}
            free = set(after) - ours - {"updated_at"}
            assert {n: after[n] for n in free} == {n: before[after["id"]][n] for n in free}
