"""What happens to an order: read, noted, tagged, held and cancelled."""

from __future__ import annotations

import json

import msgspec
import pytest
from tramo import sdk

from tests.plugins.shopify.scene import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


# Orders -------------------------------------------------------------------------------------------


async def test_an_order_comes_with_its_ids_and_amounts_exact(shop: Shop) -> None:
    order = shop.paid_order()
    output = await shop.act("get_order", order_id=order["id"])
    assert output["id"] == str(order["id"])
    assert order["id"] > 2**53
    assert str(output["total"]) == order["total_price"]
    assert output["currency"] == "EUR"
    assert output["customer"]["id"] == str(order["customer"]["id"])
    assert [line["sku"] for line in output["line_items"]] == [
        line["sku"] for line in order["line_items"]
    ]
    lines = sum(line["total"] for line in output["line_items"])
    assert lines == output["subtotal"]


async def test_an_order_may_be_named_by_number_text_or_global_id(shop: Shop) -> None:
    order = shop.paid_order()
    for given in (order["id"], str(order["id"]), f"gid://shopify/Order/{order['id']}"):
        output = await shop.act("get_order", order_id=given)
        assert output["name"] == order["name"]


@pytest.mark.parametrize("given", ["#1001", "", "gid://shopify/Customer/1", "1; drop", "10.10"])
async def test_what_is_no_order_id_is_refused_before_anything_is_sent(
    shop: Shop, given: str
) -> None:
    with pytest.raises(sdk.BadParams) as refusal:
        await shop.act("get_order", order_id=given)
    assert refusal.value.code == "shopify.bad_id"
    assert shop.sent == []


async def test_an_order_that_is_not_there_is_a_refusal_that_names_it(shop: Shop) -> None:
    with pytest.raises(sdk.Rejected, match="no order 999") as refusal:
        await shop.act("get_order", order_id="999")
    assert refusal.value.code == "shopify.not_found"


async def test_an_order_with_many_lines_is_read_to_the_last_one(shop: Shop) -> None:
    order = shop.paid_order()
    line = order["line_items"][0]
    order["line_items"] = [{**line, "id": 10_000 + at, "sku": f"SKU-{at}"} for at in range(130)]
    output = await shop.act("get_order", order_id=order["id"])
    assert [line["sku"] for line in output["line_items"]] == [f"SKU-{at}" for at in range(130)]


async def test_a_search_pages_until_its_limit_and_can_go_on(shop: Shop) -> None:
    for _ in range(54):
        shop.twin.shop.place_order()
    first = await shop.act("search_orders", limit=40)
    assert len(first["orders"]) == 40
    assert first["has_more"]
    rest = await shop.act("search_orders", limit=250, cursor=first["next"])
    names = [order["name"] for order in first["orders"] + rest["orders"]]
    assert len(names) == len(set(names)) == 60
    assert not rest["has_more"]
    assert rest["next"] is None


async def test_a_search_finds_by_tag_and_status(shop: Shop) -> None:
    wanted = shop.paid_order()
    wanted["tags"] = "vip"
    found = await shop.act("search_orders", query="tag:vip AND financial_status:paid")
    assert [order["name"] for order in found["orders"]] == [wanted["name"]]


async def test_no_query_asks_for_more_than_shopify_allows(shop: Shop) -> None:
    order = shop.paid_order()
    for _ in range(60):
        shop.twin.shop.place_order()
    await shop.act("search_orders", limit=250)
    await shop.act("get_order", order_id=order["id"])
    costs = [json.loads(answer.body)["extensions"]["cost"] for answer in shop.answers]
    assert max(cost["requestedQueryCost"] for cost in costs) <= 1000


# Notes and tags -----------------------------------------------------------------------------------


async def test_a_note_is_appended_once_however_often_the_step_is_tried(shop: Shop) -> None:
    order = shop.paid_order()
    order["note"] = "Gift"
    number = str(order["id"])
    for _ in range(3):
        output = await shop.act("add_note", order_id=number, note="Call first")
    assert order["note"] == output["note"] == "Gift\nCall first"
    assert output["changed"] is False


async def test_a_note_that_only_contains_the_text_gets_it_as_a_line(shop: Shop) -> None:
    order = shop.paid_order()
    order["note"] = "Do not Call first please"
    await shop.act("add_note", order_id=str(order["id"]), note="Call first")
    assert order["note"].splitlines() == ["Do not Call first please", "Call first"]


async def test_a_note_can_be_replaced(shop: Shop) -> None:
    order = shop.paid_order()
    order["note"] = "old"
    await shop.act("add_note", order_id=str(order["id"]), note="new", mode="replace")
    assert order["note"] == "new"


async def test_tags_are_added_and_removed_and_repetition_changes_nothing(shop: Shop) -> None:
    order = shop.paid_order()
    order["tags"] = "web"
    number = str(order["id"])
    for _ in range(2):
        output = await shop.act("add_tags", id=number, tags=["vip", "web"])
        assert sorted(output["tags"]) == ["vip", "web"]
    for _ in range(2):
        output = await shop.act("remove_tags", id=number, tags=["VIP", "absent"])
        assert output["tags"] == ["web"]
    assert shop.twin.ledger[0].summary == f"Added tags vip, web to order {order['name']}"


@pytest.mark.parametrize("tag", ["vip, gold", "vip,", ",", " "])
async def test_what_is_several_tags_or_none_is_refused_before_anything_is_sent(
    shop: Shop, tag: str
) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"tags\[0\]"):
        await shop.act("add_tags", id=str(shop.paid_order()["id"]), tags=[tag])
    assert shop.sent == []


async def test_customers_and_products_take_tags_too(shop: Shop) -> None:
    customer = next(iter(shop.state["customers"].values()))
    product = next(iter(shop.state["products"].values()))
    await shop.act("add_tags", id=customer["id"], kind="customer", tags=["b2b"])
    await shop.act("add_tags", id=product["id"], kind="product", tags=["new"])
    assert "b2b" in customer["tags"]
    assert product["tags"] == "new"


async def test_a_refused_tag_names_field_and_reason(shop: Shop) -> None:
    with pytest.raises(sdk.Rejected, match=r"refused id: .* does not exist"):
        await shop.act("add_tags", id="999", tags=["vip"])


# Cancelling ---------------------------------------------------------------------------------------


async def test_an_order_is_cancelled_with_money_and_stock_given_back(shop: Shop) -> None:
    order = shop.paid_order()
    sku = order["line_items"][0]["sku"]
    before = sum(shop.item(sku)["levels"].values())
    output = await shop.act("cancel_order", order_id=str(order["id"]), reason="fraud", refund=True)
    assert output["done"] is False
    assert output["job_id"]
    assert order["cancel_reason"] == "fraud"
    assert order["financial_status"] == "refunded"
    after = sum(shop.item(sku)["levels"].values())
    assert after == before + order["line_items"][0]["quantity"]


async def test_cancelling_twice_is_refused(shop: Shop) -> None:
    order = shop.paid_order()
    params = {"order_id": str(order["id"]), "reason": "other"}
    await shop.act("cancel_order", **params)
    with pytest.raises(sdk.Rejected, match="already been cancelled"):
        await shop.act("cancel_order", **params)


async def test_a_doubt_about_cancelling_is_settled_only_by_a_cancelled_order(shop: Shop) -> None:
    order = shop.paid_order()
    params = {"order_id": str(order["id"]), "reason": "other"}
    assert isinstance(await shop.probe("cancel_order", **params), sdk.Unknown)
    shop.lose.append("CancelOrder")
    with pytest.raises(sdk.Transient) as lost:
        await shop.act("cancel_order", **params)
    assert not lost.value.settled
    assert shop.last is not None
    assert shop.last.sent
    assert isinstance(await shop.probe("cancel_order", **params), sdk.Happened)


# Fulfilment ---------------------------------------------------------------------------------------


async def test_an_order_is_held_once_and_released_by_its_own_name(shop: Shop) -> None:
    order = shop.paid_order()
    number = str(order["id"])
    part = shop.state["fulfilments"][number][0]
    first = await shop.act("hold_fulfilment", order_id=number)
    again = await shop.act("hold_fulfilment", order_id=number)
    assert (len(first["changed"]), again["changed"]) == (1, [])
    assert len(part["holds"]) == 1
    part["holds"].append({"id": 7, "handle": "stock check", "ours": False})
    released = await shop.act("release_fulfilment", order_id=number)
    assert released["on_hold"] is True
    assert [held["id"] for held in part["holds"]] == [7]
    released = await shop.act("release_fulfilment", order_id=number, everyone=True)
    assert released["on_hold"] is False
    assert part["status"] == "OPEN"


async def test_a_hold_whose_answer_was_lost_is_not_placed_twice(shop: Shop) -> None:
    number = str(shop.paid_order()["id"])
    shop.lose.append("HoldFulfilment")
    with pytest.raises(sdk.Transient):
        await shop.act("hold_fulfilment", order_id=number)
    await shop.act("hold_fulfilment", order_id=number)
    assert len(shop.state["fulfilments"][number][0]["holds"]) == 1


async def test_a_cancelled_order_cannot_be_held(shop: Shop) -> None:
    order = shop.paid_order()
    await shop.act("cancel_order", order_id=str(order["id"]), reason="other")
    with pytest.raises(sdk.Rejected, match="nothing left to hold"):
        await shop.act("hold_fulfilment", order_id=str(order["id"]))
