"""The ledger's sentences: what a request did, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def describe(name: str, arguments: Json, answer: Any, names: Mapping[str, str]) -> str:
    """Say what one root field of a document did.

    `names` gives the names of orders, customers and articles by their number.
    """
    refusal = _refusal(answer)
    if refusal:
        return f"Refused {name}: {refusal}"
    given = arguments.get("input") or {}

    def named(global_id: Any) -> str:
        parts = str(global_id or "").rsplit("/", 2)
        return names.get(parts[-1]) or " ".join(parts[-2:]).lower()

    def thing() -> str:
        kind = str(arguments["id"]).rsplit("/", 2)[-2].lower()
        return f"{kind} {named(arguments['id'])}"

    match name:
        case "shop":
            return "Read the shop's name"
        case "order":
            if answer is None:
                return "Looked for an order that is not there"
            return f"Read order {named(arguments.get('id'))}"
        case "orders":
            asked = arguments.get("query") or "every order"
            return f"Searched orders for {asked}: {len((answer or {}).get('nodes', []))} found"
        case "tagsAdd":
            return f"Added tags {', '.join(arguments['tags'])} to {thing()}"
        case "tagsRemove":
            return f"Removed tags {', '.join(arguments['tags'])} from {thing()}"
        case "orderUpdate":
            changed = ", ".join(field for field in given if field != "id")
            return f"Changed {changed} of order {named(given['id'])}"
        case "orderCancel":
            reason = str(arguments["reason"]).lower()
            return f"Cancelled order {named(arguments['orderId'])} ({reason})"
        case "refundCreate":
            currency = given.get("currency") or ""
            sums = [f"{t['amount']} {currency}".strip() for t in given.get("transactions") or []]
            return f"Refunded {', '.join(sums) or 'no money'} on order {named(given['orderId'])}"
        case "customerUpdate":
            return f"Updated customer {named(given['id'])}"
        case "inventoryAdjustQuantities":
            changes = [
                f"{named(c['inventoryItemId'])} by {c['delta']:+d}" for c in given["changes"]
            ]
            return f"Changed the stock of {', '.join(changes)}"
        case "productVariant":
            return f"Read the price of {named(arguments.get('id'))}"
        case "productVariants":
            asked = arguments.get("query") or "every article"
            return f"Read prices of {asked}: {len((answer or {}).get('nodes', []))} found"
        case "productVariantsBulkUpdate":
            prices = [f"{named(v.get('id'))} to {v.get('price')}" for v in arguments["variants"]]
            return f"Set the price of {', '.join(prices)}"
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
                return str(errors[0].get("message", "no reason asked for"))
    return None
