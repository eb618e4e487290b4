"""Money back: exact, in the right currency, and once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tramo import sdk

from tests.plugins.shopify.scene import OTHER_KEY, Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


# Refunds ------------------------------------------------------------------------------------------


def refunded(order: dict[str, Any]) -> list[str]:
    return [t["amount"] for made in order["refunds"] for t in made["transactions"]]


async def test_an_amount_is_refunded_exactly(shop: Shop) -> None:
    order = shop.paid_order()
    output = await shop.act(
        "refund_order", order_id=str(order["id"]), amount=Decimal("10.10"), note="Scratched"
    )
    assert str(output["amount"]) == "10.10"
    assert refunded(order) == ["10.10"]
    assert output["note"].startswith("Scratched [tramo ")
    assert order["financial_status"] == "partially_refunded"


async def test_the_same_step_tried_again_refunds_once(shop: Shop) -> None:
    order = shop.paid_order()
    params = {"order_id": str(order["id"]), "amount": Decimal("5.00")}
    shop.lose.append("CreateRefund")
    with pytest.raises(sdk.Transient):
        await shop.act("refund_order", **params)
    output = await shop.act("refund_order", **params)
    assert str(output["amount"]) == "5.00"
    assert refunded(order) == ["5.00"]
    assert shop.operations().count("CreateRefund") == 1
    found = await shop.probe("refund_order", **params)
    assert isinstance(found, sdk.Happened)
    assert found.output.id == output["id"]


async def test_another_step_refunds_again(shop: Shop) -> None:
    order = shop.paid_order()
    params = {"order_id": str(order["id"]), "amount": Decimal("5.00")}
    await shop.act("refund_order", **params)
    found = await shop.probe("refund_order", key=OTHER_KEY, **params)
    assert isinstance(found, sdk.DidNotHappen)
    await shop.act("refund_order", key=OTHER_KEY, **params)
    assert refunded(order) == ["5.00", "5.00"]


async def test_lines_are_refunded_at_their_price_and_put_back_into_stock(shop: Shop) -> None:
    order = shop.paid_order()
    line = order["line_items"][0]
    location = shop.location()
    before = shop.item(line["sku"])["levels"][location]
    asked = {
        "line_item_id": str(line["id"]),
        "quantity": 1,
        "restock": "return",
        "location_id": location,
    }
    output = await shop.act("refund_order", order_id=str(order["id"]), lines=[asked])
    assert str(output["amount"]) == line["price_set"]["presentment_money"]["amount"]
    assert shop.item(line["sku"])["levels"][location] == before + 1


async def test_a_refund_is_in_the_currency_that_the_customer_paid(shop: Shop) -> None:
    order = next(
        o
        for o in _many_orders(shop)
        if o["presentment_currency"] == "RON" and o.get("transactions")
    )
    output = await shop.act(
        "refund_order", order_id=str(order["id"]), amount=Decimal("1.50"), currency="RON"
    )
    assert output["currency"] == "RON"
    with pytest.raises(sdk.BadParams, match="paid in RON, not in EUR"):
        await shop.act(
            "refund_order",
            key=OTHER_KEY,
            order_id=str(order["id"]),
            amount=Decimal("1.50"),
            currency="EUR",
        )


async def test_too_large_a_refund_is_refused_with_what_is_possible(shop: Shop) -> None:
    order = shop.paid_order()
    total = order["total_price_set"]["presentment_money"]["amount"]
    with pytest.raises(sdk.Rejected, match=f"can give back {total} EUR") as refusal:
        await shop.act(
            "refund_order", order_id=str(order["id"]), amount=Decimal(total) + Decimal("0.01")
        )
    assert refusal.value.code == "shopify.refund_too_large"
    assert order["refunds"] == []


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({}, "Say what to refund"),
        ({"amount": Decimal(0)}, "more than 0"),
        (
            {"lines": [{"line_item_id": "1", "quantity": 1, "restock": "return"}]},
            "needs a location",
        ),
    ],
)
async def test_a_refund_of_nothing_certain_is_not_sent(
    shop: Shop, params: dict[str, Any], reason: str
) -> None:
    with pytest.raises(sdk.BadParams, match=reason):
        await shop.act("refund_order", order_id="1", **params)
    assert shop.sent == []


async def test_a_key_that_shopify_knows_for_another_refund_is_settled_by_the_mark(
    shop: Shop,
) -> None:
    order = shop.paid_order()
    params = {"order_id": str(order["id"]), "amount": Decimal("5.00")}
    await shop.act("refund_order", **params)
    made = order["refunds"].pop()
    hidden: list[Any] = [made]
    original = shop.twin.send

    async def reveal_after_the_mutation(request: Any) -> sdk.Response:
        answer = await original(request)
        if b"CreateRefund" in request.body and hidden:
            order["refunds"].append(hidden.pop())
        return answer

    shop.twin.send = reveal_after_the_mutation  # type: ignore[method-assign]
    output = await shop.act("refund_order", **{**params, "amount": Decimal("6.00")})
    assert output["id"] == str(made["id"])
    assert refunded(order) == ["5.00"]


def _many_orders(shop: Shop) -> list[dict[str, Any]]:
    fractions = iter([at * 0.037 % 1 for at in range(2000)])
    shop.twin.ids.fraction = lambda: next(fractions)  # type: ignore[method-assign]
    for _ in range(40):
        shop.twin.shop.place_order()
    return shop.orders()
