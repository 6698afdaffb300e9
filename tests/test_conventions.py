"""A kind is what its schema says, beside what its vendor does alike for all of its kinds."""

from __future__ import annotations

import pytest

from reconciler.kinds import Call, Carries, Conventions, Paging, Verb, crud, kinds
from reconciler.providers import PROVIDERS

PAGES = Paging("page", "size", 100)


def test_five_requests_follow_from_one_path() -> None:
    """The vendor's envelopes, and its way to update, are in each of them."""
    conventions = Conventions("items", "data", PAGES, update="PATCH", carries=Carries.CHANGED)
    assert crud(conventions, "/zones", query={"sort": "code"}) == {
        Verb.LIST: Call("GET", "/zones", "items", {"sort": "code"}),
        Verb.GET: Call("GET", "/zones/{id}", "data"),
        Verb.CREATE: Call("POST", "/zones", "data"),
        Verb.UPDATE: Call("PATCH", "/zones/{id}", "data", carries=Carries.CHANGED),
        Verb.DELETE: Call("DELETE", "/zones/{id}"),
    }


def test_a_kind_differs_only_where_its_schema_says_so() -> None:
    """Verbs that are missing, a path and a body of their own, a list that comes whole."""
    conventions = Conventions("items", paging=PAGES, carries=Carries.ALL, id_is_key=True)
    kibo = kinds("kibo", conventions)
    channels, usages, types = (
        kibo[name] for name in ("channels", "location_usages", "location_types")
    )
    assert dict(channels.calls) == crud(
        conventions, "/commerce/channels", query={"sortBy": "code asc"}
    )
    assert (channels.natural_key, channels.identifier, channels.paging) == (
        ("code",),
        ("code",),
        PAGES,
    )
    assert list(usages.calls) == [Verb.LIST, Verb.GET, Verb.UPDATE]
    assert (types.paging, types.calls[Verb.LIST].envelope) == (None, None)
    assert kibo["customer_segments"].identifier == ("id",)
    assert kibo["inventory_settings"].identifier == ()
    assert kibo["locations"].calls[Verb.DELETE].adds == {"isDisabled": True}


def test_kinds_are_those_that_have_a_schema() -> None:
    """Those that are named come first, the others by name; the account is no kind."""
    found = kinds("kobiks", Conventions(), order="products brands")
    assert list(found)[:4] == ["products", "brands", "categories", "commodities"]
    assert found.keys() == PROVIDERS["kobiks"].kinds.keys()


def test_an_exception_is_to_a_kind_there_is() -> None:
    """A misspelled name is no exception that nobody notices."""
    with pytest.raises(KeyError, match="product"):
        kinds("kobiks", Conventions(), exceptions={"product": {"notes": ()}})


def test_settings_are_those_of_the_account() -> None:
    """Its title too, and the headers that settings are sent in; what any account has is not its
    own."""
    kibo_oms = PROVIDERS["kibo-oms"]
    assert kibo_oms.title == "Kibo OMS"
    assert kibo_oms.settings[0] == "username"
    assert "base_url" not in kibo_oms.settings
    assert kibo_oms.setting_headers["Kibo-Locale"] == "locale"
