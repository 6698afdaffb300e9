"""What `$ignore` names, also deep inside, is left alone in plan, apply, drift and ledger alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

SUPPLIER = """provider: kobo-plm
suppliers:
  S1:
    name: S
    address: {city: Uşak, street: Old street 1}
    contacts: [{name: Elif, role: Buyer}, {name: Ali, role: Seller}]
    $ignore: [address.street, "contacts[0].role"]
workflows:
  W:
    trigger_type: style.created
    actions: [{type: create_task, delay: 5, to: {team: sales}}, {type: notify, delay: 5}]
    $ignore: ["actions[].delay"]
components:
  C1:
    name: C
    specifications: {width: 150cm, yarn: 30/1}
    $ignore: [specifications.width]
"""
ADDRESS = {"city": "Uşak", "street": "New street 2"}
CONTACTS = [{"name": "Elif", "role": "Boss"}, {"name": "Ali", "role": "Seller"}]
ACTIONS = [
    {"type": "create_task", "delay": 60, "to": {"team": "sales"}},
    {"type": "notify"},
]
SPECIFICATIONS = {"width": "160cm", "yarn": "30/1"}


def meddle(sandbox: Any, kind: str, vendor: str = "kobo-plm", **fields: Any) -> None:
    """Change the object of this kind at the vendor."""
    (found,) = sandbox.state(vendor)[kind]
    sandbox.put_state(vendor, {kind: [{**found, **fields}]})


def live(sandbox: Any, kind: str, vendor: str = "kobo-plm") -> Mapping[str, Any]:
    """The object of this kind at the vendor."""
    (found,) = sandbox.state(vendor)[kind]
    return dict(found)


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace that made one object of each kind; then somebody changed what it ignores."""
    empty: dict[str, Any] = {"suppliers": [], "workflows": [], "components": []}
    sandbox.put_state("kobo-plm", empty)
    made = workspace(SUPPLIER)
    made.apply()
    assert live(sandbox, "suppliers")["address"]["street"] == "Old street 1"
    meddle(sandbox, "suppliers", address=ADDRESS, contacts=CONTACTS)
    meddle(sandbox, "workflows", actions=ACTIONS)
    meddle(sandbox, "components", specifications=SPECIFICATIONS)
    return made


def test_an_ignored_part_is_no_difference(here: Any) -> None:
    """Neither a plan nor drift says anything about it."""
    assert here.settled()
    drift = here.run("drift", "--detailed-exitcode")
    assert (drift.code, drift.last) == (0, "No drift. Your vendors are as they were last applied.")


def test_an_ignored_part_is_not_in_the_ledger(here: Any) -> None:
    """What is not ours is not recorded as applied."""
    text = (here.root / ".reconciler" / "ledger.jsonl").read_text("utf-8")
    assert "Old street" not in text
    assert "delay" not in text
    assert "150cm" not in text
    assert "Seller" in text


def test_an_ignored_part_is_sent_back_as_it_is(here: Any, sandbox: Any) -> None:
    """An update of the field around it leaves it as somebody else has made it."""
    changed = SUPPLIER.replace("Uşak", "İzmir").replace("Seller", "Agent")
    changed = changed.replace("team: sales", "team: buying").replace("30/1", "40/1")
    here.write(changed)
    shown = here.run("plan")
    assert '~ address.city: "Uşak" -> "İzmir"' in shown.out
    assert "street" not in shown.out
    assert "delay" not in shown.out
    assert "width" not in shown.out
    here.apply()
    assert live(sandbox, "suppliers")["address"] == {**ADDRESS, "city": "İzmir"}
    assert live(sandbox, "suppliers")["contacts"] == [
        CONTACTS[0],
        {"name": "Ali", "role": "Agent"},
    ]
    assert live(sandbox, "workflows")["actions"] == [
        {**ACTIONS[0], "to": {"team": "buying"}},
        ACTIONS[1],
    ]
    assert live(sandbox, "components")["specifications"] == {"width": "160cm", "yarn": "40/1"}
    assert here.settled()


def test_a_path_that_begins_to_be_ignored_changes_nothing_at_the_vendor(
    here: Any, sandbox: Any
) -> None:
    """Adding a path to `$ignore` writes nothing, also where its value was applied before."""
    here.write(SUPPLIER.replace("address.street, ", "address.street, address.city, "))
    meddle(sandbox, "suppliers", address={"city": "Ankara", "street": "x"})
    result = here.apply()
    assert result.last == "Apply complete! Resources: 0 added, 0 changed, 0 destroyed."
    assert live(sandbox, "suppliers")["address"]["city"] == "Ankara"
    assert here.settled()


GROUP = """provider: kibo
location_groups: {G: {name: G}}
location_group_configurations:
  G:
    carriers: [{carrierType: FEDEX, isEnabled: true}, {carrierType: UPS, isEnabled: true}]
    $ignore: ["carriers[UPS]", "carriers[FEDEX].isEnabled"]
"""


def test_an_entry_is_ignored_by_its_name(workspace: Any, sandbox: Any) -> None:
    """A whole entry of a list whose entries have names, and a member of one, stay as they are
    live, also where the list around them is written."""
    sandbox.put_state("kibo", {"location_groups": [], "location_group_configurations": []})
    here = workspace(GROUP)
    here.apply()
    ups = {"carrierType": "UPS", "isEnabled": False, "features": ["RATES"]}
    fedex = {"carrierType": "FEDEX", "isEnabled": False}
    meddle(sandbox, "location_group_configurations", "kibo", carriers=[ups, fedex])
    assert here.settled()
    here.write(GROUP.replace("[{carrierType: FEDEX", "[{carrierType: DHL}, {carrierType: FEDEX"))
    shown = here.run("plan")
    assert "carriers[DHL]" in shown.out
    assert "UPS" not in shown.out
    here.apply()
    carriers = live(sandbox, "location_group_configurations", "kibo")["carriers"]
    by_type = {carrier["carrierType"]: carrier for carrier in carriers}
    assert by_type.keys() == {"DHL", "FEDEX", "UPS"}
    assert (by_type["UPS"]["isEnabled"], by_type["UPS"]["features"]) == (False, ["RATES"])
    assert by_type["FEDEX"]["isEnabled"] is False
    assert here.settled()
    meddle(
        sandbox, "location_group_configurations", "kibo", carriers=[fedex, {"carrierType": "DHL"}]
    )
    assert here.settled()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("adress.street", 'names "adress", which is not a field of suppliers'),
        ("address.stret", 'address has no member "stret"'),
        ("contacts.role", "contacts is a list"),
        ("contacts[Elif].role", "the entries of contacts have no names"),
        ("contacts[0]", "it names no member of the entries"),
        ("contacts[].rolle", 'contacts[] has no member "rolle"'),
        ("address[].street", "address is not a list"),
        ("name.x", "name has no members"),
        ("address..street", "is not a path"),
        ("address.street[", "is not a path"),
        ("", "is not a path"),
    ],
)
def test_a_path_without_effect_is_an_error(workspace: Any, path: str, message: str) -> None:
    """Whatever the schema shows to be no path of the kind is refused where it stands."""
    here = workspace(f"provider: kobo-plm\nsuppliers:\n  S1: {{name: S, $ignore: ['{path}']}}\n")
    result = here.run("validate")
    assert result.code == 1
    assert message in result.err


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("address.stret", 'Did you mean "street"?'),
        ("contacts[].rolle", 'Did you mean "role"?'),
        ("adress", 'Did you mean "address"?'),
        ("contacts.role", "Write contacts[].role for all of its entries."),
    ],
)
def test_a_misspelt_path_has_a_hint(workspace: Any, path: str, hint: str) -> None:
    """The message says what was probably meant."""
    here = workspace(f"provider: kobo-plm\nsuppliers:\n  S1: {{name: S, $ignore: ['{path}']}}\n")
    assert hint in here.run("validate").err
