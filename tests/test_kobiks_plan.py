"""What Kobiks would refuse is told by the plan: features that it requires, values of their types;
and a supplier is found by its name."""

from __future__ import annotations

from typing import Any

import pytest

TYPES = [
    {"name": "Ayar", "required": True, "value_type": "text"},
    {"name": "Taş sayısı", "required": False, "value_type": "integer"},
    {"name": "Üretim", "required": False, "value_type": "date"},
    {"name": "Sertifika", "required": False, "value_type": "checkbox"},
]
LACKS = "product_features lacks Ayar, without which Kobiks takes no product"


def product(features: str = "", more: str = "") -> str:
    """A manifest with one new product, with these features and other fields."""
    listed = f", product_features: [{features}]" if features else ""
    return f"provider: kobiks\nproducts: {{'77': {{name: Yeni Yüzük{listed}{more}}}}}\n"


@pytest.fixture
def here(workspace: Any, sandbox: Any) -> Any:
    """A workspace at a vendor whose products need a feature."""
    (known,) = sandbox.state("kobiks")["products"]
    known = {**known, "product_features": [{"name": "Ayar", "value": "14"}]}
    sandbox.put_state("kobiks", {"product_feature_types": TYPES, "products": [known]})
    return workspace()


@pytest.mark.parametrize("features", ["", "{name: Taş sayısı, value: '3'}"])
def test_a_required_feature_is_asked_for_by_the_plan(
    here: Any, sandbox: Any, features: str
) -> None:
    """A product without it is an error before anything is sent."""
    here.write(product(features))
    shown = here.run("plan")
    assert shown.code == 1
    assert LACKS in shown.err
    sandbox.clear_journal()
    assert here.run("apply", "--auto-approve").code == 1
    assert here.writes() == []


def test_with_the_feature_the_product_is_made(here: Any) -> None:
    """What the plan asked for is all that was missing."""
    here.write(product("{name: Ayar, value: '22'}"))
    here.apply()
    assert here.settled()


def test_a_feature_type_may_be_declared_under_another_key(here: Any) -> None:
    """A product names it by its key there, which is no other feature."""
    types = "product_feature_types: {ayar: {name: Ayar, required: true}}\n"
    here.write(product("{name: ayar, value: '22'}") + types)
    here.apply()
    assert here.settled()


def test_a_change_may_not_take_a_required_feature_away(here: Any) -> None:
    """A list without it would destroy it; a change of other fields says nothing of features."""
    head = "provider: kobiks\nproducts: {'00000001': {"
    here.write(head + "product_features: [{name: Taş sayısı, value: '3'}]}}\n")
    assert LACKS in here.run("plan").err
    here.write(head + "short_desc: yeni}}\n")
    here.apply()
    assert here.settled()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("Taş sayısı", "12", False),
        ("Taş sayısı", "on iki", True),
        ("Üretim", "22-06-2020", False),
        ("Üretim", "bahar", True),
        ("Sertifika", "true", False),
        ("Sertifika", "belki", True),
        ("Ayar", "on dört", False),
    ],
)
def test_a_value_of_another_type_is_a_warning(here: Any, name: str, value: str, told: bool) -> None:
    """The type is for the screen, so the plan warns, and apply writes what is declared."""
    ayar = "" if name == "Ayar" else "{name: Ayar, value: '22'}, "
    here.write(product(f"{ayar}{{name: {name}, value: '{value}'}}"))
    shown = here.run("plan")
    assert shown.code == 0
    assert (f'product_features[{name}] is "{value}"' in shown.err) is told
    here.apply()
    assert here.settled()


def test_a_supplier_is_found_by_its_name(workspace: Any, sandbox: Any) -> None:
    """The code may be left out; what the vendor answers beside the name is no difference."""
    here = workspace(product(more=", supplier: {name: Demo Tedarikçi}"))
    here.apply()
    assert here.settled()
    made = next(p for p in sandbox.state("kobiks")["products"] if p["sku"] == "77")
    assert made["supplier"] == {"name": "Demo Tedarikçi", "code": "724.T.01"}


@pytest.mark.parametrize("supplier", ["{name: Kimse}", "{code: 724.T.01}"])
def test_a_supplier_that_is_not_there_is_refused(workspace: Any, supplier: str) -> None:
    """Without the name of one that exists, the product is refused."""
    shown = workspace(product(more=f", supplier: {supplier}")).run("apply", "--auto-approve")
    assert shown.code == 1
