"""Stock and customers: changed once, and refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from tramo import sdk

from tests.plugins.shopify.scene import OTHER_KEY, Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


# Stock --------------------------------------------------------------------------------------------


async def test_stock_changes_once_under_one_key(shop: Shop) -> None:
    location = shop.location()
    params = {"sku": "MUG-BLUE", "location_id": location, "delta": -3}
    before = shop.item()["levels"][location]
    outputs = [await shop.act("adjust_inventory", **params) for _ in range(2)]
    assert outputs[0] == outputs[1]
    assert outputs[0]["available"] == before - 3
    assert shop.item()["levels"][location] == before - 3
    await shop.act("adjust_inventory", key=OTHER_KEY, **params)
    assert shop.item()["levels"][location] == before - 6


async def test_one_key_for_two_changes_is_refused(shop: Shop) -> None:
    location = shop.location()
    await shop.act("adjust_inventory", sku="MUG-BLUE", location_id=location, delta=1)
    with pytest.raises(sdk.Rejected) as refusal:
        await shop.act("adjust_inventory", sku="MUG-BLUE", location_id=location, delta=2)
    assert refusal.value.code == "shopify.key_reused"


async def test_a_stale_expectation_changes_nothing(shop: Shop) -> None:
    location = shop.location()
    before = shop.item()["levels"][location]
    params = {"sku": "MUG-BLUE", "location_id": location, "delta": 1}
    with pytest.raises(sdk.Rejected, match="not the persisted quantity"):
        await shop.act("adjust_inventory", **params, expected=before + 1)
    await shop.act("adjust_inventory", **params, expected=before)
    assert shop.item()["levels"][location] == before + 1


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"sku": "MUG-BLUE", "delta": 0}, "changes nothing"),
        ({"delta": 1}, "which article"),
        ({"sku": "NO-SUCH", "delta": 1}, "no articles with the SKU"),
        ({"sku": 'a" OR sku:*', "delta": 1}, "no articles with the SKU"),
        ({"inventory_item_id": "5", "delta": 1}, "could not be found"),
    ],
)
async def test_stock_of_nothing_certain_is_refused(
    shop: Shop, params: dict[str, Any], reason: str
) -> None:
    with pytest.raises((sdk.BadParams, sdk.Rejected), match=reason):
        await shop.act("adjust_inventory", location_id=shop.location(), **params)


async def test_locations_are_offered_by_name(shop: Shop) -> None:
    every = await shop.list_choices("locations")
    assert [choice.label for choice in every] == ["Almacén Madrid", "Depozit Cluj", "Loja Lisboa"]
    assert [choice.label for choice in await shop.list_choices("locations", "lisb")] == [
        "Loja Lisboa"
    ]


# Customers ----------------------------------------------------------------------------------------


async def test_only_the_given_fields_of_a_customer_change(shop: Shop) -> None:
    customer = next(iter(shop.state["customers"].values()))
    mail = customer["email"]
    output = await shop.act(
        "update_customer", customer_id=customer["id"], first_name="Íris", language="pt-BR"
    )
    assert (customer["first_name"], customer["locale"], customer["email"]) == (
        "Íris",
        "pt-BR",
        mail,
    )
    assert output["name"] == f"Íris {customer['last_name']}"


async def test_an_address_that_is_taken_is_refused(shop: Shop) -> None:
    one, other = list(shop.state["customers"].values())[:2]
    with pytest.raises(sdk.Rejected, match="refused email: Email has already been taken"):
        await shop.act("update_customer", customer_id=one["id"], email=other["email"])


async def test_a_customer_without_changes_is_not_sent(shop: Shop) -> None:
    with pytest.raises(sdk.BadParams, match="at least one field"):
        await shop.act("update_customer", customer_id="1")
    assert shop.sent == []
