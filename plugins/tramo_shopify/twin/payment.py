"""Money that comes and goes back: payments, refunds, and what a refund may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from tramo_shopify.twin.document import GraphqlError
from tramo_shopify.twin.record import money
from tramo_shopify.twin.shop import Shop

View = dict[str, Any]
Json = Mapping[str, Any]


def gid(kind: str, number: int | str) -> str:
    return f"gid://shopify/{kind}/{number}"


def bag(pair: Json) -> View:
    def amount(of: Json) -> View:
        return {
            "__typename": "MoneyV2",
            "amount": of["amount"],
            "currencyCode": of["currency_code"],
        }

    return {
        "__typename": "MoneyBag",
        "shopMoney": amount(pair["shop_money"]),
        "presentmentMoney": amount(pair["presentment_money"]),
    }


def paid(amount: Decimal, currency: str) -> View:
    """Return an amount of which only the customer's currency counts."""
    pair = {"amount": money(amount), "currency_code": currency}
    return bag({"shop_money": pair, "presentment_money": pair})


def view(made: Json, currency: str) -> View:
    total = sum((Decimal(t["amount"]) for t in made["transactions"]), Decimal(0))
    return {
        "__typename": "Refund",
        "id": gid("Refund", made["id"]),
        "note": made["note"],
        "createdAt": made["created_at"],
        "totalRefundedSet": paid(total, currency),
    }


def refundable(order: Json, transaction: Json) -> Decimal:
    """Return what of a payment has not gone back yet."""
    back = (
        Decimal(t["amount"])
        for r in order["refunds"]
        for t in r["transactions"]
        if t["parent_id"] == transaction["id"]
    )
    return Decimal(transaction["amount"]) - sum(back, Decimal(0))


def suggest(
    order: Json,
    refundLineItems: Sequence[Json] | None = None,  # noqa: N803 - the vendor's names
    refundShipping: bool | None = None,  # noqa: N803
    suggestFullRefund: bool | None = None,  # noqa: N803
) -> View:
    """Return what Shopify would give back for these lines: at most what is left of the payments."""
    payments = order.get("transactions", [])
    left = sum((refundable(order, t) for t in payments), Decimal(0))
    if suggestFullRefund:
        due = left
    else:
        due = sum((_line_price(order, asked) for asked in refundLineItems or []), Decimal(0))
        if refundShipping:
            bag_of = order["total_shipping_price_set"]["presentment_money"]
            due += Decimal(bag_of["amount"])
    due = min(due, left)
    currency = order["presentment_currency"]
    suggested: list[View] = []
    open_amount = due
    for payment in payments:
        possible = refundable(order, payment)
        if possible <= 0:
            continue
        share = min(open_amount, possible)
        open_amount -= share
        suggested.append(
            {
                "__typename": "SuggestedOrderTransaction",
                "gateway": payment["gateway"],
                "parentTransaction": {
                    "__typename": "OrderTransaction",
                    "id": gid("OrderTransaction", payment["id"]),
                },
                "amountSet": paid(share, currency),
                "maximumRefundableSet": paid(possible, currency),
            }
        )
    return {
        "__typename": "SuggestedRefund",
        "amountSet": paid(due, currency),
        "suggestedTransactions": suggested,
    }


def _line_price(order: Json, asked: Json) -> Decimal:
    for item in order["line_items"]:
        if gid("LineItem", item["id"]) == asked["lineItemId"]:
            price = Decimal(item["price_set"]["presentment_money"]["amount"])
            return price * asked["quantity"]
    raise GraphqlError("Line item does not belong to the order", code="BAD_REQUEST")


def make(
    shop: Shop,
    order: Any,
    note: str | None,
    back: Sequence[tuple[Any, int]],
    payments: Sequence[tuple[Any, Decimal]],
) -> Any:
    """Give money back for an order and note what came back with it."""
    number = shop.new_id()
    made = {
        "id": number,
        "admin_graphql_api_id": gid("Refund", number),
        "order_id": order["id"],
        "created_at": shop.now(),
        "processed_at": shop.now(),
        "note": note,
        "refund_line_items": [
            {
                "id": shop.new_id(),
                "line_item_id": item["id"],
                "quantity": quantity,
                "subtotal": money(Decimal(item["price"]) * quantity),
                "total_tax": "0.00",
                "line_item": dict(item),
            }
            for item, quantity in back
        ],
        "transactions": [
            {
                "id": shop.new_id(),
                "order_id": order["id"],
                "parent_id": payment["id"],
                "kind": "refund",
                "status": "success",
                "gateway": payment["gateway"],
                "amount": money(amount),
                "currency": payment["currency"],
            }
            for payment, amount in payments
        ],
        "order_adjustments": [],
        "duties": [],
    }
    for item, quantity in back:
        item["current_quantity"] -= quantity
    order["refunds"].append(made)
    order["updated_at"] = shop.now()
    left = sum((refundable(order, t) for t in order.get("transactions", [])), Decimal(0))
    if payments:
        order["financial_status"] = "partially_refunded" if left > 0 else "refunded"
    return made
