"""What mutations do to the shop, with the refusals that Shopify gives in `userErrors`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from tramo_shopify.twin import payment
from tramo_shopify.twin.document import GraphqlError
from tramo_shopify.twin.payment import gid
from tramo_shopify.twin.record import money
from tramo_shopify.twin.shop import Shop
from tramo_shopify.twin.view import View, Views, find, fulfilment, hold, tags

Json = Mapping[str, Any]

STOCK_REASONS: Final = frozenset(
    [
        "correction",
        "cycle_count_available",
        "damaged",
        "movement_created",
        "movement_updated",
        "movement_received",
        "movement_canceled",
        "other",
        "promotion",
        "quality_control",
        "received",
        "reservation_created",
        "reservation_deleted",
        "reservation_updated",
        "restock",
        "safety_stock",
        "shrinkage",
    ]
)
HOLD_LIMIT: Final = 10


class Refused(Exception):
    """The shop says no to a mutation."""

    def __init__(self, field: Sequence[str], message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.entry: View = {
            "__typename": "UserError",
            "field": list(field) or None,
            "message": message,
            "code": code,
        }


class Changes:
    """The shop as its API changes it."""

    def __init__(self, shop: Shop, views: Views) -> None:
        self.shop = shop
        self.state = shop.state
        self.views = views
        self.roots: dict[str, tuple[str, Callable[..., View]]] = {
            "tagsAdd": ("node", self.add_tags),
            "tagsRemove": ("node", self.remove_tags),
            "orderUpdate": ("order", self.update_order),
            "orderCancel": ("job", self.cancel_order),
            "refundCreate": ("refund", self.create_refund),
            "customerUpdate": ("customer", self.update_customer),
            "inventoryAdjustQuantities": ("inventoryAdjustmentGroup", self.adjust_inventory),
            "productVariantsBulkUpdate": ("productVariants", self.update_variants),
            "fulfillmentOrderHold": ("fulfillmentHold", self.hold_fulfilment),
            "fulfillmentOrderReleaseHold": ("fulfillmentOrder", self.release_fulfilment),
            "webhookSubscriptionCreate": ("webhookSubscription", self.create_subscription),
            "webhookSubscriptionDelete": ("deletedWebhookSubscriptionId", self.delete_subscription),
        }

    def run(self, name: str, arguments: Json) -> View:
        """Carry out a mutation and return its payload, with `userErrors` where it is refused."""
        try:
            return self._payload(name, self.roots[name][1](**arguments), [])
        except Refused as refusal:
            return self.refuse(name, refusal)

    def refuse(self, name: str, refusal: Refused) -> View:
        """Return the payload of a mutation that was refused."""
        return self._payload(name, {self.roots[name][0]: None}, [refusal.entry])

    def _payload(self, name: str, result: View, errors: list[View]) -> View:
        return {
            "__typename": name[0].upper() + name[1:] + "Payload",
            "fulfillmentOrder": None,
            "order": None,
            **result,
            "userErrors": errors,
            f"{name}UserErrors": errors,
        }

    # Tags ------------------------------------------------------------------------------------

    def add_tags(self, id: str, tags: list[str]) -> View:
        return self._tag(id, lambda old: old + [tag for tag in _cleaned(tags) if tag not in old])

    def remove_tags(self, id: str, tags: list[str]) -> View:
        gone = {tag.lower() for tag in _cleaned(tags)}
        return self._tag(id, lambda old: [tag for tag in old if tag.lower() not in gone])

    def _tag(self, id: str, change: Callable[[list[str]], list[str]]) -> View:
        kinds = (
            ("Order", "orders", self.views.order),
            ("Customer", "customers", self.views.customer),
            ("Product", "products", self.views.product),
        )
        for kind, place, view in kinds:
            thing = find(self.state[place], kind, id)
            if thing is not None:
                thing["tags"] = ", ".join(sorted(change(tags(thing)), key=str.lower))
                thing["updated_at"] = self.shop.now()
                return {"node": view(thing)}
        raise Refused(["id"], f"{id} does not exist")

    # Orders ----------------------------------------------------------------------------------

    def update_order(self, input: Json) -> View:
        order = self._order(input["id"], "id")
        for name in ("note", "email", "phone"):
            if name in input:
                order[name] = input[name] or None
        if "tags" in input:
            order["tags"] = ", ".join(_cleaned(input["tags"] or []))
        order["updated_at"] = self.shop.now()
        return {"order": self.views.order(order)}

    def cancel_order(
        self,
        orderId: str,  # noqa: N803 - the vendor's names
        reason: str,
        restock: bool,
        refundMethod: Json | None = None,  # noqa: N803
        notifyCustomer: bool | None = None,  # noqa: N803
        staffNote: str | None = None,  # noqa: N803
    ) -> View:
        del notifyCustomer
        order = find(self.state["orders"], "Order", orderId)
        if order is None:
            raise Refused(["orderId"], "Order does not exist", "NOT_FOUND")
        if order["cancelled_at"]:
            raise Refused(["orderId"], "Order has already been cancelled", "INVALID")
        if staffNote and len(staffNote) > 255:
            raise Refused(["staffNote"], "Staff note is too long (maximum is 255)", "INVALID")
        if (refundMethod or {}).get("originalPaymentMethodsRefund"):
            for paid in order.get("transactions", []):
                if (left := payment.refundable(order, paid)) > 0:
                    payment.make(self.shop, order, None, [], [(paid, left)])
        if restock:
            for item in order["line_items"]:
                self.restock(item, item["quantity"], None)
        self.shop.cancel_order(order, reason.lower())
        job = f"gid://shopify/Job/{self.shop.new_id()}"
        return {"job": {"__typename": "Job", "id": job, "done": False}}

    def _order(self, id: str, field: str) -> Any:
        order = find(self.state["orders"], "Order", id)
        if order is None:
            raise Refused([field], "Order does not exist")
        return order

    # Refunds ---------------------------------------------------------------------------------

    def create_refund(self, input: Json) -> View:
        order = self._order(input["orderId"], "orderId")
        currency = order["presentment_currency"]
        if input.get("currency") not in (None, currency):
            raise Refused(["currency"], f"Currency must be {currency}")
        payments = [self._payment(order, asked) for asked in input.get("transactions") or []]
        back: list[tuple[Any, int]] = []
        for asked in input.get("refundLineItems") or []:
            item = next(
                (i for i in order["line_items"] if gid("LineItem", i["id"]) == asked["lineItemId"]),
                None,
            )
            if item is None or asked["quantity"] > item["current_quantity"]:
                raise Refused(
                    ["refundLineItems"],
                    "Refund line items quantity cannot refund more items than were purchased",
                )
            if asked.get("restockType") in ("RETURN", "CANCEL"):
                place = find(self.state["locations"], "Location", asked.get("locationId") or "")
                if place is None:
                    raise Refused(["refundLineItems"], "Location must be given to restock")
                self.restock(item, asked["quantity"], str(place["id"]))
            back.append((item, asked["quantity"]))
        if not payments and not back:
            raise Refused(["transactions"], "Refund must have at least one item or transaction")
        made = payment.make(self.shop, order, input.get("note"), back, payments)
        return {"refund": payment.view(made, currency), "order": self.views.order(order)}

    def _payment(self, order: Any, asked: Json) -> tuple[Any, Decimal]:
        amount = Decimal(asked["amount"])
        for paid in order.get("transactions", []):
            if gid("OrderTransaction", paid["id"]) == asked.get("parentId"):
                if amount > payment.refundable(order, paid):
                    raise Refused(
                        ["transactions"], "Refund amount is greater than net payment received"
                    )
                return paid, amount
        raise Refused(["transactions"], "Parent transaction is not of this order")

    def restock(self, item: Json, quantity: int, location: str | None) -> None:
        """Put articles of an order line back into stock."""
        for variant in self.state["variants"]:
            if variant["id"] == item["variant_id"]:
                self.shop.move_stock(variant["item_id"], quantity, location)

    # Customers -------------------------------------------------------------------------------

    def update_customer(self, input: Json) -> View:
        customer = find(self.state["customers"], "Customer", input.get("id") or "")
        if customer is None:
            raise Refused(["id"], "Customer does not exist")
        mail = input.get("email")
        if mail and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", mail):
            raise Refused(["email"], "Email is invalid")
        others = (c for c in self.state["customers"].values() if c is not customer)
        if mail and any(other["email"] == mail for other in others):
            raise Refused(["email"], "Email has already been taken")
        names = {
            "email": "email",
            "phone": "phone",
            "firstName": "first_name",
            "lastName": "last_name",
            "note": "note",
            "locale": "locale",
        }
        customer.update(
            {ours: input[theirs] or None for theirs, ours in names.items() if theirs in input}
        )
        if "tags" in input:
            customer["tags"] = ", ".join(_cleaned(input["tags"] or []))
        customer["updated_at"] = self.shop.now()
        return {"customer": self.views.customer(customer)}

    # Stock -----------------------------------------------------------------------------------

    def adjust_inventory(self, input: Json) -> View:
        if input["reason"] not in STOCK_REASONS:
            raise Refused(["input", "reason"], "The specified reason is invalid", "INVALID_REASON")
        if input["name"] != "available":
            raise Refused(
                ["input", "name"], "The specified quantity name is invalid", "INVALID_QUANTITY_NAME"
            )
        planned = [self._change(at, asked) for at, asked in enumerate(input["changes"])]
        changes: list[View] = []
        for item, location, delta in planned:
            after = self.shop.move_stock(item["id"], delta, str(location["id"]))
            changes.append(
                {
                    "__typename": "InventoryChange",
                    "name": "available",
                    "delta": delta,
                    "quantityAfterChange": after,
                    "item": self.views.item(item),
                    "location": self.views.location(location),
                }
            )
        return {
            "inventoryAdjustmentGroup": {
                "__typename": "InventoryAdjustmentGroup",
                "id": gid("InventoryAdjustmentGroup", self.shop.new_id()),
                "createdAt": self.shop.now(),
                "changes": changes,
            }
        }

    def _change(self, at: int, asked: Json) -> tuple[Any, Any, int]:
        place = ["input", "changes", str(at)]
        if "changeFromQuantity" not in asked:
            raise GraphqlError(
                "The field changeFromQuantity must be given, even if it is null", code="BAD_REQUEST"
            )
        item = find(self.state["items"], "InventoryItem", asked["inventoryItemId"])
        if item is None:
            raise Refused(
                [*place, "inventoryItemId"],
                "The specified inventory item could not be found",
                "INVALID_INVENTORY_ITEM",
            )
        location = find(self.state["locations"], "Location", asked["locationId"])
        if location is None:
            raise Refused(
                [*place, "locationId"],
                "The specified location could not be found",
                "INVALID_LOCATION",
            )
        present = item["levels"].get(str(location["id"]))
        if present is None:
            raise Refused(
                place,
                "The specified inventory item is not stocked at the location",
                "ITEM_NOT_STOCKED_AT_LOCATION",
            )
        if asked["changeFromQuantity"] not in (None, present):
            raise Refused(
                [*place, "changeFromQuantity"],
                "The changeFromQuantity value is not the persisted quantity",
                "CHANGE_FROM_QUANTITY_STALE",
            )
        return item, location, asked["delta"]

    # Prices ----------------------------------------------------------------------------------

    def update_variants(
        self,
        productId: str,  # noqa: N803 - the vendor's names
        variants: Sequence[Json],
    ) -> View:
        product = find(self.state["products"], "Product", productId)
        if product is None:
            raise Refused(["productId"], "Product does not exist", "PRODUCT_DOES_NOT_EXIST")
        planned = [(self._variant(product, n, v), v) for n, v in enumerate(variants)]
        for variant, asked in planned:
            if "price" in asked:
                variant["price"] = money(Decimal(asked["price"] or 0))
            if "compareAtPrice" in asked:
                earlier = asked["compareAtPrice"]
                variant["compare_at_price"] = earlier and money(Decimal(earlier))
        return {"productVariants": [self.views.variant(variant) for variant, _ in planned]}

    def _variant(self, product: Json, at: int, asked: Json) -> Any:
        place = ["variants", str(at)]
        if not asked.get("id"):
            raise Refused([*place, "id"], "Variant ID is missing", "PRODUCT_VARIANT_ID_MISSING")
        variant = find(self.views.variants(), "ProductVariant", asked["id"])
        if variant is None or variant["product_id"] != product["id"]:
            raise Refused(
                [*place, "id"],
                "Product variant does not exist",
                "PRODUCT_VARIANT_DOES_NOT_EXIST",
            )
        if Decimal(asked.get("price") or 0) < 0:
            raise Refused(
                [*place, "price"],
                "Price must be greater than or equal to 0",
                "NEGATIVE_PRICE_VALUE",
            )
        return variant

    # Fulfilment ------------------------------------------------------------------------------

    def hold_fulfilment(self, id: str, fulfillmentHold: Json) -> View:  # noqa: N803
        part = self._fulfilment(id)
        handle = fulfillmentHold.get("handle") or ""
        own = [held for held in part["holds"] if held["ours"]]
        if len(handle) > 64:
            raise Refused(["fulfillmentHold", "handle"], "Handle is too long", "TAKEN")
        if any(held["handle"] == handle for held in own):
            raise Refused(
                ["fulfillmentHold", "handle"],
                "The handle is already in use for a hold on this fulfillment order",
                "DUPLICATE_FULFILLMENT_HOLD_HANDLE",
            )
        if len(own) >= HOLD_LIMIT:
            raise Refused(
                ["id"],
                "The maximum number of holds has been reached",
                "FULFILLMENT_ORDER_HOLD_LIMIT_REACHED",
            )
        held = {"id": self.shop.new_id(), "handle": handle, "ours": True}
        part["holds"].append(held)
        part["status"] = "ON_HOLD"
        return {"fulfillmentHold": hold(held), "fulfillmentOrder": fulfilment(part)}

    def release_fulfilment(self, id: str, holdIds: list[str] | None = None) -> View:  # noqa: N803
        part = self._fulfilment(id)
        part["holds"] = [
            held
            for held in part["holds"]
            if holdIds is not None and gid("FulfillmentHold", held["id"]) not in holdIds
        ]
        if not part["holds"] and part["status"] == "ON_HOLD":
            part["status"] = "OPEN"
        return {"fulfillmentOrder": fulfilment(part)}

    def _fulfilment(self, id: str) -> Any:
        for parts in self.state["fulfilments"].values():
            for part in parts:
                if gid("FulfillmentOrder", part["id"]) == id and part["status"] != "CLOSED":
                    return part
        raise Refused(["id"], "Fulfillment order not found", "FULFILLMENT_ORDER_NOT_FOUND")

    # Subscriptions ---------------------------------------------------------------------------

    def create_subscription(self, topic: str, webhookSubscription: Json) -> View:  # noqa: N803
        uri = webhookSubscription.get("uri") or ""
        # The vendor takes https only; a twin lives beside its Tramo, so it takes loopback too.
        if not re.match(r"https://|pubsub://|arn:aws:|http://(127\.0\.0\.1|localhost)[:/]", uri):
            raise Refused(["webhookSubscription", "uri"], "Address is invalid")
        for kept in self.state["subscriptions"].values():
            if (kept["topic"], kept["uri"]) == (topic, uri):
                raise Refused(
                    ["webhookSubscription", "uri"], "Address for this topic has already been taken"
                )
        number = self.shop.new_id()
        made = {"id": number, "topic": topic, "uri": uri}
        self.state["subscriptions"][str(number)] = made
        return {"webhookSubscription": self.views.subscription(made)}

    def delete_subscription(self, id: str) -> View:
        kept = find(self.state["subscriptions"], "WebhookSubscription", id)
        if kept is None:
            raise Refused(["id"], "Webhook subscription does not exist")
        del self.state["subscriptions"][str(kept["id"])]
        return {"deletedWebhookSubscriptionId": id}


def _cleaned(given: Sequence[str]) -> list[str]:
    parts = (part.strip() for text in given for part in text.split(","))
    return [part for part in parts if part]
