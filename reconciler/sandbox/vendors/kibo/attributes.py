"""Kibo's definitions of attributes: of locations, and of their inventory."""

from __future__ import annotations

from reconciler.sandbox.describe import Call, Field, Kind, Route, fields
from reconciler.sandbox.samples import constant
from reconciler.sandbox.store import Object
from reconciler.sandbox.vendors.kibo.checks import invalid, taken
from reconciler.sandbox.vendors.kibo.kinds import kibo_kind

NAMESPACE = "tenant"
FIXED = ("attributeCode", "namespace", "valueType", "inputType", "dataType")
"""What is settled when an attribute is made."""


def _attribute_kind(name: str, path: str, prefix: str) -> Kind:
    def named(call: Call, given: Object, before: Object | None) -> Object:
        """The definition with its full name; what is fixed must stay as it is."""
        for field in FIXED if before else ():
            if before and given.get(field, before.get(field)) != before.get(field):
                raise invalid((field, "cannot be changed"))
        space = given.get("namespace", NAMESPACE)
        full = f"{space}~{given['attributeCode']}".lower()
        if before is None and call.collection(kind).find("attributeFQN", full):
            raise taken(kind, full)
        return given | {"namespace": space, "attributeFQN": full}

    kind = kibo_kind(
        name,
        f"/commerce/admin/{path}/attributedefinition/attributes",
        "attributeFQN",
        "LGCU",
        Field("attributeFQN", writable=False, make=f"tenant~{prefix}-{{n:06}}"),
        Field("attributeCode", required=True, make=f"{prefix}-{{n:06}}"),
        Field("namespace", make=constant(NAMESPACE)),
        Field("adminName", make="Attribute {n:06}"),
        Field("displayGroup", required=True, make=constant("General")),
        Field("valueType", required=True, make=constant("AdminEntered")),
        Field("inputType", make=constant("TextBox")),
        Field("dataType", make=constant("String")),
        *fields("boolean", "isActive isVisible", default=False, make=constant(True)),
        *fields("boolean", "isRequired isMultiValued isReadOnly", default=False),
        *fields("boolean", "availableForOrderRouting availableForDiscounts", default=False),
        Field("order", "integer", make=lambda n: n),
        *fields("object", "content validation"),
        *fields("objects", "attributeMetadata vocabularyValues"),
        owned=lambda number: {"id": number},
        prepare=named,
    )
    return kind


LOCATION_ATTRIBUTES = _attribute_kind("location_attributes", "locations", "la")
INVENTORY_ATTRIBUTES = _attribute_kind("inventory_attributes", "locationsInventory", "ia")
KINDS = (LOCATION_ATTRIBUTES, INVENTORY_ATTRIBUTES)


def routes() -> list[Route]:
    """Nothing more than the kinds' own verbs; a vocabulary's values come with its attribute."""
    return []
