"""The ledger's sentences: what a request did, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def describe(name: str, arguments: Json, answer: Any, order_names: Mapping[str, str]) -> str:
    """Say what one root field of a document did, from its arguments and its answer."""

    def order(field: str = "id") -> str:
        number = str(arguments.get(field, "")).rsplit("/", 1)[-1]
        return f"order {order_names[number]}" if number in order_names else _kind(arguments, field)

    refusal = _refusal(answer)
    if refusal:
        return f"Refused {name}: {refusal}"
    given = arguments.get("input") or {}
    match name:
        case "shop":
            return "Read the shop's name"
        case "order":
            return f"Read {order()}" if answer else "Looked for an order that is not there"
        case "orders":
            asked = arguments.get("query") or "every order"
            return f"Searched orders for {asked}: {len((answer or {}).get('nodes', []))} found"
        case "tagsAdd":
            return f"Added tags {', '.join(arguments['tags'])} to {order()}"
        case "tagsRemove":
            return f"Removed tags {', '.join(arguments['tags'])} from {order()}"
        case "orderUpdate":
            return f"Changed the note of order {answer['order']['name']}"
        case "orderCancel":
            return f"Cancelled {order('orderId')} ({str(arguments['reason']).lower()})"
        case "refundCreate":
            sums = [f"{t['amount']} {given.get('currency') or ''}" for t in given["transactions"]]
            number = given["orderId"].rsplit("/", 1)[-1]
            what = ", ".join(amount.strip() for amount in sums) or "no money"
            return f"Refunded {what} on order {order_names.get(number, number)}"
        case "customerUpdate":
            return f"Updated customer {answer['customer']['displayName']}"
        case "inventoryAdjustQuantities":
            return "; ".join(
                f"Changed stock of {c['item']['sku']} by {c['delta']:+d} to "
                f"{c['quantityAfterChange']}"
                for c in answer["inventoryAdjustmentGroup"]["changes"]
            )
        case "fulfillmentOrderHold":
            return f"Held a fulfilment ({arguments['fulfillmentHold']['reason'].lower()})"
        case "fulfillmentOrderReleaseHold":
            return "Released a fulfilment"
        case "webhookSubscriptionCreate":
            return f"Subscribed to {arguments['topic']}"
        case "webhookSubscriptionDelete":
            return "Ended a subscription"
        case _:
            return f"Read {name}"


def _refusal(answer: Any) -> str | None:
    if isinstance(answer, dict):
        for key, errors in answer.items():
            if key.lower().endswith("usererrors") and errors:
                return str(errors[0]["message"])
    return None


def _kind(arguments: Json, field: str) -> str:
    """Return `customer 123` for a global id."""
    parts = str(arguments.get(field, "")).rsplit("/", 2)
    return f"{parts[-2].lower()} {parts[-1]}" if len(parts) == 3 else parts[-1]
