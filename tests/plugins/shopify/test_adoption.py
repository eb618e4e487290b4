"""Events from outside: the twin knows what they speak of, and is harmed by nothing they say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tramo import sdk
from tramo_shopify import connector, example

from tests.plugins.contract import contract_path
from tests.plugins.shopify.scene import Shop, make_twin

shopify = connector.tramo_connector()
TYPES = sorted(trigger.manifest.type for trigger in shopify.triggers.values())


async def test_a_run_finds_the_order_of_the_event_that_started_it() -> None:
    shop = Shop()
    told = sdk.plain(example.order)
    shop.twin.learn("shopify.order_created", told)
    found = await shop.act("get_order", order_id=told["id"])
    for field in (
        "id",
        "name",
        "currency",
        "total",
        "subtotal",
        "shipping",
        "tax",
        "email",
        "tags",
        "payment_methods",
        "shipping_address",
    ):
        assert found[field] == told[field], field
    assert found["customer"]["id"] == told["customer"]["id"]
    assert [(i["sku"], i["price"]) for i in found["line_items"]] == [
        (i["sku"], i["price"]) for i in told["line_items"]
    ]
    await shop.act("add_tags", id=told["id"], tags=["vip"])
    await shop.act("hold_fulfilment", order_id=told["id"])
    await shop.act("update_customer", customer_id=told["customer"]["id"], note="Rings twice")
    refund = await shop.act("refund_order", order_id=told["id"], amount=Decimal("10.10"))
    assert str(refund["amount"]) == "10.10"


@pytest.mark.contracts
async def test_a_run_finds_the_order_of_shopifys_own_sample() -> None:
    samples = sdk.decode(contract_path("shopify", "rest_2026-07.samples.json").read_bytes())
    payload = samples["samples"]["order"][0]["response"]["orders"][0]
    trigger = shopify.triggers["order_created@1"]
    assert trigger.output is not None
    shop = Shop()
    shop.twin.learn("shopify.order_created", sdk.plain(trigger.output(payload)))
    found = await shop.act("add_tags", id="450789469", tags=["vip"])
    assert found["tags"] == ["vip"]


async def test_what_the_shop_knows_already_stays_as_it_is() -> None:
    shop = Shop()
    order = shop.paid_order()
    shop.twin.learn("shopify.order_paid", {"id": str(order["id"]), "name": "#other"})
    assert order["name"] == "#1001"


async def test_stock_and_customers_of_events_can_be_worked_with() -> None:
    shop = Shop()
    shop.twin.learn("shopify.inventory_level_changed", sdk.plain(example.stock))
    shop.twin.learn("shopify.customer_created", sdk.plain(example.customer))
    shop.twin.learn("shopify.refund_created", sdk.plain(example.refund))
    level = await shop.act(
        "adjust_inventory",
        inventory_item_id=example.stock.item_id,
        location_id=example.stock.location_id,
        delta=3,
    )
    assert level["available"] == 15
    await shop.act("update_customer", customer_id=example.CUSTOMER_ID, first_name="Luz")
    await shop.act("add_note", order_id=example.ORDER_ID, note="Refunded")


@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        "text",
        {},
        {"id": None},
        {"id": "abc"},
        {"id": -1},
        {"id": True},
        {"id": "1", "line_items": "x", "customer": 3, "tags": "a"},
        {"id": 2, "line_items": [None, {}], "total": "x"},
    ],
)
async def test_no_event_harms_the_twin(type: str, told: Any) -> None:
    twin = make_twin()
    twin.learn(type, told)
    assert twin.happen("ORDERS_CREATE") is not None
    heir = make_twin()
    heir.load(twin.dump())
